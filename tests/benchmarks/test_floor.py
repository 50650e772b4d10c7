"""The least that a night can take is found over what the last one has left."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.floor import TABLES, TITLES, Spent, _write_rows, floor_rows, work_of
from tests.night.book import Book


@pytest.mark.parametrize(
    ("wall", "cpu", "one_by_one", "never_resting"),
    [(2.0, 2.0, "2.00", "1.00"), (4.0, 6.0, "3.00", "2.00"), (0.0, 0.0, "1.00", "0.50")],
)
def test_the_least_ratio_is_to_the_script_by_hand(
    wall: float, cpu: float, one_by_one: str, never_resting: str
) -> None:
    rows = list(floor_rows(1_000, Spent(2.0, 2.0), {"files": Spent(wall, cpu)}, cores=2))
    assert [row[1] for row in rows[:2]] == ["night by hand", TITLES["files"]]
    assert [row[-1] for row in rows] == ["", "", one_by_one, never_resting]
    assert rows[2][2] == f"{2 + wall:.2f}"


def test_the_work_of_a_night_is_done_over_and_what_it_left_stays(begun: Book) -> None:
    def left() -> list[tuple[str, int]]:
        files = [begun.store / "kam.db", *(begun.store / "runs").rglob("*")]
        return sorted((file.name, file.stat().st_mtime_ns) for file in files)

    before = left()
    work = work_of(begun.root)
    assert list(work) == list(TITLES)
    assert all(spent.wall > 0 for spent in work.values())
    assert left() == before


def test_every_line_and_every_action_is_written_again(begun: Book, tmp_path: Path) -> None:
    store = begun.store / "kam.db"
    texts = [text for batch in _write_rows(store, tmp_path, Spent()) for text in batch]
    counts = []
    for file in (store, tmp_path / "rows.db"):
        with closing(sqlite3.connect(file)) as connection:
            counts += [
                [connection.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in TABLES]
            ]
    assert counts[0] == counts[1]
    assert sum(counts[0]) == len(texts) > 0
