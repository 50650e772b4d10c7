"""The demo book: an engineering company's accounts and records, generated inside DuckDB.

The book is a function of `Book`: the same accounts, seed and as-of date write the same bytes,
whatever the number of threads. Each table is one commented file in `sql/`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from engine.demo.plot import CADENCE, STORIES
from engine.demo.stories import load_rows, load_stories
from engine.errors import problem

if TYPE_CHECKING:
    import duckdb

SQL_FOLDER = Path(__file__).parent / "sql"

PREPARATION = ("macros", "words", "stories")

TABLES: dict[str, str] = {
    "accounts": "csv",
    "orders": "parquet",
    "invoices": "parquet",
    "contacts": "parquet",
    "issues": "csv",
    "deliveries": "csv",
    "surveys": "csv",
    "assignments": "csv",
    "signals": "csv",
    "documents": "csv",
    "service_nodes": "csv",
    "usage": "csv",
    "value_reviews": "csv",
    "equipment_signals": "csv",
}
"""Every table of the book and the format of its file: what a person may want to open is CSV."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Book:
    """What a book is generated from. `accounts` counts rows, `seed` is any whole number."""

    accounts: int
    seed: int
    as_of: date


@dataclass(frozen=True)
class WrittenTable:
    """A file of the book: its table, path and number of rows, the wrong ones included."""

    name: str
    path: Path
    rows: int


@dataclass(frozen=True)
class WrittenBook:
    """The files of a book, the id of its largest customer, and story → an account in it."""

    tables: tuple[WrittenTable, ...]
    largest: str
    cast: Mapping[str, str]


def write_book(book: Book, folder: Path, progress: Progress) -> WrittenBook:
    """Writes every table into `folder`, which exists, and calls `progress` before each.

    Raises `KamError` if the files cannot be written.
    """
    import duckdb

    try:
        with _generator(book, progress) as connection:
            tables = tuple(
                _write_table(connection, name, folder / f"{name}.{suffix}", progress)
                for name, suffix in TABLES.items()
            )
            return WrittenBook(tables, _largest(connection), _cast(connection))
    except duckdb.IOException as error:
        raise problem("cannot-write", str(error).partition("\n")[0]) from error


@contextmanager
def _generator(book: Book, progress: Progress) -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb

    with (
        tempfile.TemporaryDirectory(prefix="kam-demo-") as spill,
        duckdb.connect(config={"temp_directory": spill, "memory_limit": "4GB"}) as connection,
    ):
        progress("the book")
        for name in PREPARATION:
            connection.execute(_statements(name))
        connection.execute(
            "CREATE TABLE settings AS "
            "SELECT ?::BIGINT AS accounts, ?::UBIGINT AS seed, ?::DATE AS as_of",
            [book.accounts, book.seed % 2**32, book.as_of],
        )
        connection.execute(_statements("settings"))
        load_stories(connection, STORIES)
        load_rows(connection, "cadence", CADENCE)
        connection.execute(_statements("book"))
        connection.execute(_statements("ratings"))
        yield connection


def _write_table(
    connection: duckdb.DuckDBPyConnection, name: str, path: Path, progress: Progress
) -> WrittenTable:
    progress(name)
    connection.execute(_statements(name))
    if path.suffix == ".parquet":
        connection.view(name).to_parquet(str(path), compression="zstd", row_group_size=122_880)
    else:
        _with_byte_order_mark(connection.view(name)).to_csv(str(path), header=True)
    return WrittenTable(name, path, _row_count(connection, path))


def _with_byte_order_mark(table: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Marks the first column's name, which begins the file: spreadsheets then read UTF-8."""
    import duckdb

    first, *others = (duckdb.ColumnExpression(name) for name in table.columns)
    return table.select(first.alias(f"\ufeff{table.columns[0]}"), *others)


def _largest(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute("SELECT account_id FROM book WHERE place = 0").fetchone()
    assert row is not None, "a book has at least one account"
    return str(row[0])


def _cast(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Story → the first of the accounts that it happens to."""
    query = "SELECT story, min(account_id) FROM book WHERE story IS NOT NULL GROUP BY story"
    return dict(connection.execute(query).fetchall())


def _row_count(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    if path.suffix == ".csv":  # no value of the book holds a line break
        with path.open("rb") as lines:
            return sum(1 for _ in lines) - 1
    counted = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchone()
    return int(counted[0]) if counted else 0


def _statements(name: str) -> str:
    return (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
