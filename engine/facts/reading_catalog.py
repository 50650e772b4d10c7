"""facts.yaml → `Catalog`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

from engine.errors import KamError, Problem
from engine.facts.catalog import (
    ENDINGS,
    Catalog,
    MappedColumn,
    Source,
    SourceKind,
    SourceTable,
)
from engine.language.documents import Node
from engine.language.schema import read_valid
from engine.language.texts import Texts
from engine.model import NUMERIC_TYPES, Column, PolicyFile, Title, ValueType

RESERVED = frozenset({"account_no", "account_id"})
"""Columns that the engine adds; the id of an account is always ``account_id``."""

DIRECTIVES = frozenset("aAbBdfHIjmMpSTyYzZ%")
"""Of strptime, those that stand in a date or a time."""

OPTIONS: dict[str, frozenset[str]] = {
    "sheet": frozenset({"xlsx"}),
    "table": frozenset({"sqlite"}),
    "encoding": frozenset({"csv", "tsv"}),
    "delimiter": frozenset({"csv", "tsv"}),
}
"""Which kinds of source an option is for."""


def load_catalog(path: str, texts: Texts, times: Mapping[str, ValueType] | None = None) -> Catalog:
    """Read facts.yaml. Raises `KamError` with everything that is wrong.

    `times` types the dating column of a record table that does not list it among its
    columns, as the packs' vocabulary does; without it such a column is a date.
    """
    document = read_valid(path, texts, "facts")
    builder = CatalogBuilder(times or {})
    accounts = builder.table("accounts", document.root["accounts"])
    records = {
        node.key: builder.records(node, accounts) for node in document.root.entries("records")
    }
    if builder.problems:
        raise KamError(builder.problems)
    digest = hashlib.sha256(document.content).hexdigest()
    return Catalog(accounts, records, (PolicyFile(document.path, digest, document.content),))


class CatalogBuilder:
    """Builds tables and collects what is wrong with them."""

    def __init__(self, times: Mapping[str, ValueType]) -> None:
        self.times = times
        self.problems: list[Problem] = []

    def table(self, name: str, node: Node) -> SourceTable:
        columns = {one.key: self.column(one) for one in node.entries("columns")}
        source = self.source(node["source"])
        key = self.reference(node.get("key"), columns)
        account = self.reference(node.get("account"), columns)
        time = self.time(name, node, columns)
        if name == "accounts":
            columns = self.without_key(key, columns)
        self.refuse_reserved(columns)
        self.refuse_shared(columns)
        return SourceTable(name, source, key, account, time, columns, node.location)

    def records(self, node: Node, accounts: SourceTable) -> SourceTable:
        """A record table; the ids of its accounts are typed as the accounts' own."""
        table = self.table(node.key, node)
        key, account = accounts.key, table.account
        if key is None or account is None or account.column.type == key.column.type:
            return table
        if account.column.name in table.columns:
            self.report(
                "account-type",
                f"'{account.column.name}' has the type {account.column.type},"
                f" and the key of accounts has the type {key.column.type}",
                node["account"],
                "give both the same type",
            )
        column = replace(account.column, type=key.column.type)
        return replace(table, account=replace(account, column=column))

    # --- columns ------------------------------------------------------------------------

    def column(self, node: Node) -> MappedColumn:
        if isinstance(node.value, str):
            kind: Any = node.value  # the schema admits the names of types only
            return MappedColumn(_column(node, kind), node.key)
        form = node.read("format")
        if form is not None:
            self.check_format(node["format"], form)
        limits = node.read("range")
        if limits is not None and limits[0] > limits[1]:
            self.report("empty-range", "the range ends before it begins", node["range"])
        title = node.read("title")
        column = Column(
            node.key,
            node.read("type"),
            Title(title["zh"], title["en"]) if title else None,
            tuple(node.read("values", ())),
            (Decimal(limits[0]), Decimal(limits[1])) if limits else None,
            node.read("class", "internal"),
            None,
            node.location,
        )
        if limits is not None and column.type not in NUMERIC_TYPES:
            self.report("range-without-number", f"a {column.type} has no range", node["range"])
        return MappedColumn(column, node.read("from", node.key), form)

    def check_format(self, node: Node, form: str) -> None:
        unknown = [one for one in re.findall(r"%(-?.?)", form) if one.lstrip("-") not in DIRECTIVES]
        if unknown:
            self.report(
                "unknown-date-format",
                f"'%{unknown[0]}' is not a directive of a date format",
                node,
                "%Y is the year, %m the month, %d the day, %H the hour, %M the minute",
            )
        elif not re.search("%-?[yY]", form):
            self.report("unknown-date-format", "a date format needs a year, %Y", node)

    def reference(
        self, node: Node | None, columns: Mapping[str, MappedColumn]
    ) -> MappedColumn | None:
        """The column that `key:` or `account:` names: one of ours, or one of the source."""
        if node is None:
            return None
        name = str(node.value)
        found = columns.get(name)
        if found is None:
            return MappedColumn(_column(node, "text", name), name)
        if found.column.type not in ("text", "integer"):
            self.report(
                "key-type",
                f"'{name}' has the type {found.column.type}, and an id is text or an integer",
                node,
            )
        if found.column.classification == "personal":
            self.report(
                "personal-key",
                f"'{name}' is personal, and ids stand in every line of the log, for good",
                node,
                "name a column that tells nothing of a person, or give each a number in the source",
            )
        return found

    def time(self, name: str, node: Node, columns: dict[str, MappedColumn]) -> str | None:
        """The name of the dating column, which is added to the columns if it is not there."""
        place = node.get("time")
        if place is None:
            return None
        time = str(place.value)
        if time not in columns:
            columns[time] = MappedColumn(_column(place, self.times.get(name, "date"), time), time)
        kind = columns[time].column.type
        if kind not in ("date", "datetime"):
            self.report(
                "time-type", f"'{time}' has the type {kind}; records are dated by a date", place
            )
        return time

    def without_key(
        self, key: MappedColumn | None, columns: dict[str, MappedColumn]
    ) -> dict[str, MappedColumn]:
        """A key that is listed as ``account_id`` only types the id, which exists anyway."""
        if key is not None and key.column.name == "account_id":
            return {name: one for name, one in columns.items() if name != "account_id"}
        return columns

    def refuse_reserved(self, columns: Mapping[str, MappedColumn]) -> None:
        for name in sorted(RESERVED.intersection(columns)):
            self.problems.append(
                Problem(
                    "reserved-column",
                    f"'{name}' is the engine's own column",
                    columns[name].column.location,
                    "give the column another name, and `from:` the one in the source",
                )
            )

    def refuse_shared(self, columns: Mapping[str, MappedColumn]) -> None:
        first: dict[str, str] = {}
        for name, one in columns.items():
            other = first.setdefault(one.source_name, name)
            if other != name:
                self.problems.append(
                    Problem(
                        "repeated-from",
                        f"'{name}' comes from '{one.source_name}', as '{other}' does",
                        one.column.location,
                        "map each column of the source once",
                    )
                )

    # --- sources ------------------------------------------------------------------------

    def source(self, node: Node) -> Source:
        details: dict[str, Any] = (
            {"path": node.value} if isinstance(node.value, str) else node.value
        )
        path = details["path"]
        kind = self.kind(node, path)
        for option, kinds in OPTIONS.items():
            if option in details and kind not in kinds:
                message = f"'{option}' is for {' and '.join(sorted(kinds))}, and this is {kind}"
                self.report("useless-option", message, node[option])
        if kind == "sqlite" and "table" not in details:
            self.report(
                "missing-table",
                "a database holds several tables",
                node,
                f"write source: {{path: {path}, table: NAME}}",
            )
        delimiter = details.get("delimiter")
        if delimiter is not None and (delimiter in '"\r\n' or not delimiter.isascii()):
            self.report("bad-delimiter", "this cannot separate columns", node["delimiter"])
        return Source(
            path,
            kind,
            node.location,
            details.get("sheet"),
            details.get("table"),
            details.get("encoding", "auto"),
            delimiter,
        )

    def kind(self, node: Node, path: str) -> SourceKind:
        found = ENDINGS.get(PurePosixPath(path).suffix.lower())
        if found is None:
            endings = ", ".join(ENDINGS)
            self.report(
                "unknown-source-kind", f"nothing is known about files like {path!r}", node,
                f"a source ends in one of {endings}",
            )  # fmt: skip
        return found or "csv"

    def report(self, code: str, message: str, node: Node, hint: str | None = None) -> None:
        self.problems.append(Problem(code, message, node.value_location, hint))


def _column(node: Node, kind: ValueType, name: str | None = None) -> Column:
    return Column(name or node.key, kind, None, (), None, "internal", None, node.location)
