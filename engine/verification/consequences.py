"""The tables that change from day to day, against the log: what follows from its lines.

Marks, the standing of actions, forgotten accounts, expired files, openings of personal values and
the outbox are no leaves of any tree. What they say has to follow from what is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence

from engine.audit.run_rows import last_run_no
from engine.audit.store import Run
from engine.verification.action_states import check_action_states
from engine.verification.deliveries import check_deliveries
from engine.verification.destroyed import check_destroyed
from engine.verification.findings import Findings
from engine.verification.guarding import check_each, guarding
from engine.verification.marks import check_marks
from engine.verification.opened_values import check_opened_values, check_unopened_names
from engine.verification.said_lines import read_said_lines


def check_consequences(
    connection: sqlite3.Connection,
    runs: Sequence[Run],
    actions: Mapping[int, int],
    findings: Findings,
) -> None:
    """`runs` are all of the store, in order; `actions` are how many each of them recorded.

    People mark actions, and messages are sent, while this goes on: so everything is read as it
    was at one moment.
    """
    connection.execute("BEGIN")
    try:
        if runs and last_run_no(connection) > runs[-1].run_no:
            findings.notes.append(
                "a run was recorded meanwhile: marks, the standing of actions, forgotten accounts "
                "and the outbox have not been checked; say kam verify again"
            )
            return
        _check(connection, runs, actions, findings)
    finally:
        connection.rollback()


def _check(
    connection: sqlite3.Connection,
    runs: Sequence[Run],
    actions: Mapping[int, int],
    findings: Findings,
) -> None:
    checks: dict[str, Callable[[], None]] = {
        "the openings of personal values": lambda: check_opened_values(connection, findings),
        "the outbox": lambda: check_deliveries(connection, findings),
    }
    with guarding(findings, None, "the lines of marks, actions and destroyed values"):
        lines = read_said_lines(connection)
        checks |= {
            "what people said": lambda: check_marks(connection, runs, lines, findings),
            "how the actions stand": lambda: check_action_states(
                connection, runs, actions, lines, findings
            ),
            "the names in actions": lambda: check_unopened_names(connection, runs, lines, findings),
            "what was destroyed": lambda: check_destroyed(connection, runs, lines, findings),
        }
    check_each(checks, findings)
