"""The processes that hash a large night make the tree that one process makes."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

import duckdb
import pytest

from engine.audit import leaf_workers, night_leaves
from engine.errors import KamError
from engine.verification.verify import verify_store
from tests.events.book import write_book
from tests.often import seldom


def test_a_night_that_other_processes_hashed_verifies_and_has_the_marks_of_its_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = write_book(tmp_path / "book", 25)
    monkeypatch.setattr(leaf_workers, "WORTH_IT", 1)
    monkeypatch.setattr("engine.audit.leaves.BATCH", 7)
    monkeypatch.setattr(leaf_workers, "PARQUET_ROWS", 9)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    book.run(date(2026, 6, 30))
    assert not verify_store(book.store).findings
    connection = sqlite3.connect(book.store / "kam.db")
    ((decisions, lines, actions),) = connection.execute(
        "SELECT decisions, log_lines, actions FROM checkpoints"
    )
    marks = dict(
        connection.execute("SELECT part, sum(length(marks)) / 4 FROM leaf_marks GROUP BY part")
    )
    connection.close()
    assert marks == {"decisions": decisions, "log": lines, "actions": actions}
    assert min(decisions, lines, actions) > 7, "more than one batch each"


def test_a_full_disk_beside_the_night_leaves_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = write_book(tmp_path / "book", 3)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    book.run(date(2026, 6, 29))

    def full(*_: object) -> None:
        raise duckdb.IOException('Could not write file\n{"errno":"28"}')

    monkeypatch.setattr(leaf_workers, "WORTH_IT", 1)
    monkeypatch.setattr(night_leaves, "write_parquet", full)
    with pytest.raises(KamError, match="store-full"):
        book.run(date(2026, 6, 30))
    assert [one.name for one in (book.store / "runs").iterdir()] == ["2026-06-29.1"]
    verdict = verify_store(book.store)
    assert (verdict.runs, verdict.findings) == (("2026-06-29.1",), ())


@pytest.mark.parametrize(("decisions", "expected"), [(-1, False), (0, True), *seldom((1, True))])
def test_processes_are_started_from_so_many_decisions_on(
    decisions: int, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    with leaf_workers.leaf_workers(leaf_workers.WORTH_IT + decisions) as workers:
        assert (workers is not None) is expected


def test_one_processor_hashes_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    with leaf_workers.leaf_workers(leaf_workers.WORTH_IT) as workers:
        assert workers is None
