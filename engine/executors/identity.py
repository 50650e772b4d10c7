"""What is made of parts of a plan, kept beside the parts.

Parts of a plan never change, and an account is decided by hundreds of them: what they are compiled
to is found again by their identity, because hashing a whole tree costs more than evaluating it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Part = TypeVar("Part")
Made = TypeVar("Made")

KEPT = 50_000
"""Parts that are kept at most; a plan of 200 rules has some thousands."""


class ByIdentity(Generic[Part, Made]):
    """`make`, asked once for each part. Safe for threads: at worst one is made twice.

    >>> seen = []
    >>> made = ByIdentity[str, None](seen.append)
    >>> part = "part"
    >>> (made(part), made(part), seen)
    (None, None, ['part'])
    """

    def __init__(self, make: Callable[[Part], Made]) -> None:
        self._make = make
        self._made: dict[int, tuple[Part, Made]] = {}
        """The part itself stands beside, so that nothing else ever has its identity."""

    def __call__(self, part: Part) -> Made:
        found = self._made.get(id(part))
        if found is not None:
            return found[1]
        made = self._make(part)
        if len(self._made) >= KEPT:
            self._made.clear()
        self._made[id(part)] = (part, made)
        return made
