"""Seconds spent in some functions of the engine, measured from outside: it has no switch for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import reduce, wraps
from importlib import import_module
from typing import Any


@contextmanager
def timed(places: Mapping[str, str]) -> Iterator[dict[str, float]]:
    """Name → seconds, filled while the functions run; they are as before when the block ends.

    `places` gives each name a ``module:function`` or ``module:Class.method``. A function that
    another module has imported by name is timed there as well. What a generator does is
    counted where its items are taken.
    """
    seconds = dict.fromkeys(places, 0.0)
    undo: list[Callable[[], None]] = []
    try:
        for name, place in places.items():
            module, _, path = place.partition(":")
            *owners, attribute = path.split(".")
            owner = reduce(getattr, owners, import_module(module))
            original = getattr(owner, attribute)
            watched = _watched(original, name, seconds)
            for holder in _holders(owner, attribute, original):
                setattr(holder, attribute, watched)
                undo.append(lambda h=holder, a=attribute, o=original: setattr(h, a, o))  # type: ignore[misc]
        yield seconds
    finally:
        for one in undo:
            one()


def _holders(owner: object, attribute: str, original: object) -> list[object]:
    engine = [module for name, module in list(sys.modules.items()) if name.startswith("engine.")]
    importing = [one for one in engine if getattr(one, attribute, None) is original]
    return [owner, *(one for one in importing if one is not owner)]


def _watched(original: Any, name: str, seconds: dict[str, float]) -> Any:
    @wraps(original)
    def call(*arguments: Any, **named: Any) -> Any:
        start = time.perf_counter()
        try:
            return original(*arguments, **named)
        finally:
            seconds[name] += time.perf_counter() - start

    return call
