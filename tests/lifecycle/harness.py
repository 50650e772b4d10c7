"""Runs the machines of `engine/lifecycle` over given relations: no sources, no executors.

`Machines` takes what the model takes (`tests.lifecycle.model`), lays it out as the executors
would, runs the ``.sql`` files as `engine.runner` does, and gives back the model's own types.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

from engine.language.overrides import Approval, Overrides, TierOverride
from engine.lifecycle import night
from engine.lifecycle.inputs import Mark, NightFiles, NightInputs
from engine.lifecycle.workdays import Calendar
from engine.plan.sql.obligations import obligation_statements
from tests.lifecycle.model import inputs as given
from tests.lifecycle.model import policy
from tests.lifecycle.model.days import Almanac
from tests.lifecycle.model.state import Action, Key, Line, State
from tests.lifecycle.plans import HERE, TIMED, calendar_of, plan_of, record_name
from tests.lifecycle.reading import actions_of, log_of, states_of


@dataclass(frozen=True)
class Night:
    """What the machines said, in the model's types. `ids` are those of the actions."""

    as_of: date
    states: dict[Key, State]
    log: set[Line]
    actions: list[Action]
    open_actions: list[Action]
    ids: tuple[str, ...]
    decisions: list[tuple[Any, ...]]
    obligations: list[tuple[Any, ...]]


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    """One for all tests, each night in a database of its own."""
    return duckdb.connect(config={"threads": 1})


_numbers = count()


