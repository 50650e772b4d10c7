"""Names of one pack → columns of the shared relations.

Packs that run side by side share a column when they define it alike; where two packs
mean different things by one id, the later one's column is named ``<pack>__<id>``. A
definition is compared by its whole resolved content, parameters and population included,
so sharing never changes a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from engine.errors import problem
from engine.model import Column, ParameterRef, Policy, Quantity, Scalar, ValueType
from engine.plan.steps import (
    AggregateStep,
    Condition,
    Derived,
    FactColumn,
    GroupTotal,
    Points,
    Precision,
    Ranking,
    Score,
    Statistic,
)

Definition = (
    FactColumn
    | AggregateStep
    | Derived
    | Condition
    | Points
    | Score
    | Ranking
    | GroupTotal
    | Statistic
)


@dataclass(frozen=True)
class Subject:
    """A column that a condition or a formula may read: `order` lists ordinal values."""

    column: str
    type: ValueType
    order: tuple[str, ...] = ()


class Scope(Protocol):
    """Where the names of a condition are looked up."""

    @property
    def parameters(self) -> Parameters: ...

    def subject(self, name: str) -> Subject: ...

    def cutoffs(self, subject: Subject, side: str, share: Scalar) -> tuple[str, str, str | None]:
        """Names of the statistics (cutoff value, cutoff account) and the population column."""
        ...


@dataclass(frozen=True)
class Parameters:
    """The parameters of a pack, resolved for one date."""

    policy: Policy
    as_of: date

    def resolve(self, reference: ParameterRef) -> Quantity:
        """The value on the as-of date; a date before the first value is a problem."""
        parameter = self.policy.parameters[reference.name]
        valid = [value for start, value in parameter.values if start <= self.as_of]
        if not valid:
            raise problem(
                "parameter-without-value",
                f"parameter '{parameter.id}' has no value on {self.as_of}",
                parameter.location,
                f"add a value from {self.as_of} or earlier under 'values:'",
            )
        return valid[-1]


def scale_of(value_type: ValueType, precision: Precision) -> int | None:
    """Decimals that a value of this type keeps; None for what is not a number."""
    if value_type == "money":
        return precision.money
    if value_type in ("integer", "days"):
        return 0
    if value_type in ("number", "ratio", "score", "nps"):
        return precision.derived
    return None


@dataclass
class Registry:
    """Every column and statistic of the plan, each defined once, in order of registration."""

    definitions: dict[str, Definition] = field(default_factory=dict)
    types: dict[str, ValueType] = field(default_factory=dict)
    reads: dict[str, frozenset[str]] = field(default_factory=dict)

    def add(
        self,
        preferred: str,
        pack: str,
        definition: Definition,
        value_type: ValueType,
        reads: frozenset[str] = frozenset(),
    ) -> str:
        """Register a definition and return the name of its column."""
        for name in (preferred, f"{pack}__{preferred}"):
            named = _named(definition, name)
            known = self.definitions.get(name)
            if known is None:
                self.definitions[name] = named
                self.types[name] = value_type
                self.reads[name] = reads
                return name
            if known == named:
                return name
        raise AssertionError(f"{pack} defines {preferred} twice")  # ids are unique in a pack


def _named(definition: Definition, name: str) -> Definition:
    if isinstance(definition, FactColumn | Statistic):
        return replace(definition, name=name)
    if isinstance(definition, Ranking | GroupTotal):
        return replace(definition, output=name)
    if isinstance(definition, Score):
        return replace(definition, column=name, coverage=f"{name}__coverage")
    return replace(definition, column=name)


def ordered_values(columns: Mapping[str, Column], name: str) -> tuple[str, ...]:
    """The values of an ordinal, worst first; empty for every other type."""
    column = columns[name]
    return column.values if column.type == "ordinal" else ()
