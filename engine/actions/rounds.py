"""What a delivery does for one sink: attempt by attempt, each with its receipt.

A round sends what is due. It ends early when the sink fails too often in a row, or asks to be
left alone: what it has not come to costs no attempt, and waits for the next round.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from engine.actions.backoff import FIRST_WAIT, Clock, Pace, wait_after
from engine.actions.messages import Composer
from engine.actions.opening import SinkOpener, sink_problem
from engine.actions.sinks.base import EXCERPT, OpenSink, Outcome, Parcel
from engine.audit import outbox
from engine.audit.outbox import Advance, Receipt
from engine.audit.transactions import transaction
from engine.errors import Problem
from engine.language.sinks import Sink

PAGE = 500
"""Messages that are read at a time; a digest holds no more."""

_SHORT_WAIT = timedelta(minutes=1)
"""When a sink asks for no longer pause than this, the same round goes on after it."""


@dataclass(frozen=True)
class SinkReport:
    """What a delivery did for one sink, and how that stands now.

    `delivered`, `failed` and `died` count messages of this delivery: those that arrived, the
    attempts that did not, and those that became dead letters. `pending` and `dead` are all
    that wait and all dead letters; the first of those that wait is tried at `next_attempt_at`,
    or by the next delivery if that is None. `problem` says why the sink could not be used.
    """

    sink: str
    kind: str | None
    delivered: int = 0
    failed: int = 0
    died: int = 0
    pending: int = 0
    dead: int = 0
    next_attempt_at: datetime | None = None
    reason: str | None = None
    """Of the last attempt that failed."""
    problem: Problem | None = None


class Round:
    """The deliveries to one sink, one round after the other."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        sink: Sink,
        root: Path,
        environment: Mapping[str, str],
        composer: Composer,
        clock: Clock,
        until: datetime | None,
        opener: SinkOpener,
    ) -> None:
        self.sink = sink
        self._connection = connection
        self._root = root
        self._environment = environment
        self._composer = composer
        self._clock = clock
        self._until = until
        self._opener = opener
        self._told = SinkReport(sink.name, sink.kind)
        self._rest: datetime | None = None
        self._failures = 0
        self._is_over = False
        since = clock.now() - timedelta(minutes=1)
        self._pace = Pace(sink.per_minute, outbox.sent_since(connection, sink.name, since), clock)

    def go(self) -> None:
        """Sends what is due now, unless the sink is to be left alone."""
        now = self._clock.now()
        rest = outbox.left_alone_until(self._connection, self.sink.name)
        self._rest = max((one for one in (rest, self._rest) if one is not None), default=None)
        if self._told.problem is not None or (self._rest is not None and self._rest > now):
            return
        if not outbox.due(self._connection, self.sink.name, now, 0, 1):
            return  # a sink is not opened for nothing: its variables need not be set
        opened = sink_problem(self.sink, self._environment) or self._opener(
            self.sink, self._root, self._environment, self._clock.now
        )
        if isinstance(opened, Problem):
            self._told = replace(self._told, problem=opened)
            return
        with closing(opened):
            self._failures = 0
            self._send_due(opened, now)

    def _send_due(self, opened: OpenSink, now: datetime) -> None:
        after = 0
        while queued := outbox.due(self._connection, self.sink.name, now, after, PAGE):
            after = queued[-1].number
            held: set[str | None] = set()
            for parcel in opened.parcels(self._composer.messages(queued, self.sink)):
                if held & {one.account for one in parcel.messages}:
                    continue
                if not self._pace.wait(self._until):
                    self._is_over = True
                    return
                advances = self._send(opened, parcel)
                held |= {one.message.account for one in advances if one.status == "pending"}
                if self._failures and self._rests(opened):
                    return

    def _send(self, opened: OpenSink, parcel: Parcel) -> list[Advance]:
        """One attempt with its receipt; what each message that it carried is now."""
        started = self._clock.now()
        outcome = opened.send(parcel)
        finished = self._clock.now()
        advances = self._advances(parcel, outcome, finished)
        pause = outcome.retry_after if outcome.kind == "retry" else None
        receipt = Receipt(
            *(self.sink.name, started, finished, outcome.kind, outcome.reason),
            http_status=outcome.http_status,
            response_sha256=hashlib.sha256(outcome.response).hexdigest()
            if outcome.http_status is not None
            else None,
            response=self._excerpt(outcome.response),
            not_before=None if pause is None else finished + pause,
        )
        with transaction(self._connection):
            outbox.record(self._connection, receipt, advances)
        self._tell(outcome, advances)
        if pause is not None:
            self._rest = finished + pause
        return advances

    def _advances(self, parcel: Parcel, outcome: Outcome, moment: datetime) -> list[Advance]:
        if outcome.kind != "retry":
            status = "delivered" if outcome.kind == "delivered" else "dead"
            return [Advance(one.queued, status) for one in parcel.messages]
        # What was sent together is tried again together.
        attempts = 1 + max(one.queued.attempts for one in parcel.messages)
        pause = wait_after(attempts, parcel.messages[0].key)
        pause = max(pause, outcome.retry_after or timedelta())
        return [
            Advance(one.queued, "dead")
            if one.queued.attempts + 1 >= self.sink.attempts
            else Advance(one.queued, "pending", moment + pause)
            for one in parcel.messages
        ]

    def _excerpt(self, response: bytes) -> str | None:
        """The beginning of an answer, unless it may repeat what no receipt may keep."""
        if not response or self.sink.reader == "personal":
            return None
        return response.decode(errors="replace").replace("\0", "")[:EXCERPT]

    def _tell(self, outcome: Outcome, advances: list[Advance]) -> None:
        arrived = outcome.kind == "delivered"
        self._failures = 0 if arrived else self._failures + 1
        told = self._told
        self._told = replace(
            told,
            delivered=told.delivered + len(advances) * arrived,
            failed=told.failed + len(advances) * (not arrived),
            died=told.died + sum(one.status == "dead" for one in advances),
            reason=told.reason if arrived else outcome.reason,
        )

    def _rests(self, opened: OpenSink) -> bool:
        """Whether the round ends here, after an attempt that failed."""
        now = self._clock.now()
        if self._failures >= opened.patience:
            self._rest = max(self._rest or now, now + FIRST_WAIT)
            return True
        if self._rest is None or self._rest <= now:
            return False
        pause = self._rest - now
        if pause > _SHORT_WAIT or (self._until is not None and self._rest > self._until):
            return True
        self._clock.sleep(pause.total_seconds())
        return False

    def next_moment(self) -> datetime | None:
        """When the next round makes sense; None if it never does."""
        left = outbox.waiting(self._connection, self._clock.now()).get(self.sink.name)
        if left is None or not left.pending or self._told.problem or self._is_over:
            return None
        now = self._clock.now()
        return max(self._rest or now, left.next_attempt_at or now)

    def report(self, left: outbox.Waiting) -> SinkReport:
        moments = [one for one in (self._rest, left.next_attempt_at) if one is not None]
        return replace(
            self._told,
            pending=left.pending,
            dead=left.dead,
            next_attempt_at=max(moments) if left.pending and left.next_attempt_at else None,
        )
