"""Forgetting an account: its salt and its personal values are destroyed, and that it was done
is recorded.

What was decided stays, and so does every hash: the tokens of the account stand where they
stood, and nothing opens them any more. The database is done with in one transaction; files of
runs follow, and if the process dies before they are rewritten, the next run, or the same command
again, goes on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.audit.day_files import forget_records, personal_record_values
from engine.audit.failures import store_errors
from engine.audit.personal.files import remove_account, remove_part, values_of
from engine.audit.run_folder import own_folder_of
from engine.audit.transactions import transaction
from engine.errors import problem


@dataclass(frozen=True)
class Forgotten:
    """What was destroyed. `values` counts the values in files and the openings in kam.db; 0 if
    there was nothing, or nothing any more."""

    account: str
    values: int
    is_recorded: bool
    """False if there was nothing to destroy, and so nothing to record."""


def forget(
    connection: sqlite3.Connection, store: Path, account: str, by: str, reason: str, at: datetime
) -> Forgotten:
    """Destroys the salt and every personal value of an account; call it under the lock.

    The account has been looked up. Raises: `KamError` of `engine.audit.failures`, or
    ``log-still-read`` if another program keeps kam.db from being cleaned up.
    """
    import duckdb

    with store_errors(store):
        finish_forgettings(connection, store)
        with duckdb.connect() as files:
            folders = _folders(connection, store)
            values = sum(
                values_of(files, folder, account) + personal_record_values(files, folder, account)
                for folder in folders
            )
        with transaction(connection):
            values += connection.execute(_DELETE_OPENINGS, (account,)).rowcount
            salts = connection.execute(_DELETE_SALT, (account,)).rowcount
            if values or salts:
                _record(connection, account, by, reason, at, values)
        finish_forgettings(connection, store)
    return Forgotten(account, values, bool(values or salts))


def last_forgetting(connection: sqlite3.Connection) -> int:
    """The number of the last account that was forgotten; 0 if there is none. Whoever holds values
    of accounts in memory looks for a new one."""
    row = connection.execute("SELECT coalesce(max(forgetting_no), 0) FROM forgettings").fetchone()
    return int(row[0])


def finish_forgettings(connection: sqlite3.Connection, store: Path) -> None:
    """Takes the forgotten accounts out of the files of the runs that still may hold them.

    Costs nothing if nobody was forgotten since.
    """
    import duckdb

    with store_errors(store):
        rows = connection.execute(_UNFINISHED).fetchall()
        if not rows:
            return
        with duckdb.connect() as files:
            for number, account, last_run in rows:
                for folder in _folders(connection, store, last_run):
                    remove_part(folder)
                    remove_account(files, folder, account)
                    forget_records(files, folder, account)
                _fold_in(connection, store)
                connection.execute(
                    "DELETE FROM forgettings_unfinished WHERE forgetting_no = ?", (number,)
                )
                connection.commit()


_DELETE_OPENINGS = "DELETE FROM sealed_values WHERE account_id = ?"
_DELETE_SALT = "DELETE FROM salts WHERE account_id = ?"
_UNFINISHED = """
SELECT forgetting_no, account_id, last_run_no
FROM forgettings_unfinished JOIN forgettings USING (forgetting_no)
ORDER BY forgetting_no
"""


def _record(
    connection: sqlite3.Connection, account: str, by: str, reason: str, at: datetime, values: int
) -> None:
    cursor = connection.execute(
        "INSERT INTO forgettings (account_id, forgotten_at, said_by, reason, values_destroyed, "
        "last_run_no) SELECT ?, ?, ?, ?, ?, coalesce(max(run_no), 0) FROM runs",
        (account, at.astimezone(UTC).isoformat(timespec="seconds"), by, reason, values),
    )
    connection.execute("INSERT INTO forgettings_unfinished VALUES (?)", (cursor.lastrowid,))


def _folders(
    connection: sqlite3.Connection, store: Path, last_run: int | None = None
) -> Iterable[Path]:
    """The folders of all nights, or of those up to a run."""
    rows = connection.execute(
        "SELECT run_id FROM runs WHERE kind = 'night' AND run_no <= coalesce(?, run_no)",
        (last_run,),
    ).fetchall()
    return [own_folder_of(store, run_id) for (run_id,) in rows]


def _fold_in(connection: sqlite3.Connection, store: Path) -> None:
    """Folds the write-ahead log into kam.db and empties it, so that old pages are not left there.

    Deleted rows have been overwritten in their pages (``secure_delete``).
    """
    ((is_busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    if is_busy:
        raise problem(
            "log-still-read",
            f"another program reads {store}, so that its log cannot be emptied",
            hint="the values are forgotten, but old pages of kam.db may still hold them: end the "
            "program and say `kam forget` again",
        )
