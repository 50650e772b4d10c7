"""The least that a night can take which leaves behind what kam's leaves.

`python -m benchmarks.floor WORKSPACE` does over, as barely as it can be done, what the script by
hand leaves out and no night with a log can: it writes the facts and decisions of the last night as
Parquet, takes the rows of its log and its actions out of DuckDB and puts them into SQLite, hashes
the sources, and makes a Merkle tree of every line. Nothing is read, checked, computed, ordered,
indexed, sealed or signed. Prints JSON: seconds by the clock and of processor.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from benchmarks import measure
from benchmarks.books import Book, last_run, sources_read
from benchmarks.nights import Say
from benchmarks.tables import Table
from engine.evidence.merkle import leaf_hashes, root

BATCH = 50_000
"""Rows that are held in memory until they are written or hashed."""
FETCHED = 2_048
"""Rows at a time out of DuckDB: more would leave the processor's own memory."""

TABLES = {"decision_log": "seq", "actions": "action_no"}
TITLES = {
    "sources": "every source hashed",
    "files": "facts and decisions written as Parquet",
    "fetched": "rows of log and actions out of DuckDB",
    "rows": "the same rows into SQLite, by executemany",
    "leaves": "a Merkle tree of every decision, line and action",
}
HEAD = ("accounts", "work", "wall s", "cpu s", "ratio")


@dataclass
class Spent:
    """Seconds on the clock, and of processor (all threads, user and system)."""

    wall: float = 0.0
    cpu: float = 0.0

    @contextmanager
    def counting(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.wall += time.perf_counter() - wall
            self.cpu += time.process_time() - cpu


def floor_table(folder: Path, sizes: Iterable[int], say: Say) -> Table:
    """The least ratio to the script by hand, for books of these sizes."""
    rows: list[list[str]] = []
    for accounts in sizes:
        book = Book(folder, accounts)
        say(f"{accounts:,} accounts: a night, to do its work over")
        book.kam()
        book.by_hand()  # once for the files to be in memory
        say(f"{accounts:,} accounts: the least that a night can take")
        by_hand = book.by_hand()
        _, told = measure.told(["-m", "benchmarks.floor", str(book.path)])
        work = {name: Spent(**spent) for name, spent in json.loads(told).items()}
        rows += floor_rows(accounts, Spent(by_hand.wall, by_hand.cpu), work, os.cpu_count() or 1)
    return Table(HEAD, rows)


def floor_rows(
    accounts: int, by_hand: Spent, work: dict[str, Spent], cores: int
) -> Iterator[list[str]]:
    """The script, what has to be done beside it, and what both come to: one after the other, and
    if all cores were busy all the time."""
    size = f"{accounts:,}"
    for name, spent in {"night by hand": by_hand, **work}.items():
        yield [size, TITLES.get(name, name), f"{spent.wall:.2f}", f"{spent.cpu:.2f}", ""]
    wall = by_hand.wall + sum(spent.wall for spent in work.values())
    cpu = by_hand.cpu + sum(spent.cpu for spent in work.values())
    for title, least in (
        ("both, one after the other", wall),
        (f"both, if no core of {cores} ever rested", cpu / cores),
    ):
        ratio = least / by_hand.wall
        yield [size, title, f"{least:.2f}", f"{cpu:.2f}", f"{ratio:.2f}"]


# --- the work -----------------------------------------------------------------------------


def work_of(workspace: Path) -> dict[str, Spent]:
    """What the last night of a workspace has left, written and hashed once more."""
    run = last_run(workspace)
    spent = {name: Spent() for name in TITLES}
    with tempfile.TemporaryDirectory(dir=workspace) as name:
        folder = Path(name)
        _hash_sources(workspace, run, spent["sources"])
        _write_files(run, folder, spent["files"])
        _grow_trees(_decisions(run), spent["leaves"])
        _grow_trees(
            _write_rows(workspace / "store" / "kam.db", folder, spent["rows"]), spent["leaves"]
        )
        for table in TABLES:
            _fetch(folder / f"{table}.csv", spent["fetched"])
    return spent


def _hash_sources(workspace: Path, run: Path, spent: Spent) -> None:
    for source in sources_read(run):
        with spent.counting(), (workspace / source["file"]).open("rb") as opened:
            file_digest(opened, "sha256")


def _write_files(run: Path, folder: Path, spent: Spent) -> None:
    """From memory, as DuckDB writes Parquet unasked."""
    import duckdb

    with duckdb.connect() as connection:
        for file in ("facts.parquet", "decisions.parquet"):
            connection.read_parquet(str(run / file)).create("kept")
            with spent.counting():
                connection.table("kept").write_parquet(str(folder / file))
            connection.execute("DROP TABLE kept")


def _decisions(run: Path) -> Iterator[list[bytes]]:
    """Every row as JSON, batch by batch."""
    import duckdb

    query = "SELECT to_json(decisions)::VARCHAR FROM read_parquet(?) AS decisions"
    with duckdb.connect() as connection:
        rows = connection.execute(query, [str(run / "decisions.parquet")])
        while batch := rows.fetchmany(BATCH):
            yield [text.encode() for (text,) in batch]


def _write_rows(store: Path, folder: Path, spent: Spent) -> Iterator[list[bytes]]:
    """All rows of the log and the actions in one transaction; as texts, batch by batch, and in a
    file for each table."""
    with (
        closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as read,
        closing(sqlite3.connect(folder / "rows.db", isolation_level=None)) as written,
    ):
        written.execute("PRAGMA journal_mode = WAL")
        written.execute("BEGIN")
        for table in TABLES:
            with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as kept:
                for batch in _write_table(read, written, table, spent):
                    csv.writer(kept).writerows(batch)
                    yield [repr(row).encode() for row in batch]
        with spent.counting():
            written.execute("COMMIT")


def _write_table(
    read: sqlite3.Connection, written: sqlite3.Connection, table: str, spent: Spent
) -> Iterator[list[tuple[Any, ...]]]:
    rows = read.execute(f"SELECT * FROM {table} ORDER BY {TABLES[table]}")
    names = [column[0] for column in rows.description]
    written.execute(f"CREATE TABLE {table} ({', '.join(names)})")
    insert = f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})"
    while batch := rows.fetchmany(BATCH):
        with spent.counting():
            written.executemany(insert, batch)
        yield batch


def _fetch(file: Path, spent: Spent) -> None:
    """The rows of a file from DuckDB's memory into Python's, as texts."""
    import duckdb

    with duckdb.connect() as connection:
        connection.read_csv(str(file), header=False, all_varchar=True).create("kept")
        with spent.counting():
            rows = connection.execute("SELECT * FROM kept")
            while rows.fetchmany(FETCHED):
                pass


def _grow_trees(batches: Iterable[list[bytes]], spent: Spent) -> None:
    """A tree for each batch: all together have as many nodes as one over everything."""
    for batch in batches:
        with spent.counting():
            root(leaf_hashes(batch))


def main() -> None:
    spent = work_of(Path(sys.argv[1]))
    json.dump({name: asdict(one) for name, one in spent.items()}, sys.stdout)


if __name__ == "__main__":
    main()
