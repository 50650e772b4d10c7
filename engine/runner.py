"""The only wiring of the stages: `run_night` takes a workspace through all of them.

Nothing is visible to a later run until the last step. A run writes into a folder of its
own, the folder is renamed when it is complete, and one SQLite transaction records it.
"""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from engine import __version__
from engine.audit.data_files import data_file_errors, require_data_files
from engine.audit.discarding import discard
from engine.audit.manifest import Manifest, canonical_json, write_manifest
from engine.audit.opening import DATABASE_FILE
from engine.audit.policy_records import policy_record
from engine.audit.records import PolicyRecord, RunRecord, SourceRecord
from engine.audit.run_folder import RunFolder
from engine.audit.store import Run, Store, open_store
from engine.checking import Prepared, prepare
from engine.errors import Problem, problem
from engine.executors import columnar
from engine.facts.catalog import RECORD_ID, Catalog
from engine.facts.loading import load_facts
from engine.facts.sealing import seal
from engine.guards import check_accounts, check_order, check_quarantine, check_tier_changes
from engine.language.checks.overrides import unknown_accounts
from engine.language.workspace import Workspace
from engine.lifecycle import night
from engine.lifecycle.counts import Counts, night_counts
from engine.lifecycle.due_dates import calendar_problems
from engine.lifecycle.inputs import NightFiles, NightInputs
from engine.lifecycle.workdays import Calendar
from engine.plan.obligations import ASSIGNMENT_COLUMNS
from engine.plan.steps import PackPlan, Plan

NIGHT_FILES = ("decisions.parquet", "obligations.parquet")
"""What a night reads of the nights before it."""

Progress = Callable[[str], None]
"""Told what the run is about to do, in a few words."""