@dataclass
class Machines:
    """One workspace over time: the runs so far, and the actions that the store holds."""

    packs: Sequence[policy.Pack]
    runs: list[tuple[date, Path]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    open_actions: dict[str, tuple[str, Action]] = field(default_factory=dict)
    """Action id → its cause, and itself."""

    def __post_init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._calendars: dict[Almanac, Calendar] = {}
        self._expired: dict[str, tuple[str, Action]] = {}
        """By the attempts at the last night."""

    def __enter__(self) -> Machines:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def run(self, tonight: given.Inputs) -> Night:
        connection, name = _connection(), f"night_{next(_numbers)}"
        connection.execute(f"ATTACH ':memory:' AS {name}; USE {name}")
        try:
            return self._run(connection, tonight)
        finally:
            connection.execute(f"DROP VIEW IF EXISTS timed_records; USE memory; DETACH {name}")

    def _run(self, connection: duckdb.DuckDBPyConnection, tonight: given.Inputs) -> Night:
        plan = plan_of(self.packs, tonight.as_of)
        almanac = tonight.almanac
        calendar = self._calendars.setdefault(almanac, calendar_of(almanac))
        inputs = self._inputs(tonight)
        names = sorted(tonight.accounts)
        _lay_out(connection, self.packs, names, tonight)
        night.prepare(connection, plan, calendar, inputs)
        night.advance_reviews(connection)
        _reach(connection, names, tonight)
        night.advance_tiers(connection)
        _decide(connection, names, tonight)
        for statement in obligation_statements(plan):
            connection.execute(statement.sql())
        _evaluate_scopes(connection, tonight)
        night.advance_rules(connection, plan, calendar, inputs)
        connection.execute(
            "CREATE VIEW obligation_evidence AS "
            "SELECT DISTINCT pack, account_no, '{}' AS evidence FROM obligations WHERE asks"
        )
        night.conclude(connection)
        ids = tuple(night.emitted_actions(connection))
        night.forget_actions(connection, self.known)
        return self._finish(connection, tonight, ids)

    def _inputs(self, tonight: given.Inputs) -> NightInputs:
        earlier = [run for run in self.runs if run[0] < tonight.as_of]
        before = earlier[-1] if earlier else (None, None)
        return NightInputs(
            timezone=tonight.almanac.zone,
            files=NightFiles(*before, self.runs[-1][1] if self.runs else None),
            overrides=Overrides(
                tuple(
                    TierOverride(
                        one.account, one.pack, one.tier, "why", "who", one.starts, one.until, HERE
                    )
                    for one in tonight.overrides
                ),
                tuple(
                    Approval(
                        one.account, one.pack, one.milestone, None, "who", one.on, None, None, HERE
                    )
                    for one in tonight.approvals
                ),
            ),
            marks=tuple(
                Mark(number, one.kind, one.pack, one.account, one.rule, one.day, one.until)
                for number, one in enumerate(tonight.marks)
            ),
            people={role: (person,) for role, person in tonight.people.items()},
            has_owners=True,
        )

    def _finish(
        self, connection: duckdb.DuckDBPyConnection, tonight: given.Inputs, ids: tuple[str, ...]
    ) -> Night:
        folder = Path(self._folder.name) / f"{len(self.runs)}"
        folder.mkdir()
        decisions = connection.table("decisions")
        obligations = connection.table("obligations").project("* EXCLUDE (asks)")
        decisions.write_parquet(str(folder / "decisions.parquet"))
        obligations.write_parquet(str(folder / "obligations.parquet"))
        if not self.runs or self.runs[-1][0] != tonight.as_of:
            self._expired = {}
        self.runs.append((tonight.as_of, folder))
        actions = actions_of(connection.execute(_ACTIONS).fetchall())
        self.known |= set(ids)
        self._expire(dict(connection.execute("FROM ended_causes").fetchall()))
        self.open_actions.update(actions)
        return Night(
            tonight.as_of,
            states_of(connection),
            log_of(connection.execute(_CHANGES).fetchall()),
            [action for _, action in actions.values()],
            [action for _, action in self.open_actions.values()],
            ids,
            decisions.order("ALL").fetchall(),
            obligations.order("ALL").fetchall(),
        )

    def _expire(self, ended: Mapping[str, str | None]) -> None:
        """What an earlier attempt at the night let expire is open again where it lasts."""
        standing = {**self._expired, **self.open_actions}
        self.open_actions = {}
        for key, (cause, action) in standing.items():
            before = ended.get(cause, "")
            is_over = before is None or action.opened_on.isoformat() < before
            (self._expired if is_over else self.open_actions)[key] = (cause, action)


_CHANGES = (
    "SELECT kind, pack, account_id, rule_id, from_value, to_value, "
    "coalesce(evidence::JSON ->> 'part', '') FROM changes"
)
_ACTIONS = (
    "SELECT action_id, cause_id, pack, account_id, rule_id, level, template, owner_role, "
    "owner, due_on, priority, opened_on FROM emitted_actions"
)

Rows = Iterable[Sequence[object]]


def _table(connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Rows) -> None:
    """A table of rows, which go over as one text: thousands of parameters take far longer."""
    connection.execute(f"CREATE TABLE {name} ({columns})")
    text = json.dumps([[None if one is None else str(one) for one in row] for row in rows])
    width = columns.count(",") + 1
    selected = ", ".join(f"row[{number}]" for number in range(1, width + 1))
    connection.execute(
        f"INSERT INTO {name} SELECT {selected} FROM "
        "(SELECT unnest(from_json(?, '[[\"VARCHAR\"]]')) AS row)",
        [text],
    )


def _lay_out(
    connection: duckdb.DuckDBPyConnection, packs: Sequence[policy.Pack], names: Sequence[str],
    tonight: given.Inputs,
) -> None:  # fmt: skip
    """What the facts stage and the first part of the executor leave."""
    numbers = {name: number for number, name in enumerate(names)}
    _table(connection, "accounts", "account_no INTEGER, account_id VARCHAR",
           [(number, name) for name, number in numbers.items()])  # fmt: skip
    _table(connection, "bad_accounts", "account_id VARCHAR",
           [(name,) for name in sorted(tonight.set_aside)])  # fmt: skip
    rows = []
    for pack in packs:
        for name, number in numbers.items():
            facts = tonight.accounts[name].get(pack.id, given.Facts(in_population=False))
            tier = pack.tiers[-1] if facts.excluded else facts.candidate
            inside = facts.in_population
            rows.append((pack.id, number, name, inside, not inside and facts.excluded,
                         inside and facts.excluded, tier if inside else None))  # fmt: skip
    _table(connection, "candidates",
           "pack VARCHAR, account_no INTEGER, account_id VARCHAR, in_population BOOLEAN, "
           "may_be_in BOOLEAN, excluded BOOLEAN, tier VARCHAR", rows)  # fmt: skip
    connection.execute(
        "CREATE VIEW tier_evidence AS SELECT pack, account_no, '{}' AS evidence FROM candidates"
    )
    connection.execute(
        "CREATE VIEW account_scores AS SELECT pack, account_no, NULL::VARCHAR AS name, "
        "map()::MAP(VARCHAR, DOUBLE) AS scores FROM candidates"
    )
    assigned = [
        (numbers[one.account], one.assigned_on, one.ended_on, one.role, one.person)
        for one in tonight.assignments
        if one.account in numbers
    ]
    _table(connection, "record_assignments",
           "account_no INTEGER, assigned_on DATE, ended_on DATE, role VARCHAR, person VARCHAR",
           assigned)  # fmt: skip
    connection.execute(
        "CREATE VIEW records__assignments AS "
        "SELECT *, assigned_on AS record__day, assigned_on AS record__time FROM record_assignments"
    )
    _table(connection, "every_record",
           "pack VARCHAR, rule_id VARCHAR, account_no INTEGER, record__id VARCHAR, "
           "record__day DATE, starts TIMESTAMP, stops TIMESTAMP, due DATE",
           [(one.pack, one.rule, numbers[one.account], one.id, one.day, one.starts,
             one.stops, one.due)
            for one in tonight.records if one.account in numbers])  # fmt: skip
    for pack in packs:
        for rule, one in pack.entitlements.items():
            if one.kind in ("cadence", *TIMED):
                connection.execute(
                    f"CREATE VIEW records__{record_name(pack.id, rule)} AS "
                    "SELECT *, record__day AS record__time FROM every_record "
                    f"WHERE pack = '{pack.id}' AND rule_id = '{rule}'"
                )


_HITS = (
    "pack VARCHAR, account_no INTEGER, kind VARCHAR, rule_id VARCHAR, level VARCHAR, "
    "evidence VARCHAR"
)


def _tiers(connection: duckdb.DuckDBPyConnection, relation: str) -> Mapping[tuple[str, int], str]:
    query = f"SELECT pack, account_no, tier FROM {relation} WHERE in_population"
    return {(pack, number): tier for pack, number, tier in connection.execute(query).fetchall()}


def _reach(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], tonight: given.Inputs
) -> None:
    rows = []
    for (pack, number), tier in _tiers(connection, "reviewed_tiers").items():
        facts = tonight.accounts[names[number]][pack]
        for rule, tiers in facts.milestones.items():
            if tier in tiers:
                rows.append((pack, number, "milestone", rule, "", "{}"))
    _table(connection, "milestone_hits", _HITS, rows)


