"""The store: one SQLite database and one folder per run.

A run is recorded in a single transaction after its folder stands complete under its
name, so that whatever dies, and whenever, the store is that of the last run.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from functools import cached_property
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from engine.audit.failures import store_errors
from engine.audit.lock import hold
from engine.audit.named_rows import named_rows
from engine.audit.opening import open_for_reading, open_for_writing, require_known_schema
from engine.audit.personal import values as personal_values
from engine.audit.run_folder import (
    RUNS_FOLDER,
    RunFolder,
    altered,
    folder_of,
    remove_leftovers,
)
from engine.audit.run_rows import Run, last_run_no, read_run_row, utc_text
from engine.audit.transactions import transaction
from engine.errors import KamError

if TYPE_CHECKING:
    from sqlite_utils import Database

    from engine.audit import marks
    from engine.audit.attesting import Attestor
    from engine.audit.recording import Committed
    from engine.audit.records import (
        ActionRow,
        LogRow,
        PolicyRecord,
        RuleKey,
        RunRecord,
        SourceRecord,
    )
    from engine.language.sinks import Sink
    from engine.lifecycle.inputs import Mark

__all__ = ["Run", "Store", "open_store"]

_IDS = 900
"""Of one question about actions; every SQLite takes that many parameters."""


def open_store(
    path: Path, *, create: bool = True, read_only: bool = False, as_it_is: bool = False
) -> Store:
    """Opens the store in the folder `path`.

    A store that is opened for writing is created unless `create` is False, and brought up
    to date. One that is opened `read_only` is never changed, not even by SQLite; whoever examines
    or copies a store takes it `as_it_is`, whatever its views say.

    Raises: `KamError` with ``no-store``, ``store-newer``, ``store-outdated`` (read only),
    ``store-mismatch``, ``store-altered``, ``not-a-store``, or a code of `engine.audit.failures`.
    """
    opened = open_for_reading(path, as_it_is) if read_only else open_for_writing(path, create)
    return Store(path, opened)


class Store:
    """An open store; a context manager that closes it.

    What only those need who write a store is imported where they do: nearly every command reads
    one, and few of them write.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        self._held = False
        self._folder: RunFolder | None = None
        self._schema = self._schema_version()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the database; the last one to close folds its log into it."""
        self.connection.close()

    @cached_property
    def database(self) -> Database:
        """The same connection with the functions of sqlite-utils, which is slow to import."""
        from sqlite_utils import Database

        return Database(self.connection, execute_plugins=False)

    @contextmanager
    def lock(self, *, briefly: bool = False) -> Iterator[None]:
        """Holds the store for a run, or `briefly` for single events. Raises `KamError`
        ``store-busy`` if another does."""
        with hold(self.path, briefly=briefly):
            self._require_schema()
            self._held = True
            try:
                yield
            finally:
                self._held = False

    def _require_schema(self) -> None:
        """Looks again where the schema has changed since: a service keeps its store open for
        days."""
        with store_errors(self.path):
            version = self._schema_version()
            if version != self._schema:
                require_known_schema(self.connection, self.path)
                self._schema = version

    def _schema_version(self) -> int:
        return int(self.connection.execute("PRAGMA schema_version").fetchone()[0])

    # --- what has been ---------------------------------------------------------------

    def last_run(self) -> Run | None:
        """The night that was recorded last."""
        return next(self.runs(limit=1), None)

    def last_run_before(self, day: date) -> Run | None:
        """The last night of an earlier as-of date: the state that one of `day` starts from."""
        return next((run for run in self.runs() if run.as_of < day), None)

    def run(self, run_id: str) -> Run | None:
        """A night by the id of its run."""
        return next(self.runs(run_id=run_id), None)

    def runs(self, *, run_id: str | None = None, limit: int | None = None) -> Iterator[Run]:
        """The nights, the last one first."""
        return self._runs("kind = 'night'", run_id, limit)

    def every_run(self, *, run_id: str | None = None, limit: int | None = None) -> Iterator[Run]:
        """The nights and the runs that answered events between them, the last one first."""
        return self._runs("1", run_id, limit)

    def _runs(self, which: str, run_id: str | None, limit: int | None) -> Iterator[Run]:
        chosen = which if run_id is None else f"{which} AND run_id = :run_id"
        query = f"SELECT * FROM runs WHERE {chosen} ORDER BY run_no DESC LIMIT :limit"  # noqa: S608
        with store_errors(self.path):
            expired = personal_values.expired_files(self.connection, self.path)
            cursor = self.connection.execute(
                query, {"run_id": run_id, "limit": -1 if limit is None else limit}
            )
            rows = named_rows(cursor)
            yield from [self._run(row, expired.get(row["run_no"], {})) for row in rows]

    def last_run_no(self) -> int:
        """The number of the run that was recorded last, whatever its kind; 0 if there is none."""
        with store_errors(self.path):
            return last_run_no(self.connection)

    def next_run_id(self, as_of: date) -> str:
        """``2026-06-30.1`` for the first run as of that day, then ``.2`` and so on."""
        with store_errors(self.path):
            taken = self.connection.execute(
                "SELECT run_id FROM runs WHERE as_of = ? AND kind = 'night'", [as_of.isoformat()]
            ).fetchall()
        sequence = max((int(row[0].rpartition(".")[2]) for row in taken), default=0)
        return f"{as_of.isoformat()}.{sequence + 1}"

    def known_actions(self, ids: Iterable[str]) -> set[str]:
        """Those of `ids` that have been emitted before, and that a commit would pass over.

        Some microseconds per id; nothing while the store holds no action.
        """
        from engine.audit.writing import has_actions

        known: set[str] = set()
        with store_errors(self.path):
            if not has_actions(self.connection):
                return known
            source = iter(ids)
            while group := list(islice(source, _IDS)):
                marks = ",".join("?" * len(group))
                query = f"SELECT action_id FROM actions WHERE action_id IN ({marks})"  # noqa: S608
                known.update(row[0] for row in self.connection.execute(query, group))
        return known

    # --- what people say -------------------------------------------------------------

    def warning_marks(self) -> list[Mark]:
        """All marks about warnings, in order."""
        from engine.audit import marks

        with store_errors(self.path):
            return marks.warning_marks(self.connection)

    def last_mark(self) -> int:
        """The number of the last mark; 0 if there is none."""
        from engine.audit import marks

        with store_errors(self.path):
            return marks.last_mark(self.connection)

    def say(self, said: marks.Said) -> None:
        """Writes a mark, and what it changes of its action: both or neither."""
        from engine.audit import marks

        with store_errors(self.path), transaction(self.connection):
            marks.insert_mark(self.connection, said, utc_text(said.at))

    # --- a run -----------------------------------------------------------------------

    def clean_up(self) -> tuple[str, ...]:
        """Removes what dead runs left behind; returns the names of the folders.

        What was to be destroyed of personal values, and still stands, is destroyed first.
        """
        from engine.audit.personal.forgetting import finish_forgettings

        self.require_lock()
        self._remove_expired()
        finish_forgettings(self.connection, self.path)
        return remove_leftovers(self.path / RUNS_FOLDER, {run.run_id for run in self.runs()})

    def _remove_expired(self) -> None:
        with store_errors(self.path):
            personal_values.remove_expired(self.connection, self.path)

    def rule_numbers(self, policies: Sequence[PolicyRecord]) -> dict[RuleKey, int]:
        """(pack, kind, id) → rule_no, as known or as the next commit will assign them."""
        from engine.audit.writing import numbered_rules

        with store_errors(self.path):
            return {
                (policy.pack, rule.kind, rule.id): number
                for policy, rule, number, _ in numbered_rules(self.connection, policies)
            }

    def begin(self, run_id: str) -> RunFolder:
        """The folder of a new run, as a context manager."""
        self.require_lock()
        self._folder = RunFolder(self.path / RUNS_FOLDER, run_id)
        return self._folder

    def commit(
        self,
        run: RunRecord,
        policies: Sequence[PolicyRecord],
        log_rows: Iterable[LogRow],
        action_rows: Iterable[ActionRow],
        sources: Iterable[SourceRecord],
        attestor: Attestor,
        ended_causes: Iterable[marks.EndedCause] = (),
        sinks: Sequence[Sink] = (),
    ) -> Committed:
        """Records a run whose folder has been published: all of it or nothing.

        `log_rows` are read first and to the end, then `ended_causes`, whose open actions
        expire, then `action_rows`; all may be generators. Lines of the kinds in
        `KINDS_BY_STORE`, the checkpoint of the run and its messages to `sinks` are added here.

        Raises: `KamError`; the store is then as before.
        """
        from engine.audit.recording import Recording

        self.require_lock()
        folder = self._folder
        if folder is None or folder.run_id != run.run_id or not folder.published:
            raise RuntimeError(f"the folder of run {run.run_id} has not been published")
        try:
            night = Recording(
                connection=self.connection,
                store=self.path,
                folder=folder.path,
                run=run,
                policies=policies,
                sources=sources,
                attestor=attestor,
                sinks=sinks,
                previous=self.last_run(),
                before=self.last_run_before(run.as_of),
            )
            committed = night.write(log_rows, action_rows, ended_causes)
        except BaseException:
            self._withdraw(folder)
            raise
        self._folder = None
        with suppress(KamError, OSError):  # the next run removes what is still there
            self._remove_expired()
        with suppress(sqlite3.Error):  # the run is safe in the log; the next run tries again
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return committed

    def _withdraw(self, folder: RunFolder) -> None:
        """Removes the folder of a run that failed, if it is certain that it is not recorded."""
        with suppress(KamError):  # if the database cannot say, the next run cleans up
            if not self.connection.in_transaction and self.run(folder.run_id) is None:
                folder.withdraw()

    # --- helpers ---------------------------------------------------------------------

    def _run(self, row: dict[str, Any], expired: Mapping[str, date]) -> Run:
        read = read_run_row(row)
        if read.faults:
            raise altered(self.path, f"run {row['run_id']}: {'; '.join(read.faults)}")
        is_night = row["kind"] == "night"
        path = folder_of(self.path, row["run_id"]) if is_night else self.path
        return Run(**read.values, path=path, expired=expired)

    def require_lock(self) -> None:
        """Raises RuntimeError unless the store is held: a defect of the caller."""
        if not self._held:
            raise RuntimeError("this needs the lock of the store: use `with store.lock():`")
