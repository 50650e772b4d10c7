"""An event and an account → the account as it is with the event.

What is in the way of an event is told beside it (`before`): the night that follows takes the
event's word while the source still says that, and the source's once it says something else
(`engine.facts.day_records`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from engine.day.events import TypedEvent
from engine.day.kept import KeptAccount, with_table
from engine.executors.protocol import Row
from engine.facts.catalog import RECORD_ID, Catalog
from engine.facts.day_records import as_record, find_record, same_record
from engine.facts.json_values import row_text, typed_row
from engine.plan.wanted import record_tables, wanted_columns
from engine.recall import KeptNight

IsCarried = Callable[[str, Row], bool]
"""Of a record table and one of its rows."""


@dataclass(frozen=True)
class DayTables:
    """The record tables that the plan reads → the columns that it reads, the key of the record
    with them, and those of class personal, which no event gives."""

    columns: Mapping[str, tuple[str, ...]]
    personal: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, night: KeptNight) -> DayTables:
        wanted = wanted_columns(night.plan, night.catalog)
        personal = record_tables(night.plan, night.catalog, night.policies)
        columns = {name: tuple(sorted(wanted[name])) for name in personal}
        return cls(columns, personal)


@dataclass(frozen=True)
class DayEvent:
    """What counts of an event when it is merged: its typed values by column, and the key of its
    record as a text. `record` is None for changed facts."""

    record: str | None
    key: str | None
    given: Row


@dataclass(frozen=True)
class DayAccount:
    """An account with events of the day laid over it.

    `kept` is what the night had. `touched` are the record tables that the events have changed,
    `facts` the columns of the account. `before` is what stood in the place of the last event,
    by the columns that are read and not personal; None if nothing did.
    """

    kept: KeptAccount
    account: KeptAccount
    touched: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()
    before: Row | None = None
    is_carried: IsCarried = field(default=lambda table, row: False, compare=False)

    @classmethod
    def of(cls, kept: KeptAccount, is_carried: IsCarried | None = None) -> DayAccount:
        """The account before any event. `is_carried` says of a record without a key that the
        night has whether it has it from an event alone."""
        return cls(kept, kept) if is_carried is None else cls(kept, kept, is_carried=is_carried)

    def with_event(self, event: DayEvent, tables: DayTables) -> DayAccount:
        """With one more event; one that says nothing new changes nothing."""
        if event.record is None:
            return self._with_facts(event.given)
        if event.record not in tables.columns:  # no policy reads it
            return replace(self, before=None)
        return self._with_record(event.record, event, tables)

    def _with_facts(self, given: Row) -> DayAccount:
        """Columns that no policy reads are not among the facts, and change nothing."""
        facts = self.account.facts
        read = {name: value for name, value in given.items() if name in facts}
        before = {name: facts[name] for name in read}
        changed = {name for name, value in read.items() if before[name] != value}
        account = replace(self.account, facts={**facts, **read}) if changed else self.account
        return replace(self, account=account, facts=self.facts | changed, before=before)

    def _with_record(self, table: str, event: DayEvent, tables: DayTables) -> DayAccount:
        columns, personal = tables.columns[table], tables.personal[table]
        rows = self.account.records.get(table, ())
        place = find_record(rows, event.key)
        current = None if place is None else rows[place]
        row = as_record(event.given, event.key, columns, personal, current)
        before = None
        if current is not None:
            before = {one: current.get(one) for one in columns if one not in personal}
        if self._is_known(table, row, current, columns):
            return replace(self, before=before)
        others = [one for number, one in enumerate(rows) if number != place]
        records = with_table(self.account.records, table, (*others, row))
        account = replace(self.account, records=records)
        return replace(self, account=account, touched=self.touched | {table}, before=before)

    def _is_known(
        self, table: str, row: Row, current: Row | None, columns: tuple[str, ...]
    ) -> bool:
        """Whether the record is there already; without a key, as the night had it from its source:
        of events each says something of its own."""
        if current is not None:
            return same_record(row, current, columns)
        if row.get(RECORD_ID) is not None:
            return False
        kept = self.kept.records.get(table, ())
        is_there = any(same_record(row, one, columns) for one in kept)
        return is_there and not self.is_carried(table, row)


def event_of(event: TypedEvent) -> DayEvent:
    """What counts of an event that has just come."""
    key = None if event.key is None else str(event.key)
    return DayEvent(event.event.record, key, event.values)


def stored_event(catalog: Catalog, record: str | None, key: str | None, given: str) -> DayEvent:
    """What counts of an event of the store, whose values are the JSON of `given_json`.

    Raises ValueError if it is not of the types of the catalog.
    """
    table = catalog.accounts if record is None else catalog.records[record]
    return DayEvent(record, key, typed_row(table, json.loads(given)))


def given_json(event: TypedEvent) -> str:
    """The values of an event as the store keeps them."""
    return row_text(event.values)


def before_json(before: Row | None) -> str | None:
    """What stood in the place of an event as the store keeps it."""
    return None if before is None else row_text(before)
