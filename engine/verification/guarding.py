"""A check that meets what no run has written says so, and the rest is checked nevertheless.

Whoever altered a store may have left anything in it: text where JSON was, a number beyond all
bounds, bytes that are no text. What each check knows of, it names itself; this is for the rest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import duckdb

from engine.audit.leaf_workers import WORKER_DIED
from engine.errors import KamError
from engine.verification.findings import Findings


@contextmanager
def guarding(findings: Findings, run: str | None, what: str) -> Iterator[None]:
    """Turns what a check raises over damaged data into a finding ``check-failed``; `what` was
    checked. Errors of SQLite itself, such as those of a disk, and of processes that died, pass."""
    try:
        yield
    except KamError as error:
        if error.problems[0].code == WORKER_DIED:
            raise
        _say(findings, run, what, error.problems[0].message)
    except sqlite3.Error as error:
        if hasattr(error, "sqlite_errorname"):  # else Python could not read what SQLite gave
            raise
        _say(findings, run, what, str(error))
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
        duckdb.Error,
    ) as error:
        _say(findings, run, what, f"{type(error).__name__}: {error}")


def check_each(checks: Mapping[str, Callable[[], None]], findings: Findings) -> None:
    """Makes every check, each guarded; the keys say what is checked."""
    for what, check in checks.items():
        with guarding(findings, None, what):
            check()


def _say(findings: Findings, run: str | None, what: str, why: str) -> None:
    findings.add(
        "check-failed",
        run,
        f"{what} cannot be checked, because something there is not as kam writes it ({why})",
    )
