"""Whether what the store calls forgotten or expired is what the log says was destroyed.

Whoever destroys a value and excuses it in kam.db has to leave a line in the log, which the tree of
its run covers. What no night has logged yet is fine: the next one does.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from engine.audit.personal.files import PERSONAL_FILE
from engine.audit.personal.values import FACTS_FILE
from engine.audit.store import Run
from engine.verification.findings import Findings
from engine.verification.said_lines import SaidLine, SaidLines

_FORGETTINGS = """
SELECT forgetting_no, account_id, said_by, forgotten_at, reason, values_destroyed, last_run_no
FROM forgettings ORDER BY forgetting_no
"""
_CLASSES = {PERSONAL_FILE: "personal", FACTS_FILE: "internal"}
"""Whose time is over when a file is removed, as the line says it."""


def check_destroyed(
    connection: sqlite3.Connection, runs: Sequence[Run], lines: SaidLines, findings: Findings
) -> None:
    """Forgotten accounts and expired files, each against the lines about them."""
    _Forgettings(connection, runs, findings).check(lines.forgotten)
    _check_expired(connection, runs, lines.expired, findings)


# --- forgotten ---------------------------------------------------------------------------


class _Forgettings:
    def __init__(
        self, connection: sqlite3.Connection, runs: Sequence[Run], findings: Findings
    ) -> None:
        self._ids = {run.run_no: run.run_id for run in runs}
        self._nights = [run.run_no for run in runs if run.kind == "night"]
        self._last = runs[-1].run_no if runs else 0
        self._findings = findings
        self._rows = {row[0]: row for row in connection.execute(_FORGETTINGS)}
        self._logged = dict(connection.execute("SELECT * FROM forgettings_logged").fetchall())

    def check(self, lines: Sequence[SaidLine]) -> None:
        """Every line has its row, and every row up to the last that was logged has its line."""
        told: dict[object, int] = {}
        for line in lines:
            seen = line.seen()
            number = seen.get("forgetting")
            told[number] = line.run_no
            self._check_line(number, line, seen)
        last = max((one for one in told if isinstance(one, int)), default=0)
        for number in {*self._rows, *self._logged}:
            if number in self._logged and number not in told:
                self._say(None, f"forgetting {number} counts as logged, and no line says so")
            elif number not in told and number <= last:
                self._say(None, f"forgetting {number} stands in no line, later ones do")
            elif number not in told:
                self._check_reach(number, self._nights[-1] if self._nights else 0, self._last)

    def _check_line(self, number: Any, line: SaidLine, seen: Mapping[str, Any]) -> None:
        run_id = self._ids.get(line.run_no)
        row = self._rows.get(number)
        if row is None:
            message = f"the log says that {line.account} was forgotten; forgetting {number} is gone"
            self._say(run_id, message)
            return
        wanted = [line.account, *(seen.get(name) for name in ("by", "at", "reason", "values"))]
        if list(row[1:6]) != wanted:
            message = f"forgetting {number} is not as the log says it (account {line.account})"
            self._say(run_id, message)
        if self._logged.get(number) != line.run_no:
            self._say(run_id, f"forgetting {number} was logged by this run, kam.db denies it")
        earlier = [night for night in self._nights if night < line.run_no]
        self._check_reach(number, earlier[-1] if earlier else 0, line.run_no - 1)

    def _check_reach(self, number: int, first: int, last: int) -> None:
        """It reaches to the last run that had been when it was said: it has excused the absence of
        values up to that one. Before the night that logged it, and after the night before."""
        row = self._rows.get(number)
        if row is not None and not first <= row[6] <= last:
            message = (
                f"forgetting {number} is said to reach to run {row[6]}; it was said after run "
                f"{first} and up to run {last}"
            )
            self._say(None, message)

    def _say(self, run: str | None, message: str) -> None:
        self._findings.add("forgetting-altered", run, message)


# --- expired -----------------------------------------------------------------------------


def _check_expired(
    connection: sqlite3.Connection,
    runs: Sequence[Run],
    lines: Sequence[SaidLine],
    findings: Findings,
) -> None:
    """As many files of each kind as the lines of that day say; each of a day before the limit."""
    known = {run.run_no: run for run in runs}
    said: Counter[tuple[object, str]] = Counter()
    limits: dict[tuple[object, str], list[tuple[int, str]]] = {}
    for line in lines:
        seen, run = line.seen(), known.get(line.run_no)
        if run is not None:
            key = (seen.get("class"), run.as_of.isoformat())
            files = seen.get("runs")
            said[key] += files if isinstance(files, int) else 0
            limits.setdefault(key, []).append((line.run_no, str(seen.get("before"))))
    found: Counter[tuple[object, str]] = Counter()
    for number, file, day in connection.execute(
        "SELECT run_no, file, expired_on FROM expired_files ORDER BY run_no, file"
    ):
        key, run = (_CLASSES.get(file), day), known.get(number)
        if run is not None and any(
            number < later and run.as_of.isoformat() < before
            for later, before in limits.get(key, ())
        ):
            found[key] += 1
            continue
        findings.add(
            "expiry-unfounded",
            None if run is None else run.run_id,
            f"kam.db says that the time of {file} was over on {day}; no line of the log says so",
        )
    for key in said.keys() | found.keys():
        if said[key] != found[key]:
            classification, day = key
            findings.add(
                "expiry-unfounded",
                None,
                f"on {day} the time of {said[key]} files ({classification}) was over, as the log "
                f"says; kam.db names {found[key]}",
            )
