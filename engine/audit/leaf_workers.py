"""The leaves of a large run, hashed by processes of their own.

Python hashes a leaf in some microseconds and one at a time, and a night over a million accounts
has six million. The workers are told what to hash and read it for themselves: decisions from their
file, lines from kam.db or, while a night is recorded, from files beside it. Lines that nobody else
can see yet are handed over.
"""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from engine.audit.connecting import connect_read_only
from engine.audit.hashed import Hashed, hashed
from engine.audit.leaves import (
    LineLeaves,
    LineTexts,
    Salt,
    hashes_of,
    store_salt,
)
from engine.audit.parquet_leaves import decision_hashes, line_hashes
from engine.errors import KamError, problem

if TYPE_CHECKING:
    from concurrent.futures import Future

    import duckdb

WORTH_IT = 200_000
"""Decisions from which on it pays to start the processes: each takes a quarter of a second."""

PROCESSES = 2
AHEAD = 60
"""Batches that wait for a worker at most; each holds half a megabyte."""

WORKER_DIED = "worker-died"
"""Code of a problem that says nothing about the store."""

CHUNK = 20_000
"""Lines that a worker reads at a time."""

PARQUET_ROWS = 122_880
"""Rows of a file that a worker reads at a time: a row group as DuckDB writes it, because who asks
for a part of one decodes all of it."""

Found = TypeVar("Found")


class Lines(NamedTuple):
    """The lines `first` to `last` of ``log`` or ``actions`` of a run; `place` is the number of
    leaves of the run before them."""

    run_id: str
    part: str
    first: int
    last: int
    place: int


def hashed_lines(leaves: LineLeaves, lines: Lines) -> Iterator[Hashed]:
    """Lines of a run, hashed here."""
    of_part = leaves.log if lines.part == "log" else leaves.actions
    return hashed(of_part(lines.first, lines.last), lines.place)


class LeafWorkers:
    """So many processes that hash leaves; a context manager.

    They are started anew and not forked, because the caller may have threads.
    """

    def __init__(self, processes: int) -> None:
        # Whoever opens a store imports this module, and hardly anybody starts processes.
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        self._pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"))

    def __enter__(self) -> LeafWorkers:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _submit(self, work: Callable[..., Found], *arguments: object) -> Future[Found]:
        with _worker_errors():
            return self._pool.submit(work, *arguments)

    def decisions(self, file: Path, salt: Salt, rows: int, place: int) -> Iterator[Hashed]:
        """Begins at once with the rows of a decisions.parquet, which has so many; `place` leaves
        of the run stand before them."""
        begun = [
            self._submit(_decisions, file, salt, some, place + some.start)
            for some in _pieces(rows, PARQUET_ROWS)
        ]
        return _results(begun)

    def passing(
        self, file: Path, part: str, numbers: range, leaves: LineLeaves
    ) -> Iterator[list[bytes]]:
        """Begins at once with lines that stand in a file of their own, on their way into kam.db
        where they get these numbers; hashes of their leaves, as their place may not be known
        yet."""
        rules = dict(leaves.rules)
        begun = [
            self._submit(_passing, file, part, numbers.start, some, rules, leaves.salt)
            for some in _pieces(len(numbers), PARQUET_ROWS)
        ]
        return _results(begun)

    def lines(
        self,
        part: str,
        batches: Iterable[list[Any]],
        rules: Mapping[int | None, str],
        salt: Salt,
        place: int,
    ) -> Iterator[Hashed]:
        """The leaves of rows of ``log`` or ``actions``, in their order; `place` leaves of the
        run stand before them."""
        begun: deque[Future[Hashed]] = deque()
        for rows in batches:
            begun.append(self._submit(_lines, part, rows, dict(rules), salt, place))
            place += len(rows)
            if len(begun) >= AHEAD:
                yield _result(begun.popleft())
        while begun:
            yield _result(begun.popleft())

    def stored(self, file: Path, lines: Lines) -> Iterator[Hashed]:
        """Begins at once with lines that stand in the kam.db that `file` is."""
        begun = [
            self._submit(
                _stored,
                file,
                lines._replace(
                    first=lines.first + some.start,
                    last=lines.first + some.stop - 1,
                    place=lines.place + some.start,
                ),
            )
            for some in _pieces(lines.last + 1 - lines.first, CHUNK)
        ]
        return _results(begun)


def _pieces(count: int, size: int) -> Iterator[range]:
    """So many rows, `size` at a time."""
    return (range(start, min(start + size, count)) for start in range(0, count, size))


def _results(begun: Iterable[Future[list[Found]]]) -> Iterator[Found]:
    return (one for future in begun for one in _result(future))


def _result(future: Future[Found]) -> Found:
    with _worker_errors():
        return future.result()


@contextmanager
def _worker_errors() -> Iterator[None]:
    """Turns the end of a worker within the block into `KamError` ``worker-died``."""
    from concurrent.futures import BrokenExecutor

    try:
        yield
    except BrokenExecutor as error:
        raise problem(
            WORKER_DIED,
            "a process that hashes the lines of the log has ended before its time",
            hint="the system may have run out of memory and killed it: leave it more "
            "(KAM_MEMORY is what a night takes), and try again",
        ) from error


@contextmanager
def leaf_workers(decisions: int) -> Iterator[LeafWorkers | None]:
    """Workers for a night of so many decisions; None where they do not pay."""
    processes = min(PROCESSES, os.cpu_count() or 1)
    if decisions < WORTH_IT or processes < 2:
        yield None
        return
    with LeafWorkers(processes) as workers:
        yield workers


def row_count(database: duckdb.DuckDBPyConnection, file: Path) -> int:
    """How many rows a Parquet file has, as its footer says."""
    query = "SELECT count(*) FROM read_parquet(?)"
    ((rows,),) = database.execute(query, [os.fspath(file)]).fetchall()
    return int(rows)


def _decisions(file: Path, salt: Salt, rows: range, place: int) -> list[Hashed]:
    return list(hashed(decision_hashes(_database(), file, salt, rows), place))


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Of a worker, of which there is one for each processor."""
    import duckdb

    return duckdb.connect(config={"autoinstall_known_extensions": False, "threads": 1})


def _passing(
    file: Path, part: str, first: int, rows: range, rules: Mapping[int | None, str], salt: Salt
) -> list[list[bytes]]:
    return list(line_hashes(_database(), file, LineTexts(rules, salt), part, first, rows))


def _lines(
    part: str, rows: list[Any], rules: Mapping[int | None, str], salt: Salt, place: int
) -> Hashed:
    return next(hashed([hashes_of(LineTexts(rules, salt), part, rows)], place))


def _stored(file: Path, lines: Lines) -> list[Hashed]:
    try:
        return list(hashed_lines(_leaves(file, lines.run_id), lines))
    except KamError as error:  # which cannot be sent from process to process
        raise sqlite3.DataError(str(error)) from None


@lru_cache(maxsize=1)
def _leaves(file: Path, run_id: str) -> LineLeaves:
    connection = connect_read_only(file)
    return LineLeaves(connection, Salt(store_salt(connection), run_id))
