"""The name that was meant where one is written that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import overload


def nearest(wanted: str, known: Iterable[str]) -> str | None:
    """The known name that is most like it, in whatever case; None if none is like it."""
    names = {name.lower(): name for name in known}
    close = get_close_matches(wanted.lower(), names, n=1)
    return names[close[0]] if close else None


@overload
def did_you_mean(wanted: str, known: Iterable[str], otherwise: str) -> str: ...
@overload
def did_you_mean(wanted: str, known: Iterable[str], otherwise: str | None = None) -> str | None: ...
def did_you_mean(wanted: str, known: Iterable[str], otherwise: str | None = None) -> str | None:
    """A hint; `otherwise`, where nothing is near.

    >>> did_you_mean("revenu", ["revenue", "margin"])
    "did you mean 'revenue'?"
    >>> did_you_mean("x", ["revenue"], "it has revenue")
    'it has revenue'
    """
    near = nearest(wanted, known)
    return otherwise if near is None else f"did you mean '{near}'?"


def did_you_mean_first(wanted: str, known: Iterable[str], hint: str) -> str:
    """`hint`, and before it what may be meant.

    >>> did_you_mean_first("K01", ["K001"], "kam accounts lists them")
    "did you mean 'K001'? kam accounts lists them"
    """
    near = did_you_mean(wanted, known)
    return hint if near is None else f"{near} {hint}"
