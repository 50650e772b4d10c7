"""Whether the rows of kam.db fit together: runs in order, nothing beyond them, texts as hashed."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence

from engine.audit.store import Run
from engine.verification.findings import Findings


def check_runs(runs: Sequence[Run], findings: Findings) -> None:
    """Runs follow one another without a gap, and so do their lines of the log."""
    next_seq, previous, night = 1, None, None
    for number, run in enumerate(runs, start=1):
        if run.run_no != number:
            findings.add("run-missing", run.run_id, f"it is run {run.run_no}, not {number}")
        if run.previous_run != night:
            findings.add(
                "run-altered", run.run_id, f"it names {run.previous_run} as the night before it"
            )
        if run.first_seq != next_seq or run.last_seq < run.first_seq - 1:
            findings.add(
                "run-altered",
                run.run_id,
                f"its lines are {run.first_seq} to {run.last_seq}; they should begin at {next_seq}",
            )
        if previous is not None and run.finished_at < previous.finished_at:
            findings.notes.append(
                f"run {run.run_id} finished before run {previous.run_id}, which was recorded "
                "earlier: the clock of the machine was turned back, or a time was changed"
            )
        next_seq, previous = run.last_seq + 1, run
        night = run.run_id if run.kind == "night" else night


def check_strangers(
    connection: sqlite3.Connection, runs: Sequence[Run], findings: Findings
) -> None:
    """Lines and actions that no run has recorded, and lines under another run's number."""
    last = runs[-1].last_seq if runs else 0
    beyond = connection.execute(
        "SELECT seq FROM decision_log WHERE seq > ? OR seq < 1 ORDER BY seq", (last,)
    ).fetchall()
    findings.add_each(
        "log-inserted",
        None,
        [seq for (seq,) in beyond],
        lambda seq: f"line {seq} belongs to no run",
    )
    wrong = connection.execute(
        "SELECT l.seq FROM decision_log AS l JOIN runs AS r ON l.seq BETWEEN r.first_seq "
        "AND r.last_seq WHERE l.run_no <> r.run_no ORDER BY l.seq"
    ).fetchall()
    findings.add_each(
        "log-altered",
        None,
        [seq for (seq,) in wrong],
        lambda seq: f"line {seq} stands under the number of another run",
    )


def check_actions(
    connection: sqlite3.Connection, counts: Mapping[int, int], findings: Findings
) -> None:
    """Every action was emitted by a run that recorded it; `counts` are actions by run."""
    total = sum(counts.values())
    beyond = connection.execute(
        "SELECT action_no FROM actions WHERE action_no > ? OR action_no < 1 ORDER BY action_no",
        (total,),
    ).fetchall()
    findings.add_each(
        "actions-inserted",
        None,
        [number for (number,) in beyond],
        lambda number: f"action {number} belongs to no run",
    )


def check_kept_files(connection: sqlite3.Connection, findings: Findings) -> None:
    """Every kept text is the one that its hash names, and every policy the one of its files."""
    for digest, content in connection.execute("SELECT sha256, content FROM policy_files"):
        if hashlib.sha256(content).hexdigest() != digest:
            findings.add("kept-file-altered", None, f"the kept file {digest} has another content")
