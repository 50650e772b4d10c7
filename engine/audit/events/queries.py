"""What the store knows of events: their answers, what they left of accounts, what a night of a
later day still has to be told of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.lifecycle.inputs import AccountState

CARRIED_DAYS = 90
"""Days for which an event is told to nights, unless the source overtakes it before. What a source
has not taken over by then counts as never said: its owner was to enter it long ago."""


@dataclass(frozen=True)
class EventDecision:
    """An account as the run `run_no` left it; `content` is JSON with facts, decisions and
    obligations."""

    account: str
    run_no: int
    as_of: date
    content: str


def latest_decisions(
    connection: sqlite3.Connection,
    accounts: Collection[str] | None = None,
    *,
    after_run: int = 0,
    until_run: int | None = None,
    before: date | None = None,
) -> dict[str, EventDecision]:
    """Account → the last decision of an event about it; of all accounts if `accounts` is None.

    Of runs after `after_run` and, where given, up to `until_run` and as of a day earlier than
    `before`.
    """
    values = {
        "after": after_run,
        "until": until_run,
        "before": None if before is None else before.isoformat(),
    }
    found = {}
    if accounts is None:
        rows = connection.execute(_LATEST, values).fetchall()
    else:
        rows = [
            row
            for account in accounts
            for row in connection.execute(_LATEST_OF, {**values, "account": account})
        ]
    for account, run_no, as_of, content in rows:
        found[account] = EventDecision(account, run_no, date.fromisoformat(as_of), content)
    return found


@dataclass(frozen=True)
class ToldBy:
    """The run that an account's last decision is of, and its events about the account."""

    run_id: str
    events: tuple[str, ...]


def told_by(connection: sqlite3.Connection, decision: EventDecision) -> ToldBy:
    """What made a decision that `latest_decisions` found."""
    rows = connection.execute(_TOLD_BY, (decision.run_no, decision.account)).fetchall()
    return ToldBy(rows[0][0], tuple(event for _, event in rows))


_TOLD_BY = """
SELECT run_id, event_id FROM events JOIN runs USING (run_no)
WHERE run_no = ? AND account_id = ? ORDER BY event_no
"""


class ToldAccounts:
    """The accounts that events of the runs after `run_no` have been about, asked for once.

    Most accounts of a day are none of them, and need no further questions.
    """

    def __init__(self, connection: sqlite3.Connection, run_no: int) -> None:
        self._connection = connection
        self._run_no = run_no
        self._accounts: set[str] = set()

    def __contains__(self, account: object) -> bool:
        return account in self._accounts

    def catch_up(self) -> None:
        """Reads the runs that have been recorded since."""
        rows = self._connection.execute(_TOLD, (self._run_no,)).fetchall()
        for run_no, account in rows:
            self._accounts.add(account)
            self._run_no = max(self._run_no, run_no)


_TOLD = "SELECT run_no, account_id FROM event_decisions WHERE run_no > ?"


def night_states(
    connection: sqlite3.Connection,
    previous_run: int,
    recorded_run: int,
    day: date,
    until_run: int | None = None,
) -> tuple[tuple[AccountState, ...], tuple[AccountState, ...]]:
    """What a night of `day` finds that events left: for `previous_events` and `recorded_events`.

    The runs are those of `NightFiles.previous` and `NightFiles.recorded`; 0 where there is none.
    `until_run` is the last run before a night that is replayed.
    """
    if not recorded_run:
        return (), ()
    before = latest_decisions(connection, after_run=previous_run, until_run=until_run, before=day)
    since = latest_decisions(connection, after_run=recorded_run, until_run=until_run)
    return (
        tuple((one.account, one.content) for one in before.values()) if previous_run else (),
        tuple((one.account, one.content) for one in since.values()),
    )


_RANGE = """
  run_no > :after AND (:until IS NULL OR run_no <= :until) AND (:before IS NULL OR as_of < :before)
"""
_LATEST = f"""
SELECT d.account_id, d.run_no, d.as_of, d.content
FROM (
  SELECT account_id, max(run_no) AS run_no FROM event_decisions WHERE {_RANGE} GROUP BY account_id
) AS latest
JOIN event_decisions AS d USING (run_no, account_id)
ORDER BY d.account_id
"""  # noqa: S608
_LATEST_OF = f"""
SELECT account_id, run_no, as_of, content FROM event_decisions
WHERE account_id = :account AND {_RANGE}
ORDER BY run_no DESC LIMIT 1
"""  # noqa: S608


