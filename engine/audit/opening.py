"""Opening kam.db: create, recognise, migrate, or refuse with the reason.

What is written goes through the triggers of the database, and through its views people read it:
a store in which they are not the known ones is not written to, and one with other views is read by
those alone who examine or copy it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.audit.connecting import BUSY_SECONDS, connect_read_only
from engine.audit.failures import store_errors
from engine.audit.lock import hold
from engine.audit.run_folder import RUNS_FOLDER, altered, mismatch, published_runs
from engine.audit.schema.known import altered_triggers_and_views
from engine.audit.schema.steps import APPLICATION_ID, OUTDATED_ID, STEPS, applied_steps
from engine.errors import problem

DATABASE_FILE = "kam.db"

_NAMED = 5
_CACHE_KIB = 65536


def open_for_writing(folder: Path, create: bool) -> sqlite3.Connection:
    """Opens or creates the database in `folder` and brings it up to date."""
    if not create:
        _require_store(folder)
    with store_errors(folder):
        if not (folder / DATABASE_FILE).exists():
            _require_no_runs(folder)
        (folder / RUNS_FOLDER).mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(folder / DATABASE_FILE, timeout=BUSY_SECONDS)
        with _closing_on_error(connection):
            _recognise(connection, folder)
            if pending_migrations(connection, folder):
                # What is still missing comes with the migrations, which write rows themselves.
                require_known_schema(connection, folder, complete=False)
                _migrate(connection, folder)
            require_known_schema(connection, folder)
            _configure(connection)
    return connection


def open_for_reading(folder: Path, as_it_is: bool) -> sqlite3.Connection:
    """Opens an existing database so that nothing can be changed through it; unless `as_it_is`,
    through no view that is not the known one."""
    connection = _open_read_only(folder)
    with store_errors(folder), _closing_on_error(connection):
        if pending_migrations(connection, folder):
            raise problem(
                "store-outdated",
                f"the store {folder} was written by an older version of kam",
                hint="the next `kam run` brings it up to date; to read it elsewhere, "
                "`kam backup` and `kam restore` make a copy that is",
            )
        if not as_it_is:
            _require_known(connection, folder, ("view",), "it is not read")
    return connection


def open_for_copying(folder: Path) -> sqlite3.Connection:
    """As `open_for_reading`, as it is; also what an older version has written, if it can be
    brought up to date."""
    connection = _open_read_only(folder)
    with store_errors(folder), _closing_on_error(connection):
        if pending_migrations(connection, folder):
            require_known_schema(connection, folder, complete=False)
    return connection


def _open_read_only(folder: Path) -> sqlite3.Connection:
    _require_store(folder)
    with store_errors(folder):
        connection = connect_read_only(folder / DATABASE_FILE)
        with _closing_on_error(connection):
            _recognise(connection, folder)
    return connection


@contextmanager
def _closing_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    """Closes the connection if the block fails."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


def pending_migrations(connection: sqlite3.Connection, folder: Path) -> bool:
    """Whether steps are missing.

    Raises: `KamError` ``store-newer`` if the store has steps that this engine lacks.
    """
    applied = applied_steps(connection)
    if unknown := sorted(applied.difference(STEPS)):
        raise problem(
            "store-newer",
            f"the store {folder} was written by a newer version of kam ({', '.join(unknown)})",
            hint="install that version or a later one",
        )
    return not applied.issuperset(STEPS)


def require_known_schema(
    connection: sqlite3.Connection, folder: Path, *, complete: bool = True
) -> None:
    """Raises `KamError` ``store-altered`` if triggers or views are not those that kam made.

    Costs a fraction of a millisecond. Without `complete` some may be missing.
    """
    kinds = ("trigger", "view")
    _require_known(connection, folder, kinds, "nothing is written to it", complete)


def _require_known(
    connection: sqlite3.Connection,
    folder: Path,
    kinds: tuple[str, ...],
    consequence: str,
    complete: bool = True,
) -> None:
    found = [
        f"{kind} {name} is {how}"
        for (kind, name), how in altered_triggers_and_views(connection)
        if kind in kinds and (complete or how != "missing")
    ]
    if found:
        more = len(found) - _NAMED
        said = "; ".join(found[:_NAMED]) + (f"; and {more} more" if more > 0 else "")
        raise altered(folder, f"{said}; {consequence}")


def _require_store(folder: Path) -> None:
    if not (folder / DATABASE_FILE).exists():
        with store_errors(folder):
            _require_no_runs(folder)
        raise problem("no-store", f"there is no store at {folder}", hint="run `kam run` first")


def _require_no_runs(folder: Path) -> None:
    """A database without tables has no run: folders of runs belong to one that was lost.

    Said before a new one is made; beside that, a single folder would look like what a first
    run left behind that died.
    """
    if published := published_runs(folder / RUNS_FOLDER):
        raise mismatch(folder / RUNS_FOLDER, published)


def _recognise(connection: sqlite3.Connection, folder: Path) -> None:
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    mark = connection.execute("PRAGMA application_id").fetchone()[0]
    if tables and mark == OUTDATED_ID:
        raise problem(
            "store-too-old",
            f"the store {folder} was written by kam 0.1: it does not hold what this version "
            "goes on from (how tiers, warnings and duties stood over time)",
            hint="keep it for its log, and name a new folder as `store:` in kam.yaml",
        )
    if tables and mark != APPLICATION_ID:
        raise problem(
            "not-a-store",
            f"{folder / DATABASE_FILE} is a database, but not one of kam's",
            hint="name another folder as `store:` in kam.yaml",
        )
    if not tables:
        _require_no_runs(folder)


def _migrate(connection: sqlite3.Connection, folder: Path) -> None:
    from engine.audit.schema.migrations import migrate  # most stores are up to date

    with hold(folder):
        migrate(connection)


def _configure(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    # A row that another one replaces is a row that is deleted, and the triggers see it.
    connection.execute("PRAGMA recursive_triggers = ON")
    # What is deleted is overwritten: personal values, that is, and salts.
    connection.execute("PRAGMA main.secure_delete = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    # One checkpoint after the commit instead of one every thousand pages.
    connection.execute("PRAGMA wal_autocheckpoint = 0")
