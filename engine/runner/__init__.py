"""The only wiring of the stages: `run_night` takes a workspace through all of them.

Nothing is visible to a later run until the last step. A run writes into a folder of its
own, the folder is renamed when it is complete, and one SQLite transaction records it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from engine.audit.discarding import discard
from engine.audit.opening import DATABASE_FILE
from engine.audit.store import open_store
from engine.checking import prepare
from engine.errors import problem
from engine.evidence.keys import FILE_VARIABLE, KEY_VARIABLE, signing_key
from engine.evidence.notes import Signer
from engine.guards import check_approved, check_order
from engine.language.workspace import Workspace
from engine.lifecycle.workdays import Calendar
from engine.runner.night import Night
from engine.runner.report import Clock, NightReport, Progress

__all__ = ["NightReport", "run_night", "run_nights"]


def run_night(
    path: Path, as_of: date | None = None, progress: Progress = lambda step: None
) -> NightReport:
    """Evaluate the workspace as of a date (today in its time zone) and record the night.

    Running the same night again over the same policy and facts changes nothing. A date
    before the last night's is refused. Raises `KamError`; the store is then unchanged.
    """
    progress("reading policies and catalog")
    clock = Clock()
    prepared = prepare(path)
    day = prepared.night(as_of)
    plan = prepared.plan(day)
    calendar = Calendar(prepared.workspace.calendar)
    signer = signer_of(prepared.workspace)
    clock.lap("policy")
    folder = prepared.workspace.store_folder
    is_first = not (folder / DATABASE_FILE).exists()
    with open_store(folder) as store, store.lock():
        try:
            store.clean_up()
            last = store.last_run()
            check_order(prepared.workspace, day, as_of is not None, store)
            check_approved(prepared.workspace, prepared.policies, store)
            said = store.last_mark()
            night = Night(prepared, plan, calendar, store, last, progress, clock, said, signer)
            return night.run()
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


def signer_of(workspace: Workspace) -> Signer | None:
    """The key that signs the workspace's checkpoints, from the environment.

    Raises `KamError`: ``signing-key-needed`` if the workspace asks for signatures and there is
    none, ``signing-key-other-origin`` for the key of another log.
    """
    evidence = workspace.evidence
    signer = signing_key(os.environ, workspace.root)
    if signer is None:
        if evidence.is_signed:
            raise problem(
                "signing-key-needed",
                "kam.yaml asks for signed checkpoints (evidence: signed), and there is no key",
                evidence.location,
                f"set {KEY_VARIABLE} or {FILE_VARIABLE}; `kam keys new` makes a key",
            )
        return None
    if signer.name != evidence.origin:
        raise problem(
            "signing-key-other-origin",
            f"the signing key is that of '{signer.name}', and this log is '{evidence.origin}'",
            evidence.location,
            "write `evidence: {origin: NAME}` in kam.yaml as the key is called",
        )
    return signer


def _last_night(folder: Path) -> date | None:
    if not (folder / DATABASE_FILE).exists():
        return None
    with open_store(folder) as store:
        last = store.last_run()
    return None if last is None else last.as_of
