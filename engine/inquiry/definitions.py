"""What the columns of two plans have in common: not what they are called, but what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal

from engine.errors import Location
from engine.model import AsOf
from engine.plan.expressions import names_in
from engine.plan.predicates import columns_of, leaves
from engine.plan.steps import (
    AggregateStep,
    Condition,
    Derived,
    FactColumn,
    GroupTotal,
    PackPlan,
    Plan,
    Points,
    Predicate,
    Ranked,
    Ranking,
    Score,
    Statistic,
)
from engine.replay.definitions import aggregate_definition

_Definition = (
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


@dataclass
class Definitions:
    """The columns and statistics of a plan, by what they are computed from and how."""

    plan: Plan
    _known: dict[str, _Definition] = field(default_factory=dict)
    _signatures: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known.update({one.name: one for one in self.plan.accounts})
        self._known.update({one.column: one for one in self.plan.aggregates})
        for stage in self.plan.stages:
            for one in stage.computed:
                self._known[one.column] = one
                if isinstance(one, Score):
                    self._known[one.coverage] = one
            self._known.update({one.name: one for one in stage.statistics})
            self._known.update({one.output: one for one in stage.rankings})
            self._known.update({one.output: one for one in stage.groups})

    @property
    def over_many(self) -> Iterator[str]:
        """The names of what is taken over many accounts."""
        for stage in self.plan.stages:
            yield from (one.name for one in stage.statistics)
            yield from stage.columns_beside

    def signature(self, name: str) -> object:
        """Equal for two names, of two plans even, that come to the same over the same base."""
        if name not in self._signatures:
            definition = self._known.get(name)
            if isinstance(definition, AggregateStep):
                self._signatures[name] = aggregate_signature(self.plan, definition)
            else:
                reads = tuple((one, self.signature(one)) for one in reads_of(definition))
                self._signatures[name] = (bare(definition), self._date(definition), reads)
        return self._signatures[name]

    def _date(self, definition: _Definition | None) -> date | None:
        """The date, for a formula that names it."""
        dated = isinstance(definition, Derived) and _names_date(definition.expression)
        return self.plan.as_of if dated else None

    def base_of(self, names: Iterable[str]) -> frozenset[str]:
        """The account columns and aggregates that the names are computed from in the end."""
        found: set[str] = set()
        pending, seen = list(names), set()
        while pending:
            name = pending.pop()
            if name in seen:
                continue
            seen.add(name)
            definition = self._known.get(name)
            if isinstance(definition, FactColumn | AggregateStep):
                found.add(name)
            pending.extend(reads_of(definition))
        return frozenset(found)


def reads_of(definition: _Definition | None) -> tuple[str, ...]:
    """The columns and statistics that a definition names itself."""
    if isinstance(definition, Derived):
        return tuple(dict.fromkeys(names_in(definition.expression)))
    if isinstance(definition, Condition):
        return tuple(read_by(definition.predicate))
    if isinstance(definition, Points):
        return (definition.input,)
    if isinstance(definition, Score):
        return tuple(column for column, _ in definition.parts)
    if isinstance(definition, GroupTotal):
        return _present(definition.column, definition.group, definition.population)
    if isinstance(definition, Ranking | Statistic):
        return _present(definition.column, definition.population)
    return ()


def read_by(predicate: Predicate) -> Iterator[str]:
    """The columns and the cut-offs that a condition reads."""
    yield from columns_of(predicate)
    for leaf in leaves(predicate):
        if isinstance(leaf, Ranked):
            yield from _present(leaf.cutoff_value, leaf.cutoff_account, leaf.population)


def read_for_tiers(pack: PackPlan) -> tuple[str, ...]:
    """What decides the candidate: population, exclusion, and every tier."""
    predicates = [tier.predicate for tier in pack.tiers if tier.predicate is not None]
    predicates += [] if pack.exclude is None else [pack.exclude]
    return (*_present(pack.population), *(name for one in predicates for name in read_by(one)))


def aggregate_signature(plan: Plan, step: AggregateStep) -> object:
    """What is counted and over how long; the window moves on with the date and stays the same."""
    after = None if step.after is None else date.min + (step.until - step.after)
    until = date.min + (plan.as_of - step.until)
    return aggregate_definition(plan, replace(step, after=after, until=until))


def aligned(kept: Plan, plan: Plan) -> dict[str, str | None]:
    """Every base column of `plan` → the column of `kept` that holds it; None if none does."""
    columns = {(one.name, one.type) for one in kept.accounts if one.available}
    counted = {aggregate_signature(kept, one): one.column for one in kept.aggregates}
    found: dict[str, str | None] = {}
    for one in plan.accounts:
        is_kept = (one.name, one.type) in columns
        found[one.name] = one.name if is_kept or not one.available else None
    for step in plan.aggregates:
        found[step.column] = counted.get(aggregate_signature(plan, step))
    return found


def _present(*names: str | None) -> tuple[str, ...]:
    return tuple(name for name in names if name is not None)


def _names_date(node: object) -> bool:
    if isinstance(node, AsOf):
        return True
    if is_dataclass(node):
        return any(_names_date(getattr(node, one.name)) for one in fields(node))
    return isinstance(node, tuple) and any(_names_date(one) for one in node)


_WORDS = frozenset({"location", "written", "title"})


def bare(value: object) -> object:
    """A part of a plan or a policy as tuples, without its places, titles and wording.

    >>> from engine.model import Name
    >>> bare(Name("x", Location("a.yaml", 1))) == bare(Name("x", Location("b.yaml", 9)))
    True
    """
    if isinstance(value, Location):
        return None
    if is_dataclass(value):
        parts = (bare(getattr(value, one.name)) for one in fields(value) if one.name not in _WORDS)
        return (type(value).__name__, *parts)
    if isinstance(value, Mapping):
        return tuple((key, bare(value[key])) for key in sorted(value))
    if isinstance(value, tuple | list):
        return tuple(bare(one) for one in value)
    return ("decimal", value.normalize()) if isinstance(value, Decimal) else value
