"""Different hits are never taken for the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.side_by_side.compare import differences
from benchmarks.side_by_side.engines.protocol import Hit, write_pairs

HITS: list[Hit] = [(0, "r001"), (0, "r002"), (7, "r001")]


def compared(folder: Path, other: Sequence[Hit]) -> list[str]:
    write_pairs(HITS, folder / "reference.parquet")
    write_pairs(other, folder / "other.parquet")
    return differences(folder / "reference.parquet", folder / "other.parquet")


def test_the_same_hits_in_another_order_are_the_same(tmp_path: Path) -> None:
    assert compared(tmp_path, HITS[::-1]) == []


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (HITS[:-1], "missing: account 7, r001"),
        ([*HITS, (7, "r002")], "too many: account 7, r002"),
        ([*HITS, HITS[0]], "too many: account 0, r001"),
        ([(1, "r001"), *HITS[1:]], "missing: account 0, r001"),
        ([], "missing: account 0, r001"),
    ],
)
def test_a_difference_is_named(tmp_path: Path, other: list[Hit], told: str) -> None:
    assert told in compared(tmp_path, other)
