"""Runs that answered events: document, events, decisions, lines and actions as recorded."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.audit.events.leaves import (
    KEPT_EVENTS,
    EventLeaves,
    KeptEvent,
    Span,
    decision_leaves,
    kept_hash,
)
from engine.audit.leaves import MARK, LineLeaves
from engine.audit.store import Run
from engine.evidence.merkle import CompactRange, leaf_hash
from engine.verification.checkpoint_chain import Recorded
from engine.verification.findings import Findings
from engine.verification.run_trees import (
    Located,
    differing_lines,
    report_marks,
    report_missing,
)

_DOCUMENT = """
SELECT document, run_id FROM event_runs LEFT JOIN runs ON runs.run_no = night_run_no
WHERE event_runs.run_no = ?
"""
_MARKS = "SELECT marks FROM leaf_marks WHERE run_no = ? AND part = ? ORDER BY chunk_no"
_LINE = {"decisions": "decision", "log": "line", "actions": "action"}


def check_strangers(
    connection: sqlite3.Connection, runs: Sequence[Run], findings: Findings
) -> None:
    """Rows that no run has recorded."""
    known = {run.run_no for run in runs if run.kind == "event"}
    for table, code, what in (
        ("event_runs", "document-inserted", "run_no"),
        ("events", "event-inserted", "event_id"),
        ("event_decisions", "decision-inserted", "account_id"),
    ):
        query = f"SELECT DISTINCT run_no, {what} FROM {table} ORDER BY 1, 2"  # noqa: S608
        for run_no, name in connection.execute(query):
            if run_no not in known:
                findings.add(code, None, f"{name} in {table} belongs to no run of events")


@dataclass
class EventRunCheck:
    """Checks such runs one after another; what they share is read once."""

    connection: sqlite3.Connection
    secret: bytes
    findings: Findings
    leaves: int = 0
    decisions: int = 0
    _of_runs: EventLeaves = field(init=False)

    def __post_init__(self) -> None:
        self._of_runs = EventLeaves(self.connection, self.secret)

    def check(self, one: Recorded, first_action: int) -> None:
        """Compares a run with what its document and its root say; names what differs."""
        document, night = self._document(one.run)
        self._check_document(one.run, document, night)
        self._check_root(one, document, first_action)

    def _document(self, run: Run) -> tuple[str, str | None]:
        """The document, and the night that the run is kept under."""
        row = self.connection.execute(_DOCUMENT, (run.run_no,)).fetchone()
        return ("", None) if row is None else (row[0], row[1])

    def _check_document(self, run: Run, document: str, night: str | None) -> None:
        if hashlib.sha256(document.encode()).hexdigest() != run.manifest_sha256:
            self._say("document-altered", run, "its document is not the one that was recorded")
            return
        said = json.loads(document)
        wanted = {
            "run": run.run_id,
            "as_of": run.as_of.isoformat(),
            "engine": run.engine_version,
            "plan": run.plan_hash,
        }
        for name, value in wanted.items():
            if said.get(name) != value:
                message = f"'{name}' of the run is {value}, its document says {said.get(name)}"
                self._say("run-altered", run, message)
        if not said.get("night") == night == run.previous_run:
            message = f"it stands under night {night}, its document says {said.get('night')}"
            self._say("run-altered", run, message)
        self._check_events(run, said["events"])

    def _check_events(self, run: Run, said: Sequence[Mapping[str, Any]]) -> None:
        wanted = {one["event"]: one for one in said}
        salt = self._of_runs.salt(run.run_id)
        for row in self.connection.execute(KEPT_EVENTS, (run.run_no,)):
            number, event_id, sha256, content, *rest = row
            recorded = wanted.pop(event_id, None)
            if recorded is None:
                self._say("event-inserted", run, f"it has not answered the event {event_id}")
                continue
            kept = kept_hash(KeptEvent(number, event_id, sha256, rest), salt)
            is_content = hashlib.sha256(content.encode()).hexdigest() == recorded["sha256"]
            if not (is_content and sha256 == recorded["sha256"] and kept == recorded["kept"]):
                self._say("event-altered", run, f"event {event_id} is not the one that came")
        for event_id in wanted:
            self._say("event-missing", run, f"event {event_id} is gone")

    def _check_root(self, one: Recorded, document: str, first_action: int) -> None:
        run, count = one.run, one.counts["actions"]
        log = Span(run.first_seq, run.first_seq + one.counts["log"] - 1)
        actions = Span(first_action, first_action + count - 1)
        hashes = self._of_runs.hashes(run.run_no, run.run_id, log, actions)
        firsts = {"decisions": 0, "log": log.first, "actions": actions.first}
        tree = CompactRange()
        tree.append(leaf_hash(document.encode()))
        located = {}
        for part, batches in hashes.items():
            leaves = [leaf for batch in batches for leaf in batch]
            tree.extend(leaves)
            located[part] = self._check_part(one, part, leaves, firsts[part])
        self.leaves += tree.size
        self.decisions += one.counts["decisions"]
        agrees = tree.root().hex() == one.root
        report_marks(one, agrees, located.values(), self.findings)
        if not agrees:
            for part, differing in located.items():
                self._name(run, part, differing or [])
            self._say(
                "root-differs",
                run,
                "what the run decided and said does not hash to the root that it recorded",
            )

    def _check_part(self, one: Recorded, part: str, leaves: Sequence[bytes], first: int) -> Located:
        count = one.counts[part]
        there: Sequence[int] = range(first, first + count)
        if len(leaves) != count:
            there = self._missing(one.run, part, first, count, len(leaves))
        rows = self.connection.execute(_MARKS, (one.run.run_no, part))
        marks = b"".join(mark for (mark,) in rows)
        found = b"".join(leaf[:MARK] for leaf in leaves)
        return differing_lines(there, found, first, count, marks)

    def _name(self, run: Run, part: str, numbers: list[int]) -> None:
        if numbers:
            about = self._about(run, part)
            self.findings.add_each(
                f"{part}-altered",
                run.run_id,
                numbers,
                lambda number: (
                    f"{_LINE[part]} {number}{about(number)} is not the one that was recorded"
                ),
            )

    def _missing(self, run: Run, part: str, first: int, count: int, seen: int) -> list[int]:
        """Names what is missing; the numbers of the lines that are there, in their order."""
        if part == "decisions":
            message = f"event_decisions has {seen} accounts of it, the run recorded {count}"
            self._say("decisions-differ", run, message)
            return []
        numbers = range(first, first + count)
        return report_missing(self.connection, part, run.run_id, numbers, self.findings)

    def _about(self, run: Run, part: str) -> Callable[[int], str]:
        """What a leaf says now, for a person who looks for it."""
        if part == "decisions":
            salt = self._of_runs.salt(run.run_id)
            leaves = decision_leaves(self.connection, run.run_no, salt)
            return lambda number: _named(leaves[number].content)
        lines: LineLeaves = self._of_runs.lines(run.run_id)
        leaf_of = lines.log_leaf if part == "log" else lines.action_leaf
        return lambda number: _named(leaf_of(number).content)

    def _say(self, code: str, run: Run, message: str) -> None:
        self.findings.add(code, run.run_id, message)


def _named(content: bytes) -> str:
    said = json.loads(content)
    what = said.get("kind") or said.get("action")
    named = ", ".join(str(value) for value in (said.get("account"), what) if value)
    return f" ({named})" if named else ""
