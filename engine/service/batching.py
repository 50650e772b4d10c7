"""Answers events in batches: those that wait while a transaction runs are in the next one.

A transaction costs one flush of the disk however many events it holds, so under load many share
it, and a lone event waits for nobody. One thread calls `Desk.answer`, in the order in which
the events came.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from engine.day.events import Answer, Event, Rejected
from engine.errors import KamError, problem
from engine.service.desk import Desk

BATCH = 200
"""Events of one transaction, unless a single request has more."""

MOST_WAITING = 5_000
"""Events that may wait at once. More are refused: their senders would wait too long."""

HOUSEKEEPING_SECONDS = 5.0
"""How often the desk looks for a newer night and takes what was queued."""

Given = Event | Rejected
Answered = Answer | Rejected

_log = logging.getLogger("kam.service")


@dataclass(frozen=True)
class _Submission:
    events: Sequence[Given]
    future: Future[list[Answered]] = field(default_factory=Future)


class Batcher:
    """The thread that answers. `on_batch` is told how many events each transaction had."""

    def __init__(self, desk: Desk, on_batch: Callable[[int], None] = lambda count: None) -> None:
        self._desk = desk
        self._on_batch = on_batch
        self._queue: queue.Queue[_Submission | None] = queue.Queue()
        self._lock = threading.Lock()
        self._waiting = 0
        self._is_closed = False
        self._kept_house_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="kam-answers", daemon=True)

    @property
    def waiting(self) -> int:
        """Events that have no answer yet."""
        return self._waiting

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def submit(self, events: Sequence[Given]) -> Future[list[Answered]]:
        """The answers will be in the future. Raises `KamError`: ``overloaded``, ``stopping``."""
        with self._lock:
            if self._is_closed:
                raise problem("stopping", "the service is stopping")
            if self._waiting + len(events) > MOST_WAITING:
                raise problem("overloaded", f"{self._waiting:,} events are waiting")
            self._waiting += len(events)
            submission = _Submission(events)
            self._queue.put(submission)
        return submission.future

    def close(self) -> None:
        """Answers what has been submitted, takes no more, and ends the thread."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                self._queue.put(None)
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = self._next()
            if batch:
                self._answer(batch)
            if time.monotonic() - self._kept_house_at >= HOUSEKEEPING_SECONDS:
                self._keep_house()

    def _next(self) -> tuple[list[_Submission], bool]:
        """What is answered together, and whether more may come."""
        try:
            first = self._queue.get(timeout=HOUSEKEEPING_SECONDS)
        except queue.Empty:
            return [], True
        batch: list[_Submission] = []
        following: _Submission | None = first
        while following is not None:
            batch.append(following)
            if sum(len(one.events) for one in batch) >= BATCH:
                return batch, True
            try:
                following = self._queue.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _answer(self, batch: Sequence[_Submission]) -> None:
        """Never raises: what goes wrong is the outcome of the submissions."""
        events = [event for one in batch for event in one.events]
        try:
            answers = list(self._desk.answer(events))
            if len(answers) != len(events):
                raise RuntimeError(f"{len(answers)} answers for {len(events)} events")
        except Exception as error:  # noqa: BLE001 - it is the outcome of the submission
            if len(batch) > 1:  # one of them may be at fault, and the others shall not suffer
                _log.warning("batch-failed", extra={"fields": {"events": len(events)}})
                for one in batch:
                    self._answer([one])
                return
            if not isinstance(error, KamError):
                _log.exception("defect")
            self._settle(batch[0], error)
            return
        self._on_batch(len(events))
        start = 0
        for one in batch:
            self._settle(one, answers[start : start + len(one.events)])
            start += len(one.events)

    def _settle(self, submission: _Submission, outcome: list[Answered] | Exception) -> None:
        with self._lock:
            self._waiting -= len(submission.events)
        if not submission.future.set_running_or_notify_cancel():
            return  # whoever asked has gone; the event is taken all the same
        if isinstance(outcome, Exception):
            submission.future.set_exception(outcome)
        else:
            submission.future.set_result(outcome)

    def _keep_house(self) -> None:
        self._kept_house_at = time.monotonic()
        try:
            self._desk.refresh()
            if drained := self._desk.drain():
                rejected = [one.problem.code for one in drained if isinstance(one, Rejected)]
                fields = {"events": len(drained), "rejected": rejected}
                _log.info("drained", extra={"fields": fields})
        except KamError as error:
            _log.warning("desk", extra={"fields": {"problem": str(error)}})
        except Exception:  # noqa: BLE001 - it is in the log, and the thread goes on
            _log.exception("defect")