def _decide(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], tonight: given.Inputs
) -> None:
    hits, unknown = [], []
    for (pack, number), tier in _tiers(connection, "effective_tiers").items():
        facts = tonight.accounts[names[number]][pack]
        for rule in facts.warnings:
            level = facts.level(rule, tier)
            if level == given.UNKNOWN:
                unknown.append((pack, number, rule))
            elif level is not None:
                hits.append((pack, number, "warning", rule, level, "{}"))
        for rule, tiers in facts.entitlements.items():
            if tier in tiers:
                hits.append((pack, number, "entitlement", rule, "", "{}"))
    _table(connection, "seen_hits", _HITS, hits)
    connection.execute("CREATE TABLE hits AS SELECT * EXCLUDE (evidence) FROM seen_hits")
    _table(connection, "unknown_warnings",
           "pack VARCHAR, account_no INTEGER, rule_id VARCHAR", unknown)  # fmt: skip
    _table(connection, "unknowns", "pack VARCHAR, account_no INTEGER, unknowns INTEGER", [])


def _evaluate_scopes(connection: duckdb.DuckDBPyConnection, tonight: given.Inputs) -> None:
    hits, unknown, entities = [], [], []
    for (pack, scope), found in tonight.entities.items():
        for entity, facts in found.items():
            entities.append((pack, scope, entity))
            for rule in facts.warnings:
                level = facts.level(rule, None)
                if level == given.UNKNOWN:
                    unknown.append((pack, scope, entity, rule))
                elif level is not None:
                    hits.append((pack, scope, entity, rule, level, "{}"))
    key = "pack VARCHAR, scope VARCHAR, entity_id VARCHAR"
    _table(connection, "scope_entities", key, entities)
    _table(connection, "scope_hits",
           f"{key}, rule_id VARCHAR, level VARCHAR, evidence VARCHAR", hits)  # fmt: skip
    _table(connection, "scope_unknowns", f"{key}, rule_id VARCHAR", unknown)
