"""`kam replay RUN`: a night once more from what its run kept, compared to the last byte."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import duckdb

from engine import __version__
from engine.audit.manifest import canonical_json, sha256_of_file
from engine.audit.night_files import RESULTS, Rows, library_versions, scopes_of
from engine.audit.policy_records import policy_record
from engine.audit.records import RuleKey
from engine.audit.store import Run, Store
from engine.errors import KamError, Problem
from engine.executors import columnar
from engine.lifecycle import night as machines
from engine.recall import KeptNight
from engine.replay.comparing import (
    Difference,
    NoVeil,
    Veil,
    file_differences,
    line_differences,
    number_differences,
)
from engine.replay.evaluate import Case, Evaluated, evaluated
from engine.replay.past import (
    ACTION_FIELDS,
    LOG_FIELDS,
    PastNight,
    past_night,
    state_runs,
    touched_files,
)
from engine.replay.personal import forgotten_accounts

STATE_FILES = ("decisions.parquet", "obligations.parquet")
"""What a night reads of the runs before it."""

SHOWN = 1000
"""Differences of a run that are kept to be shown; all are counted."""

State = Literal["identical", "different", "not_kept", "unreadable"]


@dataclass(frozen=True)
class Replayed:
    """What came of one run. `different`: something is otherwise than the run left it;
    `not_kept`: a run of version 0.2; `unreadable`: `problems` say why it cannot be decided.

    `problems` of a run that could be decided are files that were touched since. `differences`
    are the first `SHOWN`; `accounts` counts those with one. `forgotten` are accounts whose
    personal values were destroyed, and which therefore cannot be compared.
    """

    run: Run
    state: State
    engine: str
    is_same_plan: bool = True
    problems: tuple[Problem, ...] = ()
    differences: tuple[Difference, ...] = ()
    total: int = 0
    accounts: int = 0
    forgotten: int = 0
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


VeilOf = Callable[[KeptNight], Veil]
"""What stands between who reads and the differences of a night."""


def _nothing_hidden(night: KeptNight) -> Veil:
    del night
    return NoVeil()


def replay(path: Path, store: Store, run: Run, veil_of: VeilOf = _nothing_hidden) -> Replayed:
    """Decides a run of the store again and compares. Never raises over what the run kept."""
    begun = time.perf_counter()
    try:
        past = past_night(path, store, run)
    except KamError as error:
        is_old = error.problems[0].code == "run-not-kept"
        return Replayed(run, "not_kept" if is_old else "unreadable", __version__,
                        problems=error.problems)  # fmt: skip
    touched = touched_files(run, past.kept.manifest["files"])
    for one in {one.run_id: one for one in state_runs(store, run) if one is not None}.values():
        touched += touched_files(one, STATE_FILES)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="kam-replay-") as folder,
            evaluated(past, Case.as_it_was(past), Path(folder)) as night,
        ):
            found = _compare(past, night, veil_of(past.kept))
    except (KamError, duckdb.Error) as error:
        problems = error.problems if isinstance(error, KamError) else _defect(error)
        return Replayed(run, "unreadable", __version__, problems=(*touched, *problems))
    return Replayed(
        run=run,
        state="different" if touched or found.total else "identical",
        engine=__version__,
        is_same_plan=past.kept.plan.hash == run.plan_hash,
        problems=tuple(touched),
        differences=tuple(found.kept),
        total=found.total,
        accounts=len(found.accounts),
        forgotten=len(found.forgotten),
        notes=tuple(found.notes),
        seconds=time.perf_counter() - begun,
    )


def _defect(error: duckdb.Error) -> tuple[Problem, ...]:
    first, _, _ = str(error).partition("\n")
    message = f"what the run kept cannot be decided again: {first}"
    return (Problem("replay-failed", message, hint="a file that was touched can be the cause"),)


# --- comparing -----------------------------------------------------------------------------


class _Found:
    """Differences as they are found; those of forgotten accounts cannot be told from others."""

    def __init__(self, forgotten: frozenset[str], veil: Veil) -> None:
        self.veil = veil
        self.forgotten_known = forgotten
        self.forgotten: set[str] = set()
        self.kept: list[Difference] = []
        self.accounts: set[str] = set()
        self.total = 0
        self.notes: list[str] = []

    def take(self, differences: Iterable[Difference]) -> bool:
        """Whether there was any at all."""
        any_at_all = False
        for one in differences:
            any_at_all = True
            if one.account in self.forgotten_known:
                self.forgotten.add(str(one.account))
                continue
            self.total += 1
            if one.account is not None:
                self.accounts.add(one.account)
            if len(self.kept) < SHOWN:
                self.kept.append(one)
        return any_at_all


def _compare(past: PastNight, night: Evaluated, veil: Veil) -> _Found:
    found = _Found(forgotten_accounts(past.store, past.run), veil)
    for name in RESULTS:
        _compare_file(past, night, name, found)
    numbers = _numbered(past, night)
    rules = past.rules() | {number: f"{kind} {rule}" for (_, kind, rule), number in numbers.items()}
    for where, fields, then, table in (
        ("log", LOG_FIELDS, past.log_lines, "log_lines"),
        ("actions", ACTION_FIELDS, past.action_lines, "action_lines"),
    ):
        now = partial(Rows, night.connection, table)
        found.take(line_differences(where, fields, (then, now), rules, veil))
    if found.forgotten:  # what is missing of them is missing in every total
        found.notes.append(
            "counts and statistics of the manifest are not compared: accounts were forgotten since"
        )
        return found
    said = past.kept.manifest
    for part, now_said in (
        ("counts", night.counts),
        ("statistics", columnar.statistics(night.connection)),
        ("scopes", scopes_of(night.connection)),
    ):
        now_read = json.loads(canonical_json(now_said))
        found.take(number_differences(said[part], now_read, (part,), veil))
    return found


def _compare_file(past: PastNight, night: Evaluated, name: str, found: _Found) -> None:
    """By its hash; only where that differs, row by row."""
    file = f"{name}.parquet"
    said, kept = past.kept.manifest["files"][file], past.run.path / file
    is_kept = _is_that(kept, said["sha256"])
    if is_kept and sha256_of_file(night.folder / file) == said["sha256"]:
        return
    with suppress(duckdb.Error, OSError):  # a file that cannot be read is among the touched ones
        differences = file_differences(
            night.connection, name, kept, night.folder / file, found.veil
        )
        if found.take(differences) or not is_kept:
            return
        then, now = past.kept.manifest["libraries"]["duckdb"], library_versions()["duckdb"]
        if then == now:
            found.take([Difference(name, None, None, "the bytes of equal rows", "some", "others")])
        else:
            found.notes.append(
                f"{file} has the same rows in other bytes: DuckDB {then} wrote it, this is {now}"
            )


def _is_that(file: Path, sha256: str) -> bool:
    with suppress(OSError):
        return sha256_of_file(file) == sha256
    return False


def _numbered(past: PastNight, night: Evaluated) -> dict[RuleKey, int]:
    """``log_lines`` and ``action_lines`` of the night, with the numbers of the store's rules."""
    kept = past.kept
    policies = [
        policy_record(policy, kept.plan, pack)
        for policy, pack in zip(kept.policies, kept.plan.packs, strict=True)
    ]
    numbers = past.store.rule_numbers(policies)
    machines.number_lines(night.connection, numbers)
    return numbers