def last_event(connection: sqlite3.Connection) -> int:
    """The number of the last event; 0 if there is none."""
    return int(connection.execute("SELECT coalesce(max(event_no), 0) FROM events").fetchone()[0])


def last_fact_at(connection: sqlite3.Connection, account: str, column: str) -> str | None:
    """When the last event happened that gave this fact of the account: UTC, as text."""
    row = connection.execute(_LAST_FACT, (account, f'$."{column}"')).fetchone()
    return None if row is None else row[0]


_LAST_FACT = """
SELECT max(at) FROM events
WHERE account_id = ? AND type = 'account' AND json_type(given, ?) IS NOT NULL
"""


def first_answer(
    connection: sqlite3.Connection, event_id: str
) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """The content of an event as it was kept, and what was answered; None if it is new."""
    row = connection.execute(
        "SELECT content, answer FROM events WHERE event_id = ?", (event_id,)
    ).fetchone()
    return None if row is None else (json.loads(row[0]), json.loads(row[1]))


@dataclass(frozen=True)
class SinceEvent:
    """An event that a night has not seen: what counts of it when it is merged. `given` is JSON."""

    record: str | None
    key: str | None
    given: str


def events_since(connection: sqlite3.Connection, account: str, after_run: int) -> list[SinceEvent]:
    """The events about an account that runs after `after_run` have taken, oldest first."""
    rows = connection.execute(
        "SELECT record, key, given FROM events WHERE account_id = ? AND run_no > ? "
        "ORDER BY event_no",
        (account, after_run),
    )
    return [SinceEvent(*row) for row in rows]


StoredEvent = tuple[int, str, str, str | None, str | None, str, str | None]
"""Number, type, account, record table, key; as JSON what it gave and what had been there."""


def day_events(
    connection: sqlite3.Connection, day: date, *, until_run: int | None = None
) -> list[StoredEvent]:
    """The events that a night of `day` is told, oldest first: those answered as of that day or
    one of the `CARRIED_DAYS` before it, and by a run up to `until_run`, where that is given."""
    since = day - timedelta(days=CARRIED_DAYS)
    return connection.execute(
        "SELECT event_no, type, account_id, record, key, given, before FROM events "
        "WHERE day >= ? AND day <= ? AND run_no <= ? ORDER BY event_no",
        (since.isoformat(), day.isoformat(), _or_every(until_run)),
    ).fetchall()


def settled_before(
    connection: sqlite3.Connection, day: date, *, until_run: int | None = None
) -> dict[int, set[str]]:
    """Event → its columns that a source has taken over, as nights of earlier days than `day`
    found (the empty text: all of a record)."""
    rows = connection.execute(
        "SELECT event_no, column_name FROM settled_events JOIN runs USING (run_no) "
        "WHERE as_of < ? AND run_no <= ?",
        (day.isoformat(), _or_every(until_run)),
    )
    found: dict[int, set[str]] = {}
    for number, column in rows:
        found.setdefault(number, set()).add(column)
    return found


def _or_every(run: int | None) -> int:
    return 2**62 if run is None else run


def carried_records(
    connection: sqlite3.Connection, account: str, record: str, night_run: int, as_of: date
) -> list[str]:
    """As JSON, what events about an account gave as records without a key, and the night of
    `as_of` has from them alone: no source had taken them over."""
    since = as_of - timedelta(days=CARRIED_DAYS)
    rows = connection.execute(_CARRIED, (account, record, night_run, since.isoformat(), night_run,
                                         as_of.isoformat()))  # fmt: skip
    return [given for (given,) in rows]


_CARRIED = """
SELECT given FROM events
WHERE account_id = ? AND record = ? AND key IS NULL AND run_no < ? AND day >= ?
AND event_no NOT IN (
  SELECT event_no FROM settled_events JOIN runs USING (run_no) WHERE run_no = ? OR as_of < ?
)
"""


def insert_settled(
    connection: sqlite3.Connection, run_no: int, settled: Iterable[tuple[int, str]]
) -> None:
    """What sources have taken over in the night `run_no`; within its transaction."""
    connection.executemany(
        "INSERT INTO settled_events VALUES (?, ?, ?)",
        [(run_no, number, column) for number, column in settled],
    )
