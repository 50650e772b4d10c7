"""What a run writes of personal values within its transaction, and what has had its time.

Retention goes by as-of dates: values of a class are kept for so many days after the night that
saw them, that day included, and destroyed by the next run after it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from engine.audit.personal.files import PERSONAL_FILE, values_of
from engine.audit.records import PersonalRecord, PolicyRecord
from engine.audit.run_folder import altered, own_folder_of
from engine.audit.run_rows import day_of
from engine.model import DEFAULT_CLASS, Classification

if TYPE_CHECKING:
    import duckdb

FACTS_FILE = "facts.parquet"
EXPIRING = (PERSONAL_FILE, FACTS_FILE)
"""The files of a run whose time can be over; nothing else is ever removed."""

_FORGOTTEN = """
INSERT INTO decision_log (run_no, account_id, kind, evidence)
SELECT ?, account_id, 'account_forgotten', json_object(
  'forgetting', forgetting_no, 'by', said_by, 'at', forgotten_at, 'reason', reason,
  'values', values_destroyed
)
FROM forgettings
WHERE forgetting_no NOT IN (SELECT forgetting_no FROM forgettings_logged)
ORDER BY forgetting_no
"""
_LOGGED = """
INSERT INTO forgettings_logged
SELECT forgetting_no, ? FROM forgettings
WHERE forgetting_no NOT IN (SELECT forgetting_no FROM forgettings_logged)
"""
_EXPIRED = """
INSERT INTO decision_log (run_no, kind, evidence) VALUES (?, 'values_expired', ?)
"""
_OLD_OPENINGS = """
DELETE FROM sealed_values WHERE last_run_no IN (SELECT run_no FROM runs WHERE as_of < ?)
"""
_EXPIRED_FILES = """
SELECT e.run_no, e.file, e.expired_on, r.run_id, r.kind
FROM expired_files AS e LEFT JOIN runs AS r USING (run_no)
"""
_OLD_RUNS = """
SELECT run_no, run_id FROM runs
WHERE kind = 'night' AND as_of < ?
  AND run_no NOT IN (SELECT run_no FROM expired_files WHERE file = ?)
