"""The store: one SQLite database and one folder per run.

A run is recorded in a single transaction after its folder stands complete under its
name, so that whatever dies, and whenever, the store is that of the last run.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
from sqlite_utils import Database

from engine.audit import marks, outbox, writing
from engine.audit.attesting import Attestor, attest_run
from engine.audit.events.queries import insert_settled
from engine.audit.failures import store_errors
from engine.audit.hashed import Hashed
from engine.audit.kept_files import insert_files
from engine.audit.leaf_workers import LeafWorkers, decisions_hashed, leaf_workers, row_count
from engine.audit.leaves import Salt, store_salt
from engine.audit.lock import hold
from engine.audit.manifest import MANIFEST_FILE
from engine.audit.opening import open_for_reading, open_for_writing, require_known_schema
from engine.audit.personal import values as personal_values
from engine.audit.personal.forgetting import finish_forgettings
from engine.audit.records import (
    ActionRow,
    LogRow,
    PolicyRecord,
    RuleKey,
    RuleRecord,
    RunRecord,
    SourceRecord,
)
from engine.audit.run_folder import (
    RUNS_FOLDER,
    RunFolder,
    altered,
    folder_of,
    remove_leftovers,
)
from engine.audit.run_rows import read_run_row
from engine.audit.transactions import transaction
from engine.errors import KamError
from engine.language.sinks import Sink
from engine.lifecycle.inputs import Mark

_IDS = 900
"""Of one question about actions; every SQLite takes that many parameters."""


@dataclass(frozen=True)
class Run:
    """A run as recorded. Times are UTC; `path` is its folder.

    `kind` is ``night``, or ``event``: such a run answered events of the day and has no folder.
    `previous_run` is the night before.
    """

    run_no: int
    run_id: str
    as_of: date
    started_at: datetime
    finished_at: datetime
    engine_version: str
    plan_hash: str
    facts_fingerprint: str
    manifest_sha256: str
    previous_run: str | None
    first_seq: int
    last_seq: int
    last_mark: int
    actions: int
    counts: dict[str, Any]
    path: Path
    kind: str = "night"
    expired: Mapping[str, date] = field(default_factory=dict)
    """Files that were removed when their time was over → the as-of date of the run that did."""


@dataclass(frozen=True)
class Committed:
    """What a commit wrote. `actions_known` were handed over but had been emitted before."""

    run_no: int
    log_lines: int
    actions: int
    actions_known: int


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
    """An open store; a context manager that closes it."""

    def __init__(self, path: Path, database: Database) -> None:
        self.path = path
        self.database = database
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
        self.database.close()

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
                require_known_schema(self.database.conn, self.path)
                self._schema = version

    def _schema_version(self) -> int:
        return int(self.database.conn.execute("PRAGMA schema_version").fetchone()[0])

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
        with store_errors(self.path):
            expired = personal_values.expired_files(self.database.conn, self.path)
            yield from [
                self._run(row, expired.get(row["run_no"], {}))
                for row in self.database.table("runs").rows_where(
                    which if run_id is None else f"{which} AND run_id = ?",
                    None if run_id is None else [run_id],
                    order_by="run_no desc",
                    limit=limit,
                )
            ]

    def last_run_no(self) -> int:
        """The number of the run that was recorded last, whatever its kind; 0 if there is none."""
        with store_errors(self.path):
            return writing.next_run_no(self.database.conn) - 1

    def next_run_id(self, as_of: date) -> str:
        """``2026-06-30.1`` for the first run as of that day, then ``.2`` and so on."""
        with store_errors(self.path):
            taken = self.database.execute(
                "SELECT run_id FROM runs WHERE as_of = ? AND kind = 'night'", [as_of.isoformat()]
            ).fetchall()
        sequence = max((int(row[0].rpartition(".")[2]) for row in taken), default=0)
        return f"{as_of.isoformat()}.{sequence + 1}"

    def known_actions(self, ids: Iterable[str]) -> set[str]:
        """Those of `ids` that have been emitted before, and that a commit would pass over.

        Some microseconds per id; nothing while the store holds no action.
        """
        connection = self.database.conn
        known: set[str] = set()
        with store_errors(self.path):
            if connection.execute("SELECT 1 FROM actions LIMIT 1").fetchone() is None:
                return known
            source = iter(ids)
            while group := list(islice(source, _IDS)):
                marks = ",".join("?" * len(group))
                query = f"SELECT action_id FROM actions WHERE action_id IN ({marks})"  # noqa: S608
                known.update(row[0] for row in connection.execute(query, group))
        return known

    # --- what people say -------------------------------------------------------------

    def warning_marks(self) -> list[Mark]:
        """All marks about warnings, in order."""
        with store_errors(self.path):
            return marks.warning_marks(self.database.conn)

    def last_mark(self) -> int:
        """The number of the last mark; 0 if there is none."""
        with store_errors(self.path):
            return marks.last_mark(self.database.conn)

    def say(self, said: marks.Said) -> None:
        """Writes a mark, and what it changes of its action: both or neither."""
        connection = self.database.conn
        with store_errors(self.path), transaction(connection):
            marks.insert_mark(connection, said, utc_text(said.at))

    # --- a run -----------------------------------------------------------------------

    def clean_up(self) -> tuple[str, ...]:
        """Removes what dead runs left behind; returns the names of the folders.

        What was to be destroyed of personal values, and still stands, is destroyed first.
        """
        self.require_lock()
        self._remove_expired()
        finish_forgettings(self.database.conn, self.path)
        return remove_leftovers(self.path / RUNS_FOLDER, {run.run_id for run in self.runs()})

    def _remove_expired(self) -> None:
        with store_errors(self.path):
            personal_values.remove_expired(self.database.conn, self.path)

    def rule_numbers(self, policies: Sequence[PolicyRecord]) -> dict[RuleKey, int]:
        """(pack, kind, id) → rule_no, as known or as the next commit will assign them."""
        with store_errors(self.path):
            return {
                (policy.pack, rule.kind, rule.id): number
                for policy, rule, number, _ in self.numbered(policies)
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
        self.require_lock()
        folder = self._folder
        if folder is None or folder.run_id != run.run_id or not folder.published:
            raise RuntimeError(f"the folder of run {run.run_id} has not been published")
        connection = self.database.conn
        decisions = folder.path / "decisions.parquet"
        try:
            with (
                leaf_workers(row_count(attestor.database, decisions)) as workers,
                store_errors(self.path),
                transaction(connection),
            ):
                salt = Salt(store_salt(connection), run.run_id)
                hashes = decisions_hashed(attestor.database, decisions, salt, workers)
                rows = (log_rows, action_rows, ended_causes)
                committed = self._write(run, policies, *rows, sources, attestor.database)
                note = self._attest(run, committed.run_no, folder, hashes(), attestor, workers)
                outbox.enqueue(connection, committed.run_no, sinks)
                outbox.enqueue_checkpoint(connection, committed.run_no, sinks, note)
        except BaseException:
            self._withdraw(folder)
            raise
        self._folder = None
        with suppress(KamError, OSError):  # the next run removes what is still there
            self._remove_expired()
        with suppress(sqlite3.Error):  # the run is safe in the log; the next run tries again
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return committed

    def _attest(
        self,
        run: RunRecord,
        run_no: int,
        folder: RunFolder,
        decisions: Iterable[Hashed],
        attestor: Attestor,
        workers: LeafWorkers | None,
    ) -> str:
        """Closes the tree of a run that is written, and the checkpoint over all runs."""
        manifest = (folder.path / MANIFEST_FILE).read_bytes()
        entry = {
            "as_of": run.as_of,
            "engine": run.engine_version,
            "finished_at": utc_text(run.finished_at),
            "manifest": run.manifest_sha256,
            "run": run.run_id,
            "started_at": utc_text(run.started_at),
        }
        connection = self.database.conn
        return attest_run(connection, run_no, entry, manifest, decisions, attestor, workers)

    def _withdraw(self, folder: RunFolder) -> None:
        """Removes the folder of a run that failed, if it is certain that it is not recorded."""
        with suppress(KamError):  # if the database cannot say, the next run cleans up
            if not self.database.conn.in_transaction and self.run(folder.run_id) is None:
                folder.withdraw()

    def _write(
        self,
        run: RunRecord,
        policies: Sequence[PolicyRecord],
        log_rows: Iterable[LogRow],
        action_rows: Iterable[ActionRow],
        ended_causes: Iterable[marks.EndedCause],
        sources: Iterable[SourceRecord],
        files: duckdb.DuckDBPyConnection,
    ) -> Committed:
        connection = self.database.conn
        previous = self.last_run()
        run_no = writing.next_run_no(connection)
        before = self._policies_of(previous.run_no) if previous else {}
        first = writing.next_seq(connection)
        numbered = list(self.numbered(policies))
        after = {policy.pack: writing.insert_policy(connection, policy) for policy in policies}
        for policy, rule, number, known in numbered:
            if not known:
                writing.insert_rule(connection, number, after[policy.pack], rule)
        writing.insert_policy_changes(connection, run_no, before, after)
        writing.insert_sources(connection, run_no, sources)
        insert_settled(connection, run_no, run.settled)
        writing.insert_log(connection, run_no, log_rows)
        marks.log_marks(connection, run_no, previous.last_mark if previous else 0, run.last_mark)
        marks.advance_actions(connection, run_no, run.as_of, ended_causes)
        given = writing.insert_actions(connection, run_no, action_rows)
        emitted = self.database.table("actions").count_where("run_no = ?", [run_no])
        self._write_personal(run, run_no, policies, after, files)
        last = writing.next_seq(connection) - 1
        self._insert_run(run, run_no, previous, (first, last, emitted))
        insert_files(connection, run_no, run.files)
        connection.executemany(
            "INSERT INTO run_policies VALUES (?, ?)", [(run_no, no) for no in after.values()]
        )
        return Committed(run_no, last - first + 1, emitted, given - emitted)

    def _write_personal(
        self,
        run: RunRecord,
        run_no: int,
        policies: Sequence[PolicyRecord],
        numbers: Mapping[str, int],
        files: duckdb.DuckDBPyConnection,
    ) -> None:
        """Who may read what, and what became of personal values; with its lines of the log."""
        connection = self.database.conn
        personal_values.write_classes(connection, run_no, policies, numbers)
        personal_values.write_openings(connection, run_no, run.personal)
        personal_values.log_forgettings(connection, run_no)
        before = self.last_run_before(run.as_of)
        expiry = personal_values.Expiry(
            self.path, run_no, run.as_of, () if before is None else (before.run_id,)
        )
        expiry.write(connection, files, run.personal.retention)

    def _insert_run(
        self, run: RunRecord, run_no: int, previous: Run | None, written: tuple[int, int, int]
    ) -> None:
        first, last, emitted = written
        self.database.table("runs").insert(
            {
                "run_no": run_no,
                "run_id": run.run_id,
                "as_of": run.as_of.isoformat(),
                "started_at": utc_text(run.started_at),
                "finished_at": utc_text(run.finished_at),
                "engine_version": run.engine_version,
                "plan_hash": run.plan_hash,
                "facts_fingerprint": run.facts_fingerprint,
                "manifest_sha256": run.manifest_sha256,
                "folder": f"{RUNS_FOLDER}/{run.run_id}",
                "previous_run": previous.run_id if previous else None,
                "first_seq": first,
                "last_seq": last,
                "last_mark": run.last_mark,
                "actions": emitted,
                "counts": json.dumps(run.counts, ensure_ascii=False, allow_nan=False),
            }
        )

    # --- helpers ---------------------------------------------------------------------

    def numbered(
        self, policies: Sequence[PolicyRecord]
    ) -> Iterator[tuple[PolicyRecord, RuleRecord, int, bool]]:
        """Every rule with its number, and whether the store has it already."""
        connection = self.database.conn
        fresh = writing.next_rule_no(connection)
        for policy in policies:
            policy_no = writing.policy_number(connection, policy.policy_hash)
            known = {} if policy_no is None else writing.known_rules(connection, policy_no)
            for rule in policy.rules:
                number = known.get((rule.kind, rule.id, writing.thresholds_text(rule)))
                yield policy, rule, fresh if number is None else number, number is not None
                fresh += number is None

    def _policies_of(self, run_no: int) -> dict[str, int]:
        rows = self.database.execute(
            "SELECT p.pack, p.policy_no FROM run_policies JOIN policy_versions AS p "
            "USING (policy_no) WHERE run_no = ?",
            [run_no],
        )
        return {pack: int(number) for pack, number in rows}

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


def utc_text(moment: datetime) -> str:
    """A moment as the store keeps it, to the second. Raises ValueError if it is not aware."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC).isoformat(timespec="seconds")
