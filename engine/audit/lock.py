"""One run at a time: an advisory lock of the operating system, released at death.

The lock is on ``kam.lock``. Who holds it stands beside it in ``kam.lock.json``, which may
be left over from a run that was killed and therefore decides nothing.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from engine.audit.failures import store_errors
from engine.errors import KamError, problem

if TYPE_CHECKING:
    from filelock import FileLock

LOCK_FILE = "kam.lock"
HOLDER_FILE = "kam.lock.json"
BUSY = "store-busy"
"""The code of the error that another run holds the store."""

OUTLASTS_SECONDS = 30.0
"""How long a run waits for single events, of which a service may decide one after the other."""

_POLL = 0.002
_GRACE = 0.02


@contextmanager
def hold(folder: Path, *, briefly: bool = False) -> Iterator[None]:
    """Holds the store in `folder`, or raises `KamError` ``store-busy`` at once.

    Who holds it `briefly`, for milliseconds and hundreds of times a second, does not say so; who
    holds it for longer waits for such a one.
    """
    lock = _lock(folder / LOCK_FILE, briefly)
    with store_errors(folder):
        if not (_acquires(lock) or (not briefly and _outlasts(lock, folder))):
            raise _busy(folder)
    try:
        with store_errors(folder):
            if briefly:
                (folder / HOLDER_FILE).unlink(missing_ok=True)  # of a run that was killed
            else:
                _write_holder(folder)
        yield
    finally:
        if not briefly:
            with suppress(OSError):  # information only; the next holder overwrites it
                (folder / HOLDER_FILE).unlink()
        lock.release()


class _BriefLock:
    """The same lock on the same file, without the half millisecond that a `FileLock` spends on
    paths, owners and fallbacks."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor = -1

    def acquire(self) -> None:
        from filelock import Timeout, lock_descriptor

        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if not lock_descriptor(descriptor, blocking=False):
                raise Timeout(str(self._file))
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        os.close(self._descriptor)  # which gives the lock back


def _lock(file: Path, briefly: bool) -> FileLock | _BriefLock:
    from filelock import FileLock  # not for the many who read a store and never lock it

    return _BriefLock(file) if briefly else FileLock(file, timeout=0)


def _acquires(lock: FileLock | _BriefLock) -> bool:
    from filelock import Timeout

    try:
        lock.acquire()
    except Timeout:
        return False
    return True


def _outlasts(lock: FileLock | _BriefLock, folder: Path) -> bool:
    """Waits for whoever holds the store for single events; False if it is a run, which says so."""
    until = time.monotonic() + OUTLASTS_SECONDS
    while time.monotonic() < until:
        is_run = (folder / HOLDER_FILE).exists()  # or of one that was killed, and gone in a moment
        time.sleep(_GRACE if is_run else _POLL)
        if _acquires(lock):
            return True
        if is_run and (folder / HOLDER_FILE).exists():
            return False
    return False


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
