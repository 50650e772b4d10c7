"""Accounts and aggregates → facts: formulas, population statistics, ranks, scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from sqlglot import exp

from engine.model import ValueType
from engine.plan.expressions import names_in
from engine.plan.predicates import columns_of
from engine.plan.sql import values
from engine.plan.sql.aggregates import COUNTS, aggregate_relations
from engine.plan.sql.expressions import Expressions, Predicates
from engine.plan.sql.statements import Statement, columns, named
from engine.plan.sql.statistics import all_statistics, statistics_statements
from engine.plan.steps import Computed, Condition, Derived, Plan, Points, Score

KEYS = ("account_no", "account_id")


def column_types(plan: Plan) -> dict[str, ValueType]:
    """Type of every column of ``facts``; statistics are numbers and stand in none."""
    types: dict[str, ValueType] = {"account_id": "text", "account_no": "integer"}
    types.update({one.name: one.type for one in plan.accounts})
    types.update({one.column: one.type for one in plan.aggregates})
    for stage in plan.stages:
        for one in stage.computed:
            types.update(_types_of(one))
        types.update({ranking.output: "integer" for ranking in stage.rankings})
    return types


def _types_of(one: Computed) -> dict[str, ValueType]:
    if isinstance(one, Derived):
        return {one.column: one.type}
    if isinstance(one, Condition):
        return {one.column: "boolean"}
    if isinstance(one, Score):
        return {one.column: "score", one.coverage: "ratio"}
    return {one.column: "score"}


def fact_columns(plan: Plan) -> tuple[str, ...]:
    """The columns of ``facts``, in their order in the Parquet file."""
    types = column_types(plan)
    rest = [name for name in types if name not in KEYS]
    return (*KEYS, *rest)


def fact_statements(plan: Plan) -> Iterator[Statement]:
    """The base relation, each stage's layers, statistics and rankings, and ``facts``."""
    yield _base(plan)
    types = column_types(plan)
    source = "base"
    for number, stage in enumerate(plan.stages):
        for depth, layer in enumerate(_layers(stage.computed)):
            name = f"stage_{number}__layer_{depth}"
            yield _layer(name, source, layer, types, plan)
            source = name
        if stage.statistics or stage.rankings:
            yield from statistics_statements(number, stage, source)
            source = f"stage_{number}"
    selected = exp.select(*columns(fact_columns(plan)), copy=False).from_(
        values.table(source), copy=False
    )
    yield Statement("facts", "table", "what the rules see: one row per account", selected)
    yield all_statistics(plan)


def _base(plan: Plan) -> Statement:
    """Accounts with the aggregates of every record table beside them."""
    selected: list[exp.Expr] = columns(KEYS, "accounts")  # type: ignore[assignment]
    for account in plan.accounts:
        value = (
            values.column(account.name, "accounts")
            if account.available
            else values.null(account.type, plan.precision)
        )
        selected.append(named(value, account.name))
    relations = aggregate_relations(plan)
    for step in plan.aggregates:
        if not step.available:
            value = values.null(step.type, plan.precision)
        else:
            value = values.column(step.column, relations[step.column])
            if step.function in COUNTS and not step.minimum_records:
                zero = values.cast(values.decimal(0), values.sql_type(step.type, plan.precision))
                value = exp.Coalesce(this=value, expressions=[zero])
        selected.append(named(value, step.column))
    query = exp.select(*selected, copy=False).from_(values.table("accounts"), copy=False)
    for relation in dict.fromkeys(relations.values()):
        query = query.join(
            values.table(relation),
            using=[values.column("account_no")],
            join_type="left",
            copy=False,
        )
    comment = "accounts and their aggregates; no record means zero for sums and counts"
    return Statement("base", "table", comment, query)


def _layers(computed: Sequence[Computed]) -> list[list[Computed]]:
    """Columns that need only earlier layers stand in one SELECT."""
    depth: dict[str, int] = {}
    layers: list[list[Computed]] = []
    for one in computed:
        level = max((depth[name] + 1 for name in reads_of(one) if name in depth), default=0)
        for name in _types_of(one):
            depth[name] = level
        if level == len(layers):
            layers.append([])
        layers[level].append(one)
    return layers


def reads_of(one: Computed) -> tuple[str, ...]:
    """The columns that a computed column reads."""
    if isinstance(one, Derived):
        return tuple(names_in(one.expression))
    if isinstance(one, Condition):
        return columns_of(one.predicate)
    if isinstance(one, Points):
        return (one.input,)
    return tuple(column for column, _ in one.parts)


def _layer(
    name: str,
    source: str,
    layer: Sequence[Computed],
    types: Mapping[str, ValueType],
    plan: Plan,
) -> Statement:
    selected: list[exp.Expr] = [exp.Star()]
    formulas, predicates = Expressions(types, plan.as_of), Predicates(types)
    for one in layer:
        if isinstance(one, Derived):
            value = values.rounded(formulas(one.expression), one.type, one.scale)
            selected.append(named(value, one.column))
        elif isinstance(one, Condition):
            selected.append(named(predicates(one.predicate), one.column))
        elif isinstance(one, Points):
            selected.append(named(_points(one, types), one.column))
        else:
            selected.extend(_score(one))
    made = ", ".join(column for one in layer for column in _types_of(one))
    return Statement(
        name,
        "view",
        made,
        exp.select(*selected, copy=False).from_(values.table(source), copy=False),
    )


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
    for (low, start), (high, end) in zip(knots, knots[1:], strict=False):
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
