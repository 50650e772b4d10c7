"""Accounts and aggregates → facts: formulas, population statistics, ranks, scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from sqlglot import exp

from engine.model import ValueType
from engine.plan.classes import reads_of
from engine.plan.columns import KEYS, column_types, is_accounts_alone, sql_type, types_of
from engine.plan.sql import values
from engine.plan.sql.aggregates import COUNTS, aggregate_relations
from engine.plan.sql.expressions import Expressions, Predicates
from engine.plan.sql.sealing import with_tokens
from engine.plan.sql.statements import Statement, columns, named
from engine.plan.sql.statistics import all_statistics, beside, statistics_statements
from engine.plan.steps import Computed, Condition, Derived, Plan, Points, Score, Stage


def fact_statements(plan: Plan) -> Iterator[Statement]:
    """The base relation, one table per stage with its statistics beside it; the last is ``facts``.

    Each stage holds every column so far, so that the one before it can go. Of what copies
    only, nothing is made: ``base`` without an aggregate, and ``facts`` without anything
    computed, are views. A plan of which `is_accounts_alone` is true has no ``base``.
    """
    if is_accounts_alone(plan):
        yield Statement("facts", "view", "the accounts as they are", _accounts_as_they_are(plan))
        yield from statistics_statements(0, plan.stages[0], "facts")
        yield all_statistics(plan)
        return
    source = _base(plan)
    yield source
    stages = list(plan.stages)
    if stages and stages[-1].columns_beside:
        stages.append(Stage((), (), ()))  # where the last ranks become columns
    known = [one.name for one in plan.accounts] + [one.column for one in plan.aggregates]
    for number, stage in enumerate(stages):
        before = stages[:number]
        known += [name for one in before[-1:] for name in one.columns_beside]
        known += [name for one in stage.computed for name in types_of(one)]
        name = "facts" if number == len(stages) - 1 else f"stage_{number}"
        drops = (source.name,) if source.kind == "table" else ()
        is_new = stage.computed or any(one.columns_beside for one in before[-1:])
        if source.kind == "view" and not (is_new or plan.sealed):
            query = exp.select(*columns((*KEYS, *known))).from_(values.table(source.name))
            source = Statement(name, "view", "the accounts as they are", query)
        else:
            source = _stage(name, beside(before, source.name), stage, known, plan, drops)
        yield source
        yield from statistics_statements(number, stage, name)
    yield all_statistics(plan)


def _stage(
    name: str,
    query: exp.Query,
    stage: Stage,
    known: Sequence[str],
    plan: Plan,
    drops: tuple[str, ...],
) -> Statement:
    """The columns so far and those of the stage, which build on each other layer by layer."""
    types = column_types(plan)
    for depth, layer in enumerate(_layers(stage.computed)):
        inner = query.subquery(f"layer_{depth}", copy=False)
        query = exp.select(exp.Star(), *_computed(layer, types, plan), copy=False).from_(
            inner, copy=False
        )
    whole = query.subquery("computed", copy=False)
    query = exp.select(*columns((*KEYS, *known)), copy=False).from_(whole, copy=False)
    if name == "facts":
        query = with_tokens(query, plan.sealed)
    made = ", ".join(column for one in stage.computed for column in types_of(one))
    return Statement(name, "table", made or "ranks beside the columns", query, drops)


def _accounts_as_they_are(plan: Plan) -> exp.Select:
    """The accounts' own columns; those that nothing maps are missing."""
    selected: list[exp.Expr] = columns(KEYS, "accounts")  # type: ignore[assignment]
    for account in plan.accounts:
        value = (
            values.column(account.name, "accounts")
            if account.available
            else values.null(account.type, plan.precision)
        )
        selected.append(named(value, account.name))
    return exp.select(*selected, copy=False).from_(values.table("accounts"), copy=False)


def _base(plan: Plan) -> Statement:
    """Accounts with the aggregates of every record table beside them."""
    counted: list[exp.Expr] = []
    relations = aggregate_relations(plan)
    for step in plan.aggregates:
        if not step.available:
            value = values.null(step.type, plan.precision)
        else:
            value = values.column(step.column, relations[step.column])
            if step.function in COUNTS and not step.minimum_records:
                zero = values.cast(values.decimal(0), sql_type(step.type, plan.precision))
                value = exp.Coalesce(this=value, expressions=[zero])
        counted.append(named(value, step.column))
    query = _accounts_as_they_are(plan).select(*counted, copy=False)
    for relation in dict.fromkeys(relations.values()):
        query = query.join(
            values.table(relation),
            using=[values.column("account_no")],
            join_type="left",
            copy=False,
        )
    comment = "accounts and their aggregates; no record means zero for sums and counts"
    kind: Literal["table", "view"] = "table" if plan.aggregates else "view"
    return Statement("base", kind, comment, query, tuple(dict.fromkeys(relations.values())))


