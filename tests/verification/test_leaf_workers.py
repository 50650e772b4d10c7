"""Several processes find what one finds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engine.audit import leaf_workers
from engine.errors import KamError
from engine.verification import run_trees, verify
from engine.verification.verdict import Verdict
from engine.verification.verify import verify_store
from tests.often import seldom
from tests.verification.store import SignedStore


@pytest.fixture(autouse=True)
def few_lines_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "WORTH_IT", 1)
    monkeypatch.setattr(run_trees, "CHUNK", 2)
    monkeypatch.setattr(leaf_workers, "CHUNK", 3)
    monkeypatch.setattr(leaf_workers, "PARQUET_ROWS", 2)


def said(verdict: Verdict) -> tuple[object, ...]:
    return verdict.findings, verdict.notes, verdict.decisions, verdict.leaves


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The parts of runs that were handed to processes."""
    parts = set[str]()
    stored, decisions = leaf_workers.LeafWorkers.stored, leaf_workers.LeafWorkers.decisions

    def noted(self: leaf_workers.LeafWorkers, file: Path, lines: leaf_workers.Lines) -> object:
        parts.add(lines.part)
        return stored(self, file, lines)

    def noted_decisions(self: leaf_workers.LeafWorkers, *arguments: Any) -> object:
        parts.add("decisions")
        return decisions(self, *arguments)

    monkeypatch.setattr(leaf_workers.LeafWorkers, "stored", noted)
    monkeypatch.setattr(leaf_workers.LeafWorkers, "decisions", noted_decisions)
    return parts


def test_processes_find_what_one_process_finds(signed: SignedStore, begun: set[str]) -> None:
    verdict = verify_store(signed.folder, [signed.verifier], processes=2)
    assert verdict.findings == ()
    assert begun >= {"decisions", "log"}
    assert said(verdict) == said(signed.verify())
    signed.execute("UPDATE decision_log SET to_value = 'gold' WHERE seq = 3")
    signed.execute("DELETE FROM decision_log WHERE seq = (SELECT max(seq) FROM decision_log)")
    verdict = verify_store(signed.folder, [signed.verifier], processes=2)
    assert {found.code for found in verdict.findings} >= {"log-altered", "log-missing"}
    assert said(verdict) == said(signed.verify())


@pytest.mark.parametrize(
    ("select", "code"),
    [
        ("SELECT * REPLACE ('gold' AS tier) FROM old", "decisions-altered"),
        *seldom(
            ("SELECT * FROM old WHERE file_row_number > 0", "decisions-differ"),
            ("SELECT 1 AS nothing", "decisions-unreadable"),
            (None, "decisions-unreadable"),
        ),
    ],
)
def test_processes_name_what_is_wrong_with_decisions_as_one_process_does(
    signed: SignedStore, begun: set[str], select: str | None, code: str
) -> None:
    write_decisions(next(signed.folder.glob("runs/*/decisions.parquet")), select)
    verdict = verify_store(signed.folder, [signed.verifier], processes=2)
    assert code in {found.code for found in verdict.findings}
    assert "decisions" in begun
    assert said(verdict) == said(signed.verify())


def write_decisions(file: Path, select: str | None) -> None:
    """Over the file, from itself as ``old``; None leaves something that is no Parquet."""
    if select is None:
        file.write_bytes(b"no Parquet")
        return
    with duckdb.connect() as connection:
        connection.read_parquet(str(file), file_row_number=True).create("old")
        columns = "" if "nothing" in select else "EXCLUDE (file_row_number)"
        connection.sql(f"SELECT * {columns} FROM ({select})").write_parquet(str(file))


def died(*_: object) -> None:
    os._exit(1)


def test_a_process_that_died_is_no_finding_about_the_store(
    signed: SignedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaf_workers, "_stored", died)
    with pytest.raises(KamError) as error:
        verify_store(signed.folder, [signed.verifier], processes=2)
    (found,) = error.value.problems
    assert found.code == "worker-died"
    assert found.hint
