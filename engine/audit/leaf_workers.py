"""The leaves of a large night, hashed by other processes while the night is being recorded.

Python hashes a leaf in some microseconds and one at a time, and a night over a million accounts
has six million. Decisions stand in their file before anything is recorded, so they are hashed
beside it; lines are handed over as they are read back, because nobody else can see them yet.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.audit.hashed import Hashed, hashed
from engine.audit.leaves import LineTexts, Salt, decision_hashes, hashes_of

if TYPE_CHECKING:
    import duckdb

WORTH_IT = 200_000
"""Decisions from which on it pays to start the processes: each takes a quarter of a second."""

PROCESSES = 2
AHEAD = 6
"""Batches that wait for a worker at most; each holds some megabytes."""


class LeafWorkers:
    """Processes that hash leaves; see `leaf_workers`."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def decisions(self, file: Path, salt: Salt, place: int) -> Future[list[Hashed]]:
        """Begins with the rows of a decisions.parquet."""
        return self._pool.submit(_decisions, file, salt, place)

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
            begun.append(self._pool.submit(_lines, part, rows, dict(rules), salt, place))
            place += len(rows)
            if len(begun) >= AHEAD:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


@contextmanager
def leaf_workers(decisions: int) -> Iterator[LeafWorkers | None]:
    """Workers for a night of so many decisions; None where they do not pay.

    Processes are started anew and not forked, because the night has threads.
    """
    processes = min(PROCESSES, os.cpu_count() or 1)
    if decisions < WORTH_IT or processes < 2:
        yield None
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        yield LeafWorkers(pool)


def row_count(database: duckdb.DuckDBPyConnection, file: Path) -> int:
    """How many rows a Parquet file has, as its footer says."""
    query = "SELECT count(*) FROM read_parquet(?)"
    ((rows,),) = database.execute(query, [os.fspath(file)]).fetchall()
    return int(rows)


def decisions_hashed(
    database: duckdb.DuckDBPyConnection, file: Path, salt: Salt, workers: LeafWorkers | None
) -> Callable[[], Iterable[Hashed]]:
    """Begins with the decisions of a run, after the one leaf of its manifest, where there are
    workers; what is returned gives them."""
    if workers is None:
        return lambda: hashed(decision_hashes(database, file, salt), 1)
    begun = workers.decisions(file, salt, 1)
    return begun.result


def _decisions(file: Path, salt: Salt, place: int) -> list[Hashed]:
    import duckdb

    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        return list(hashed(decision_hashes(connection, file, salt), place))


def _lines(
    part: str, rows: list[Any], rules: Mapping[int | None, str], salt: Salt, place: int
) -> Hashed:
    return next(hashed([hashes_of(LineTexts(rules, salt), part, rows)], place))
