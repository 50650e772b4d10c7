"""What was told during the day, laid over what the sources say at night.

A record that its source does not have is added. Where both speak of one thing, the event's word
stands while the source says what it said when the event came; once the source says something
else, it has taken over, and that is settled for good: if the source later returns to what it
said at first, that is news of its own.
"""

# ruff: noqa: S608 - engine.facts.sql quotes every name and text

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from engine.facts.catalog import RECORD_ID, Catalog, SourceTable
from engine.facts.json_values import Row, Value, to_json, typed_row
from engine.facts.loading import SourceReport
from engine.facts.quarantine import OF_BAD_ACCOUNT, OF_NO_ACCOUNT
from engine.facts.sql import identifier, literal

SOURCE = "events"
"""The name of the source that the events of the day are, in the reconciliation."""
FILE = "kam.db"
WHOLE = ""
"""In the place of a column: all of a record."""

Stored = tuple[int, str, str, str | None, str | None, str, str | None]
"""An event as the store has it: number, type, account, record table, key, and as JSON what it
gave and what had been there before (None: nothing)."""

Settled = Mapping[int, Collection[str]]
"""Number of an event → its columns that a source has taken over (`WHOLE`: of a record)."""


@dataclass(frozen=True)
class DayRecords:
    """What became of the events. `report` is their row of the reconciliation; of those used
    `stood` have had their say, and `superseded` only what their source says otherwise by now.

    `settled` is what sources have taken over in this night; later nights are to be told.
    """

    report: SourceReport
    stood: int
    superseded: int
    settled: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class _Event:
    number: int
    account: str
    account_no: int
    key: str | None
    given: Row
    before: Row | None
    settled: Collection[str]


@dataclass
class _Outcome:
    """The events that stood, what is settled, and the cells of those that cannot be used."""

    stood: set[int] = field(default_factory=set)
    used: set[int] = field(default_factory=set)
    settled: list[tuple[int, str]] = field(default_factory=list)
    quarantine: list[tuple[int, str, str, str]] = field(default_factory=list)


def merge_day_records(
    connection: duckdb.DuckDBPyConnection,
    catalog: Catalog,
    events: Iterable[Stored],
    personal: Mapping[str, Collection[str]] | None = None,
    settled: Settled | None = None,
) -> DayRecords:
    """Lays `events`, in the order in which they came, over ``accounts`` and ``record_<name>``.

    Call it between `load_facts` and the measures. `personal` are the columns of record tables
    that events cannot give, and keep; `settled` is what earlier nights have said is settled.
    Events that cannot be used go into ``quarantine``: of accounts that the night does not have,
    of tables that facts.yaml does not have any more or types otherwise.
    """
    stored = list(events)
    outcome = _Outcome()
    usable = list(_usable(connection, catalog, stored, settled or {}, outcome))
    by_table: dict[str | None, list[_Event]] = {}
    for table, event in usable:
        by_table.setdefault(table, []).append(event)
    for table, found in by_table.items():
        if table is None:
            _merge_facts(connection, found, outcome)
        else:
            _merge_records(connection, table, found, (personal or {}).get(table, ()), outcome)
    _quarantine(connection, outcome)
    refused = len({number for number, *_ in outcome.quarantine})
    digest = hashlib.sha256()
    for one in stored:
        digest.update(json.dumps(one, ensure_ascii=False).encode() + b"\n")
    used = len(outcome.used)
    report = SourceReport(SOURCE, FILE, digest.hexdigest(), len(stored), used, refused)
    stood = len(outcome.stood)
    return DayRecords(report, stood, used - stood, tuple(sorted(outcome.settled)))


# --- which events can be used ------------------------------------------------------------


def _usable(
    connection: duckdb.DuckDBPyConnection,
    catalog: Catalog,
    stored: Sequence[Stored],
    settled: Settled,
    outcome: _Outcome,
) -> Iterator[tuple[str | None, _Event]]:
    numbers = _numbers(connection, {one[2] for one in stored})
    set_aside = {
        account
        for (account,) in connection.execute("SELECT account_id FROM bad_accounts").fetchall()
    }
    for number, _, account, record, key, given, before in stored:
        table = catalog.accounts if record is None else catalog.records.get(record)
        if account not in numbers:
            reason = OF_BAD_ACCOUNT if account in set_aside else OF_NO_ACCOUNT
            outcome.quarantine.append((number, "account", account, reason))
        elif table is None:
            reason = "names a record table that facts.yaml does not have"
            outcome.quarantine.append((number, "record", record or "", reason))
        else:
            try:
                yield (
                    record,
                    _Event(
                        number,
                        account,
                        numbers[account],
                        key,
                        typed_row(table, json.loads(given)),
                        None if before is None else typed_row(table, json.loads(before)),
                        settled.get(number, ()),
                    ),
                )
            except ValueError as error:
                reason = f"is not of the type that facts.yaml gives it by now: {error}"
                outcome.quarantine.append((number, "values", _id_of(table, key), reason))
                continue
            outcome.used.add(number)