@dataclass(frozen=True)
class NightReport:
    """What `kam run` shows. `repeated` says that the store already held this night."""

    workspace: Workspace
    plan: Plan
    run_id: str
    repeated: bool
    counts: Counts
    previous: Run | None
    sources: tuple[SourceRecord, ...]
    notes: tuple[Problem, ...]
    """Warnings about what people wrote, the same on every night."""
    night_notes: tuple[Problem, ...]
    """Warnings about this night alone."""
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def packs(self) -> tuple[PackPlan, ...]:
        return self.plan.packs

    @property
    def as_of(self) -> str:
        return self.plan.as_of.isoformat()

    @property
    def workspace_name(self) -> str:
        return self.workspace.name

    @property
    def previous_counts(self) -> Counts | None:
        return None if self.previous is None else self.previous.counts

    @property
    def peak_memory(self) -> int:
        """Bytes that this process held at most."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def run_night(
    path: Path, as_of: date | None = None, progress: Progress = lambda step: None
) -> NightReport:
    """Evaluate the workspace as of a date (today in its time zone) and record the night.

    Running the same night again over the same policy and facts changes nothing. A date
    before the last night's is refused. Raises `KamError`; the store is then unchanged.
    """
    progress("reading policies and catalog")
    clock = _Clock()
    prepared = prepare(path)
    day = prepared.night(as_of)
    plan = prepared.plan(day)
    calendar = Calendar(prepared.workspace.calendar)
    clock.lap("policy")
    folder = prepared.workspace.store_folder
    is_first = not (folder / DATABASE_FILE).exists()
    with open_store(folder) as store, store.lock():
        try:
            store.clean_up()
            last = store.last_run()
            check_order(prepared.workspace, day, as_of is not None, store)
            said = store.last_mark()
            return _Night(prepared, plan, calendar, store, last, progress, clock, said).run()
        except BaseException:
            if is_first and store.last_run() is None:
                discard(folder)  # a refused night leaves nothing behind, not even a store
            raise


def run_nights(
    path: Path, as_of: date | None = None, progress: Progress = lambda step: None
) -> Iterator[NightReport]:
    """Every missed night from the day after the last run up to a date, oldest first.

    Each is a run of its own, and recorded before the next begins; one that is refused raises
    its `KamError`, and the nights before it stand. Without a run before it, or without a
    missed night, this is `run_night`.
    """
    prepared = prepare(path)
    last = _last_night(prepared.workspace.store_folder)
    until = prepared.night(as_of)
    missed = 0 if last is None else max(0, (until - last).days - 1)
    for days in range(missed, 0, -1):
        yield run_night(path, until - timedelta(days=days), progress)
    yield run_night(path, as_of, progress)


def _last_night(folder: Path) -> date | None:
    if not (folder / DATABASE_FILE).exists():
        return None
    with open_store(folder) as store:
        last = store.last_run()
    return None if last is None else last.as_of


class _Clock:
    """Seconds per part of the night."""

    def __init__(self) -> None:
        self.started_at = datetime.now(UTC)
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, part: str) -> None:
        now = time.perf_counter()
        self.seconds[part] = self.seconds.get(part, 0.0) + now - self._last
        self._last = now


@dataclass
class _Night:
    """One run under the store's lock."""

    prepared: Prepared
    plan: Plan
    calendar: Calendar
    store: Store
    last: Run | None
    progress: Progress
    clock: _Clock
    last_mark: int
    """The last of what people said that this night reads; the store is locked for runs alone."""

    def run(self) -> NightReport:
        with (
            _database(self.prepared.workspace.store_folder) as connection,
            ThreadPoolExecutor(1) as beside,
        ):
            # Python writes the plan's SQL while the database reads the sources.
            pipeline = beside.submit(columnar.compile_plan, self.plan)
            sources = self._load(connection)
            fingerprint = self._fingerprint(sources)
            if self._is_repeated(fingerprint):
                assert self.last is not None
                return self._report(connection, self.last.run_id, True, self.last.counts, sources)
            self._evaluate(connection, sources, pipeline.result())
            known = self.store.known_actions(night.emitted_actions(connection))
            night.forget_actions(connection, known)
            counts = night_counts(connection, self.plan)
            check_tier_changes(self.prepared.workspace.guards, counts, self._last_counts())
            run_id = self.store.next_run_id(self.plan.as_of)
            with self.store.begin(run_id) as folder:
                self._record(connection, folder, run_id, fingerprint, sources, counts)
            return self._report(connection, run_id, False, counts, sources)

    def _load(self, connection: duckdb.DuckDBPyConnection) -> tuple[SourceRecord, ...]:
        workspace = self.prepared.workspace
        report = load_facts(
            connection,
            self.prepared.catalog,
            workspace.root,
            _wanted(self.plan, self.prepared.catalog),
            self.plan.precision,
            workspace.timezone,
            progress=lambda name: self.progress(f"reading {name}"),
        )
        seal(connection, [self.store.path])
        sources = tuple(SourceRecord(**asdict(one)) for one in report.sources)
        if not _accounts(sources):
            raise problem(
                "no-accounts",
                "not one account can be used",
                self.prepared.catalog.accounts.location,
                "; ".join(_bad_cells(connection, "accounts")) or "the file holds only its header",
            )
        check_quarantine(workspace.guards, sources, partial(_bad_cells, connection))
        self.clock.lap("facts")
        return sources

    def _fingerprint(self, sources: Sequence[SourceRecord]) -> str:
        """One hash of every byte that the facts came from, catalog and calendar included."""
        parts = [[one.name, one.sha256] for one in sources]
        parts += [[one.path, one.sha256] for one in self.prepared.catalog.files]
        parts.append(["calendar", self.calendar.sha256])
        parts.append(["timezone", self.prepared.workspace.timezone])  # decides a moment's day
        decided = self.prepared.overrides.file
        parts.append(["overrides", "" if decided is None else decided.sha256])
        people = self.prepared.workspace.people
        parts.append(["people", canonical_json({role: list(who) for role, who in people.items()})])
        parts.append(["marks", str(self.last_mark)])
        return hashlib.sha256(canonical_json(parts).encode()).hexdigest()

    def _is_repeated(self, fingerprint: str) -> bool:
        last = self.last
        return (
            last is not None
            and last.as_of == self.plan.as_of
            and last.plan_hash == self.plan.hash
            and last.facts_fingerprint == fingerprint
            and last.engine_version == __version__
        )

    def _last_counts(self) -> Counts | None:
        return None if self.last is None else self.last.counts

    def _evaluate(
        self,
        connection: duckdb.DuckDBPyConnection,
        sources: Sequence[SourceRecord],
        pipeline: columnar.Pipeline,
    ) -> None:
        self.progress("computing measures, scores and tiers")
        check_accounts(self.prepared.workspace.guards, _accounts(sources), self._last_counts())
        columnar.measure(connection, pipeline)
        inputs = self._inputs()
        night.prepare(connection, self.plan, self.calendar, inputs)
        self.clock.lap("measures")
        self.progress("deciding tiers, warnings, obligations and actions")
        night.advance_reviews(connection)
        columnar.reach(connection, pipeline)
        night.advance_tiers(connection)
        columnar.decide(connection, pipeline)
        columnar.evaluate_scopes(connection, pipeline)
        night.advance_rules(connection, self.plan, self.calendar, inputs)
        columnar.name_evidence(connection, pipeline)
        night.conclude(connection)
        self.clock.lap("decisions")

    def _inputs(self) -> NightInputs:
        """Where the night starts from, with files that are as their runs wrote them."""
        before = self.store.last_run_before(self.plan.as_of)
        for run in {run.run_id: run for run in (before, self.last) if run is not None}.values():
            require_data_files(run, *NIGHT_FILES, whole=True)
        return NightInputs(
            timezone=self.prepared.workspace.timezone,
            files=NightFiles(
                previous_night=None if before is None else before.as_of,
                previous=None if before is None else before.path,
                recorded=None if self.last is None else self.last.path,
            ),
            overrides=self.prepared.overrides,
            marks=tuple(one for one in self.store.warning_marks() if one.mark_no <= self.last_mark),
            people=self.prepared.workspace.people,
            has_owners=_has_owners(self.prepared.catalog),
        )

    def _record(
        self,
        connection: duckdb.DuckDBPyConnection,
        folder: RunFolder,
        run_id: str,
        fingerprint: str,
        sources: Sequence[SourceRecord],
        counts: Counts,
    ) -> None:
        self.progress("writing the run and its log")
        policies = [
            policy_record(policy, self.plan, pack)
            for policy, pack in zip(self.prepared.policies, self.plan.packs, strict=True)
        ]
        night.number_lines(connection, self.store.rule_numbers(policies))
        with data_file_errors(self.store.path):
            _write_parquet(connection, folder.path)
        digest = write_manifest(
            folder.path, self._manifest(connection, run_id, fingerprint, policies, sources, counts)
        )
        self.clock.lap("files")
        folder.publish()
        self.store.commit(
            RunRecord(
                run_id=run_id,
                as_of=self.plan.as_of,
                started_at=self.clock.started_at,
                finished_at=datetime.now(UTC),
                engine_version=__version__,
                plan_hash=self.plan.hash,
                facts_fingerprint=fingerprint,
                manifest_sha256=digest,
                counts=counts,
                last_mark=self.last_mark,
            ),
            policies,
            _rows(connection, "log_lines"),
            _rows(connection, "action_lines"),
            sources,
            _rows(connection, "ended_causes"),
        )
        self.clock.lap("log")

    def _manifest(
        self,
        connection: duckdb.DuckDBPyConnection,
        run_id: str,
        fingerprint: str,
        policies: Sequence[PolicyRecord],
        sources: Sequence[SourceRecord],
        counts: Counts,
    ) -> Manifest:
        return Manifest(
            run_id=run_id,
            as_of=self.plan.as_of,
            engine_version=__version__,
            plan_hash=self.plan.hash,
            facts_fingerprint=fingerprint,
            previous_run=None if self.last is None else self.last.run_id,
            policies=policies,
            sources=sources,
            counts=counts,
            statistics=columnar.statistics(connection),
            workspace=(*self.prepared.workspace.files, *self.prepared.catalog.files),
            scopes=_scopes(connection),
        )

    def _report(
        self,
        connection: duckdb.DuckDBPyConnection,
        run_id: str,
        repeated: bool,
        counts: Counts,
        sources: tuple[SourceRecord, ...],
    ) -> NightReport:
        return NightReport(
            self.prepared.workspace,
            self.plan,
            run_id,
            repeated,
            counts,
            self.last,
            sources,
            self.prepared.notes,
            (
                *self.prepared.out_of_force(self.plan.as_of),
                *calendar_problems(self.calendar, self.plan.packs, self.plan.as_of),
                *self._unknown_accounts(connection),
            ),
            dict(self.clock.seconds),
        )

    def _unknown_accounts(self, connection: duckdb.DuckDBPyConnection) -> tuple[Problem, ...]:
        """Overrides of accounts that no source has; one in quarantine is not unknown."""
        named = sorted({one.account for one in self.prepared.overrides.entries})
        known = connection.execute(
            "SELECT account_id FROM accounts WHERE list_contains($named, account_id) "
            "UNION SELECT account_id FROM bad_accounts",
            {"named": named},
        ).fetchall()
        return unknown_accounts(self.prepared.overrides, {account for (account,) in known})


