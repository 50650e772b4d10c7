"""Everything that the events of one day are decided with: the last night, its plan, its accounts.

Made once for a night and a date, which takes a moment; after that an event costs milliseconds.
Not for several threads at once.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.audit.events.log import EventLog
from engine.audit.events.queries import (
    EventDecision,
    ToldAccounts,
    carried_records,
    events_since,
    last_fact_at,
    latest_decisions,
)
from engine.audit.events.records import EventRecord
from engine.audit.events.rows import action_rows, log_rows
from engine.audit.personal.salts import salt_of
from engine.audit.policy_records import policy_record
from engine.audit.records import ActionRow, LogRow, PolicyRecord, RuleKey
from engine.audit.store import Run, Store
from engine.day.answering import Answering, Note, note
from engine.day.events import Event, Rejected, TypedEvent
from engine.day.index import IndexedAccounts
from engine.day.judging import Judging
from engine.day.kept import AccountSource, KeptAccount
from engine.day.measuring import DayMeasured, DayMeasures
from engine.day.merging import (
    DayAccount,
    DayTables,
    event_of,
    stored_event,
)
from engine.day.reading import NightAccounts
from engine.day.standings import (
    content_of,
    standing_after,
    standing_of_event,
)
from engine.day.typing import EventTypes
from engine.errors import Problem, problem
from engine.executors.protocol import Row
from engine.executors.rete_matching import Before
from engine.executors.single import Verdict
from engine.facts.day_records import as_record, same_record
from engine.guards import way_back
from engine.language.load import load_workspace
from engine.lifecycle.account.advance import Machines
from engine.lifecycle.account.judging import Judge
from engine.lifecycle.account.state import AccountDay, AccountDecided, Standing
from engine.lifecycle.inputs import NightInputs
from engine.plan.columns import token_column
from engine.plan.wanted import has_owners
from engine.recall import KeptNight, kept_night

ACCOUNTS_HELD = 5_000
"""Accounts that are held with their events; those that were asked for longest ago go first."""


@dataclass(frozen=True)
class AccountState:
    """An account now: with the events since the night, and with how it stood.

    `previous` is what the day starts from, `recorded` what the log has said last. `told_at` are
    the facts of events that may not be in the store yet, and when each happened.
    """

    account: DayAccount
    previous: Standing | None
    recorded: Standing
    told_at: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """An event that has been decided and is not recorded yet."""

    event: TypedEvent
    account: str
    state: AccountState
    """As the event leaves it."""
    record: EventRecord
    """Its answer has no run yet."""
    content: Mapping[str, Any]
    decided: AccountDecided

    def answered(self, run_id: str) -> EventRecord:
        """The event with its answer, now that its run has an id."""
        return replace(self.record, answer={**self.record.answer, "run": run_id})


class WorkingDay:
    """One date after one night. Raises `KamError`: files of the night that are gone or changed,
    ``day-before-night``."""

    def __init__(
        self,
        path: Path,
        store: Store,
        run: Run,
        day: date,
        log: EventLog,
        judge: Judging,
        source: AccountSource | None = None,
    ) -> None:
        if day < run.as_of:
            raise problem(
                "day-before-night",
                f"today is {day}, and the last night is of {run.as_of}",
                hint=way_back(load_workspace(path), run.as_of)
                or "check the clock and `timezone:`; or take `as_of:` out of kam.yaml",
            )
        self.day = day
        self.run = run
        self.store = store
        self.log = log
        self.judge = judge
        self.night: KeptNight = kept_night(path, store, run)
        self.before = store.last_run_before(run.as_of)
        self.source = source or NightAccounts(self.night, self.before)
        self.tables = DayTables.of(self.night)
        self.types = EventTypes.of(self.night)
        self.measures = DayMeasures(self.night, day)
        self.plan = self.measures.plan
        self.machines = Machines(self.plan, self.night.calendar, self._inputs())
        self.policies: tuple[PolicyRecord, ...] = tuple(
            policy_record(policy, self.plan, pack)
            for policy, pack in zip(self.night.policies, self.plan.packs, strict=True)
        )
        self.answering = Answering(self.policies)
        self._states: OrderedDict[str, AccountState] = OrderedDict()
        self._told = ToldAccounts(self._connection, self._first_told())

    @classmethod
    def indexed(cls, path: Path, store: Store, run: Run) -> AccountSource:
        """All accounts of a night at hand; some seconds for 100,000."""
        return IndexedAccounts(kept_night(path, store, run), store.last_run_before(run.as_of))

    def warm_up(self) -> None:
        """Compiles the rules, which the first event would wait for."""
        nobody: Row = {"account_no": 0, "account_id": ""}
        self.judge(self.plan, nobody, self.measures.statistics, {}, None)

    def close(self) -> None:
        self.source.close()

    @property
    def is_night(self) -> bool:
        """Whether the day is the night's own: its events are a night that is run again."""
        return self.day == self.run.as_of

    def _inputs(self) -> NightInputs:
        """What people had said when the night was run; what they say since, the next one hears."""
        workspace, last = self.night.workspace, self.run.last_mark
        return NightInputs(
            timezone=workspace.timezone,
            overrides=self.night.overrides,
            marks=tuple(one for one in self.store.warning_marks() if one.mark_no <= last),
            people=workspace.people,
            has_owners=has_owners(self.night.catalog),
        )

    # --- accounts ------------------------------------------------------------------------

    def load(self, accounts: Sequence[str]) -> None:
        """Reads accounts that `state` is going to be asked for, all at once."""
        wanted = [one for one in dict.fromkeys(accounts) if one not in self._states]
        if not wanted:
            return
        self._told.catch_up()
        for account, kept in self.source.read(wanted).items():
            self.hold(account, self._state(account, kept))

    def state(self, account: str) -> AccountState | None:
        """The account with its events; None if the night knows none, or has forgotten it."""
        if account not in self._states:
            self.load([account])
        return self._states.get(account)

    def why_not(self, account: str) -> Problem:
        """Why `state` has no such account."""
        return self.source.why_not(account)

    def hold(self, account: str, state: AccountState) -> None:
        """From now on the account is as `state` says."""
        self._states[account] = state
        self._states.move_to_end(account)
        while len(self._states) > ACCOUNTS_HELD:
            self._states.popitem(last=False)

    def forget(self) -> None:
        """What is held may not have been recorded: read it again."""
        self._states.clear()

    def _first_told(self) -> int:
        """The last run of which no event counts any more for how an account stands."""
        earlier = self.before if self.is_night else self.run
        return 0 if earlier is None else min(earlier.run_no, self.run.run_no)

    def _state(self, account: str, kept: KeptAccount) -> AccountState:
        merged = DayAccount.of(kept, partial(self._is_carried, account))
        if account not in self._told:
            return self._untold(merged)
        for one in events_since(self._connection, account, self.run.run_no):
            event = stored_event(self.night.catalog, one.record, one.key, one.given)
            merged = merged.with_event(event, self.tables)
        now = kept.now
        last = self._decided(account, self.run.run_no)
        recorded = now if last is None else standing_of_event(last.as_of, last.content)
        return AccountState(merged, self._previous(account, kept, now), recorded)

    def _is_carried(self, account: str, table: str, row: Row) -> bool:
        """Whether the night has a record without a key from an event, and from no source."""
        night, columns = self.run, self.tables.columns[table]
        for given in carried_records(self._connection, account, table, night.run_no, night.as_of):
            event = stored_event(self.night.catalog, table, None, given)
            if same_record(as_record(event.given, None, columns), row, columns):
                return True
        return False

    def _untold(self, account: DayAccount) -> AccountState:
        """An account that no event has been about."""
        kept = account.kept
        if not self.is_night:
            return AccountState(account, kept.now, kept.now)
        previous = None if self.before is None else kept.previous
        return AccountState(account, previous, kept.now)

    def _previous(self, account: str, kept: KeptAccount, now: Standing) -> Standing | None:
        if self.is_night:
            if self.before is None or kept.previous is None:
                return None
            start, after = kept.previous, self.before.run_no
        else:
            start, after = now, self.run.run_no
        last = self._decided(account, after, self.day)
        return start if last is None else standing_of_event(last.as_of, last.content)

    def _decided(
        self, account: str, after_run: int, before: date | None = None
    ) -> EventDecision | None:
        found = latest_decisions(self._connection, [account], after_run=after_run, before=before)
        return found.get(account)

    @property
    def _connection(self) -> sqlite3.Connection:
        return self.store.connection

    # --- events --------------------------------------------------------------------------

    def typed(self, event: Event, now: datetime) -> TypedEvent | Rejected:
        """The event as it can be taken, or why it cannot."""
        found = self.types.typed(event, self.day, now)
        if isinstance(found, Rejected):
            return found
        state = self.state(event.account)
        if state is None:
            return Rejected(self.why_not(event.account), event.id, event.line)
        if state.account.kept.is_forgotten:
            return Rejected(_forgotten(event.account), event.id, event.line)
        overtaken = self._overtaken(found, state)
        return found if overtaken is None else Rejected(overtaken, event.id, event.line)

    def _overtaken(self, event: TypedEvent, state: AccountState) -> Problem | None:
        """A fact of the account that a later one has replaced already."""
        if event.event.type != "account":
            return None
        for column in event.values:
            stored = last_fact_at(self._connection, event.event.account, column)
            kept = None if stored is None else datetime.fromisoformat(stored)
            last = state.told_at.get(column, kept)
            if last is not None and last > event.at:
                zone = ZoneInfo(self.night.workspace.timezone)
                return Problem(
                    "event-superseded",
                    f"'{column}' was told for {last.astimezone(zone).isoformat()} already, and "
                    f"this event is of {event.at.astimezone(zone).isoformat()}",
                    hint="nothing needs to be done: the later value stands",
                )
        return None

    def measured(self, account: str, state: DayAccount) -> DayMeasured:
        """What is known of an account."""
        return self.measures.measure(state, lambda: salt_of(self._connection, account))

    def take(self, event: TypedEvent, known: frozenset[str] = frozenset()) -> Taken:
        """Decides about the account of an event that `typed` has passed.

        `known` are actions that events before it, which are not recorded yet, have called for.
        """
        account = event.event.account
        state = self.state(account)
        assert state is not None
        merged = state.account.with_event(event_of(event), self.tables)
        measured = self.measured(account, merged)
        decided = self.machines.advance(
            self._account_day(merged, measured, state), self._judge(merged, measured)
        )
        ids = [one["action_id"] for one in decided.actions]
        asked = known | self.store.known_actions(ids) if ids else known
        new = [one for one in decided.actions if one["action_id"] not in asked]
        answer = self.answering.document(
            event.event.id, account, self.day, decided, state.recorded, new, self._notes(event)
        )
        return Taken(
            event,
            account,
            AccountState(
                merged,
                state.previous,
                standing_after(self.day, decided),
                {**state.told_at, **_told_at(event)},
            ),
            EventRecord(
                event_id=event.event.id,
                account=account,
                type=event.event.type,
                at=event.at,
                day=self.day,
                content=content_without(event.event, event.left_out),
                given=event.values,
                answer=answer,
                record=event.event.record,
                key=None if event.key is None else str(event.key),
                before=merged.before,
            ),
            content_of(self.measures.sealed, measured.facts, decided),
            decided,
        )

    # --- rows of a run -------------------------------------------------------------------

    @cached_property
    def _numbers(self) -> dict[RuleKey, int]:
        """Asked for under the lock: a new date may give rules new thresholds."""
        return self.log.rule_numbers(self.policies)

    def log_rows(self, taken: Sequence[Taken]) -> list[LogRow]:
        """The lines of a run that took these events. Call it under the lock of the store."""
        return log_rows(
            [vars(change) for one in taken for change in one.decided.changes], self._numbers
        )

    def action_rows(self, taken: Sequence[Taken]) -> list[ActionRow]:
        """The actions of a run that took these events. Call it under the lock of the store."""
        names = {
            (one.account, row["pack"]): row["name"]
            for one in taken
            for row in one.decided.decisions
        }
        emitted = [action for one in taken for action in one.decided.actions]
        return action_rows(emitted, self._numbers, names)

    # --- what the machines are given -----------------------------------------------------

    def _account_day(
        self, merged: DayAccount, measured: DayMeasured, state: AccountState
    ) -> AccountDay:
        facts = measured.facts
        name = facts.get(token_column("name")) or facts.get("name")
        at_night = None if self.before is None else self.before.as_of
        return AccountDay(
            account_no=merged.kept.account_no,
            account_id=merged.kept.account_id,
            name=name if isinstance(name, str) else None,
            as_of=self.day,
            previous_night=at_night if self.is_night else self.run.as_of,
            takes_reviews=self.is_night,
            facts=facts,
            statistics=self.measures.statistics,
            obligations=measured.obligations,
            owners=measured.owners,
            previous=state.previous,
            recorded=state.recorded,
        )

    def _judge(self, merged: DayAccount, measured: DayMeasured) -> Judge:
        """Rules that read nothing that has moved since the night need no matching."""
        before = None
        if measured.moved is not None:
            decided = merged.kept.now.decisions
            before = Before(measured.moved, {pack: row["tier"] for pack, row in decided.items()})

        def judge(tiers: Mapping[str, str]) -> Mapping[str, Verdict]:
            return self.judge(self.plan, measured.facts, self.measures.statistics, tiers, before)

        return judge

    def _notes(self, event: TypedEvent) -> list[Note]:
        found = []
        if event.left_out:
            what = ", ".join(event.left_out)
            found.append(note("event-left-out", f"of class personal, and not kept: {what}"))
        record = event.event.record
        if record is not None and record not in self.tables.columns:
            found.append(note("event-unread", f"no policy reads the records '{record}'"))
        if not self.is_night:
            found.append(
                note("event-after-night", f"the last night is of {self.run.as_of}: reviews wait")
            )
        return found


def content_without(event: Event, left_out: Sequence[str]) -> dict[str, Any]:
    """The event as it is kept: without the values that are left out, which it names."""
    content = event.content()
    if left_out:
        values = {name: one for name, one in event.values.items() if name not in left_out}
        content |= {"values": values, "left_out": sorted(left_out)}
    return content


def _told_at(event: TypedEvent) -> Mapping[str, datetime]:
    return dict.fromkeys(event.values, event.at) if event.event.type == "account" else {}


def _forgotten(account: str) -> Problem:
    return Problem(
        "event-account-forgotten",
        f"the account '{account}' has been forgotten since the last night",
        hint="what its sources still say of it is decided by the next night: kam run",
    )
