"""The machines of the lifecycle over the accounts of many tests, on one night after another.

Every test is an account of its own, so the tests that have the same nights run together.
What the machines read comes from the reference evaluator (`judging`) and not from SQL.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import Location
from engine.executors.protocol import Decisions
from engine.language.overrides import Approval, Overrides, TierOverride
from engine.lifecycle import night as machines
from engine.lifecycle.inputs import NightFiles, NightInputs
from engine.plan.steps import PackPlan
from engine.policy_tests.judging import Judged, ScopeJudged
from engine.policy_tests.model import PolicyTest
from engine.policy_tests.relations import RELATIONS

if TYPE_CHECKING:
    from datetime import date

    import duckdb

    from engine.lifecycle.workdays import Calendar
    from engine.plan.steps import Plan

NOTHING = "{}"
"""Evidence: no test asks what the values were."""
Rows = Iterable[Sequence[object]]


@dataclass(frozen=True)
class Case:
    """A test as an account of the machines."""

    number: int
    test: PolicyTest

    @property
    def account_id(self) -> str:
        return f"T{self.number:06}"


@dataclass
class Outcome:
    """What a night decided about one account; `obligations` hold the state of every part."""

    tier: str | None = None
    candidate: str | None = None
    reviewed: str | None = None
    entitlements: set[str] = field(default_factory=set)
    milestones: set[str] = field(default_factory=set)
    actions: set[str] = field(default_factory=set)
    warnings: dict[str, dict[str, str]] = field(default_factory=dict)
    """Scope → rule → level."""
    obligations: dict[str, list[str]] = field(default_factory=dict)
    scopes: list[ScopeJudged] = field(default_factory=list)


@dataclass(frozen=True)
class State:
    """Where a night starts from; nothing has been before the first."""

    night: date | None = None
    folder: Path | None = None
    emitted: frozenset[str] = frozenset()
    """The ids of the actions of all nights before."""


START = State()


@dataclass
class Machines:
    """The machines of one pack; `folder` takes what one night hands to the next."""

    connection: duckdb.DuckDBPyConnection
    calendar: Calendar
    timezone: str
    folder: Path
    _nights: int = 0

    def advance(
        self, plan: Plan, cases: Sequence[Case], judged: Sequence[Judged], before: State
    ) -> tuple[list[Outcome], State]:
        """The night of `plan`; `judged` and the outcomes are in the order of the cases."""
        self._nights += 1
        schema = f"night_{self._nights}"
        self.connection.execute(f"CREATE SCHEMA {schema}")
        self.connection.execute(f"SET schema = '{schema}'")
        night = _Night(self.connection, plan, cases, judged)
        inputs = self._inputs(plan, cases, before)
        night.load()
        machines.prepare(self.connection, plan, self.calendar, inputs)
        if before.folder is None:
            night.place()
        night.decide(self.calendar, inputs, before.emitted)
        after = self._keep(plan.as_of, before)
        self.connection.execute("SET schema = 'main'")
        self.connection.execute(f"DROP SCHEMA {schema} CASCADE")
        return night.outcomes, after

    def _inputs(self, plan: Plan, cases: Sequence[Case], before: State) -> NightInputs:
        previous = before.night or plan.as_of - timedelta(days=1)
        return NightInputs(
            timezone=self.timezone,
            files=NightFiles(previous, before.folder, before.folder),
            overrides=_overrides(plan.packs[0], cases),
            has_owners=True,
        )

    def _keep(self, as_of: date, before: State) -> State:
        folder = self.folder / f"{self._nights}"
        folder.mkdir()
        decisions = self.connection.table("decisions")
        decisions.write_parquet(os.fspath(folder / "decisions.parquet"))
        owed = self.connection.table("obligations").project("* EXCLUDE (asks)")
        owed.write_parquet(os.fspath(folder / "obligations.parquet"))
        emitted = before.emitted.union(machines.emitted_actions(self.connection))
        return State(as_of, folder, emitted)


@contextmanager
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB in memory, for relations of a few rows: planning them is what takes time."""
    import duckdb

    config: dict[str, Any] = {"autoinstall_known_extensions": False, "threads": 1}
    with duckdb.connect(config=config) as connection:
        yield connection


