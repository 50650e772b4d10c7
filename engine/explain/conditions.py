"""Predicates over one account → nodes that say what was seen and what was asked for."""

from __future__ import annotations

import math

from engine.executors.predicates import Trace, trace
from engine.explain.context import Context
from engine.explain.tree import ConditionNode, Fact, GroupNode, MissingFact, Standing, TestNode
from engine.language.operators import OPERATORS
from engine.plan.steps import (
    All,
    Any,
    ColumnRef,
    Comparison,
    Not,
    Predicate,
    Ranked,
    Ranking,
)

_ORDINAL_OPERATORS = ("gt", "gte", "lt", "lte", "between")


def explain_condition(predicate: Predicate, context: Context) -> ConditionNode:
    """Every part of `predicate`, with what it came to."""
    return _node(trace(predicate, context.row), context)


def _node(traced: Trace, context: Context) -> ConditionNode:
    predicate = traced.predicate
    if isinstance(predicate, All | Any):
        kind = "all" if isinstance(predicate, All) else "any"
        parts = tuple(_node(part, context) for part in traced.parts)
        return GroupNode(traced.truth, "all" if kind == "all" else "any", parts)
    if isinstance(predicate, Not):
        inner = traced.parts[0]
        listed = inner.parts if isinstance(inner.predicate, Any) else (inner,)
        return GroupNode(traced.truth, "none", tuple(_node(part, context) for part in listed))
    if isinstance(predicate, Ranked):
        return _ranked(predicate, traced, context)
    return _comparison(predicate, traced, context)


def _comparison(comparison: Comparison, traced: Trace, context: Context) -> TestNode:
    operator, written = _as_written(comparison)
    references = [one for one in comparison.operands if isinstance(one, ColumnRef)]
    return TestNode(
        truth=traced.truth,
        subject=context.fact(comparison.column),
        operator=operator,
        symbol=OPERATORS[operator].symbol,
        written=written,
        thresholds=traced.operands,
        others=tuple(context.fact(one.column) for one in references),
        standing=None,
        missing=_missing(comparison, traced, context),
        location=comparison.location,
    )


def _as_written(comparison: Comparison) -> tuple[str, str]:
    """An ordinal's `gte A` has become `in` over the admitted values, but reads as written."""
    operator, _, rest = comparison.written.partition(" ")
    if comparison.operator == "in" and rest and operator in _ORDINAL_OPERATORS:
        return operator, rest
    return comparison.operator, comparison.written


def _missing(comparison: Comparison, traced: Trace, context: Context) -> tuple[MissingFact, ...]:
    if traced.truth is not None:
        return ()
    columns = [comparison.column]
    columns += [one.column for one in comparison.operands if isinstance(one, ColumnRef)]
    found = [missing for column in columns for missing in context.missing(column)]
    return tuple(dict.fromkeys(found))


def _ranked(ranked: Ranked, traced: Trace, context: Context) -> TestNode:
    subject: Fact = context.fact(ranked.column)
    return TestNode(
        truth=traced.truth,
        subject=subject,
        operator=ranked.side,
        symbol=OPERATORS[ranked.side].symbol,
        written=ranked.written,
        thresholds=traced.operands,
        others=(),
        standing=_standing(ranked, context),
        missing=context.missing(ranked.column) if subject.value is None else (),
        location=ranked.location,
    )


def _standing(ranked: Ranked, context: Context) -> Standing:
    members = population_size(context, ranked.population)
    return Standing(
        side=ranked.side,
        share=ranked.share,
        population=members,
        admitted=None if members is None else math.ceil(ranked.share * members),
        cutoff=context.row.get(ranked.cutoff_value),
        place=_place(ranked, context),
    )


def population_size(context: Context, population: str | None) -> int | None:
    """The statistic that counts the accounts of a population, where the plan has one."""
    for stage in context.plan.stages:
        for statistic in stage.statistics:
            if statistic.kind == "count" and statistic.population == population:
                value = context.row.get(statistic.name)
                return value if isinstance(value, int) else None
    return None


def _place(ranked: Ranked, context: Context) -> int | None:
    """From the caller, else from a ranking that the plan happens to compute."""
    given = context.places.get((ranked.column, ranked.side))
    if given is not None or ranked.side != "top":
        return given
    for definition in context.definitions.values():
        if (
            isinstance(definition, Ranking)
            and definition.column == ranked.column
            and definition.population == ranked.population
        ):
            value = context.row.get(definition.output)
            return value if isinstance(value, int) else None
    return None
