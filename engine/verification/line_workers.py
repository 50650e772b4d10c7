"""Leaves of log lines and actions, hashed by several processes at once.

Python hashes a line in some microseconds and one at a time; a store has millions. Each worker
reads the store for itself and is told which lines; what comes back is what they amount to in
the tree, and their marks.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from engine.audit.connecting import connect_read_only
from engine.audit.hashed import Hashed, hashed
from engine.audit.leaves import LineLeaves, Salt, store_salt
from engine.errors import KamError

CHUNK = 20_000
"""Lines that a worker takes at a time."""

WORTH_IT = 50_000
"""Lines from which on it pays to start the processes: each takes about a quarter of a second."""


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


class LineWorkers:
    """Some processes that hash lines of the store in `file`; a context manager.

    Processes are started anew and not forked, because the caller may have threads.
    """

    def __init__(self, file: Path, processes: int) -> None:
        self._file = file
        self._pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"))

    def __enter__(self) -> LineWorkers:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def begin(self, lines: Lines) -> list[Future[list[Hashed]]]:
        """Begins with these lines."""
        return [
            self._pool.submit(
                _hashes,
                self._file,
                lines._replace(
                    first=start,
                    last=min(start + CHUNK - 1, lines.last),
                    place=lines.place + start - lines.first,
                ),
            )
            for start in range(lines.first, lines.last + 1, CHUNK)
        ]


def results(begun: list[Future[list[Hashed]]]) -> Iterator[Hashed]:
    """What `LineWorkers.begin` began with, in order."""
    for future in begun:
        yield from future.result()


def _hashes(file: Path, lines: Lines) -> list[Hashed]:
    try:
        return list(hashed_lines(_leaves(file, lines.run_id), lines))
    except KamError as error:  # which cannot be sent from process to process
        raise sqlite3.DataError(str(error)) from None


@lru_cache(maxsize=1)
def _leaves(file: Path, run_id: str) -> LineLeaves:
    connection = connect_read_only(file)
    return LineLeaves(connection, Salt(store_salt(connection), run_id))
