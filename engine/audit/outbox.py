"""The outbox: what a run hands over to be sent, and what became of every attempt to send it.

Messages are written in the transaction of the run that emitted their actions, so that there is
none without its action and no action without its message. They are sent afterwards, by whoever
holds the lock of `engine.actions.delivery`; every outcome is written before the next attempt.
A process that dies between sending and writing leaves the message pending, and it is sent
again: at least once, and always with the same key.

For one sink, the messages about one account are sent in the order in which they were written.
One that has to wait for its next attempt holds back those after it. One that is dead does not:
it is listed, and the later ones go on without it; if a person sends it back to the queue, it
goes before those that still wait, but after those that have gone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.audit.schema.outbox import KEY_INDEX
from engine.language.sinks import Sink

_NEW_ACTIONS = """
INSERT INTO outbox (idempotency_key, kind, sink, run_no, account_id, action_no, status, attempts)
SELECT a.action_id || '-' || :sink, 'action', :sink, a.run_no, a.account_id, a.action_no,
  'pending', 0
FROM actions AS a
WHERE a.action_no >= :first AND a.run_no = :run
  AND (:priorities IS NULL OR a.priority IN (SELECT value FROM json_each(:priorities)))
  AND (:roles IS NULL OR a.owner_role IN (SELECT value FROM json_each(:roles)))
  AND (:packs IS NULL OR a.rule_no IN (
    SELECT u.rule_no FROM rules AS u JOIN policy_versions AS p USING (policy_no)
    WHERE p.pack IN (SELECT value FROM json_each(:packs))))
  AND (:kinds IS NULL OR a.rule_no IN (
    SELECT rule_no FROM rules WHERE kind IN (SELECT value FROM json_each(:kinds))))
ORDER BY a.action_no
"""
_NEW_CHECKPOINT = """
INSERT INTO outbox (idempotency_key, kind, sink, run_no, payload, status, attempts)
SELECT 'checkpoint-' || run_id || '-' || :sink, 'checkpoint', :sink, run_no, :payload, 'pending', 0
FROM runs WHERE run_no = :run
"""
# An earlier message of the same account that waits holds the later ones back.
_DUE = """
SELECT o.message_no, o.idempotency_key, o.kind, o.run_no, o.account_id, o.action_no, o.payload,
  o.attempts
FROM outbox AS o INDEXED BY outbox_pending
WHERE o.status = 'pending' AND o.sink = :sink AND o.message_no > :after
  AND coalesce(o.next_attempt_at, '') <= :now
  AND NOT EXISTS (
    SELECT 1 FROM outbox AS w
    WHERE w.status = 'pending' AND w.sink = o.sink AND w.account_id IS o.account_id
      AND w.next_attempt_at > :now AND w.message_no < o.message_no)
ORDER BY o.message_no
LIMIT :limit
"""
_PENDING = """
SELECT sink, count(*), sum(coalesce(next_attempt_at, '') <= ?), min(next_attempt_at)
FROM outbox INDEXED BY outbox_pending WHERE status = 'pending' GROUP BY sink
"""
_DEAD = "SELECT sink, count(*) FROM outbox INDEXED BY outbox_dead WHERE status = 'dead' GROUP BY 1"
_RECEIPT = """
INSERT INTO deliveries (sink, started_at, finished_at, outcome, reason, http_status,
  response_sha256, response, not_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_CARRIED = "INSERT INTO delivery_messages (message_no, delivery_no, attempt) VALUES (?, ?, ?)"
_ADVANCE = "UPDATE outbox SET status = ?, attempts = ?, next_attempt_at = ? WHERE message_no = ?"
_LINES = """
SELECT * FROM outbox_lines
WHERE status = 'dead' AND (:sinks IS NULL OR sink IN (SELECT value FROM json_each(:sinks)))
ORDER BY message_no
"""


@dataclass(frozen=True)
class Queued:
    """A message that waits to be sent. `attempts` are those that it has behind it."""

    number: int
    key: str
    kind: str
    run_no: int
    account: str | None
    action_no: int | None
    payload: str | None
    attempts: int


@dataclass(frozen=True)
class Receipt:
    """What came of one attempt, which may have carried several messages. Times are aware."""

    sink: str
    started_at: datetime
    finished_at: datetime
    outcome: str
    """``delivered``, ``retry`` or ``refused``."""
    reason: str | None = None
    http_status: int | None = None
    response_sha256: str | None = None
    response: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True)
