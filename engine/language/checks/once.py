"""What is computed once for each policy: many checks ask the same of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

_AT_MOST = 16
"""Policies of which an answer is kept: a workspace's packs, each seen from its scopes."""


def once(function: Function) -> Function:
    """The same function, whose answers about one object (and the same further arguments) are
    kept: neither the object nor an answer is ever changed.

    >>> asked = []
    >>> length = once(lambda words: asked.append(words) or len(words))
    >>> both = ["a", "b"]
    >>> length(both), length(both), length(["a", "b"]), len(asked)
    (2, 2, 2, 2)
    """

    @lru_cache(maxsize=_AT_MOST)
    def kept(subject: _Itself, *more: Hashable) -> Any:
        return function(subject.it, *more)

    @wraps(function)
    def asked(subject: object, *more: Hashable) -> Any:
        return kept(_Itself(subject), *more)

    return cast("Function", asked)


class _Itself:
    """A key that equals only one of the same object; a policy is too large to be compared."""

    def __init__(self, it: object) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.it is other.it
