"""Every account of a night at hand, for a service that answers hundreds of events a second.

The same as `engine.day.reading` reads, laid out in a temporary SQLite file that holds one row
for each account: some seconds to write for 100,000 accounts, and far less than a millisecond to
read one.
"""

# ruff: noqa: S608 - engine.facts.sql quotes every name and text

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from engine.audit.data_files import reading_errors
from engine.audit.store import Run
from engine.day.decoding import Shape, shape_of
from engine.day.kept import KeptAccount, LazyRecords
from engine.day.reading import DECISIONS, OBLIGATIONS, OWNERS, NightAccounts, parquet
from engine.day.standings import standing_of
from engine.errors import Problem
from engine.executors.protocol import Row
from engine.recall import KeptNight

_BATCH = 2_000
_COLUMNS = "account_id TEXT PRIMARY KEY, account_no INTEGER NOT NULL"
"""And one text for each part of the night, as JSON; NULL where an account has nothing of it."""
_SETTINGS = (
    "PRAGMA page_size = 16384",
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA cache_size = -65536",
)


@dataclass(frozen=True)
class _Part:
    """One relation of the night: where its rows are, what they look like, and their order.

    `kind` is ``facts``, ``record`` (of the table `name`), ``owners``, or the ``now`` or
    ``before`` of what was decided.
    """

    kind: str
    name: str
    relation: str
    shape: Shape
    order: str = ""

    def rows(self, text: str | None) -> tuple[dict[str, Any], ...]:
        """The typed rows of an account, from their JSON."""
        if text is None:
            return ()
        return tuple([self.shape.row(row) for row in json.loads(text)])


