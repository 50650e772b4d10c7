"""Loads every source into typed tables, and accounts for each of its rows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from engine.errors import KamError, Problem, problem
from engine.facts import quarantine
from engine.facts.catalog import Catalog, SourceTable
from engine.facts.cells import Decimals, Rules, functions
from engine.facts.places import locate
from engine.facts.scan import Fingerprint, Scan, scan
from engine.facts.sources import SOURCES
from engine.facts.sources.base import SourceFile
from engine.facts.sql import literal
from engine.facts.tables import BAD_ACCOUNTS, TableLoader

Progress = Callable[[str], None]
"""Called with the name of a table before its source is read."""


@dataclass(frozen=True)
class SourceReport:
    """What became of one source: `rows_read` is `rows_used` plus `rows_quarantined`.

    `file` is the path as facts.yaml writes it; `sha256` is of the bytes that were read.
    """

    name: str
    file: str
    sha256: str
    rows_read: int
    rows_used: int
    rows_quarantined: int


@dataclass(frozen=True)
class FactsReport:
    """The reports of all sources, accounts first."""

    sources: tuple[SourceReport, ...]


@dataclass(frozen=True)
class OpenedSource:
    """A source that has passed its checks, with the scan of its bytes under way."""

    table: SourceTable
    path: Path
    file: SourceFile
    scanned: Future[Scan]


def load_facts(
    connection: duckdb.DuckDBPyConnection,
    catalog: Catalog,
    root: Path,
    wanted: Mapping[str, Collection[str]],
    precision: Decimals,
    timezone: str,
    *,
    progress: Progress | None = None,
    known: Mapping[str, Fingerprint] | None = None,
) -> FactsReport:
    """Create ``accounts``, ``record_<name>`` and ``quarantine`` in the connection.

    Besides, ``bad_accounts(account_id)`` lists the accounts whose row is in quarantine.

    Every mapped column of every row is checked; of the columns, those in `wanted` (table
    name → column names) are kept. `timezone` is the workspace's: datetimes without an
    offset are in it, others are converted to it. `known` fingerprints save the hashing.

    Raises `KamError` with everything that is wrong with the sources as a whole (missing,
    outside the workspace, not what it should be, without a mapped column) before any is
    loaded; bad rows go into ``quarantine`` instead.
    """
    rules = Rules(precision, timezone)
    tell = progress or (lambda name: None)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kam-facts-")))
        pool = stack.enter_context(ThreadPoolExecutor(1, "kam-scan"))
        opened = _open(connection, catalog, root, folder)
        for _, _, file in opened:
            stack.callback(file.close)
        sources = _start_scans(pool, opened, known or {})
        types = {one.column.type for table in catalog.tables for one in table.mapped()}
        connection.execute(f"{quarantine.TABLE}; {BAD_ACCOUNTS}; {functions(types, rules)}")
        stack.enter_context(_planned_as_written(connection))

        def load(source: OpenedSource, accounts: Callable[[], object]) -> SourceReport:
            with connection.cursor() as own:  # a connection of its own, to the same database
                loader = TableLoader(own, rules, accounts)
                report = _load(loader, source, wanted.get(source.table.name, ()))
            source.file.close()
            return report

        def load_records(source: OpenedSource) -> SourceReport:
            tell(source.table.name)
            return load(source, accounts.result)

        # Planning a statement and numbering rows keep one core busy: two tables at a time use
        # two. Records are typed beside the accounts, and wait for them only then.
        loading = stack.enter_context(ThreadPoolExecutor(2, "kam-load"))
        tell(catalog.accounts.name)
        accounts = loading.submit(load, next(sources), lambda: None)
        loads = [accounts, *(loading.submit(load_records, source) for source in sources)]
        try:
            return FactsReport(tuple(one.result() for one in loads))
        finally:
            for one in loads:
                one.cancel()


@contextmanager
def _planned_as_written(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Keep DuckDB from moving the test of a row into the typing of its cells.

    It would repeat the whole expression of a cell wherever the test names the cell, which
    makes the loading several times slower.
    """
    found = connection.execute("SELECT current_setting('disabled_optimizers')").fetchone()
    before = str(found[0]) if found else ""
    merged = f"{before},filter_pushdown".strip(",")
    connection.execute(f"SET disabled_optimizers = {literal(merged)}")
    try:
        yield
    finally:
        connection.execute(f"SET disabled_optimizers = {literal(before)}")


def _open(
    connection: duckdb.DuckDBPyConnection, catalog: Catalog, root: Path, folder: Path
) -> list[tuple[SourceTable, Path, SourceFile]]:
    """Open and check all sources. Raises `KamError` with the problems of every one."""
    opened: list[tuple[SourceTable, Path, SourceFile]] = []
    problems: list[Problem] = []
    for table in catalog.tables:
        try:
            path = locate(table.source, root)
            file = SOURCES[table.source.kind](table, path, folder)
            problems += file.check(connection)
            opened.append((table, path, file))
        except KamError as error:
            problems += error.problems
    if problems:
        raise KamError(problems)
    return opened


def _start_scans(
    pool: ThreadPoolExecutor,
    opened: list[tuple[SourceTable, Path, SourceFile]],
    known: Mapping[str, Fingerprint],
) -> Iterator[OpenedSource]:
    """Scan the files one after another, beside the loading; each file once."""
    scans: dict[Path, Future[Scan]] = {}
    for table, path, file in opened:
        if path not in scans:
            scans[path] = pool.submit(scan, path, file.reads_lines, known.get(table.name))
    return iter([OpenedSource(table, path, file, scans[path]) for table, path, file in opened])


def _load(loader: TableLoader, source: OpenedSource, wanted: Collection[str]) -> SourceReport:
    table = source.table
    counts = loader.load(table, source.file, lambda: source.scanned.result().lines, wanted)
    if counts.read != counts.used + counts.quarantined:
        raise problem(
            "rows-lost",
            f"{counts.read} rows of {table.source.path!r} were read, but {counts.used} are used"
            f" and {counts.quarantined} are in quarantine",
            table.source.location,
            "this is a defect of kam; please report it with the file's first lines",
        )
    fingerprint = source.scanned.result().fingerprint
    if not fingerprint.still_holds(source.path):
        raise problem(
            "source-changed",
            f"{table.source.path!r} was written to while it was read",
            table.source.location,
            "run again when the export is complete",
        )
    return SourceReport(
        table.name,
        table.source.path,
        fingerprint.sha256,
        counts.read,
        counts.used,
        counts.quarantined,
    )
