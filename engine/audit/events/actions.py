"""The actions of a run that answers events: as in `marks` and `writing` of a night, of its
accounts alone, and through the indexes of the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date

from engine.audit.marks import STATUS_CHANGED, EndedCause
from engine.audit.records import ActionRow
from engine.audit.writing import ACTIONS_EMITTED

_EXPIRING = """
SELECT action_no FROM actions
WHERE cause_id = :cause AND status IN ('open', 'snoozed')
  AND (:before IS NULL OR opened_on < :before)
"""
# What an earlier attempt at this day let expire, and whose cause lasts after all.
_EXPIRED = """
SELECT a.action_no, a.cause_id, a.opened_on
FROM actions AS a INDEXED BY actions_account
WHERE a.account_id = :account AND a.status = 'expired'
  AND EXISTS (
    SELECT 1
    FROM decision_log AS l INDEXED BY decision_log_account
    JOIN runs AS r ON r.run_no = l.run_no
    WHERE l.account_id = a.account_id AND l.kind = 'action_expired' AND r.as_of = :day
      AND json_extract(l.evidence, '$.action') = a.action_id
  )
"""
_CHANGED = f"{STATUS_CHANGED} WHERE a.action_no = ?"
_CHANGE = "UPDATE actions SET status = ?, snoozed_until = NULL WHERE action_no = ?"
_WAKE = """
UPDATE actions INDEXED BY actions_account SET status = 'open', snoozed_until = NULL
WHERE account_id = ? AND status = 'snoozed' AND snoozed_until <= ?
"""
_INSERT = """
INSERT INTO actions (run_no, status, action_id, cause_id, account_id, account_name, rule_no,
  template_no, level, owner_role, owner, priority, opened_on, due_on, evidence)
VALUES (?, 'open', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (action_id) DO NOTHING
"""
_EMITTED = f"{ACTIONS_EMITTED} WHERE a.action_no = ?"


def expire_actions(
    connection: sqlite3.Connection,
    run_no: int,
    as_of: date,
    causes: Iterable[EndedCause],
    accounts: Sequence[str],
) -> None:
    """Lets actions expire whose cause has ended, and those of the accounts awake whose snooze is
    over; one that this day had let expire is open again if its cause has not ended after all."""
    day, ended = as_of.isoformat(), list(causes)
    for account in sorted(accounts):
        expired = connection.execute(_EXPIRED, {"account": account, "day": day}).fetchall()
        lasting = [number for number, *cause in expired if not _has_ended(ended, *cause)]
        _change(connection, run_no, "action_reopened", "open", lasting)
    ending: set[int] = set()
    for cause, before in ended:
        rows = connection.execute(_EXPIRING, {"cause": cause, "before": before})
        ending.update(number for (number,) in rows)
    _change(connection, run_no, "action_expired", "expired", ending)
    connection.executemany(_WAKE, [(account, day) for account in sorted(accounts)])


def _has_ended(ended: Iterable[EndedCause], cause: str, opened_on: str) -> bool:
    return any(one == cause and (day is None or opened_on < day) for one, day in ended)


def _change(
    connection: sqlite3.Connection, run_no: int, kind: str, status: str, numbers: Iterable[int]
) -> None:
    for number in sorted(numbers):
        connection.execute(_CHANGED, (run_no, kind, number))
        connection.execute(_CHANGE, (status, number))


def insert_actions(connection: sqlite3.Connection, run_no: int, rows: Iterable[ActionRow]) -> None:
    """Inserts the actions that the store does not have yet, with a line of the log for each."""
    numbers = []
    for row in rows:
        cursor = connection.execute(_INSERT, (run_no, *row))
        if cursor.rowcount:
            numbers.append((cursor.lastrowid,))
    connection.executemany(_EMITTED, numbers)
