"""Places at which a process can die or a disk can fail, numbered in the order of a run.

A point lies before and after every call that changes what is in a folder or syncs it, and
before every statement of SQLite that writes or bounds a transaction, so that there is one on
either side of each BEGIN and COMMIT. They are installed in a child process only, and never taken
off again.
"""

from __future__ import annotations

import os
import re
import signal
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_CALLS = ("fsync", "rename", "replace", "mkdir", "unlink", "rmdir")
_STATEMENT = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|INSERT|UPDATE|DELETE|CREATE|DROP|"
    r"PRAGMA wal_checkpoint|PRAGMA journal_mode)",
    re.IGNORECASE,
)


@dataclass
class Points:
    """Counts the points that are passed; at number `stop`, does `what`: ``kill`` or ``fail``."""

    root: str
    """Calls that name a path outside of it do not count."""
    stop: int | None = None
    what: str = "kill"
    passed: list[str] = field(default_factory=list)

    def install(self) -> None:
        for name in _CALLS:
            setattr(os, name, self._around(name, getattr(os, name)))
        connect = sqlite3.connect
        points = self

        class Watched(sqlite3.Connection):
            """Statements that fail do so where they are called; a trace could not raise."""

            def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
                if points.what == "fail":
                    points.statement(sql)
                return super().execute(sql, *arguments)

            def executemany(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
                if points.what == "fail":
                    points.statement(sql)
                return super().executemany(sql, *arguments)

        def watched(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connection = connect(*arguments, **{"factory": Watched, **options})
            if self.what == "kill":
                connection.set_trace_callback(self.statement)
            return connection

        sqlite3.connect = watched

    def statement(self, sql: str) -> None:
        """Before a statement."""
        if found := _STATEMENT.match(sql):
            self._pass(found[1], _full_database)

    def _around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            path = arguments[0]
            if not isinstance(path, int) and self._is_outside(os.fspath(path)):
                return call(*arguments, **options)
            self._pass(f"before {name}", _full_disk)
            result = call(*arguments, **options)
            self._pass(f"after {name}", _full_disk)
            return result

        return wrapped

    def _is_outside(self, path: str) -> bool:
        """Names that are relative are those of a folder that is being removed."""
        return path.startswith("/") and not path.startswith(self.root)

    def _pass(self, label: str, failure: Callable[[], Exception]) -> None:
        self.passed.append(label)
        if self.stop != len(self.passed):
            return
        if self.what == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise failure()


def _full_disk() -> Exception:
    return OSError(28, os.strerror(28))


def _full_database() -> Exception:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode, error.sqlite_errorname = 13, "SQLITE_FULL"
    return error