class Advance:
    """What a message is after an attempt: ``pending``, ``delivered`` or ``dead``."""

    message: Queued
    status: str
    next_attempt_at: datetime | None = None


@dataclass(frozen=True)
class Waiting:
    """What a sink still has to take: `pending` messages, of which `due` may be sent now."""

    pending: int = 0
    due: int = 0
    dead: int = 0
    next_attempt_at: datetime | None = None
    """Of those that have failed before, the first."""


# --- within the transaction of a run --------------------------------------------------------


def enqueue(
    connection: sqlite3.Connection, run_no: int, sinks: Sequence[Sink], first_action: int = 1
) -> int:
    """A message for every new action of a run and every sink that wants it; returns how many.

    To be called after the actions of the run are inserted, within their transaction. Where
    `first_action` is known, the actions before it are not looked at.
    """
    if not sinks:
        return 0
    is_few = first_action > 1
    is_first = not is_few and connection.execute("SELECT 1 FROM outbox LIMIT 1").fetchone() is None
    if is_first:
        connection.execute("DROP INDEX outbox_key")
    before = connection.total_changes
    for sink in sinks:
        wanted = sink.actions
        values: dict[str, object] = {"sink": sink.name, "run": run_no, "first": first_action}
        values |= {
            "priorities": _json(wanted.priorities),
            "roles": _json(wanted.roles),
            "packs": _json(wanted.packs),
            "kinds": _json(wanted.kinds),
        }
        connection.execute(_NEW_ACTIONS, values)
    written = connection.total_changes - before
    if is_first:
        connection.execute(KEY_INDEX)
    return written


def enqueue_checkpoint(
    connection: sqlite3.Connection, run_no: int, sinks: Iterable[Sink], payload: str
) -> None:
    """A message with the checkpoint of a run for every sink that asks for checkpoints.

    To be called after the row of the run is inserted, within its transaction.
    """
    for sink in sinks:
        if sink.checkpoints:
            values = {"sink": sink.name, "run": run_no, "payload": payload}
            connection.execute(_NEW_CHECKPOINT, values)


def _json(wanted: tuple[str, ...]) -> str | None:
    return json.dumps(wanted) if wanted else None


# --- what there is to send ------------------------------------------------------------------


def due(
    connection: sqlite3.Connection, sink: str, now: datetime, after: int, limit: int
) -> list[Queued]:
    """The messages that may be sent `now`, in order, from the one after number `after` on."""
    values = {"sink": sink, "now": utc_text(now), "after": after, "limit": limit}
    return [Queued(*row) for row in connection.execute(_DUE, values)]


def waiting(connection: sqlite3.Connection, now: datetime) -> dict[str, Waiting]:
    """Sink → what it still has to take; sinks without pending or dead messages are left out."""
    found: dict[str, dict[str, Any]] = {}
    for sink, pending, ready, first in connection.execute(_PENDING, (utc_text(now),)):
        found[sink] = {"pending": pending, "due": ready, "next_attempt_at": _moment(first)}
    for sink, count in connection.execute(_DEAD):
        found.setdefault(sink, {})["dead"] = count
    return {sink: Waiting(**counts) for sink, counts in found.items()}


def left_alone_until(connection: sqlite3.Connection, sink: str) -> datetime | None:
    """Until when a sink asked not to be called, if its last answer was that."""
    row = connection.execute(
        "SELECT not_before FROM deliveries WHERE sink = ? AND outcome <> 'requeued' "
        "ORDER BY delivery_no DESC LIMIT 1",
        (sink,),
    ).fetchone()
    return None if row is None else _moment(row[0])


