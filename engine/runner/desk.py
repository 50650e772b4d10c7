"""The desk of the working day: takes events, decides them, and records them at once.

What it is asked from several threads it does on one of its own, because a connection of SQLite
belongs to a thread and an account has one state.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from engine import __version__
from engine.audit.events import inbox
from engine.audit.events.log import EventLog
from engine.audit.events.queries import first_answer
from engine.audit.events.records import EventRun
from engine.audit.lock import BUSY
from engine.audit.personal.forgetting import last_forgetting
from engine.audit.store import Run, Store, open_store
from engine.day.events import Answer, Event, Rejected, TypedEvent
from engine.day.judging import judging
from engine.day.reading_events import event_of
from engine.errors import KamError, Problem, problem
from engine.language.load import load_workspace
from engine.model import Classification
from engine.runner import signer_of
from engine.runner.account_view import AccountStands, account_stands
from engine.runner.report import Progress
from engine.runner.working_day import Taken, WorkingDay, content_without

POLL = 0.05
"""Seconds between two attempts to have the store."""

_LAST_MINUTE = clock_time(23, 59)

Result = TypeVar("Result")


class EventDesk:
    """One workspace that answers events; a context manager, for any number of threads.

    `wait` is how many seconds to wait for the store while a run holds it; `indexed` holds every
    account at hand, for a service. Raises `KamError`: no night yet, a night whose files are
    gone, and whatever a method says.
    """

    def __init__(
        self,
        path: Path,
        *,
        wait: float = 10.0,
        indexed: bool = False,
        progress: Progress = lambda step: None,
    ) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kam-desk")
        try:
            self._desk = self._do(lambda: _Desk(path, wait, indexed, progress))
        except BaseException:
            self._thread.shutdown()
            raise

    def __enter__(self) -> EventDesk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Finishes what is running."""
        self._do(self._desk.close)
        self._thread.shutdown()

    @property
    def night(self) -> str:
        """The run that it works on."""
        return self._desk.night

    @property
    def notes(self) -> tuple[Problem, ...]:
        """What the user should know of how events are decided here."""
        return self._desk.notes

    def answer(self, events: Sequence[Event | Rejected]) -> list[Answer | Rejected]:
        """Takes events in one transaction; an answer for each, in their order.

        While a run holds the store they are queued, which loses nothing. One that is
        `Rejected` already is passed on.
        """
        return self._do(lambda: self._desk.answer(events))

    def evaluate(self, event: Event) -> Answer | Rejected:
        """What the event would change; nothing is stored."""
        return self._do(lambda: self._desk.evaluate(event))

    def account(self, account: str, level: Classification) -> Mapping[str, Any]:
        """How the account stands, for a reader up to the class. Raises ``unknown-account``."""
        stands = self._do(lambda: self._desk.account(account, level))
        return stands.view()  # it reads files of the night, and holds up no event

    def refresh(self) -> str:
        """Goes on with a newer night or a new day, if there is one; returns the night."""
        return self._do(self._desk.refresh)

    def drain(self) -> list[Answer | Rejected]:
        """Takes the events that were queued while the store was busy."""
        return self._do(self._desk.drain)

    def _do(self, what: Callable[[], Result]) -> Result:
        return self._thread.submit(what).result()


