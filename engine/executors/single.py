"""One account by itself: its columns and verdicts, among others that stand still.

The statistics of the population (totals, averages, the cut-offs of `top: 5%`) are given and
not computed, so one account costs microseconds per column however many there are. What one
account says about itself is computed by the very functions of the reference evaluator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.executors.identity import ByIdentity
from engine.executors.protocol import Row, Value
from engine.executors.reference import (
    candidate,
    compute,
    in_population,
    is_excluded,
    level_of,
    unknown_tiers,
)
from engine.plan.classes import reads_of
from engine.plan.predicates import leaves
from engine.plan.steps import Computed, Condition, GroupTotal, PackPlan, Plan, Ranked, Ranking

Beside = Callable[[Ranking | GroupTotal, Row], Value]
"""A rank or the total of a group, which only the other accounts can tell; given the account's
columns so far."""

NOTHING: Row = {}


def base_columns(plan: Plan) -> tuple[str, ...]:
    """What an account brings along: its number, its id, its own columns and its aggregates."""
    own = (one.name for one in plan.accounts)
    return ("account_no", "account_id", *own, *(one.column for one in plan.aggregates))


def kept(row: Row) -> Beside:
    """Ranks and totals of groups as they stand in `row`, whatever the account's values are."""
    return lambda step, _: row.get(step.output)


def evaluate_account(
    plan: Plan, base: Row, statistics: Row, beside: Beside, fixed: Row = NOTHING
) -> Row:
    """The account's whole row of ``facts``, from its `base_columns` and frozen `statistics`.

    `fixed` are columns that have a value whatever their definition comes to; a column that
    `base` leaves out is missing. For the row and the statistics of one night this is, value
    for value, what the night computed.
    """
    row: dict[str, Value] = {name: base.get(name) for name in base_columns(plan)}
    row.update(fixed)
    lookup = {**row, **statistics}
    for stage in plan.stages:
        for one in stage.computed:
            made = {**compute(one, lookup, plan), **fixed}
            row.update(made)
            lookup.update(made)
        among: tuple[Ranking | GroupTotal, ...] = (*stage.rankings, *stage.groups)
        made = {**{step.output: beside(step, row) for step in among}, **fixed}
        row.update(made)
        lookup.update(made)
    return row


def revised_account(plan: Plan, known: Row, changed: Row, statistics: Row) -> dict[str, Value]:
    """The account's row of ``facts`` once some of its `base_columns` have `changed`.

    `known` is its whole row as it was. Of the other columns those alone are computed that a
    changed one reaches; ranks and totals of groups stand. So it is what `evaluate_account`
    computes, as long as the plan is of the same day as `known`.
    """
    row = {**known, **changed}
    moved = {name for name, value in changed.items() if value != known.get(name)}
    lookup = {**row, **statistics}
    for one, reads in _computed(plan):
        if moved.isdisjoint(reads):
            continue
        for name, value in compute(one, lookup, plan).items():
            if value != row.get(name):
                moved.add(name)
            row[name] = lookup[name] = value
    return row


def _reads(plan: Plan) -> tuple[tuple[Computed, frozenset[str]], ...]:
    return tuple((one, all_reads_of(one)) for stage in plan.stages for one in stage.computed)


_computed: ByIdentity[Plan, tuple[tuple[Computed, frozenset[str]], ...]] = ByIdentity(_reads)
"""What a plan computes, in order, with the columns that each reads."""


def all_reads_of(one: Computed) -> frozenset[str]:
    """The columns of the account that `one` is computed from, populations of ranks with them."""
    reads = set(reads_of(one))
    if isinstance(one, Condition):
        ranked = (leaf for leaf in leaves(one.predicate) if isinstance(leaf, Ranked))
        reads.update(leaf.population for leaf in ranked if leaf.population is not None)
    return frozenset(reads)


@dataclass(frozen=True)
class Verdict:
    """What one pack says about one account, given its effective `tier`.

    `levels` has the rules that hold, by kind and id (`""` for what has no levels); `unknown`
    those of which it cannot be said, and the tiers above the candidate that the account may
    be in (kind ``tier``). A rule in neither does not hold.
    """

    in_population: bool
    excluded: bool
    candidate: str | None
    tier: str | None
    levels: Mapping[tuple[str, str], str]
    unknown: frozenset[tuple[str, str]]


def judge_account(pack: PackPlan, facts: Row, statistics: Row, tier: str | None) -> Verdict:
    """What the rules of `pack` say about one row of facts, on the effective `tier`."""
    lookup = {**facts, **statistics, pack.tier_column: tier}
    if not in_population(pack, lookup):
        return Verdict(False, False, None, None, {}, frozenset())
    levels: dict[tuple[str, str], str] = {}
    unknown = {("tier", key.rule) for key in unknown_tiers(pack, lookup)}
    for rule in pack.rules:
        level, is_unknown = level_of(rule, lookup)
        if level is not None:
            levels[rule.kind, rule.id] = level
        elif is_unknown:
            unknown.add((rule.kind, rule.id))
    return Verdict(
        True,
        is_excluded(pack, lookup),
        candidate(pack, lookup),
        tier,
        levels,
        frozenset(unknown),
    )


def candidate_of(pack: PackPlan, facts: Row, statistics: Row) -> str | None:
    """The tier that the account's facts are those of; None outside the population."""
    return candidate(pack, {**facts, **statistics})