def sent_since(connection: sqlite3.Connection, sink: str, moment: datetime) -> list[datetime]:
    """When requests went to a sink since a moment, the oldest first."""
    found: list[datetime] = []
    for (text,) in connection.execute(
        "SELECT started_at FROM deliveries WHERE sink = ? AND outcome <> 'requeued' "
        "ORDER BY delivery_no DESC",
        (sink,),
    ):
        if text < utc_text(moment):
            break
        found.append(datetime.fromisoformat(text))
    return found[::-1]


def dead_letters(
    connection: sqlite3.Connection, sinks: Sequence[str] = ()
) -> Iterator[dict[str, Any]]:
    """The rows of `outbox_lines` that will not be tried again, unless a person asks for it.

    Of these sinks alone, where some are named.
    """
    cursor = connection.execute(_LINES, {"sinks": _json(tuple(sinks))})
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


# --- what became of it, each in a transaction of its own ------------------------------------


def record(connection: sqlite3.Connection, receipt: Receipt, advances: Sequence[Advance]) -> None:
    """Writes what an attempt led to, and where the messages that it carried stand now."""
    number = _insert_receipt(connection, receipt)
    connection.executemany(
        _CARRIED,
        [(one.message.number, number, one.message.attempts + 1) for one in advances],
    )
    connection.executemany(
        _ADVANCE,
        [
            (one.status, one.message.attempts + 1, _text(one.next_attempt_at), one.message.number)
            for one in advances
        ],
    )


def requeue(connection: sqlite3.Connection, keys: Iterable[str], now: datetime) -> int:
    """Sends dead letters back to the queue, with all their attempts before them; says how many."""
    by_sink: dict[str, list[int]] = {}
    for key in keys:
        for number, sink in connection.execute(
            "SELECT message_no, sink FROM outbox WHERE idempotency_key = ? AND status = 'dead'",
            (key,),
        ):
            by_sink.setdefault(sink, []).append(number)
    for sink, numbers in by_sink.items():
        receipt = _insert_receipt(connection, Receipt(sink, now, now, "requeued"))
        connection.executemany(_CARRIED, [(number, receipt, 0) for number in numbers])
        connection.executemany(_ADVANCE, [("pending", 0, None, number) for number in numbers])
    return sum(map(len, by_sink.values()))


def _insert_receipt(connection: sqlite3.Connection, receipt: Receipt) -> int:
    cursor = connection.execute(
        _RECEIPT,
        (
            *(receipt.sink, utc_text(receipt.started_at), utc_text(receipt.finished_at)),
            *(receipt.outcome, receipt.reason, receipt.http_status),
            *(receipt.response_sha256, receipt.response, _text(receipt.not_before)),
        ),
    )
    return int(cursor.lastrowid or 0)


# --- what a message says --------------------------------------------------------------------

_ABOUT = """
SELECT l.*, a.cause_id, r.as_of
FROM actions AS a
CROSS JOIN action_lines AS l ON l.action_no = a.action_no
CROSS JOIN runs AS r ON r.run_no = a.run_no
WHERE a.action_no IN (SELECT value FROM json_each(?))
"""


def action_rows(
    connection: sqlite3.Connection, numbers: Iterable[int]
) -> Mapping[int, dict[str, Any]]:
    """Number of an action → its row of `action_lines`, with its ``cause_id`` and ``as_of``."""
    cursor = connection.execute(_ABOUT, (json.dumps(list(numbers)),))
    names = [column[0] for column in cursor.description]
    rows = (dict(zip(names, row, strict=True)) for row in cursor)
    return {row["action_no"]: row for row in rows}


# --- times ----------------------------------------------------------------------------------


def utc_text(moment: datetime) -> str:
    """A moment as the outbox keeps it: texts that sort as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