def _id_of(table: SourceTable, key: str | None) -> str:
    return table.name if key is None else f"{table.name} {key}"


def _numbers(connection: duckdb.DuckDBPyConnection, accounts: set[str]) -> dict[str, int]:
    rows = connection.execute(
        "SELECT account_id, account_no FROM accounts "
        "WHERE account_id IN (SELECT unnest($accounts::VARCHAR[]))",
        {"accounts": sorted(accounts)},
    ).fetchall()
    return dict(rows)


def _quarantine(connection: duckdb.DuckDBPyConnection, outcome: _Outcome) -> None:
    if outcome.quarantine:
        connection.executemany(
            f"INSERT INTO quarantine VALUES ({literal(SOURCE)}, {literal(FILE)}, ?, ?, ?, ?)",
            outcome.quarantine,
        )


# --- changed facts -----------------------------------------------------------------------


def _merge_facts(
    connection: duckdb.DuckDBPyConnection, events: Sequence[_Event], outcome: _Outcome
) -> None:
    rows = _rows(connection, "accounts", events)
    now = {row["account_no"]: row for _, row in rows}
    changes: dict[str, dict[int, Value]] = {}
    for event in events:
        row = now[event.account_no]
        stands = not event.given
        for name, value in event.given.items():
            if name not in row:  # no policy reads it
                stands = True
            elif name in event.settled:
                pass
            elif (
                event.before is not None
                and name in event.before
                and (row[name] == event.before[name])
            ):
                stands = True
                row[name] = value
                changes.setdefault(name, {})[event.account_no] = value
            else:
                outcome.settled.append((event.number, name))
        if stands:
            outcome.stood.add(event.number)
    types = _types(connection, "accounts")
    for name, values in changes.items():
        connection.execute(
            f"UPDATE accounts SET {identifier(name)} = CAST(said.value AS {types[name]}) FROM "
            "(SELECT unnest($numbers::INTEGER[]) AS number, unnest($texts::VARCHAR[]) AS value) "
            "AS said WHERE account_no = said.number",
            {"numbers": list(values), "texts": [_text(value) for value in values.values()]},
        )


# --- records -----------------------------------------------------------------------------


def _merge_records(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    events: Sequence[_Event],
    personal: Collection[str],
    outcome: _Outcome,
) -> None:
    name = f"record_{table}"
    types = _types(connection, name)
    columns = tuple(one for one in types if one != "account_no")
    if not columns:  # no policy reads it
        outcome.stood.update(event.number for event in events)
        return
    found = _rows(connection, name, events)
    sources: dict[int, list[tuple[int, dict[str, Value]]]] = {}
    for place, row in found:
        number = row.pop("account_no")
        assert isinstance(number, int)
        sources.setdefault(number, []).append((place, row))
    gone: list[int] = []
    new: list[tuple[int, dict[str, Value]]] = []
    by_account: dict[int, list[_Event]] = {}
    for event in events:
        by_account.setdefault(event.account_no, []).append(event)
    for number, told in by_account.items():
        layer = _Layer(sources.get(number, []), columns, personal)
        for event in told:
            if WHOLE in event.settled:
                continue
            if layer.take(event):
                outcome.stood.add(event.number)
            else:
                outcome.settled.append((event.number, WHOLE))
        gone += layer.replaced
        new += [(number, row) for row in layer.rows()]
    if gone:
        connection.execute(
            f"DELETE FROM {identifier(name)} WHERE rowid IN (SELECT unnest($gone::BIGINT[]))",
            {"gone": gone},
        )
    if new:
        _insert(connection, name, types, new)


