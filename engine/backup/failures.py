"""Failures of the disk that a backup is written to or read from."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.audit.failures import system_code
from engine.errors import problem

_FULL_HINT = "free space there or name a place on another disk; nothing has been changed"
_HINT = "check the path and who may write there; nothing has been changed"
# What SQLite says of the file that it copies to; the rest is about the store.
_TARGET = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_CANTOPEN")


@contextmanager
def writing_errors(path: Path) -> Iterator[None]:
    """Turns errors of writing within the block into `KamError` ``backup-full`` or
    ``backup-not-written``; a backup needs room for itself and for a copy of kam.db."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if not name.startswith(_TARGET):
            raise
        full = name == "SQLITE_FULL"
        raise _not_written(path, str(error), full=full) from error
    except OSError as error:
        full = system_code(error.errno or 0) == "store-full"
        raise _not_written(path, error.strerror or str(error), full=full) from error


@contextmanager
def reading_errors(file: Path) -> Iterator[None]:
    """Turns errors of reading a backup within the block into `KamError` ``backup-unreadable``."""
    try:
        yield
    except OSError as error:
        missing = error.errno == errno.ENOENT
        raise problem(
            "backup-unreadable",
            f"the backup {file} cannot be read ({error.strerror or error})",
            hint="there is no such file" if missing else "check who may read it, and its disk",
        ) from error


def _not_written(path: Path, why: str, *, full: bool) -> Exception:
    return problem(
        "backup-full" if full else "backup-not-written",
        f"{path} cannot be written ({why})",
        hint=_FULL_HINT if full else _HINT,
    )