class IndexedAccounts:
    """The accounts of a night in a file of their own, which is removed at the end.

    The file holds what the files of the night hold, personal values too; nobody but the user
    that runs kam can read it. Not for several threads at once.
    """

    def __init__(self, night: KeptNight, before: Run | None = None) -> None:
        self.source = NightAccounts(night, before)
        self._folder = tempfile.TemporaryDirectory(prefix="kam-day-", ignore_cleanup_errors=True)
        file = Path(self._folder.name) / "accounts.db"
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        self.database = sqlite3.connect(file, check_same_thread=False)
        try:
            self._parts = list(self._find_parts())
            self._build()
        except BaseException:
            self.close()
            raise

    # --- writing -------------------------------------------------------------------------

    def _find_parts(self) -> Iterator[_Part]:
        """Facts, then every record table, then the rest, in the order of a row's content."""
        night, before = self.source.night.run, self.source.before
        yield self._part("facts", "facts")
        for name, file in self.source.records.files.items():
            yield self._part("record", parquet(file), name=name)
        yield self._part("owners", parquet(night.path / OWNERS))
        yield from self._standing(night, is_before=False)
        if before is not None:
            yield from self._standing(before, is_before=True)

    def _standing(self, run: Run, is_before: bool) -> Iterator[_Part]:
        decided = f"(SELECT * FROM {parquet(run.path / DECISIONS)} WHERE scope = 'account')"
        owed = parquet(run.path / OBLIGATIONS)
        for relation, order in ((decided, "pack"), (owed, "pack, rule_id, part")):
            if is_before:  # its numbers are those of another night
                numbered = (
                    f"(SELECT past.*, now.account_no AS number__now FROM {relation} AS past "
                    "JOIN facts AS now ON past.account_id = now.account_id)"
                )
                yield self._part("before", numbered, order, "number__now")
            else:
                yield self._part("now", relation, order)

    def _part(
        self,
        kind: str,
        relation: str,
        order: str = "",
        number: str = "account_no",
        name: str = "",
    ) -> _Part:
        cursor = self.source.connection.execute(f"SELECT * FROM {relation} LIMIT 0")
        columns = {column[0]: column[1] for column in cursor.description or ()}
        if kind not in ("facts", "now"):
            del columns[number]
        if number != "account_no":
            relation = f"(SELECT * RENAME ({number} AS number__) FROM {relation})"
        else:
            relation = f"(SELECT *, account_no AS number__ FROM {relation})"
        return _Part(kind, name, relation, shape_of(columns), order)

    def _build(self) -> None:
        for setting in _SETTINGS:
            self.database.execute(setting)
        parts = [f"part{number}" for number in range(len(self._parts))]
        columns = ", ".join([_COLUMNS, *(f"{part} TEXT" for part in parts)])
        self.database.execute(f"CREATE TABLE accounts ({columns}) WITHOUT ROWID")
        places = ", ".join("?" * (len(parts) + 2))
        runs = [self.source.night.run, *([self.source.before] if self.source.before else [])]
        with reading_errors(*runs), self.database:
            self.database.executemany(f"INSERT INTO accounts VALUES ({places})", self._rows())

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        """The accounts in order of their numbers, and beside each what every part has of it."""
        facts, *others = self._parts
        streams = [_Stream(self._grouped(part)) for part in others]
        query = (
            f"SELECT number__, account_id, {facts.shape.json} FROM {facts.relation} "
            "ORDER BY number__"
        )
        for number, account, row in self._fetch(query):
            yield account, number, row, *(stream.of(number) for stream in streams)

    def _grouped(self, part: _Part) -> Iterator[tuple[Any, ...]]:
        within = f" ORDER BY {part.order}" if part.order else ""
        return self._fetch(
            f"SELECT number__, '[' || string_agg({part.shape.json}, ','{within}) || ']' "
            f"FROM {part.relation} WHERE number__ IS NOT NULL GROUP BY number__ ORDER BY number__"
        )

    def _fetch(self, query: str) -> Iterator[tuple[Any, ...]]:
        cursor: duckdb.DuckDBPyConnection = self.source.connection.cursor()
        cursor.execute(query)
        while batch := cursor.fetchmany(_BATCH):
            yield from batch
        cursor.close()

    # --- reading -------------------------------------------------------------------------

    def read(self, accounts: Sequence[str]) -> dict[str, KeptAccount]:
        """Those of `accounts` that the night has facts of, by id."""
        found = {}
        for account in accounts:
            row = self.database.execute(
                "SELECT * FROM accounts WHERE account_id = ?", (account,)
            ).fetchone()
            if row is not None:
                found[account] = self._account(*row)
        return found

    def _account(self, account: str, number: int, *texts: str | None) -> KeptAccount:
        night, before = self.source.night.run, self.source.before
        facts = self._parts[0].shape.row(json.loads(texts[0] or ""))
        records: dict[str, Callable[[], Sequence[Row]]] = {}
        owners: dict[str, str] = {}
        now: list[tuple[dict[str, Any], ...]] = []
        past: list[tuple[dict[str, Any], ...]] = []
        for part, text in zip(self._parts[1:], texts[1:], strict=True):
            if part.kind == "record":
                records[part.name] = partial(part.rows, text)
            elif part.kind == "now":
                now.append(part.rows(text))
            elif part.kind == "before":
                past.append(part.rows(text))
            else:
                owners = {str(one["role"]): str(one["person"]) for one in part.rows(text)}
        return KeptAccount(
            number,
            account,
            facts,
            LazyRecords(records),
            owners,
            standing_of(night.as_of, *now),
            None if before is None else standing_of(before.as_of, *past),
            number in self.source.records.forgotten,
        )

    def why_not(self, account: str) -> Problem:
        """Why `read` knows no such account."""
        return self.source.why_not(account)

    # --- closing -------------------------------------------------------------------------

    def close(self) -> None:
        self.database.close()
        self.source.close()
        self._folder.cleanup()

    def __enter__(self) -> IndexedAccounts:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Stream:
    """The groups of one part in order of their account, read along with the accounts."""

    def __init__(self, groups: Iterable[tuple[Any, ...]]) -> None:
        self._groups = iter(groups)
        self._next = next(self._groups, None)

    def of(self, number: int) -> str | None:
        """The rows of the account as JSON; numbers must be asked for in rising order."""
        while self._next is not None and self._next[0] < number:
            self._next = next(self._groups, None)
        if self._next is None or self._next[0] != number:
            return None
        text = str(self._next[1])
        self._next = next(self._groups, None)
        return text