ORDER BY run_no
"""


# --- classes and openings ----------------------------------------------------------------


def write_classes(
    connection: sqlite3.Connection,
    run_no: int,
    policies: Iterable[PolicyRecord],
    numbers: Mapping[str, int],
) -> None:
    """Who may read what the policies of a run name; `numbers` are pack → policy_no."""
    connection.executemany(
        "INSERT INTO column_classes VALUES (?, ?, ?, ?)",
        [
            (run_no, numbers[policy.pack], column.name, column.classification)
            for policy in policies
            for column in policy.columns
            if column.classification != DEFAULT_CLASS
        ],
    )


def write_openings(connection: sqlite3.Connection, run_no: int, personal: PersonalRecord) -> None:
    """What the tokens of a run stand for. One that has been written before is of this run too."""
    connection.executemany(
        "UPDATE sealed_values SET last_run_no = ? WHERE token = ?",
        ((run_no, token) for (token,) in personal.tokens),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO sealed_values VALUES (?, ?, ?, ?, ?, ?)",
        ((*row, run_no) for row in personal.openings),
    )


def log_forgettings(connection: sqlite3.Connection, run_no: int) -> None:
    """A line for every account that was forgotten since the previous run."""
    connection.execute(_FORGOTTEN, (run_no,))
    connection.execute(_LOGGED, (run_no,))


# --- retention ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Expiry:
    """What the run `run_no` of the night `as_of` takes back of earlier runs, which wrote into
    folders of `store`. Facts of the runs `needed` stay: a night may yet start from them."""

    store: Path
    run_no: int
    as_of: date
    needed: Sequence[str] = ()

    def write(
        self,
        connection: sqlite3.Connection,
        files: duckdb.DuckDBPyConnection,
        retention: Mapping[Classification, int],
    ) -> None:
        """Deletes openings and says which files have expired, with a line of the log.

        `remove_expired` removes the files when this is certain.
        """
        facts = [retention[one] for one in ("confidential", "internal") if one in retention]
        if facts:
            self._facts(connection, self.as_of - timedelta(days=min(facts)))
        if "personal" in retention:
            before = self.as_of - timedelta(days=retention["personal"])
            self._personal(connection, files, before)

    def _personal(
        self, connection: sqlite3.Connection, files: duckdb.DuckDBPyConnection, before: date
    ) -> None:
        old = self._old_runs(connection, before, PERSONAL_FILE)
        values = sum(values_of(files, folder, None) for folder in old.values())
        deleted = connection.execute(_OLD_OPENINGS, (before.isoformat(),)).rowcount
        self._take_back(connection, old, PERSONAL_FILE)
        if old or deleted:
            seen = {"runs": len(old), "values": values, "openings": deleted}
            self._say(connection, "personal", before, seen)

    def _facts(self, connection: sqlite3.Connection, before: date) -> None:
        old = self._old_runs(connection, before, FACTS_FILE)
        self._take_back(connection, old, FACTS_FILE)
        if old:
            self._say(connection, "internal", before, {"runs": len(old)})

    def _old_runs(self, connection: sqlite3.Connection, before: date, file: str) -> dict[int, Path]:
        """Number → folder of the runs of earlier days whose file is still there."""
        rows = connection.execute(_OLD_RUNS, (before.isoformat(), file)).fetchall()
        needed = self.needed if file == FACTS_FILE else ()
        found = {
            number: own_folder_of(self.store, run_id)
            for number, run_id in rows
            if run_id not in needed
        }
        return {number: folder for number, folder in found.items() if (folder / file).exists()}

    def _take_back(
        self, connection: sqlite3.Connection, old: Mapping[int, Path], file: str
    ) -> None:
        connection.executemany(
            "INSERT INTO expired_files VALUES (?, ?, ?)",
            [(number, file, self.as_of.isoformat()) for number in old],
        )

    def _say(
        self,
        connection: sqlite3.Connection,
        classification: Classification,
        before: date,
        counts: Mapping[str, int],
    ) -> None:
        evidence = {"class": classification, "before": before.isoformat(), **counts}
        connection.execute(_EXPIRED, (self.run_no, json.dumps(evidence)))


@dataclass(frozen=True)
class ExpiredFile:
    """A row of ``expired_files``; `run_id` is that of its night."""

    run_no: int
    run_id: str
    file: str
    day: date


def read_expired(connection: sqlite3.Connection) -> tuple[list[ExpiredFile], list[str]]:
    """The files that have expired, and in words what names no file that could: such a row is
    among those words only."""
    found, wrong = [], []
    for number, file, day, run_id, kind in connection.execute(_EXPIRED_FILES):
        try:
            if file not in EXPIRING or kind != "night":
                raise ValueError("no file that expires")
            found.append(ExpiredFile(number, run_id, file, day_of(day)))
        except ValueError:
            wrong.append(f"expired_files names {file!r} of run {run_id or number} as of {day!r}")
    return found, wrong


def expired_files(connection: sqlite3.Connection, store: Path) -> dict[int, dict[str, date]]:
    """Number of a run → its files that have expired, and when. Raises `KamError`
    ``store-altered``."""
    found: dict[int, dict[str, date]] = {}
    for one in _require_expired(connection, store):
        found.setdefault(one.run_no, {})[one.file] = one.day
    return found


def remove_expired(connection: sqlite3.Connection, store: Path) -> None:
    """Removes the files that the store says have expired; those that are gone are no error.

    Raises `KamError` ``store-altered`` before anything is removed if it names another file.
    """
    expired = _require_expired(connection, store)
    for path in [own_folder_of(store, one.run_id) / one.file for one in expired]:
        if path.exists():
            path.unlink()


def _require_expired(connection: sqlite3.Connection, store: Path) -> list[ExpiredFile]:
    found, wrong = read_expired(connection)
    if wrong:
        raise altered(store, wrong[0])
    return found
