"""What a name stands for: the facts of an account, and the columns of a record table.

Measures, scorecards and account columns share one namespace; `tier` joins it where a rule
sees the effective tier. A `Fact` says what the other checks need to know of a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.errors import Location
from engine.language.checks.once import once
from engine.model import Aggregate, Column, Measure, Policy, RecordType, ValueType

TIER = "tier"
SCALES: Mapping[str, tuple[Decimal, Decimal]] = {
    "score": (Decimal(0), Decimal(100)),
    "nps": (Decimal(-100), Decimal(100)),
}
_SAME_AS_COLUMN = frozenset({"min", "max", "latest", "earliest"})
_NEVER_NEGATIVE = frozenset({"count", "count_distinct", "days_since_last"})
_NEVER_MISSING = frozenset({"sum", "count", "count_distinct"})


@dataclass(frozen=True)
class Fact:
    """A named value: its type, the values it is known to take, whether it can be missing."""

    name: str
    type: ValueType
    location: Location
    values: tuple[str, ...] = ()
    """Of an enumeration or an ordinal, where they are known; an ordinal's worst first."""
    low: Decimal | None = None
    high: Decimal | None = None
    can_be_missing: bool = True

    @property
    def is_whole(self) -> bool:
        """Takes no value between two neighbouring whole numbers (or days)."""
        return self.type in ("integer", "days", "date", "datetime")


@once
def account_facts(policy: Policy) -> Mapping[str, Fact]:
    """Everything that a condition or a formula about an account may name, but `tier`."""
    facts = {name: of_column(column) for name, column in policy.vocabulary.accounts.items()}
    for measure in policy.measures.values():
        facts[measure.id] = _of_measure(measure, policy)
    for scorecard in policy.scorecards.values():
        low, high = SCALES["score"]
        facts[scorecard.id] = Fact(scorecard.id, "score", scorecard.location, (), low, high)
    return facts


@once
def rule_facts(policy: Policy) -> Mapping[str, Fact]:
    """The account's facts, and `tier` if the pack has tiers."""
    facts = account_facts(policy)
    scheme = policy.tiers
    if scheme is None:
        return facts
    return {**facts, TIER: Fact(TIER, "ordinal", scheme.location, tier_ids(policy)[::-1])}


def record_facts(record: RecordType) -> dict[str, Fact]:
    """The columns of a record table."""
    return {name: of_column(column) for name, column in record.columns.items()}


def tier_ids(policy: Policy) -> tuple[str, ...]:
    """The tiers of a pack, best first, the default last; empty without tiers."""
    scheme = policy.tiers
    return () if scheme is None else (*(tier.id for tier in scheme.levels), scheme.default.id)


def scale_of(value_type: ValueType) -> tuple[Decimal | None, Decimal | None]:
    """The ends of the scale of a type; None where it has none."""
    return SCALES.get(value_type) or (None, None)


def of_column(column: Column) -> Fact:
    """A column as a fact; its range, or else the scale of its type, bounds it."""
    low, high = column.range or scale_of(column.type)
    return Fact(column.name, column.type, column.location, column.values, low, high)


def _of_measure(measure: Measure, policy: Policy) -> Fact:
    low, high = scale_of(measure.type)
    fact = Fact(measure.id, measure.type, measure.location, (), low, high)
    aggregate = measure.aggregate
    return fact if aggregate is None else _of_aggregate(fact, aggregate, policy)


def _of_aggregate(fact: Fact, aggregate: Aggregate, policy: Policy) -> Fact:
    low, high, values = fact.low, fact.high, fact.values
    record = policy.vocabulary.records.get(aggregate.record)
    column = record.columns.get(aggregate.column or "") if record else None
    if aggregate.function in _SAME_AS_COLUMN and column is not None:
        same = of_column(column)
        values = same.values
        low, high = (same.low, same.high) if column.range else (low, high)
    if aggregate.function in _NEVER_NEGATIVE:
        low = Decimal(0)
    if aggregate.function == "share_of_largest":
        low, high = None, Decimal(1)
    known = aggregate.function in _NEVER_MISSING and aggregate.minimum_records == 0
    return Fact(fact.name, fact.type, fact.location, values, low, high, not known)
