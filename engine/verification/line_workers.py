"""Leaves of log lines and actions, hashed by several processes at once.

Python hashes a line in some microseconds and one at a time; a store has millions. Each worker
reads the store for itself and is told which lines; what comes back is only hashes.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path

from engine.audit.leaves import LineLeaves, Salt, store_salt
from engine.audit.store import open_store
from engine.errors import KamError
from engine.evidence.merkle import HASH_BYTES

CHUNK = 20_000
"""Lines that a worker takes at a time."""

WORTH_IT = 200_000
"""Lines from which on it pays to start the processes: each takes about half a second."""


class LineWorkers:
    """Some processes that hash lines of the store in `folder`; a context manager.

    Processes are started anew and not forked, because the caller may have threads.
    """

    def __init__(self, folder: Path, processes: int) -> None:
        self._folder = folder
        self._pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"))

    def __enter__(self) -> LineWorkers:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def begin(self, run_id: str, part: str, first: int, last: int) -> list[Future[bytes]]:
        """Begins with the lines `first` to `last` of ``log`` or ``actions``."""
        return [
            self._pool.submit(
                _hashes, self._folder, run_id, part, start, min(start + CHUNK - 1, last)
            )
            for start in range(first, last + 1, CHUNK)
        ]


def batches(begun: list[Future[bytes]]) -> Iterator[list[bytes]]:
    """What `LineWorkers.begin` began with, in order, as `LineLeaves` gives it."""
    for future in begun:
        joined = future.result()
        yield [joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)]


def _hashes(folder: Path, run_id: str, part: str, first: int, last: int) -> bytes:
    leaves = _leaves(folder, run_id)
    try:
        found = leaves.log(first, last) if part == "log" else leaves.actions(first, last)
        return b"".join([leaf for batch in found for leaf in batch])
    except KamError as error:  # which cannot be sent from process to process
        raise sqlite3.DataError(str(error)) from None


@lru_cache(maxsize=1)
def _leaves(folder: Path, run_id: str) -> LineLeaves:
    connection = open_store(folder, create=False, read_only=True).database.conn
    return LineLeaves(connection, Salt(store_salt(connection), run_id))