def _layers(computed: Sequence[Computed]) -> list[list[Computed]]:
    """Columns that need only earlier layers stand in one SELECT."""
    depth: dict[str, int] = {}
    layers: list[list[Computed]] = []
    for one in computed:
        level = max((depth[name] + 1 for name in reads_of(one) if name in depth), default=0)
        for name in types_of(one):
            depth[name] = level
        if level == len(layers):
            layers.append([])
        layers[level].append(one)
    return layers


def _computed(
    layer: Sequence[Computed], types: Mapping[str, ValueType], plan: Plan
) -> Iterator[exp.Expr]:
    formulas, predicates = Expressions(types, plan.as_of), Predicates(types)
    for one in layer:
        if isinstance(one, Derived):
            value = values.rounded(formulas(one.expression), one.type, one.scale)
            yield named(value, one.column)
        elif isinstance(one, Condition):
            yield named(predicates(one.predicate), one.column)
        elif isinstance(one, Points):
            yield named(_points(one, types), one.column)
        else:
            yield from _score(one)


def _points(points: Points, types: Mapping[str, ValueType]) -> exp.Expr:
    if points.table:
        return _table_points(points, types)
    value = values.as_double(values.column(points.input))
    knots = points.curve
    case = exp.Case().when(
        exp.LTE(this=value, expression=values.double(knots[0][0])),
        values.double(knots[0][1]),
        copy=False,
    )
    for (low, start), (high, end) in pairwise(knots):
        inside = exp.LT(this=value.copy(), expression=values.double(high))
        case = case.when(inside, _line(value, low, start, high, end), copy=False)
    beyond = exp.GTE(this=value.copy(), expression=values.double(knots[-1][0]))
    return values.rounded(
        case.when(beyond, values.double(knots[-1][1]), copy=False), "score", points.scale
    )


def _line(value: exp.Expr, low: Decimal, start: Decimal, high: Decimal, end: Decimal) -> exp.Expr:
    """``start + (x - low) * (end - start) / (high - low)``, in that order."""
    offset = exp.paren(exp.Sub(this=value.copy(), expression=values.double(low)), copy=False)
    rise = exp.Mul(this=offset, expression=values.double(end - start))
    slope = exp.Div(this=exp.paren(rise, copy=False), expression=values.double(high - low))
    return exp.Add(this=values.double(start), expression=exp.paren(slope, copy=False))


def _table_points(points: Points, types: Mapping[str, ValueType]) -> exp.Expr:
    subject = values.column(points.input)
    if types[points.input] == "boolean":
        subject = values.cast(subject, "VARCHAR")  # type: ignore[assignment]
    case = exp.Case(this=subject)
    for key, score in points.table:
        case = case.when(values.text(key), values.double(score), copy=False)
    return values.rounded(case, "score", points.scale)


def _score(score: Score) -> Iterator[exp.Expr]:
    present = [(values.column(name), values.double(weight)) for name, weight in score.parts]
    total: exp.Expr = values.double(0)
    covered: exp.Expr = values.double(0)
    default = {"neutral": 50, "zero": 0, "redistribute": 0}.get(score.missing)
    for column, weight in present:
        value: exp.Expr = column
        if default is not None:
            value = exp.Coalesce(this=column.copy(), expressions=[values.double(default)])
        total = exp.Add(this=total, expression=exp.Mul(this=value, expression=weight.copy()))
        known = values.present(column.copy())
        part = exp.Case().when(known, weight.copy(), copy=False).else_(values.double(0), copy=False)
        covered = exp.Add(this=covered, expression=part)
    hundred = values.double(100)
    divisor: exp.Expr = hundred
    if score.missing == "redistribute":
        divisor = exp.Nullif(
            this=exp.paren(covered.copy(), copy=False), expression=values.double(0)
        )
    mean = exp.Div(this=exp.paren(total, copy=False), expression=divisor)
    yield named(values.rounded(mean, "score", score.scale), score.column)
    coverage = exp.Div(this=exp.paren(covered, copy=False), expression=hundred.copy())
    yield named(values.rounded(coverage, "ratio", score.scale), score.coverage)
