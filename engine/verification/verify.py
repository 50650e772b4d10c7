"""`kam verify`: everything in a store against the checkpoints that cover it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import duckdb

from engine.audit.choosing import unknown_run
from engine.audit.failures import store_errors
from engine.audit.leaf_workers import LeafWorkers
from engine.audit.leaves import store_salt
from engine.audit.opening import DATABASE_FILE, RUNS_FOLDER
from engine.audit.run_folder import published_runs
from engine.audit.store import Run, Store, open_store
from engine.evidence.notes import Verifier
from engine.verification import records
from engine.verification.checkpoint_chain import (
    Recorded,
    check_chain,
    check_witness,
    read_chain,
)
from engine.verification.event_runs import EventRunCheck
from engine.verification.files import check_files, check_personal
from engine.verification.findings import Findings
from engine.verification.kept_policies import KeptPolicies
from engine.verification.run_trees import TreeCheck
from engine.verification.side_tables import check_side_tables
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
    with (
        open_store(folder, create=False, read_only=True) as store,
        store_errors(folder),
        duckdb.connect() as database,
        ExitStack() as stack,
    ):
        everything = sorted(store.every_run(), key=lambda run: run.run_no)
        wanted = _wanted(everything, runs)
        connection = store.database.conn
        records.check_runs(everything, findings)
        records.check_strangers(connection, everything, findings)
        records.check_marks(connection, everything, findings)
        records.check_kept_files(connection, findings)
        _check_folders(store, everything, findings)
        chain = read_chain(connection, everything, findings)
        signed_by = check_chain(chain, verifiers, findings)
        if witness is not None:
            check_witness(chain, witness, verifiers, findings)
        counts = {one.run.run_no: one.counts["actions"] for one in chain}
        if len(chain) == len(everything):
            records.check_actions(connection, counts, findings)
        events = EventRunCheck(connection, store_salt(connection), findings)
        events.check_strangers(everything)
        check_side_tables(connection, chain, findings)
        kept = KeptPolicies(connection, findings)
        trees = TreeCheck(connection, database, store_salt(connection), findings)
        trees.next_action += sum(run.actions for run in everything if run.run_no not in counts)
        leaves = sum(sum(one.counts.values()) for one in chain if one.run.run_id in wanted)
        if processes > 1 and leaves >= WORTH_IT:
            workers = stack.enter_context(LeafWorkers(processes))
            _begin(chain, wanted, trees, folder / DATABASE_FILE, workers)
        for run in everything:
            if run.run_id in wanted and run.kind == "night":
                check_files(run, connection, database, findings)
                kept.check(run)
                check_personal(run, connection, database, findings)
        for one in chain:
            _check_tree(one, trees, events, wanted)
    return Verdict(
        runs=tuple(run.run_id for run in everything if run.run_id in wanted),
        origin=chain[-1].text.partition("\n")[0] if chain else None,
        checkpoint=chain[-1].note if chain else None,
        signed_by=signed_by,
        decisions=trees.decisions + events.decisions,
        leaves=trees.leaves + events.leaves,
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


def _check_tree(one: Recorded, trees: TreeCheck, events: EventRunCheck, wanted: set[str]) -> None:
    is_wanted = one.run.run_id in wanted
    if is_wanted and one.run.kind == "night":
        trees.check(one)
        return
    if is_wanted:
        events.check(one, trees.next_action)
    trees.next_action += one.counts["actions"]


def _check_folders(store: Store, runs: Sequence[Run], findings: Findings) -> None:
    known = {run.run_id for run in runs if run.kind == "night"}
    for name in published_runs(store.path / RUNS_FOLDER):
        if name not in known:
            findings.add(
                "run-without-record",
                None,
                f"there is a folder of run {name}, which kam.db does not know: the run was cut "
                "off, or it died and the next run removes its folder",
            )