@contextmanager
def _database(store: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB in memory, spilling into the store's folder, never to the network."""
    config: dict[str, Any] = {"autoinstall_known_extensions": False}
    with duckdb.connect(config=config) as connection:
        spill = store / "spill"
        shutil.rmtree(spill, ignore_errors=True)  # of a run that died
        connection.execute("SET temp_directory = ?", [os.fspath(spill)])
        try:
            yield connection
        finally:
            connection.close()
            shutil.rmtree(spill, ignore_errors=True)


def _wanted(plan: Plan, catalog: Catalog) -> dict[str, set[str]]:
    """The mapped columns that the plan reads, and what resolving owners needs."""
    wanted = {"accounts": {one.name for one in plan.accounts if one.available}}
    for record in plan.records:
        if record.available:
            wanted[record.name] = {one.name for one in record.columns if one.available}
            if record.time is not None:
                wanted[record.name].add(record.time)
    for name in plan.named_records:
        wanted[name].add(RECORD_ID)
    if _has_owners(catalog):
        wanted.setdefault("assignments", set()).update(ASSIGNMENT_COLUMNS)
    return wanted


def _bad_cells(connection: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    """The first bad cells of a source, as a guard that refuses the night shows them."""
    rows = connection.execute(
        'SELECT "row", "column", value, reason FROM quarantine WHERE source = ? '
        'ORDER BY "row", "column" LIMIT 5',
        [source],
    ).fetchall()
    return [f"row {row}: {column} {value!r} {reason}" for row, column, value, reason in rows]


def _accounts(sources: Sequence[SourceRecord]) -> int:
    return next(one.rows_used for one in sources if one.name == "accounts")


def _has_owners(catalog: Catalog) -> bool:
    table = catalog.records.get("assignments")
    return table is not None and set(ASSIGNMENT_COLUMNS) <= set(table.columns)


def _write_parquet(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Both files in a fixed order of rows, so that equal nights are equal bytes."""
    for name, order in (
        ("facts", "account_no"),
        ("decisions", "pack, scope, account_no NULLS LAST, account_id"),
        ("obligations", "pack, account_no NULLS LAST, account_id, rule_id, part"),
    ):
        relation = connection.table(name)
        if name == "obligations":
            relation = relation.project("* EXCLUDE (asks)")
        if not (name == "facts" and _is_in_order(connection)):
            relation = relation.order(order)
        relation.write_parquet(os.fspath(folder / f"{name}.parquet"), compression="zstd")


def _is_in_order(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether ``facts`` stands in order of its numbers already: to sort so wide a table costs a
    third of what writing it does."""
    query = "SELECT coalesce(bool_and(rowid = account_no), true) FROM facts"
    ((in_order,),) = connection.execute(query).fetchall()
    return bool(in_order)


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[tuple[Any, ...]]:
    cursor = connection.cursor().execute(f"SELECT * FROM {table}")  # noqa: S608
    while batch := cursor.fetchmany(50_000):
        yield from batch


def _scopes(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """{pack: {scope: {entity: {measure: value}}}} of what lies beyond the account."""
    found: dict[str, Any] = {}
    query = "SELECT pack, scope, entity_id, measure, value FROM scope_facts ORDER BY ALL"
    for pack, scope, entity, measure, value in connection.execute(query).fetchall():
        entities = found.setdefault(pack, {}).setdefault(scope, {})
        entities.setdefault(entity, {})[measure] = value
    return found
