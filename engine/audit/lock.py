"""One run at a time: an advisory lock of the operating system, released at death.

The lock is on ``kam.lock``. Who holds it stands beside it in ``kam.lock.json``, which may
be left over from a run that was killed and therefore decides nothing.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from engine.audit.failures import store_errors
from engine.errors import KamError, problem

LOCK_FILE = "kam.lock"
HOLDER_FILE = "kam.lock.json"
BUSY = "store-busy"
"""The code of the error that another run holds the store."""


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Holds the store in `folder`, or raises `KamError` ``store-busy`` at once."""
    from filelock import FileLock, Timeout  # not for the many who read a store and never lock it

    lock = FileLock(folder / LOCK_FILE, timeout=0)
    with store_errors(folder):
        try:
            lock.acquire()
        except Timeout:
            raise _busy(folder) from None
    try:
        with store_errors(folder):
            _write_holder(folder)
        yield
    finally:
        with suppress(OSError):  # information only; the next holder overwrites it
            (folder / HOLDER_FILE).unlink()
        lock.release()


def _write_holder(folder: Path) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
    (folder / HOLDER_FILE).write_text(json.dumps(holder), encoding="utf-8")


def _busy(folder: Path) -> KamError:
    try:
        holder = json.loads((folder / HOLDER_FILE).read_text(encoding="utf-8"))
        who = f" (process {holder['pid']} on {holder['host']}, since {holder['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        who = ""  # it has only just begun, and has not said yet who it is
    return problem(
        BUSY,
        f"another run holds the store {folder}{who}",
        hint="wait until it has finished; the lock of a run that was killed releases itself",
    )
