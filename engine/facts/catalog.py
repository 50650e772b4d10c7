"""The fact catalog: which file feeds which column, as facts.yaml says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.errors import Location
from engine.model import Column, PolicyFile, RecordType, Vocabulary

SourceKind = Literal["csv", "tsv", "xlsx", "jsonl", "parquet", "sqlite"]

ENDINGS: dict[str, SourceKind] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".xlsx": "xlsx",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".db": "sqlite",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
}
"""What a source is, by the ending of its name."""


RECORD_ID = "record__id"
"""The key of a record as a text, in a record table of which single records are named; missing
where the source has no key. Two underscores, which no column of a policy has."""


@dataclass(frozen=True)
class Source:
    """A file, relative to the workspace or below ``${KAM_DATA}``, and how to read it."""

    path: str
    kind: SourceKind
    location: Location
    sheet: str | None = None
    table: str | None = None
    encoding: Literal["auto", "utf-8", "gbk"] = "auto"
    delimiter: str | None = None


@dataclass(frozen=True)
class MappedColumn:
    """A column of the engine and the column of the source that feeds it.

    `format` is the strptime pattern of dates that are not written as ISO 8601.
    """

    column: Column
    source_name: str
    format: str | None = None


@dataclass(frozen=True)
class SourceTable:
    """Accounts (`name` is ``accounts``) or a record table.

    `key` identifies a row and `account` says whose record it is; either is one of
    `columns` if facts.yaml types it there, else a text column by the name it has in the
    source. `time` is the name of the column that dates a record; it is always in `columns`.
    """

    name: str
    source: Source
    key: MappedColumn | None
    account: MappedColumn | None
    time: str | None
    columns: Mapping[str, MappedColumn]
    location: Location

    def mapped(self) -> Iterator[MappedColumn]:
        """Every column of the source that is read, once each: key, account, then the rest."""
        seen = set()
        for one in (self.key, self.account, *self.columns.values()):
            if one is not None and one.column.name not in seen:
                seen.add(one.column.name)
                yield one


@dataclass(frozen=True)
class Catalog:
    """What is known about accounts, and where it comes from. `files` are facts.yaml itself."""

    accounts: SourceTable
    records: Mapping[str, SourceTable]
    files: tuple[PolicyFile, ...]

    @property
    def tables(self) -> tuple[SourceTable, ...]:
        """Accounts first, then the records in the order written."""
        return (self.accounts, *self.records.values())

    @property
    def vocabulary(self) -> Vocabulary:
        """The columns that the workspace supplies, in the terms of the packs."""
        records = {
            name: RecordType(
                name,
                None,
                table.time,
                {key: one.column for key, one in table.columns.items()},
                table.location,
            )
            for name, table in self.records.items()
        }
        accounts = {key: one.column for key, one in self.accounts.columns.items()}
        return Vocabulary(accounts, records)
