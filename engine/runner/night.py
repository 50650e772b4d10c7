"""One night: every stage in order, under the lock of the store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

import duckdb

from engine import __version__
from engine.audit.attesting import Attestor
from engine.audit.data_files import data_file_errors, require_data_files
from engine.audit.day_files import has_records, remove_earlier_records, write_records
from engine.audit.events.queries import last_event, night_states
from engine.audit.events.told import merge_told_events
from engine.audit.kept_files import files_read
from engine.audit.manifest import Manifest, canonical_json, write_manifest
from engine.audit.night_files import (
    Rows,
    library_versions,
    scopes_of,
    write_inputs,
    write_results,
)
from engine.audit.policy_records import policy_record
from engine.audit.records import KeptFile, PolicyRecord, RunRecord, SourceRecord
from engine.audit.run_folder import RunFolder
from engine.audit.store import Run, Store
from engine.errors import Problem, problem
from engine.evidence.notes import Signer
from engine.executors import columnar
from engine.facts.loading import load_facts
from engine.facts.sealing import seal
from engine.guards import check_accounts, check_quarantine, check_tier_changes
from engine.language.checks.overrides import idle_approvals, unknown_accounts
from engine.lifecycle import night
from engine.lifecycle.counts import Counts, night_counts
from engine.lifecycle.deciding import decide_night
from engine.lifecycle.due_dates import calendar_problems
from engine.lifecycle.inputs import NightFiles, NightInputs
from engine.lifecycle.workdays import Calendar
from engine.plan.classes import with_sealing
from engine.plan.steps import Plan
from engine.plan.wanted import has_owners, record_tables, wanted_columns
from engine.prepared import Prepared
from engine.runner.approvals import approvals_without_effect
from engine.runner.personal import personal_record, prepare_salts, write_personal
from engine.runner.report import Clock, NightReport, Progress
from engine.runner.sources import bad_cells, faulty_rows, open_database, used_accounts

NIGHT_FILES = ("decisions.parquet", "obligations.parquet", "inputs/timed_records.parquet")
"""What a night reads of the nights before it."""


@dataclass
class Night:
    """One run under the store's lock."""

    prepared: Prepared
    plan: Plan
    calendar: Calendar
    store: Store
    last: Run | None
    progress: Progress
    clock: Clock
    last_mark: int
    """The last of what people said that this night reads; the store is locked for runs alone."""
    signer: Signer | None = None
    """Signs the checkpoint of the run."""
    settled: tuple[tuple[int, str], ...] = ()
    """What the sources have overtaken of the day's events."""

    def run(self) -> NightReport:
        with (
            open_database(self.prepared.workspace.store_folder) as connection,
            ThreadPoolExecutor(1) as beside,
        ):
            # Python writes the plan's SQL while the database reads the sources.
            pipeline = beside.submit(columnar.compile_plan, self.plan, sealing=True)
            sources = self._load(connection)
            fingerprint = self._fingerprint(sources)
            if self._is_repeated(fingerprint):
                assert self.last is not None
                self._complete_records(connection, self.last)
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

    @cached_property
    def sealing_plan(self) -> Plan:
        """The plan with its personal values as tokens."""
        return with_sealing(self.plan)

    @property
    def origin(self) -> str:
        """The name of the log, as its checkpoints begin."""
        return self.prepared.workspace.evidence.origin

    def _load(self, connection: duckdb.DuckDBPyConnection) -> tuple[SourceRecord, ...]:
        workspace = self.prepared.workspace
        report = load_facts(
            connection,
            self.prepared.catalog,
            workspace.root,
            wanted_columns(self.plan, self.prepared.catalog),
            self.plan.precision,
            workspace.timezone,
            progress=lambda name: self.progress(f"reading {name}"),
        )
        seal(connection, [self.store.path])
        sources = tuple(SourceRecord(**asdict(one)) for one in report.sources)
        sources += self._merge_events(connection)
        if not used_accounts(sources):
            raise problem(
                "no-accounts",
                "not one account can be used",
                self.prepared.catalog.accounts.location,
                "; ".join(bad_cells(connection, "accounts")) or "the file holds only its header",
            )
        check_quarantine(
            workspace.guards,
            sources,
            partial(bad_cells, connection),
            partial(faulty_rows, connection),
        )
        self.clock.lap("facts")
        return sources

    def _merge_events(self, connection: duckdb.DuckDBPyConnection) -> tuple[SourceRecord, ...]:
        """Lays what was told during the day over what the sources say; no source without it."""
        found = merge_told_events(
            connection,
            self.store.connection,
            self.plan.as_of,
            self.plan,
            self.prepared.catalog,
            self.prepared.policies,
        )
        if found is None:
            return ()
        self.settled = found.settled
        return (SourceRecord(**asdict(found.report)),)

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
        if told := last_event(self.store.connection):
            parts.append(["events", str(told)])
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
        check_accounts(self.prepared.workspace.guards, used_accounts(sources), self._last_counts())
        prepare_salts(connection, self.store, self.sealing_plan)
        columnar.measure(connection, pipeline)
        self.clock.lap("measures")
        self.progress("deciding tiers, warnings, obligations and actions")
        decide_night(connection, self.plan, pipeline, self.calendar, self._inputs())
        self.clock.lap("decisions")

    def _inputs(self) -> NightInputs:
        """Where the night starts from, with files that are as their runs wrote them."""
        before = self.store.last_run_before(self.plan.as_of)
        for run in {run.run_id: run for run in (before, self.last) if run is not None}.values():
            require_data_files(run, *NIGHT_FILES, whole=True)
        left_before, left_since = night_states(
            self.store.connection,
            0 if before is None else before.run_no,
            0 if self.last is None else self.last.run_no,
            self.plan.as_of,
        )
        return NightInputs(
            timezone=self.prepared.workspace.timezone,
            files=NightFiles(
                previous_night=None if before is None else before.as_of,
                previous=None if before is None else before.path,
                recorded=None if self.last is None else self.last.path,
                previous_events=left_before,
                recorded_events=left_since,
            ),
            overrides=self.prepared.overrides,
            marks=tuple(one for one in self.store.warning_marks() if one.mark_no <= self.last_mark),
            people=self.prepared.workspace.people,
            has_owners=has_owners(self.prepared.catalog),
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
        before = self.store.last_run_before(self.plan.as_of)
        with data_file_errors(self.store.path):
            write_results(connection, folder.path)
            write_personal(connection, folder.path, self.sealing_plan)
            write_inputs(connection, folder.path, None if before is None else before.path)
            self._write_records(connection, folder.path, run_id)
        read = files_read(self.prepared, self.calendar)
        manifest = self._manifest(connection, run_id, fingerprint, policies, sources, counts, read)
        digest = write_manifest(folder.path, manifest)
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
                settled=self.settled,
                files=read,
                personal=personal_record(
                    connection, self.sealing_plan, self.prepared.workspace.privacy.retention
                ),
            ),
            policies,
            Rows(connection, "log_lines"),
            Rows(connection, "action_lines"),
            sources,
            Attestor(self.origin, connection, self.signer),
            Rows(connection, "ended_causes"),
            self.prepared.workspace.sinks,
        )
        remove_earlier_records(folder.path.parent, run_id)
        self.clock.lap("log")

    def _complete_records(self, connection: duckdb.DuckDBPyConnection, last: Run) -> None:
        """What is left to do for the records of a run that was recorded: it may have been
        disturbed right after its commit, or restored from a backup."""
        if not has_records(last.path):
            self._write_records(connection, last.path, last.run_id)
        remove_earlier_records(last.path.parent, last.run_id)

    def _write_records(
        self, connection: duckdb.DuckDBPyConnection, folder: Path, run_id: str
    ) -> None:
        """The copy of the records that the day works with; see `engine.audit.day_files`."""
        tables = record_tables(self.plan, self.prepared.catalog, self.prepared.policies)
        write_records(connection, folder, run_id, tables)

    def _manifest(
        self,
        connection: duckdb.DuckDBPyConnection,
        run_id: str,
        fingerprint: str,
        policies: Sequence[PolicyRecord],
        sources: Sequence[SourceRecord],
        counts: Counts,
        read: Sequence[KeptFile],
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
            texts=read,
            scopes=scopes_of(connection),
            libraries=library_versions(),
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
                *self._idle_approvals(connection, run_id),
            ),
            None if self.signer is None else self.signer.name,
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

    def _idle_approvals(
        self, connection: duckdb.DuckDBPyConnection, run_id: str
    ) -> tuple[Problem, ...]:
        overrides, run = self.prepared.overrides, self.store.run(run_id)
        assert run is not None
        idle = approvals_without_effect(overrides.approvals, run, self.store, connection)
        return idle_approvals(overrides, idle, run.as_of)
