"""Several processes find what one finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.audit import leaf_workers
from engine.verification import run_trees, verify
from engine.verification.verdict import Verdict
from engine.verification.verify import verify_store
from tests.verification.store import SignedStore


@pytest.fixture(autouse=True)
def few_lines_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "WORTH_IT", 1)
    monkeypatch.setattr(run_trees, "CHUNK", 2)
    monkeypatch.setattr(leaf_workers, "CHUNK", 3)


def said(verdict: Verdict) -> tuple[object, ...]:
    return verdict.findings, verdict.notes, verdict.decisions, verdict.leaves


def test_processes_find_what_one_process_finds(
    signed: SignedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[leaf_workers.Lines] = []
    stored = leaf_workers.LeafWorkers.stored

    def noted(self: leaf_workers.LeafWorkers, file: Path, lines: leaf_workers.Lines) -> object:
        begun.append(lines)
        return stored(self, file, lines)

    monkeypatch.setattr(leaf_workers.LeafWorkers, "stored", noted)
    verdict = verify_store(signed.folder, [signed.verifier], processes=2)
    assert verdict.findings == ()
    assert "log" in {lines.part for lines in begun}
    assert said(verdict) == said(signed.verify())
    signed.execute("UPDATE decision_log SET to_value = 'gold' WHERE seq = 3")
    signed.execute("DELETE FROM decision_log WHERE seq = (SELECT max(seq) FROM decision_log)")
    verdict = verify_store(signed.folder, [signed.verifier], processes=2)
    assert {found.code for found in verdict.findings} >= {"log-altered", "log-missing"}
    assert said(verdict) == said(signed.verify())
