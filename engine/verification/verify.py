"""`kam verify`: everything in a store against the checkpoints that cover it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import duckdb

from engine.audit.choosing import unknown_run
from engine.audit.failures import store_errors
from engine.audit.leaf_workers import LeafWorkers
from engine.audit.leaves import store_salt
from engine.audit.opening import DATABASE_FILE
from engine.audit.personal.files import PERSONAL_FILE
from engine.audit.personal.known_salts import load_salts
from engine.audit.store import Run, Store, open_store
from engine.errors import KamError
from engine.evidence.notes import Verifier
from engine.verification import records
from engine.verification.checkpoint_chain import (
    Recorded,
    check_chain,
    check_witness,
    read_chain,
)
from engine.verification.consequences import check_consequences
from engine.verification.event_runs import EventRunCheck, check_strangers
from engine.verification.files import check_files, check_personal, manifest_of
from engine.verification.findings import Findings
from engine.verification.guarding import check_each, guarding
from engine.verification.kept_policies import KeptPolicies
from engine.verification.recorded_runs import recorded_runs
from engine.verification.run_folders import check_folders
from engine.verification.run_trees import TreeCheck, check_last_line
from engine.verification.side_tables import check_side_tables
from engine.verification.store_schema import check_schema
from engine.verification.verdict import Verdict

WORTH_IT = 100_000
"""Leaves from which on it pays to start processes: each takes about a quarter of a second."""


def verify_store(
    folder: Path,
    verifiers: Sequence[Verifier] = (),
    *,
    runs: Sequence[str] = (),
    witness: str | None = None,
    processes: int = 1,
) -> Verdict:
    """Checks a store: chain, signatures, roots, files and counts.

    `verifiers` are the keys that are trusted; `runs` limits what is read line by line to some
    runs (the chain is always checked as a whole); `witness` is a checkpoint that somebody kept
    elsewhere, from which the log must go on. With several `processes` the leaves of a large store
    are hashed in that many; they are started anew, so the caller must be an importable module.

    Raises `KamError`: no store, an unknown run, a witness that is no checkpoint.
    """
    started = time.perf_counter()
    findings = Findings()
    chain: list[Recorded] = []
    signed_by: tuple[str, ...] = ()
    with (
        open_store(folder, create=False, read_only=True, as_it_is=True) as store,
        store_errors(folder),
        duckdb.connect() as database,
        ExitStack() as stack,
    ):
        connection = store.connection
        check_schema(connection, findings)
        everything = recorded_runs(store, findings)
        wanted = _wanted(everything, runs)
        _check_rows(store, everything, findings)
        with guarding(findings, None, "the chain of checkpoints"):
            chain = read_chain(connection, everything, findings)
            signed_by = check_chain(chain, verifiers, findings)
        if everything and verifiers and not chain:
            message = "no run has a checkpoint, so that no trusted key has signed anything"
            findings.add("checkpoint-unsigned", everything[-1].run_id, message)
        if witness is not None:
            check_witness(chain, witness, verifiers, findings)
        _check_tables(connection, everything, chain, findings)
        trees = _trees(connection, database, everything, chain, findings)
        leaves = sum(sum(one.counts.values()) for one in chain if one.run.run_id in wanted)
        if trees is not None and processes > 1 and leaves >= WORTH_IT:
            workers = stack.enter_context(LeafWorkers(processes))
            with guarding(findings, None, "the leaves of the runs"):
                _begin(chain, wanted, trees.of_nights, folder / DATABASE_FILE, workers)
        nights = [run for run in everything if run.run_id in wanted and run.kind == "night"]
        _check_nights(nights, connection, database, findings)
        for one in chain:
            if trees is not None:
                trees.check(one, one.run.run_id in wanted)
    return Verdict(
        runs=tuple(run.run_id for run in everything if run.run_id in wanted),
        origin=chain[-1].text.partition("\n")[0] if chain else None,
        checkpoint=chain[-1].note if chain else None,
        signed_by=signed_by,
        decisions=0 if trees is None else trees.decisions,
        leaves=0 if trees is None else trees.leaves,
        findings=tuple(findings.found),
        notes=tuple(findings.notes),
        seconds=time.perf_counter() - started,
    )


def _wanted(runs: Sequence[Run], asked: Sequence[str]) -> set[str]:
    known = {run.run_id for run in runs}
    for run_id in asked:
        if run_id not in known:
            raise unknown_run(run_id)
    return set(asked) or known


def _begin(
    chain: Sequence[Recorded],
    wanted: set[str],
    trees: TreeCheck,
    file: Path,
    workers: LeafWorkers,
) -> None:
    """The leaves of all runs at once, so that the workers are never without any."""
    first = trees.next_action
    for one in chain:
        if one.run.run_id in wanted and one.run.kind == "night":
            trees.begin(one, first, file, workers)
        first += one.counts["actions"]


def _check_rows(store: Store, everything: Sequence[Run], findings: Findings) -> None:
    """What needs no checkpoint."""
    connection = store.connection
    checks: dict[str, Callable[[], None]] = {
        "the order of the runs": lambda: records.check_runs(everything, findings),
        "the numbers of the lines": lambda: records.check_strangers(
            connection, everything, findings
        ),
        "the kept files": lambda: records.check_kept_files(connection, findings),
        "the folders of the runs": lambda: check_folders(store, everything, findings),
    }
    check_each(checks, findings)


def _check_tables(
    connection: sqlite3.Connection,
    everything: Sequence[Run],
    chain: Sequence[Recorded],
    findings: Findings,
) -> None:
    """What the checkpoints say of tables as a whole."""
    actions = {one.run.run_no: one.counts["actions"] for one in chain}
    checks: dict[str, Callable[[], None]] = {
        "the rows of events": lambda: check_strangers(connection, everything, findings),
        "the side tables": lambda: check_side_tables(connection, chain, findings),
        "the tables of every day": lambda: check_consequences(
            connection, everything, actions, findings
        ),
    }
    if len(chain) == len(everything):
        checks["the actions"] = lambda: records.check_actions(connection, actions, findings)
    check_each(checks, findings)


def _check_nights(
    nights: Sequence[Run],
    connection: sqlite3.Connection,
    database: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> None:
    kept = KeptPolicies(connection, findings)
    if any((run.path / PERSONAL_FILE).exists() for run in nights):
        with guarding(findings, None, "the salts of personal values"):
            load_salts(connection, database)  # once: a book of a million has as many
    before: Run | None = None
    for run in nights:
        manifest = None
        with guarding(findings, run.run_id, "its manifest"):
            manifest = manifest_of(run, findings)
        if manifest is not None:
            with guarding(findings, run.run_id, "its files"):
                check_files(run, manifest, connection, database, findings)
            with guarding(findings, run.run_id, "what it kept of its policies"):
                kept.check(run, manifest)
        with guarding(findings, run.run_id, "its personal values"):
            if check_personal(run, connection, database, findings, before):
                before = run


@dataclass
class _Trees:
    """The trees of all runs, one after another; `next_action` is the first of the next run."""

    of_nights: TreeCheck
    of_events: EventRunCheck

    @property
    def decisions(self) -> int:
        return self.of_nights.decisions + self.of_events.decisions

    @property
    def leaves(self) -> int:
        return self.of_nights.leaves + self.of_events.leaves

    def check(self, one: Recorded, is_wanted: bool) -> None:
        first = self.of_nights.next_action
        check_last_line(one, self.of_nights.findings)
        with guarding(self.of_nights.findings, one.run.run_id, "what it decided and said"):
            if is_wanted and one.run.kind == "night":
                self.of_nights.check(one)
            elif is_wanted:
                self.of_events.check(one, first)
        self.of_nights.next_action = first + one.counts["actions"]


def _trees(
    connection: sqlite3.Connection,
    database: duckdb.DuckDBPyConnection,
    everything: Sequence[Run],
    chain: Sequence[Recorded],
    findings: Findings,
) -> _Trees | None:
    """None if the secret is gone without which no leaf can be computed."""
    try:
        secret = store_salt(connection)
    except KamError as error:
        findings.add("salt-missing", None, error.problems[0].message)
        return None
    nights = TreeCheck(connection, database, secret, findings)
    known = {one.run.run_no for one in chain}
    nights.next_action += sum(run.actions for run in everything if run.run_no not in known)
    return _Trees(nights, EventRunCheck(connection, secret, findings))
