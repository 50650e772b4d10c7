"""Failures of the disk and of SQLite, said so that an operator knows what to do."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import KamError, problem

_HINTS = {
    "store-full": "free space on the disk or raise the quota, then run again",
    "store-read-only": "make the store writable for the user that runs kam",
    "store-corrupt": "restore the store from a backup; its run folders are not affected",
    "store-busy": "wait for the other program to finish, then run again",
    "store-not-a-folder": "name another folder as `store:` in kam.yaml",
    "store-io-error": "check the disk and its quota, then run again",
    "store-refused": "this is a defect of the engine: please report it with this message",
}

_MESSAGES = {
    "store-full": "the store {path} cannot grow any further",
    "store-read-only": "the store {path} cannot be written",
    "store-corrupt": "the store {path} is damaged or is not a database",
    "store-busy": "the store {path} is locked by another program",
    "store-not-a-folder": "the store {path} is not a folder",
    "store-io-error": "the store {path} could not be read or written",
    "store-refused": "the store {path} refused what the run handed over",
}

# The longest prefix of SQLite's extended error name decides.
_SQLITE = {
    "SQLITE_FULL": "store-full",
    "SQLITE_READONLY": "store-read-only",
    "SQLITE_PERM": "store-read-only",
    "SQLITE_AUTH": "store-read-only",
    "SQLITE_CORRUPT": "store-corrupt",
    "SQLITE_NOTADB": "store-corrupt",
    "SQLITE_BUSY": "store-busy",
    "SQLITE_LOCKED": "store-busy",
    "SQLITE_CONSTRAINT": "store-refused",
    "SQLITE_MISMATCH": "store-refused",
    "SQLITE_TOOBIG": "store-refused",
}

_ERRNO = {
    errno.ENOSPC: "store-full",
    errno.EDQUOT: "store-full",
    errno.EFBIG: "store-full",
    errno.EROFS: "store-read-only",
    errno.EACCES: "store-read-only",
    errno.EPERM: "store-read-only",
    errno.ENOTDIR: "store-not-a-folder",
    errno.EEXIST: "store-not-a-folder",
}


def store_error(code: str, path: Path, detail: str) -> KamError:
    """The error for a code of this module; `detail` is the cause in its own words."""
    return problem(code, f"{_MESSAGES[code].format(path=path)} ({detail})", hint=_HINTS[code])


def system_code(number: int) -> str:
    """The code for an error number of the operating system."""
    return _ERRNO.get(number, "store-io-error")


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turns errors of SQLite and of the file system within the block into `KamError`."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        code = next((c for prefix, c in _SQLITE.items() if name.startswith(prefix)), None)
        raise store_error(code or "store-io-error", path, str(error)) from error
    except OSError as error:
        code = system_code(error.errno or 0)
        raise store_error(code, path, error.strerror or str(error)) from error
