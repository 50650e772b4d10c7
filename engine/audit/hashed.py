"""Leaves that have been hashed, by whichever process, as the tree of a run takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.audit.leaves import MARK
from engine.evidence.merkle import Subtree, range_subtrees


@dataclass(frozen=True)
class Hashed:
    """What some leaves amount to, with `place` others before them in the run: how many they are,
    the marks of all, and their subtrees."""

    place: int
    count: int
    marks: bytes
    subtrees: list[Subtree]


def hashed(batches: Iterable[list[bytes]], place: int) -> Iterator[Hashed]:
    """Leaf hashes, batch by batch; the first has `place` leaves before it."""
    for batch in batches:
        marks = b"".join([leaf[:MARK] for leaf in batch])
        yield Hashed(place, len(batch), marks, range_subtrees(place, batch))
        place += len(batch)
