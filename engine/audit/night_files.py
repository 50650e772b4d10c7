"""The relations of a night as files of its run, and as rows for the store.

A night that is replayed writes the same files from the same relations; their bytes must then be
those that the run wrote.
"""

# ruff: noqa: S608 - names and columns are kam's own, or quoted

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from engine.audit.leaves import BATCH
from engine.audit.manifest import NIGHT_INPUTS
from engine.audit.parquet_files import write_parquet
from engine.facts.sql import identifier
from engine.plan.columns import token_column

RESULTS: tuple[str, ...] = ("facts", "decisions", "obligations")
"""The relations that a night makes; each is a file of its run."""

FACTS_ROWS = 10_240
"""Rows of a row group of facts.parquet: who asks for one account reads one group of so wide a
table, and with groups of DuckDB's own size that costs several times as much. The file is some 7 %
larger."""

_ORDERS = {
    "facts": "account_no",
    "decisions": "pack, scope, account_no NULLS LAST, account_id",
    "obligations": "pack, account_no NULLS LAST, account_id, rule_id, part",
    "cadence_counts": "pack, rule_id, account_no",
    "owners": "account_no, role",
    "quarantine": 'source, file, "row", "column", value, reason',
    "set_aside": "account_id",
    "team_coverage": "pack, rule_id, role, account_no",
    "timed_records": "pack, rule_id, account_no, record, due, starts, stops",
}
"""What makes the order of the rows of each file certain."""


def library_versions() -> dict[str, str]:
    """The libraries whose version the bytes of the files depend on."""
    return {"duckdb": duckdb.__version__}


def write_results(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """``facts``, ``decisions`` and ``obligations``, all in a fixed order of rows, so that equal
    nights are equal bytes."""
    columns = {"facts": _stored(connection.table("facts").columns)}
    columns |= {"obligations": "* EXCLUDE (asks)"}
    for name in RESULTS:
        rows = f"SELECT {columns.get(name, '*')} FROM {name}"
        if not (name == "facts" and _is_in_order(connection)):
            rows += f" ORDER BY {_ORDERS[name]}"
        row_group = FACTS_ROWS if name == "facts" else None
        write_parquet(connection, rows, folder / f"{name}.parquet", row_group)


def write_inputs(
    connection: duckdb.DuckDBPyConnection, folder: Path, previous: Path | None
) -> None:
    """What the night has read beside its facts, under ``inputs/``: enough to decide it again
    without the sources.

    Of the records that are answered or done in time, those alone that can matter to the night;
    `previous` is the folder of the run whose state it started from.
    """
    inputs = folder / "inputs"
    inputs.mkdir()
    _previous_records(connection, previous)
    mattering = (files(__package__) / "mattering_records.sql").read_text(encoding="utf-8")
    for name in NIGHT_INPUTS:
        rows = f"({mattering})" if name == "timed_records" else name
        rows = f"SELECT * FROM {rows} ORDER BY {_ORDERS[name]}"
        write_parquet(connection, rows, inputs / f"{name}.parquet")


def _previous_records(connection: duckdb.DuckDBPyConnection, previous: Path | None) -> None:
    """``previous_records``: those that the night before kept, if it did (not in version 0.2)."""
    file = None if previous is None else previous / "inputs" / "timed_records.parquet"
    if file is not None and file.exists():
        connection.read_parquet(os.fspath(file)).create_view("previous_records")
    else:
        connection.execute(
            "CREATE TABLE previous_records (pack VARCHAR, rule_id VARCHAR, account_id VARCHAR, "
            "record VARCHAR, stops TIMESTAMP)"
        )


def _stored(columns: Sequence[str]) -> str:
    """Every column of ``facts``; of one that is sealed its tokens, under its own name."""
    known = frozenset(columns)
    tokens = {one: token_column(one) for one in columns if token_column(one) in known}
    parts = []
    for one in columns:
        if one not in tokens.values():
            name = identifier(one)
            token = identifier(tokens.get(one, one))
            parts.append(f"{token} AS {name}")
    return ", ".join(parts)


def _is_in_order(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether ``facts`` stands in order of its numbers already: to sort so wide a table costs a
    third of what writing it does."""
    is_table = "SELECT count(*) > 0 FROM duckdb_tables() WHERE table_name = 'facts'"
    ((has_places,),) = connection.execute(is_table).fetchall()
    if not has_places:  # a view of the accounts, whose rows have no place of their own
        return False
    query = "SELECT coalesce(bool_and(rowid = account_no), true) FROM facts"
    ((in_order,),) = connection.execute(query).fetchall()
    return bool(in_order)


@dataclass(frozen=True)
class Rows:
    """The rows of a relation in their order."""

    connection: duckdb.DuckDBPyConnection
    table: str

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        cursor = self.connection.cursor().execute(f"SELECT * FROM {self.table}")
        while batch := cursor.fetchmany(BATCH):
            yield from batch

    def __len__(self) -> int:
        query = f"SELECT count(*) FROM {self.table}"
        return int(self.connection.execute(query).fetchall()[0][0])


def scopes_of(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """{pack: {scope: {entity: {measure: value}}}} of what lies beyond the account."""
    found: dict[str, Any] = {}
    query = "SELECT pack, scope, entity_id, measure, value FROM scope_facts ORDER BY ALL"
    for pack, scope, entity, measure, value in connection.execute(query).fetchall():
        entities = found.setdefault(pack, {}).setdefault(scope, {})
        entities.setdefault(entity, {})[measure] = value
    return found