@dataclass
class _Night:
    connection: duckdb.DuckDBPyConnection
    plan: Plan
    cases: Sequence[Case]
    judged: Sequence[Judged]
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def pack(self) -> PackPlan:
        return self.plan.packs[0]

    def load(self) -> None:
        """What is known before the lifecycle."""
        pack, pairs = self.pack.id, list(zip(self.cases, self.judged, strict=True))
        known: dict[str, Rows] = {
            "accounts": [(case.account_id,) for case in self.cases],
            "record_assignments": [
                (case.number, *(row.get(name) for name in _ASSIGNMENT))
                for case, one in pairs
                for row in one.facts.records.get("assignments", ())
            ],
            "candidates": [
                (pack, case.number, case.account_id, one.is_in, one.may_be_in,
                 one.is_excluded, one.candidate)
                for case, one in pairs
            ],
            "tier_evidence": [(pack, case.number, NOTHING) for case in self.cases],
            "account_scores": [(pack, case.number, None, None) for case in self.cases],
            "obligation_evidence": [(pack, case.number, NOTHING) for case in self.cases],
            "cadence_counts": [
                (pack, found.rule_id, case.number, found.done, found.done_before, found.last_on)
                for case, one in pairs
                for found in one.measured.obligations.cadences
            ],
            "timed_records": [
                (pack, found.rule_id, case.number, found.record, found.starts, found.stops,
                 found.due)
                for case, one in pairs
                for found in one.measured.obligations.timed
            ],
            "team_coverage": [
                (pack, found.rule_id, found.role, case.number, found.people)
                for case, one in pairs
                for found in one.measured.obligations.teams
            ],
        }  # fmt: skip
        for name, columns in RELATIONS.items():
            self.connection.execute(f"CREATE TABLE {name} ({columns})")
            self.fill(name, known.get(name, ()))

    def place(self) -> None:
        """The tiers that accounts have before their first night, and what they were owed."""
        held = [case for case in self.cases if case.test.tier is not None]
        before = self.plan.as_of - timedelta(days=1)
        columns = (
            "account_no", "account_id", "pack", "scope", "in_population", "computed", "tier",
            "tier_since", "worse_reviews", "held_reviews",
        )  # fmt: skip
        self.fill(
            "previous_decisions",
            [
                (case.number, case.account_id, self.pack.id, "account", True, case.test.tier,
                 case.test.tier, case.test.since or before, 0, 0)
                for case in held
            ],
            columns,
        )  # fmt: skip
        owed_columns = (
            "pack", "account_no", "account_id", "rule_id", "kind", "part", "state", "owed_since",
            "since",
        )  # fmt: skip
        self.fill(
            "previous_obligations",
            [
                (self.pack.id, case.number, case.account_id, one.id, one.kind, "", "open",
                 case.test.since or before, case.test.since or before)
                for case in held
                for one in self.pack.entitlements.values()
                if one.kind == "cadence" and case.test.tier in one.tiers
            ],
            owed_columns,
        )  # fmt: skip

    def decide(self, calendar: Calendar, inputs: NightInputs, known: Iterable[str]) -> None:
        """Tiers, rules and obligations, in the order of the night."""
        connection = self.connection
        machines.advance_reviews(connection)
        reviewed = self._tiers("reviewed_tiers")
        reached = [
            one.milestones(reviewed[case.number][0])
            for case, one in zip(self.cases, self.judged, strict=True)
        ]
        self._hits("milestone_hits", reached)
        machines.advance_tiers(connection)
        tiers = self._tiers("effective_tiers")
        self.outcomes = [
            Outcome(*tiers[case.number], reviewed=reviewed[case.number][0]) for case in self.cases
        ]
        said = [
            one.rules(outcome.tier) for one, outcome in zip(self.judged, self.outcomes, strict=True)
        ]
        self._hits("seen_hits", said)
        self.connection.execute("INSERT INTO hits SELECT * EXCLUDE (evidence) FROM seen_hits")
        self._unknowns(said)
        self._scopes()
        machines.advance_rules(connection, self.plan, calendar, inputs)
        for name in ("actions", "decisions"):  # no test asks what the log says
            machines.run_file(connection, name)
        machines.forget_actions(connection, known)
        self._collect()

    # --- into the database -----------------------------------------------------------------

    def fill(self, name: str, rows: Rows, columns: Sequence[str] = ()) -> None:
        """Insert rows; the names are constants of this package."""
        machines.fill(self.connection, name, list(rows), columns)

    def _hits(self, name: str, said: Iterable[Decisions]) -> None:
        self.fill(
            name,
            [
                (self.pack.id, case.number, hit.key.kind, hit.key.rule, hit.level, NOTHING)
                for case, decisions in zip(self.cases, said, strict=True)
                for hit in decisions.hits
            ],
        )

    def _unknowns(self, said: Iterable[Decisions]) -> None:
        pairs = list(zip(self.cases, said, strict=True))
        self.fill("unknowns", [(self.pack.id, case.number, 0) for case in self.cases])
        self.fill(
            "unknown_warnings",
            [
                (self.pack.id, case.number, key.rule)
                for case, decisions in pairs
                for key in decisions.unknowns
                if key.kind == "warning"
            ],
        )

    def _scopes(self) -> None:
        found: list[tuple[Case, ScopeJudged]] = []
        for case, one, outcome in zip(self.cases, self.judged, self.outcomes, strict=True):
            outcome.scopes = one.scopes(outcome.tier)
            found.extend((case, scope) for scope in outcome.scopes)
        keys = [(self.pack.id, scope.scope, case.account_id) for case, scope in found]
        self.fill("scope_entities", keys)
        self.fill("scope_facts", [(*key, "", None) for key in keys])
        said = list(zip(keys, (scope.decisions for _, scope in found), strict=True))
        self.fill(
            "scope_hits",
            [(*key, hit.key.rule, hit.level, NOTHING) for key, one in said for hit in one.hits],
        )
        self.fill(
            "scope_unknowns",
            [(*key, unknown.rule) for key, one in said for unknown in one.unknowns],
        )

    # --- out of the database ---------------------------------------------------------------

    def _tiers(self, relation: str) -> dict[int, tuple[str | None, str | None]]:
        query = f"SELECT account_no, tier, candidate FROM {relation}"  # noqa: S608
        found = self.connection.execute(query).fetchall()
        return {number: (tier, candidate) for number, tier, candidate in found}

    def _collect(self) -> None:
        by_id = {case.account_id: one for case, one in zip(self.cases, self.outcomes, strict=True)}
        for account, names in self._rows("SELECT account_id, entitlements FROM decisions"):
            by_id[account].entitlements.update(names)
        query = "SELECT account_id, scope, rule_id, level FROM open_warnings"
        for account, scope, rule, level in self._rows(query):
            by_id[account].warnings.setdefault(scope, {})[rule] = level
        for relation in ("open_milestones", "reached_milestones"):
            for account, rule in self._rows(f"SELECT account_id, rule_id FROM {relation}"):  # noqa: S608
                by_id[account].milestones.add(rule)
        for account, rule, state in self._rows(
            "SELECT account_id, rule_id, state FROM obligations"
        ):
            by_id[account].obligations.setdefault(rule, []).append(state)
        for account, template in self._rows("SELECT account_id, template FROM emitted_actions"):
            by_id[account].actions.add(template)

    def _rows(self, query: str) -> Iterator[tuple[str, ...]]:
        yield from self.connection.execute(query).fetchall()


_ASSIGNMENT = ("assigned_on", "ended_on", "role", "person")
_NOWHERE = Location("")


def _overrides(pack: PackPlan, cases: Iterable[Case]) -> Overrides:
    tiers, approvals = [], []
    for case in cases:
        for one in case.test.overrides:
            place = (case.account_id, pack.id, one.tier, "test", pack.owner)
            tiers.append(TierOverride(*place, one.starts, one.until, _NOWHERE))
        for milestone, on in case.test.approvals:
            approvals.append(
                Approval(
                    case.account_id, pack.id, milestone, None, pack.owner, on, None, None, _NOWHERE
                )
            )
    return Overrides(tuple(tiers), tuple(approvals))