class _Layer:
    """The records of one account in one table: those of the source, and over them the events'."""

    def __init__(
        self,
        source: Sequence[tuple[int, Row]],
        columns: Sequence[str],
        personal: Collection[str],
    ) -> None:
        self.source = source
        self.columns = columns
        self.personal = personal
        self.by_key: dict[str, dict[str, Value]] = {}
        self.without_key: list[dict[str, Value]] = []
        self.replaced: list[int] = []

    def take(self, event: _Event) -> bool:
        """Lays the event over the records; False if the source has taken over."""
        if event.key is None:
            row = as_record(event.given, None, self.columns)
            if any(same_record(row, one, self.columns) for _, one in self.source):
                return False
            self.without_key.append(row)
            return True
        place, current = self._current(event.key)
        is_in_source = place is not None
        if is_in_source and not self._is_as_before(current, event.before):
            return False
        if place is not None and event.key not in self.by_key:
            self.replaced.append(place)
        self.by_key[event.key] = as_record(
            event.given, event.key, self.columns, self.personal, current
        )
        return True

    def _current(self, key: str) -> tuple[int | None, Row | None]:
        """Where the source has the record, and what it is with the events so far."""
        found = find_record([row for _, row in self.source], key)
        place, row = (None, None) if found is None else self.source[found]
        return place, self.by_key.get(key, row)

    def _is_as_before(self, current: Row | None, before: Row | None) -> bool:
        if current is None or before is None:
            return False
        known = [one for one in self.columns if one in before and one not in self.personal]
        return same_record(current, before, known)

    def rows(self) -> list[dict[str, Value]]:
        return [*self.by_key.values(), *self.without_key]


def find_record(rows: Sequence[Row], key: str | None) -> int | None:
    """The place of the record with a key; None if there is none, or it has no key."""
    if key is None:
        return None
    return next((place for place, row in enumerate(rows) if row.get(RECORD_ID) == key), None)


def as_record(
    given: Row,
    key: str | None,
    columns: Iterable[str],
    personal: Collection[str] = (),
    current: Row | None = None,
) -> dict[str, Value]:
    """The record that an event gives, by the `columns` that are read: what it does not name is
    missing, but for what is `personal`, which stays as it is in the `current` record."""
    row = {one: given.get(one) for one in columns}
    if RECORD_ID in row:
        row[RECORD_ID] = key
    if current is not None:
        row |= {one: current.get(one) for one in personal if one in row}
    return row


def same_record(one: Row, other: Row, columns: Iterable[str]) -> bool:
    """Whether two records say the same in `columns`."""
    return all(one.get(name) == other.get(name) for name in columns)


# --- the tables --------------------------------------------------------------------------


def _types(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Column → type of DuckDB."""
    relation = connection.table(table)
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def _rows(
    connection: duckdb.DuckDBPyConnection, table: str, events: Sequence[_Event]
) -> list[tuple[int, dict[str, Value]]]:
    """The rows of the accounts of the events, each with its place."""
    cursor = connection.execute(
        f"SELECT rowid, * FROM {identifier(table)} "
        "WHERE account_no IN (SELECT unnest($numbers::INTEGER[])) ORDER BY rowid",
        {"numbers": sorted({event.account_no for event in events})},
    )
    names = [column[0] for column in cursor.description or ()][1:]
    return [(row[0], dict(zip(names, row[1:], strict=True))) for row in cursor.fetchall()]


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    types: Mapping[str, str],
    rows: Sequence[tuple[int, Row]],
) -> None:
    """Adds rows, with the numbers of their accounts; each column is one list of texts."""
    reads: Callable[[str], list[str | None]] = lambda name: [  # noqa: E731
        str(number) if name == "account_no" else _text(row[name]) for number, row in rows
    ]
    places = {f"c{place}": name for place, name in enumerate(types)}
    lists = ", ".join(f"unnest(${place}::VARCHAR[]) AS {place}" for place in places)
    cast = ", ".join(f"CAST({place} AS {types[name]})" for place, name in places.items())
    names = ", ".join(identifier(name) for name in types)
    connection.execute(
        f"INSERT INTO {identifier(table)} ({names}) SELECT {cast} FROM (SELECT {lists})",
        {place: reads(name) for place, name in places.items()},
    )


def _text(value: Value) -> str | None:
    """A value as a text that DuckDB casts to it again."""
    said = to_json(value)
    if said is None or isinstance(said, str):
        return said
    return repr(said).lower() if isinstance(said, bool) else repr(said)
