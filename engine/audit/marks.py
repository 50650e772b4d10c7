"""What people say between the nights, and what nights do with the actions that stand.

A mark is written at once and never changed; the next run reads the new ones and writes them
to the log, so that the log tells the whole story in order.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from engine.audit.grouped_rows import insert_grouped
from engine.audit.schema.log import ACTION_INDEXES
from engine.lifecycle.inputs import Mark

MANY = 50_000
"""Actions that change at once, from which on an index may be made anew for them."""

EndedCause = tuple[str, str | None]
"""(cause_id, opened_before): the actions that expire; with a day, those opened before it alone."""

_CAUSES = """
CREATE TEMP TABLE ended_causes (cause_id TEXT NOT NULL, opened_before TEXT)
"""
_CAUSES_INDEX = "CREATE INDEX temp.ended_ids ON ended_causes (cause_id)"
_CAUSE = "INSERT INTO temp.ended_causes"
_EXPIRING = """
CREATE TEMP TABLE changing AS
SELECT DISTINCT a.action_no
FROM temp.ended_causes AS e
CROSS JOIN actions AS a ON a.cause_id = e.cause_id -- CROSS: the causes are few
WHERE a.status IN ('open', 'snoozed')
  AND (e.opened_before IS NULL OR a.opened_on < e.opened_before)
"""
# Actions that an earlier attempt at the same night let expire, and whose cause lasts after all.
_REOPENING = """
CREATE TEMP TABLE changing AS
SELECT DISTINCT a.action_no
FROM runs AS r
CROSS JOIN decision_log AS l ON l.seq BETWEEN r.first_seq AND r.last_seq
CROSS JOIN actions AS a ON a.action_id = json_extract(l.evidence, '$.action')
WHERE r.as_of = ?
  AND l.kind = 'action_expired'
  AND a.status = 'expired'
  AND NOT EXISTS (
    SELECT 1 FROM temp.ended_causes AS e
    WHERE e.cause_id = a.cause_id AND (e.opened_before IS NULL OR a.opened_on < e.opened_before)
  )
"""
STATUS_CHANGED = """
INSERT INTO decision_log (run_no, account_id, kind, rule_no, from_value, to_value, evidence)
SELECT
  ?, a.account_id, ?, a.rule_no, a.status, t.rule_id,
  json_object('action', a.action_id, 'owner', a.owner)
FROM actions AS a
JOIN rules AS t ON t.rule_no = a.template_no
"""
"""A line for actions before their status changes; which ones is for whoever asks."""
_CHANGED = f"{STATUS_CHANGED} WHERE a.action_no IN temp.changing ORDER BY a.action_no"
_CHANGE = """
UPDATE actions SET status = ?, snoozed_until = NULL
WHERE action_no IN (SELECT action_no FROM temp.changing)
"""
_SHARE = """
SELECT (SELECT count(*) FROM temp.changing), (SELECT coalesce(max(action_no), 0) FROM actions)
"""
_WAKE = """
UPDATE actions SET status = 'open', snoozed_until = NULL
WHERE status = 'snoozed' AND snoozed_until <= ?
"""
_SAID = """
INSERT INTO decision_log (run_no, account_id, kind, rule_no, to_value, evidence)
SELECT
  ?, coalesce(m.account_id, a.account_id), 'person_said',
  coalesce(a.rule_no, (
    SELECT max(u.rule_no) FROM rules AS u JOIN policy_versions AS p USING (policy_no)
    WHERE p.pack = m.pack AND u.kind = 'warning' AND u.rule_id = m.rule_id
  )),
  m.kind,
  json_object(
    'by', m.said_by, 'at', m.said_at, 'action', a.action_id, 'until', m.until,
    'person', m.person, 'note', m.note
  )