class _Desk:
    """The desk on its own thread."""

    def __init__(self, path: Path, wait: float, indexed: bool, progress: Progress) -> None:
        self.path, self.wait, self.indexed, self.progress = path, wait, indexed, progress
        self.workspace = load_workspace(path)
        self.judge, told = judging()
        self.notes: tuple[Problem, ...] = () if told is None else (told,)
        signer = signer_of(self.workspace)
        with ExitStack() as opened:
            self.store: Store = opened.enter_context(
                open_store(self.workspace.store_folder, create=False)
            )
            origin, sinks = self.workspace.evidence.origin, self.workspace.sinks
            self.log = EventLog(self.store, origin, signer, sinks)
            self._seen = self.store.last_run_no()
            """The last run that the accounts at hand know of."""
            self.day = self._open_day(self._last_night())
            opened.pop_all()

    def close(self) -> None:
        if self.indexed:
            gc.unfreeze()
        self.day.close()
        self.store.close()

    # --- nights and days -----------------------------------------------------------------

    @property
    def night(self) -> str:
        return self.day.run.run_id

    def refresh(self) -> str:
        run, today = self._last_night(), self._today()
        if run.run_no != self.day.run.run_no or self._is_outdated():
            before, self.day = self.day, self._open_day(run)
            before.close()
        elif today != self.day.day:
            self.day = self._with_day(run, today, self.day)
        return self.night

    def _catch_up(self) -> None:
        """Knows what other desks and nights have recorded since."""
        last = self.store.last_run_no()
        if last != self._seen or self._today() != self.day.day or self._is_outdated():
            self.refresh()
        if last != self._seen:
            self.day.forget()
            self._seen = last

    def _last_night(self) -> Run:
        run = self.store.last_run()
        if run is None:
            raise problem("no-run", "the store holds no night yet", hint="run one: kam run")
        return run

    def _today(self) -> date:
        """The day that the workspace's books end on, else today where the company is."""
        zone = ZoneInfo(self.workspace.timezone)
        return self.workspace.as_of or datetime.now(zone).date()

    def _now(self) -> datetime:
        """When an event happened that does not say so: of books that have ended, their end."""
        ended = self.workspace.as_of
        if ended is None:
            return datetime.now(UTC)
        zone = ZoneInfo(self.workspace.timezone)
        return datetime.combine(ended, _LAST_MINUTE, zone)

    def _is_outdated(self) -> bool:
        """Whether somebody was forgotten since the accounts at hand were read."""
        return last_forgetting(self.store.connection) != self._forgotten

    def _open_day(self, run: Run) -> WorkingDay:
        self.progress(f"opening the accounts of {run.run_id}")
        self._forgotten = last_forgetting(self.store.connection)
        day = self._with_day(run, self._today(), None)
        if self.indexed:
            _set_aside_from_collection()
        return day

    def _with_day(self, run: Run, today: date, of_yesterday: WorkingDay | None) -> WorkingDay:
        source = None if of_yesterday is None else of_yesterday.source
        if source is None and self.indexed:
            source = WorkingDay.indexed(self.path, self.store, run)
        day = WorkingDay(self.path, self.store, run, today, self.log, self.judge, source)
        if self.indexed:
            day.warm_up()
        return day

    # --- the store -----------------------------------------------------------------------

    def _hold(self, stack: ExitStack) -> None:
        """The store's lock, until the stack closes. Raises `KamError` ``store-busy``."""
        until = time.monotonic() + self.wait
        while True:
            try:
                stack.enter_context(self.store.lock(briefly=True))
                return
            except KamError as error:
                if error.problems[0].code != BUSY or time.monotonic() >= until:
                    raise
            time.sleep(POLL)

    @contextmanager
    def _held(self) -> Iterator[bool]:
        """Holds the store; False if a run holds it for too long."""
        with ExitStack() as stack:
            try:
                self._hold(stack)
            except KamError as error:
                if error.problems[0].code != BUSY:
                    raise
                yield False
                return
            yield True

    # --- events --------------------------------------------------------------------------

    def answer(self, events: Sequence[Event | Rejected]) -> list[Answer | Rejected]:
        with self._held() as is_ours:
            if is_ours:
                self._catch_up()
                return self._decide(events)
        return self._queue(events)

    def _decide(
        self, events: Sequence[Event | Rejected], at: datetime | None = None
    ) -> list[Answer | Rejected]:
        """All events in one transaction. A run of it has an account once, so that what it
        decides about the account is one thing. `at` is when they came, if not now."""
        self.day.load([one.account for one in events if isinstance(one, Event)])
        found: list[Answer | Rejected] = []
        session = _Session(self.day, self.log)
        try:
            for event in events:
                if isinstance(event, Rejected):
                    found.append(event)
                else:
                    found.append(session.answer(event, at or self._now()))
            self._seen = session.commit() or self._seen
        except BaseException:
            self.day.forget()
            raise
        return found

    def _queue(self, events: Sequence[Event | Rejected]) -> list[Answer | Rejected]:
        """Keeps the events for later; those that can never be taken are rejected at once."""
        found: list[Answer | Rejected] = []
        waiting = []
        for event in events:
            if isinstance(event, Rejected):
                found.append(event)
                continue
            answer = repeated(self.store, event)
            checked = None if answer else self.day.typed(event, self._now())
            if answer or isinstance(checked, Rejected):
                found.append(answer or checked)  # type: ignore[arg-type]
                continue
            waiting.append({"event": event.content(), "came_at": self._now().isoformat()})
            said = {"event": event.id, "account": event.account, "status": "queued", "notes": []}
            found.append(Answer(event.id, said, line=event.line))
        if waiting:
            inbox.put(self.store.path, waiting)
        return found

    def drain(self) -> list[Answer | Rejected]:
        found: list[Answer | Rejected] = []
        if not inbox.waiting(self.store.path):
            return found
        with self._held() as is_ours:
            if not is_ours:
                return found
            self._catch_up()
            for file in inbox.take(self.store.path):
                for line in file.lines:
                    answer = self._decide_waiting(line)
                    if isinstance(answer, Rejected):
                        inbox.set_aside(self.store.path, line, answer.problem.code)
                    found.append(answer)
            inbox.remove_parts(self.store.path)
        return found

    def _decide_waiting(self, line: str) -> Answer | Rejected:
        """An event that kam itself fails over is set aside: those behind it do not wait for the
        version that can decide it. What is wrong with the store or the night is no event's."""
        event, came_at = _waiting(line)
        try:
            (answer,) = self._decide([event], came_at)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            message = f"this is a defect in kam: {type(error).__name__}: {error}"
            hint = "please report it with this message; the event is kept in inbox/refused.log"
            found = Problem("event-undecided", message, hint=hint)
            return Rejected(found, event.id if isinstance(event, Event) else None)
        return answer

    def evaluate(self, event: Event) -> Answer | Rejected:
        self._catch_up()
        typed = self.day.typed(event, self._now())
        if isinstance(typed, Rejected):
            return typed
        return Answer(event.id, self.day.take(typed).record.answer, line=event.line)

    def account(self, account: str, level: Classification) -> AccountStands:
        self._catch_up()
        return account_stands(self.day, account, level)


