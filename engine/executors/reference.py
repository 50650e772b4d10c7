"""The reference evaluator: a plan over a few accounts, in deliberately plain Python.

It is the oracle that the other executors are tested against and what `kam explain` runs
over the stored facts of one account. It favours being obviously right over being fast.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.executors.aggregates import aggregate
from engine.executors.expressions import evaluate
from engine.executors.obligations import obligation_facts
from engine.executors.predicates import Lookup, truth_of
from engine.executors.protocol import (
    Decisions,
    Evaluation,
    FactTables,
    Hit,
    Measured,
    Row,
    RuleKey,
    TierChanges,
    Tiers,
    Unsupported,
    Value,
    apply_changes,
)
from engine.executors.statistics import group_totals, points, positions, score, statistic
from engine.executors.values import as_type
from engine.facts.catalog import RECORD_ID
from engine.plan.steps import (
    Computed,
    Condition,
    Derived,
    FactColumn,
    PackPlan,
    Plan,
    Points,
    RecordStep,
    RuleStep,
    Stage,
)


class ReferenceExecutor:
    """`measure` and `decide` one after the other; supports every plan."""

    name = "reference"

    def unsupported(self, plan: Plan) -> tuple[Unsupported, ...]:
        return ()

    def evaluate(
        self, plan: Plan, tables: FactTables, changes: TierChanges | None = None
    ) -> Evaluation:
        measured = measure(plan, tables)
        tiers = apply_changes(measured.candidates, measured.facts, changes)
        decided = decide(plan, measured, tiers)
        return Evaluation(
            measured.facts,
            measured.statistics,
            measured.candidates,
            decided.hits,
            decided.unknowns,
            measured.obligations,
        )


@dataclass(frozen=True)
class Assumptions:
    """What a policy test supposes where a night would compute it.

    `values` says, by account number, which columns have which values whatever their
    definition comes to. `others` are accounts that are counted and ranked beside those of
    the tables: rows of facts, complete as they are, about which nothing is decided.
    """

    values: Mapping[int, Row] = field(default_factory=dict)
    others: Sequence[Row] = ()

    def of(self, row: Row) -> Row:
        number = row["account_no"]
        assert isinstance(number, int)
        return self.values.get(number, {})


NOTHING_ASSUMED = Assumptions()


def measure(plan: Plan, tables: FactTables, assumed: Assumptions = NOTHING_ASSUMED) -> Measured:
    """Facts, statistics and the tier that each pack would give each account today."""
    facts = [_account(plan, row) for row in _by_number(tables.accounts)]
    records = {step.name: _records(plan, step, tables) for step in plan.records}
    _aggregate(plan, records, facts)
    statistics: dict[str, Value] = {}
    for row in facts:
        row.update(assumed.of(row))
    for stage in plan.stages:
        _run(plan, stage, facts, statistics, assumed)
    candidates = {
        pack.id: tuple(candidate(pack, {**row, **statistics}) for row in facts)
        for pack in plan.packs
    }
    owed = obligation_facts(plan, {name: _rows(rows) for name, rows in records.items()})
    return Measured(tuple(facts), statistics, candidates, owed)


RULE_KINDS = frozenset({"milestone", "warning", "entitlement"})


def decide(
    plan: Plan, measured: Measured, tiers: Tiers, kinds: Collection[str] = RULE_KINDS
) -> Decisions:
    """What the rules of some kinds say, given the `tiers` on which they are judged."""
    hits: list[Hit] = []
    unknowns: list[RuleKey] = []
    for pack in plan.packs:
        for row, tier in zip(measured.facts, tiers[pack.id], strict=True):
            if not in_population(pack, row):
                continue
            lookup = {**row, **measured.statistics, pack.tier_column: tier}
            unknowns.extend(unknown_tiers(pack, lookup))
            for rule in pack.rules:
                if rule.kind in kinds:
                    _judge(pack, rule, lookup, hits, unknowns)
    return Decisions(tuple(sorted(hits, key=lambda hit: hit.key)), tuple(sorted(unknowns)))


def in_population(pack: PackPlan, row: Lookup) -> bool:
    """Whether `pack` decides about the account at all."""
    return pack.population is None or row.get(pack.population) is True


def candidate(pack: PackPlan, lookup: Lookup) -> str | None:
    """The best tier that holds, else the default; None outside the population."""
    if not in_population(pack, lookup):
        return None
    excluded = is_excluded(pack, lookup)
    for tier in pack.tiers:
        if tier.predicate is None:
            return tier.id
        if not excluded and truth_of(tier.predicate, lookup) is True:
            return tier.id
    return None


def is_excluded(pack: PackPlan, lookup: Lookup) -> bool:
    """Whether the account gets the default tier whatever else holds."""
    return pack.exclude is not None and truth_of(pack.exclude, lookup) is True


def level_of(rule: RuleStep, lookup: Lookup) -> tuple[str | None, bool]:
    """The worst level that holds (None: none does), and whether the rule is unknown."""
    unknown = False
    for level, predicate in rule.levels:
        truth = truth_of(predicate, lookup)
        if truth is True:
            return level, False
        unknown = unknown or truth is None
    return None, unknown


def unknown_tiers(pack: PackPlan, lookup: Lookup) -> Iterator[RuleKey]:
    """The tiers above the candidate that the account may be in, if more were known."""
    number, account = lookup["account_no"], lookup["account_id"]
    assert isinstance(number, int)
    assert isinstance(account, str)
    if is_excluded(pack, lookup):
        return
    for tier in pack.tiers:
        truth = True if tier.predicate is None else truth_of(tier.predicate, lookup)
        if truth is True:
            return
        if truth is None:
            yield RuleKey(pack.id, "tier", tier.id, number, account)


def _judge(
    pack: PackPlan, rule: RuleStep, lookup: Lookup, hits: list[Hit], unknowns: list[RuleKey]
) -> None:
    number, account = lookup["account_no"], lookup["account_id"]
    assert isinstance(number, int)
    assert isinstance(account, str)
    key = RuleKey(pack.id, rule.kind, rule.id, number, account)
    level, unknown = level_of(rule, lookup)
    if level is not None:
        evidence = {column: lookup.get(column) for column in rule.evidence}
        hits.append(Hit(key, level, evidence))
    elif unknown:
        unknowns.append(key)


# --- facts -------------------------------------------------------------------------------


def _by_number(rows: Sequence[Row]) -> list[Row]:
    numbered: list[Any] = list(rows)
    return sorted(numbered, key=lambda row: row["account_no"])


def _read(columns: Sequence[FactColumn], row: Row) -> dict[str, Value]:
    return {column.name: row.get(column.name) if column.available else None for column in columns}


def _account(plan: Plan, row: Row) -> dict[str, Value]:
    identity = {"account_no": row["account_no"], "account_id": row["account_id"]}
    return identity | _read(plan.accounts, row)


AccountRecords = Mapping[Value, Sequence[Row]]
"""Account number → its records, with their derived columns."""


def _aggregate(
    plan: Plan, records: Mapping[str, AccountRecords], facts: Sequence[dict[str, Value]]
) -> None:
    steps = {step.name: step for step in plan.records}
    for aggregation in plan.aggregates:
        table = steps[aggregation.record]
        for row in facts:
            of_account = records[table.name].get(row["account_no"], [])
            row[aggregation.column] = aggregate(
                aggregation, table, of_account, plan.precision.derived
            )


def _records(plan: Plan, step: RecordStep, tables: FactTables) -> AccountRecords:
    grouped: dict[Value, list[Row]] = {}
    for source in tables.records.get(step.name, ()) if step.available else ():
        record = _read(step.columns, source)
        record[RECORD_ID] = source.get(RECORD_ID)
        if step.time is not None:
            record[step.time] = source.get(step.time)
        for derived in step.derived:
            record[derived.column] = _derive(derived, record, plan)
        grouped.setdefault(source["account_no"], []).append(record)
    return grouped


def _rows(records: AccountRecords) -> list[Row]:
    return [
        {**row, "account_no": account_no} for account_no, rows in records.items() for row in rows
    ]


# --- computed columns --------------------------------------------------------------------


def _run(
    plan: Plan,
    stage: Stage,
    facts: Sequence[dict[str, Value]],
    statistics: dict[str, Value],
    assumed: Assumptions,
) -> None:
    for computed in stage.computed:
        for row in facts:
            row.update(compute(computed, {**row, **statistics}, plan))
            row.update(assumed.of(row))
    everyone = [*facts, *assumed.others]
    for step in stage.statistics:
        statistics[step.name] = statistic(step, everyone, plan.precision.derived)
    for ranking in stage.rankings:
        places = positions(ranking, everyone)
        for row in facts:
            row[ranking.output] = places.get(row["account_no"])
    for group in stage.groups:
        totals = group_totals(group, everyone, plan.precision.derived)
        for row in facts:
            row[group.output] = totals[row["account_no"]]


def compute(computed: Computed, lookup: Lookup, plan: Plan) -> dict[str, Value]:
    """The columns that `computed` makes, of a row together with the statistics."""
    if isinstance(computed, Derived):
        return {computed.column: _derive(computed, lookup, plan)}
    if isinstance(computed, Condition):
        return {computed.column: truth_of(computed.predicate, lookup)}
    if isinstance(computed, Points):
        return {computed.column: points(computed, lookup)}
    value, coverage = score(computed, lookup)
    return {computed.column: value, computed.coverage: coverage}


def _derive(derived: Derived, lookup: Lookup, plan: Plan) -> Value:
    value = evaluate(derived.expression, lookup, plan.as_of)
    if isinstance(value, float):
        return as_type(value, derived.type, derived.scale)
    return value