FROM marks AS m
LEFT JOIN actions AS a ON a.action_no = m.action_no
WHERE m.mark_no > ? AND m.mark_no <= ?
ORDER BY m.mark_no
"""


@dataclass(frozen=True)
class Said:
    """A mark as somebody makes it. `at` is aware; `day` is the day where the company is.

    About an action (`action_no`) or about a warning (`pack`, `account`, `rule`).
    """

    kind: str
    by: str
    at: datetime
    day: date
    action_no: int | None = None
    pack: str | None = None
    account: str | None = None
    rule: str | None = None
    until: date | None = None
    person: str | None = None
    note: str | None = None


def insert_mark(connection: sqlite3.Connection, said: Said, said_at: str) -> None:
    """Writes a mark, and what it changes of its action."""
    until = None if said.until is None else said.until.isoformat()
    connection.execute(
        "INSERT INTO marks (kind, said_at, said_on, said_by, action_no, pack, account_id, rule_id, "
        "until, person, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(said.kind, said_at, said.day.isoformat(), said.by, said.action_no),
            *(said.pack, said.account, said.rule, until, said.person, said.note),
        ),
    )
    if said.kind == "done":
        connection.execute(
            "UPDATE actions SET status = 'done', snoozed_until = NULL WHERE action_no = ?",
            (said.action_no,),
        )
    elif said.kind == "snooze":
        connection.execute(
            "UPDATE actions SET status = 'snoozed', snoozed_until = ? WHERE action_no = ?",
            (until, said.action_no),
        )
    elif said.kind == "assign":
        connection.execute(
            "UPDATE actions SET owner = ? WHERE action_no = ?", (said.person, said.action_no)
        )


def warning_marks(connection: sqlite3.Connection) -> list[Mark]:
    """All marks about warnings, in the order in which they were made."""
    rows = connection.execute(
        "SELECT mark_no, kind, pack, account_id, rule_id, said_on, until FROM marks "
        "WHERE kind IN ('ack', 'silence') ORDER BY mark_no"
    ).fetchall()
    return [
        Mark(number, kind, pack, account, rule, _day(day), _day(until) if until else None)
        for number, kind, pack, account, rule, day, until in rows
    ]


def _day(text: str) -> date:
    return date.fromisoformat(text)


def last_mark(connection: sqlite3.Connection) -> int:
    """The number of the last mark; 0 if there is none."""
    return int(connection.execute("SELECT coalesce(max(mark_no), 0) FROM marks").fetchone()[0])


def advance_actions(
    connection: sqlite3.Connection, run_no: int, as_of: date, causes: Iterable[EndedCause]
) -> None:
    """Lets actions expire whose cause has ended, and those awake whose snooze is over.

    An action that an earlier attempt at this night let expire is open again if its cause has
    not ended after all.
    """
    connection.execute("DROP TABLE IF EXISTS temp.ended_causes")
    connection.execute(_CAUSES)
    insert_grouped(connection, _CAUSE, "(?,?)", causes)
    connection.execute(_CAUSES_INDEX)  # after the rows: half a million come at the end of a quarter
    night = as_of.isoformat()
    for kind, status, query, values in (
        ("action_reopened", "open", _REOPENING, (night,)),
        ("action_expired", "expired", _EXPIRING, ()),
    ):
        connection.execute("DROP TABLE IF EXISTS temp.changing")
        connection.execute(query, values)
        connection.execute(_CHANGED, (run_no, kind))
        with _indexed_afterwards(connection):
            connection.execute(_CHANGE, (status,))
    connection.execute(_WAKE, (night,))


@contextmanager
def _indexed_afterwards(connection: sqlite3.Connection) -> Iterator[None]:
    """Where ``changing`` holds a good part of all actions, the index of causes is made anew after
    the block: cheaper than keeping it row by row."""
    changing, actions = connection.execute(_SHARE).fetchone()
    is_many = changing >= MANY and changing * 10 >= actions
    if is_many:
        connection.execute("DROP INDEX actions_cause")
    yield
    if is_many:
        connection.execute(ACTION_INDEXES["actions_cause"])


def log_marks(connection: sqlite3.Connection, run_no: int, after: int, until: int) -> None:
    """A line for every mark that is new since the previous run."""
    connection.execute(_SAID, (run_no, after, until))
