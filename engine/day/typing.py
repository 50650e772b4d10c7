"""An event as it was sent → one whose values have the types of facts.yaml, or why it has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from engine.day.cells import CellError, CellRules, typed_cell
from engine.day.events import Event, Rejected, TypedEvent
from engine.errors import Problem
from engine.executors.protocol import Row, Value
from engine.executors.values import day_of
from engine.facts.catalog import RECORD_ID, Catalog, MappedColumn, SourceTable
from engine.model import Policy
from engine.nearest import did_you_mean
from engine.plan.classes import ACCOUNTS, Given, given_classes
from engine.plan.steps import Plan
from engine.plan.wanted import wanted_columns
from engine.recall import KeptNight


class _RefusedError(Exception):
    """An event that cannot be taken."""

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.problem = Problem(code, message, hint=hint)


@dataclass(frozen=True)
class EventTypes:
    """What the catalog of a night admits in events.

    `wanted` are the columns of each table that the plan reads, `classes` who may read what
    people have named; `night` is the date of the last night and `zone` the workspace's.
    """

    catalog: Catalog
    wanted: Mapping[str, frozenset[str]]
    classes: Given
    rules: CellRules
    night: date
    _names: dict[str, dict[str, MappedColumn]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, night: KeptNight) -> EventTypes:
        """What the last night's catalog and plan admit."""
        zone = ZoneInfo(night.workspace.timezone)
        return event_types(night.catalog, night.plan, night.policies, zone, night.run.as_of)

    # --- events --------------------------------------------------------------------------

    def typed(self, event: Event, day: date, now: datetime) -> TypedEvent | Rejected:
        """The event with typed values. `day` is the day that it is answered as of; `now`, which
        is aware, is when it happened if it does not say so."""
        try:
            at = self._moment(event, day, now)
            if event.type == "account":
                return self._account(event, at)
            return self._record(event, at, day)
        except _RefusedError as error:
            return Rejected(error.problem, event.id, event.line)

    def _moment(self, event: Event, day: date, now: datetime) -> datetime:
        at = event.at or now
        if at.astimezone(self.rules.zone).date() > day:
            raise _RefusedError(
                "event-from-the-future",
                f"the event happened at {at.isoformat()}, which is after {day}",
                "`at` has an offset from UTC; books with `as_of:` in kam.yaml end on that day",
            )
        return at

    def _account(self, event: Event, at: datetime) -> TypedEvent:
        table = self.catalog.accounts
        if at.astimezone(self.rules.zone).date() < self.night:
            raise _RefusedError(
                "event-before-night",
                f"the account's facts are known as of {self.night}, and the event is of "
                f"{at.astimezone(self.rules.zone).date()}",
                "send what is true now; a record may be older than the night",
            )
        values, left_out = self._values(event, table)
        key = table.key
        if key is not None and key.column.name in values:
            self._require_account(event, values.pop(key.column.name), key)
        if not values and not left_out:
            raise _RefusedError("event-missing-column", "the event changes no fact of the account")
        return TypedEvent(event, at, values, None, left_out)

    def _record(self, event: Event, at: datetime, day: date) -> TypedEvent:
        table = self.catalog.records.get(event.record or "")
        if table is None:
            raise self._unknown_record(event.record or "")
        values, left_out = self._values(event, table)
        account, key = table.account, table.key
        if account is not None and account.column.name in values:
            named = values[account.column.name]
            self._require_account(event, named, account)
            if account.column.name not in table.columns:
                del values[account.column.name]
        self._require(table, values)
        self._require_past(table, values, day)
        number: Value = None
        if key is not None:
            number = str(values[key.column.name])
            if key.column.name not in table.columns:
                del values[key.column.name]
        return TypedEvent(event, at, values, number, left_out)

    # --- values --------------------------------------------------------------------------

    def _values(self, event: Event, table: SourceTable) -> tuple[dict[str, Value], tuple[str, ...]]:
        """The typed values by column, and the columns that are left out."""
        known = self._columns(table)
        for name in event.values:
            if name not in known:
                raise self._unknown_column(name, table, known)
        values: dict[str, Value] = {}
        left_out = []
        for name, said in event.values.items():
            if self._is_personal(table, known[name]):
                left_out.append(name)
                continue
            one = known[name]
            try:
                values[name] = typed_cell(said, one.column, one.format, self.rules)
            except CellError as error:
                raise _RefusedError(
                    "event-wrong-type",
                    f"'{name}' of {table.name} {error}",
                    f"{table.name}.{name} is of type {one.column.type}: {one.column.location}",
                ) from error
        return values, tuple(left_out)

    def _columns(self, table: SourceTable) -> dict[str, MappedColumn]:
        if table.name not in self._names:
            self._names[table.name] = {one.column.name: one for one in table.mapped()}
        return self._names[table.name]

    def _is_personal(self, table: SourceTable, one: MappedColumn) -> bool:
        """Whether the column is left out. Raises for one that a policy reads."""
        name = one.column.name
        said = self.classes.get((table.name, name), one.column.classification)
        if "personal" not in (said, one.column.classification):
            return False
        if name in self.wanted.get(table.name, ()) or one == table.key:
            raise _RefusedError(
                "event-personal",
                f"'{name}' of {table.name} is of class personal, and is not taken from events",
                "send the event without it; the next night reads it from its source",
            )
        return True

    def _require_account(self, event: Event, named: Value, one: MappedColumn) -> None:
        if str(named) != event.account:
            raise _RefusedError(
                "event-wrong-type",
                f"'{one.column.name}' names the account '{named}', and the event is about "
                f"'{event.account}'",
                f"leave '{one.column.name}' out: `account` says whose it is",
            )

    def _require(self, table: SourceTable, values: Row) -> None:
        """A record has its key and its time."""
        needed = [] if table.key is None else [table.key.column.name]
        needed += [] if table.time is None else [table.time]
        missing = [name for name in needed if values.get(name) is None]
        if missing:
            what = " and ".join(f"'{name}'" for name in dict.fromkeys(missing))
            raise _RefusedError(
                "event-missing-column",
                f"a record of {table.name} needs {what}",
                f"facts.yaml names its key and its time: {table.location}",
            )

    def _require_past(self, table: SourceTable, values: Row, day: date) -> None:
        moment = None if table.time is None else values[table.time]
        if isinstance(moment, date) and day_of(moment) > day:
            raise _RefusedError(
                "event-from-the-future",
                f"'{table.time}' of {table.name} is {moment}, which is after {day}",
                "send it on that day; books with `as_of:` in kam.yaml end on it",
            )

    # --- what is not known ---------------------------------------------------------------

    def _unknown_record(self, name: str) -> _RefusedError:
        near = _near(name, self.catalog.records)
        hint = near or f"there are: {', '.join(sorted(self.catalog.records))}"
        message = f"facts.yaml has no record table '{name[:60]}'"
        return _RefusedError("event-unknown-record", message, hint)

    def _unknown_column(
        self, name: str, table: SourceTable, known: Mapping[str, MappedColumn]
    ) -> _RefusedError:
        hint = _near(name, known)
        if hint is None:
            written = [one for one, column in known.items() if column.source_name == name]
            hint = f"it is called '{written[0]}' here" if written else None
        hint = hint or f"facts.yaml says what {table.name} have: {table.location}"
        message = f"{table.name} have no column '{name[:60]}'"
        return _RefusedError("event-unknown-column", message, hint)


def event_types(
    catalog: Catalog, plan: Plan, policies: tuple[Policy, ...], zone: ZoneInfo, night: date
) -> EventTypes:
    """What a catalog admits under a plan; `night` is the date of the last night."""
    wanted = {
        name: frozenset(columns) - {RECORD_ID}
        for name, columns in wanted_columns(plan, catalog).items()
    }
    classes = given_classes(policies, catalog.vocabulary)
    assert ACCOUNTS in wanted
    return EventTypes(catalog, wanted, classes, CellRules(plan.precision, zone), night)


def _near(name: str, known: Mapping[str, object]) -> str | None:
    return did_you_mean(name, sorted(known))
