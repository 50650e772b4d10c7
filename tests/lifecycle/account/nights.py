"""Nights of a demo book, decided again account by account from the files that they kept."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any
from unittest.mock import patch

import duckdb

from engine.audit.data_files import read_manifest
from engine.audit.store import Run, open_store
from engine.executors.protocol import CadenceCount, ObligationFacts, TeamCoverage, TimedRecord
from engine.executors.single import Verdict
from engine.lifecycle import night
from engine.lifecycle.account.advance import Machines
from engine.lifecycle.account.judging import Judge, judge_by_reference
from engine.lifecycle.account.state import AccountDay, AccountDecided, Standing
from engine.lifecycle.inputs import NightFiles, NightInputs
from engine.lifecycle.workdays import Calendar
from engine.model.tokens import PREFIX
from engine.plan.classes import sealed_columns
from engine.plan.columns import token_column
from engine.plan.kept import opened_facts
from engine.plan.steps import Plan
from engine.recall_facts import typed_statistics
from tests.lifecycle.account.ended import causes
from tests.lifecycle.demo_book.year import DemoYear
from tests.lifecycle.harness import Night

Found = dict[str, Any]


@dataclass
class Seen:
    """What came up in all nights: a comparison of nothing would prove nothing."""

    changes: set[str] = field(default_factory=set)
    actions: set[str] = field(default_factory=set)
    obligations: set[tuple[str, str]] = field(default_factory=set)
    moved_in: set[str] = field(default_factory=set)
    """The packs that moved an account."""
    sealed: int = 0
    """Warnings whose evidence names a token."""
    ended: int = 0
    accounts: int = 0
    seconds: float = 0.0
    judged: int = 0

    @property
    def microseconds(self) -> float:
        """What the machines took for one account."""
        return self.seconds / self.accounts * 1e6


def live(year: DemoYear, as_of: date, seen: Seen) -> Night:
    """A night, and the same once more for every account by itself. Raises AssertionError."""
    with open_store(year.prepared.workspace.store_folder) as store:
        last = store.last_run()
    relations: dict[str, list[Found]] = {}
    emitted_actions = night.emitted_actions

    def captured(connection: duckdb.DuckDBPyConnection) -> list[str]:
        for name in ("changes", "emitted_actions", "ended_causes"):
            relations[name] = _select(connection, f"SELECT * FROM {name}")
        return emitted_actions(connection)

    with patch("engine.runner.night.night.emitted_actions", captured):
        found = year.record(as_of)
    again = Again(year, last, relations)
    for account in again.accounts:
        again.compare(account, seen)
    again.compare_ended()
    return found


class Again:
    """The last run of a store, and everything that it had read; `last` is the run before it."""

    def __init__(self, year: DemoYear, last: Run | None, relations: Mapping[str, list[Found]]):
        with open_store(year.prepared.workspace.store_folder) as store:
            run = store.last_run()
            assert run is not None
            before = store.last_run_before(run.as_of)
            marks = tuple(store.warning_marks())
        self.run, self.before = run, before
        workspace = year.prepared.workspace
        self.plan = year.prepared.plan(run.as_of)
        inputs = NightInputs(
            workspace.timezone,
            NightFiles(),
            year.prepared.overrides,
            marks,
            workspace.people,
        )
        self.machines = Machines(self.plan, Calendar(workspace.calendar), inputs)
        self.statistics = typed_statistics(self.plan, read_manifest(run)["statistics"])
        self.relations = {name: _by_account(rows) for name, rows in relations.items()
                          if name != "ended_causes"}  # fmt: skip
        self.ended = {(one["cause_id"], one["opened_before"]) for one in relations["ended_causes"]}
        self.found_ended: set[tuple[str, str | None]] = set()
        with duckdb.connect(config={"threads": 1}) as connection:
            self.facts = {one["account_id"]: one for one in _facts(connection, run, self.plan)}
            self.decided, self.previous, self.recorded = (
                _Kept.of(connection, one) for one in (run, before, last)
            )
            self.owners = _by_number(_read(connection, run, "inputs/owners"))
            self.cadences, self.timed, self.teams = (
                _by_number(_read(connection, run, f"inputs/{name}"))
                for name in ("cadence_counts", "timed_records", "team_coverage")
            )

    @property
    def accounts(self) -> list[str]:
        return sorted(self.facts)

    def day(self, account: str) -> AccountDay:
        facts = self.facts[account]
        number = facts["account_no"]
        return AccountDay(
            number,
            account,
            facts[token_column("name") if "name" in sealed_columns(self.plan) else "name"],
            self.run.as_of,
            None if self.before is None else self.before.as_of,
            True,
            facts,
            self.statistics,
            ObligationFacts(
                tuple(CadenceCount(**one) for one in self.cadences[number]),
                tuple(TimedRecord(**_without(one, "account_id")) for one in self.timed[number]),
                tuple(TeamCoverage(**one) for one in self.teams[number]),
            ),
            {one["role"]: one["person"] for one in self.owners[number]},
            self.previous.standing(account),
            self.recorded.standing(account),
        )

    def compare(self, account: str, seen: Seen) -> None:
        day = self.day(account)
        judged: list[Mapping[str, str]] = []
        decided = self.machines.advance(day, judge(self.plan, day, judged))
        self._same(account, decided)
        seen.accounts += 1
        seen.judged += len(judged)
        # Once more over verdicts that are known, for what the machines take by themselves.
        known = {tuple(sorted(one.items())): judge(self.plan, day, [])(one) for one in judged}
        start = perf_counter()
        self.machines.advance(day, lambda tiers: known[tuple(sorted(tiers.items()))])
        seen.seconds += perf_counter() - start
        seen.changes |= {one.kind for one in decided.changes}
        seen.moved_in |= {one.pack for one in decided.changes if one.kind == "tier_moved"}
        rows = (row for one in decided.decisions for row in (*one["warnings"], *one["milestones"]))
        seen.sealed += sum(PREFIX in row["evidence"] for row in rows)
        seen.actions |= {one["asked_as"] for one in decided.actions}
        seen.obligations |= {(one["kind"], one["state"]) for one in decided.obligations}
        seen.ended += len(decided.ended)

    def _same(self, account: str, decided: AccountDecided) -> None:
        about = f"{account} in run {self.run.run_id}"
        expected = self.decided.decisions[account]
        assert list(decided.decisions) == [expected[pack] for pack in sorted(expected)], about
        assert list(decided.obligations) == self.decided.obligations[account], about
        changes = [asdict(one) for one in decided.changes]
        assert _sorted(changes) == _sorted(self.relations["changes"][account]), about
        actions = [dict(one) for one in decided.actions]
        assert _sorted(actions) == _sorted(self.relations["emitted_actions"][account]), about
        assert set(decided.ended) <= self.ended, about
        self.found_ended |= set(decided.ended)

    def compare_ended(self) -> None:
        """What has ended beside that ended for somebody who has no row, or is no account."""
        others = set()
        for kept in (self.previous, self.recorded):
            others |= kept.causes_beside(self.facts)
        assert {cause for cause, _ in self.ended - self.found_ended} <= others


def judge(plan: Plan, day: AccountDay, asked: list[Mapping[str, str]]) -> Judge:
    """The reference functions; `asked` are the tiers that they were asked on."""
    answers = judge_by_reference(plan, day.facts, day.statistics)

    def judged(tiers: Mapping[str, str]) -> Mapping[str, Verdict]:
        asked.append(dict(tiers))
        return answers(tiers)

    return judged


# --- files of a run ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Kept:
    """What a run decided, by account; nothing where there is no run."""

    as_of: date | None = None
    decisions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    obligations: Mapping[str, list[Any]] = field(default_factory=dict)
    entities: tuple[Found, ...] = ()

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, run: Run | None) -> _Kept:
        if run is None:
            return cls()
        decisions: dict[str, dict[str, Any]] = defaultdict(dict)
        entities = []
        for one in _read(connection, run, "decisions"):
            if one["scope"] == "account":
                decisions[one["account_id"]][one["pack"]] = one
            else:
                entities.append(one)
        return cls(
            run.as_of,
            decisions,
            _by_account(_read(connection, run, "obligations")),
            tuple(entities),
        )

    def standing(self, account: str) -> Standing | None:
        if self.as_of is None:
            return None
        return Standing(
            self.as_of,
            self.decisions.get(account, {}),
            tuple(self.obligations.get(account, ())),
        )

    def causes_beside(self, accounts: Mapping[str, Found]) -> set[str]:
        """Of what is no account, or has no row."""
        others = self.decisions.keys() - accounts.keys()
        decided = [row for one in others for row in self.decisions[one].values()]
        owed = [row for one in others for row in self.obligations.get(one, ())]
        return set(causes((*self.entities, *decided), owed))


def _facts(connection: duckdb.DuckDBPyConnection, run: Run, plan: Plan) -> list[Found]:
    personal = run.path / "personal.parquet"
    kept = opened_facts(plan, run.path / "facts.parquet", personal if personal.is_file() else None)
    return _select(connection, kept)


def _read(connection: duckdb.DuckDBPyConnection, run: Run, name: str) -> list[Found]:
    path: Path = run.path / f"{name}.parquet"
    rows = connection.read_parquet(os.fspath(path))
    names = rows.columns
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def _select(connection: duckdb.DuckDBPyConnection, query: str) -> list[Found]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _by_account(rows: Iterable[Found]) -> dict[str, list[Any]]:
    found: dict[str, list[Found]] = defaultdict(list)
    for one in rows:
        found[one["account_id"]].append(one)
    return found


def _by_number(rows: Iterable[Found]) -> dict[int, list[Found]]:
    found: dict[int, list[Found]] = defaultdict(list)
    for one in rows:
        found[one["account_no"]].append(one)
    return found


def _without(row: Found, *names: str) -> Found:
    return {name: value for name, value in row.items() if name not in names}


def _sorted(rows: Iterable[Found]) -> list[Found]:
    return sorted(rows, key=lambda one: repr(sorted(one.items())))