def _set_aside_from_collection() -> None:
    """A night and its plan stay for a day: looking through them again for garbage is what an event
    now and then would wait for, for a tenth of a second."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


class _Session:
    """The events of one transaction, as they are decided one after the other."""

    def __init__(self, day: WorkingDay, log: EventLog) -> None:
        self._day, self._log, self._started_at = day, log, datetime.now(UTC)
        self._runs: list[list[Taken]] = []
        self._accounts: set[str] = set()
        """Of the last of the runs."""
        self._answers: dict[str, tuple[Mapping[str, Any], Answer]] = {}
        self._known: frozenset[str] = frozenset()
        stem, _, first = log.next_run_id(day.day).rpartition(".e")
        self._stem, self._first = stem, int(first)

    def answer(self, event: Event, now: datetime) -> Answer | Rejected:
        """Decides an event, or finds its first answer."""
        if event.id in self._answers:
            content, first = self._answers[event.id]
            return _again(event, content, first.document)
        if (known := repeated(self._day.store, event)) is not None:
            return known
        typed = self._day.typed(event, now)
        if isinstance(typed, Rejected):
            return typed
        return self._take(typed)

    def _take(self, typed: TypedEvent) -> Answer:
        taken = self._day.take(typed, self._known)
        if not self._runs or taken.account in self._accounts:
            self._runs.append([])
            self._accounts = set()
        self._runs[-1].append(taken)
        self._accounts.add(taken.account)
        self._known |= {one["action_id"] for one in taken.decided.actions}
        self._day.hold(taken.account, taken.state)
        event = typed.event
        document = taken.answered(self._run_id(len(self._runs) - 1)).answer
        answer = Answer(event.id, document, line=event.line)
        self._answers[event.id] = (taken.record.content, answer)
        return answer

    def _run_id(self, place: int) -> str:
        return f"{self._stem}.e{self._first + place}"

    def commit(self) -> int | None:
        """Records every run: all of them or nothing. Returns the number of the last, if any."""
        runs = [self._run(self._run_id(place), one) for place, one in enumerate(self._runs)]
        return self._log.commit(*runs)[-1].run_no if runs else None

    def _run(self, run_id: str, taken: Sequence[Taken]) -> EventRun:
        day = self._day
        return EventRun(
            run_id=run_id,
            as_of=day.day,
            started_at=self._started_at,
            finished_at=datetime.now(UTC),
            engine_version=__version__,
            plan_hash=day.plan.hash,
            night=day.run,
            events=[one.answered(run_id) for one in taken],
            decisions={one.account: one.content for one in taken},
            log_rows=day.log_rows(taken),
            action_rows=day.action_rows(taken),
            ended_causes=[cause for one in taken for cause in one.decided.ended],
        )


def repeated(store: Store, event: Event) -> Answer | Rejected | None:
    """The first answer to an event that has been taken before; None if it is new."""
    found = first_answer(store.connection, event.id)
    return None if found is None else _again(event, *found)


def _again(
    event: Event, content: Mapping[str, Any], document: Mapping[str, Any]
) -> Answer | Rejected:
    """The same event gets the same answer; another one under its id is an error."""
    if content_without(event, content.get("left_out", ())) == content:
        return Answer(event.id, document, is_first=False, line=event.line)
    return Rejected(
        Problem(
            "event-id-reused",
            f"another event has the id '{event.id}'",
            hint="the id says which event it is: give every event its own",
        ),
        event.id,
        event.line,
    )


def _waiting(line: str) -> tuple[Event | Rejected, datetime | None]:
    """An event that has waited, and when it came.

    One that no reader takes any more, or a line that was damaged, is rejected: those behind it
    must not wait for ever.
    """
    try:
        said = json.loads(line)
        return event_of(said["event"]), datetime.fromisoformat(said["came_at"])
    except (ValueError, KeyError, TypeError):
        message = "a line of the inbox of the store is no event that has waited"
        return Rejected(Problem("event-malformed", message)), None
