"""Record tables → one row per account: the first stratum of the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sqlglot import exp

from engine.facts.catalog import RECORD_ID
from engine.model import ValueType
from engine.plan.columns import sql_type
from engine.plan.sql import values
from engine.plan.sql.expressions import Expressions, Predicates
from engine.plan.sql.statements import Statement, columns, named
from engine.plan.steps import AggregateStep, Plan, Precision, RecordStep

COUNTS = frozenset({"sum", "count", "count_distinct"})
"""Zero over no records; every other function is missing."""


def aggregate_statements(plan: Plan) -> Iterator[Statement]:
    """Typed records → computed columns → one aggregate table per record table and shape."""
    for record in plan.records:
        if not record.available:
            continue
        steps = [one for one in plan.aggregates if one.record == record.name and one.available]
        owed = [one for one in plan.obligations if one.record == record.name and one.available]
        types = record_types(record)
        if steps or owed:
            yield _prepared(record, types, plan)
        if not steps:
            continue
        simple = [step for step in steps if step.function not in GROUPED]
        if simple:
            yield _simple(record, simple, types, plan.precision)
        for step in steps:
            if step.function in GROUPED:
                yield GROUPED[step.function](record, step, types, plan.precision)


def aggregate_relations(plan: Plan) -> dict[str, str]:
    """Aggregate column → the relation that holds it; unavailable ones stand in none."""
    found = {}
    for step in plan.aggregates:
        if step.available:
            grouped = step.function in GROUPED
            found[step.column] = (
                f"aggregate__{step.column}" if grouped else f"aggregates__{step.record}"
            )
    return found


def record_types(record: RecordStep) -> dict[str, ValueType]:
    types: dict[str, ValueType] = {one.name: one.type for one in record.columns}
    types.update({one.column: one.type for one in record.derived})
    return types


def _prepared(record: RecordStep, types: Mapping[str, ValueType], plan: Plan) -> Statement:
    """The record's own columns, its day, and its computed columns in order of dependency."""
    read: list[exp.Expr] = [values.column("account_no")]
    for one in record.columns:
        source = values.column(one.name) if one.available else values.null(one.type, plan.precision)
        read.append(named(source, one.name))
    if record.time is not None:
        read.append(named(values.column(record.time), "record__time"))
        read.append(named(values.cast(values.column(record.time), "DATE"), "record__day"))
    if record.name in plan.named_records:
        read.append(values.column(RECORD_ID))
    query: exp.Query = exp.select(*read, copy=False).from_(
        values.table(f"record_{record.name}"), copy=False
    )
    translate = Expressions(types, plan.as_of)
    for step in record.derived:
        value = values.rounded(translate(step.expression), step.type, step.scale)
        query = exp.select(exp.Star(), named(value, step.column), copy=False).from_(
            query.subquery("inner", copy=False), copy=False
        )
    comment = f"{record.name}: the columns that measures read, with computed ones"
    return Statement(f"records__{record.name}", "view", comment, query)


def _condition(
    step: AggregateStep, record: RecordStep, types: Mapping[str, ValueType]
) -> exp.Expr | None:
    """Which records count: inside the window, not after the as-of date, `where` true."""
    terms: list[exp.Expr] = []
    if record.time is not None:
        day = values.column("record__day")
        if step.after is not None:
            terms.append(exp.GT(this=day, expression=values.literal(step.after)))
        terms.append(exp.LTE(this=day.copy(), expression=values.literal(step.until)))
    if step.where is not None:
        terms.append(Predicates(types)(step.where))
    return exp.and_(*terms, copy=False) if terms else None


def _filtered(function: exp.Expr, condition: exp.Expr | None) -> exp.Expr:
    if condition is None:
        return function
    return exp.Filter(this=function, expression=exp.Where(this=condition.copy()))


Aggregator = Callable[[exp.Expr, exp.Expr | None, ValueType], exp.Expr]


def _exact(value: exp.Expr, value_type: ValueType) -> exp.Expr:
    """Doubles are summed as decimals: a parallel float sum is not reproducible."""
    if value_type in ("number", "ratio", "score", "nps"):
        return values.cast(value, "DECIMAL(38, 8)")
    return value


def _sum(value: exp.Expr, condition: exp.Expr | None, kind: ValueType) -> exp.Expr:
    return _filtered(exp.Sum(this=_exact(value, kind)), condition)


def _average(value: exp.Expr, condition: exp.Expr | None, kind: ValueType) -> exp.Expr:
    total = values.as_double(_sum(value, condition, kind))
    count = _filtered(exp.Count(this=value.copy()), condition)
    return exp.Div(this=total, expression=count)


def _nps(value: exp.Expr, condition: exp.Expr | None, kind: ValueType) -> exp.Expr:
    """Promoters answer 9 or 10, detractors 0 to 6 (Reichheld, 2003)."""

    def share(test: exp.Expr) -> exp.Expr:
        both = exp.and_(test, condition, copy=False) if condition is not None else test
        return _filtered(exp.Count(this=exp.Star()), both)

    promoters = share(exp.GTE(this=value.copy(), expression=values.decimal(9)))
    detractors = share(exp.LTE(this=value.copy(), expression=values.decimal(6)))
    answers = _filtered(exp.Count(this=value.copy()), condition)
    net = exp.paren(exp.Sub(this=promoters, expression=detractors), copy=False)
    return exp.Div(
        this=exp.Mul(this=values.as_double(net), expression=values.double(100)),
        expression=exp.Nullif(this=answers, expression=values.decimal(0)),
    )


def _by_time(function: type[exp.AggFunc]) -> Aggregator:
    """The value at the last (first) time; at one time, the greatest (least) value."""

    def build(value: exp.Expr, condition: exp.Expr | None, kind: ValueType) -> exp.Expr:
        pair = values.struct({"time": values.column("record__time"), "value": value})
        present = values.present(value.copy())
        both = exp.and_(present, condition, copy=False) if condition is not None else present
        return values.field(_filtered(function(this=pair), both), "value")

    return build


def _plain(function: type[exp.AggFunc]) -> Aggregator:
    return lambda value, condition, kind: _filtered(function(this=value), condition)


AGGREGATES: Mapping[str, Aggregator] = {
    "sum": _sum,
    "count": _plain(exp.Count),
    "avg": _average,
    "min": _plain(exp.Min),
    "max": _plain(exp.Max),
    "latest": _by_time(exp.Max),
    "earliest": _by_time(exp.Min),
    "nps": _nps,
    "days_since_last": _plain(exp.Max),
}


def _simple(
    record: RecordStep,
    steps: list[AggregateStep],
    types: Mapping[str, ValueType],
    precision: Precision,
) -> Statement:
    selected: list[exp.Expr] = [values.column("account_no")]
    for step in steps:
        value = _value(step, record, types)
        selected.append(named(_typed(value, step, types, precision), step.column))
    query = (
        exp.select(*selected, copy=False)
        .from_(values.table(f"records__{record.name}"), copy=False)
        .group_by(values.column("account_no"), copy=False)
    )
    name = f"aggregates__{record.name}"
    return Statement(name, "table", f"measures over {record.name}, per account", query)


def _value(step: AggregateStep, record: RecordStep, types: Mapping[str, ValueType]) -> exp.Expr:
    condition = _condition(step, record, types)
    argument: exp.Expr = exp.Star()
    if step.function == "days_since_last":
        argument = values.column("record__day")
    elif step.argument is not None:
        argument = values.column(step.argument)
    kind = types.get(step.argument or "", "integer")
    value = AGGREGATES[step.function](argument, condition, kind)
    if step.function == "days_since_last":
        last_day = exp.DateDiff(
            this=values.literal(step.until), expression=value, unit=exp.var("DAY")
        )
        value = last_day
    return _enough(value, step, condition)


def _enough(value: exp.Expr, step: AggregateStep, condition: exp.Expr | None) -> exp.Expr:
    """Missing when fewer records than `at_least` say anything."""
    if not step.minimum_records:
        return value
    counted = values.column(step.argument) if step.argument else exp.Star()
    enough = exp.GTE(
        this=_filtered(exp.Count(this=counted), condition),
        expression=values.decimal(step.minimum_records),
    )
    return exp.Case().when(enough, value, copy=False)


def _typed(
    value: exp.Expr,
    step: AggregateStep,
    types: Mapping[str, ValueType],
    precision: Precision,
) -> exp.Expr:
    """The aggregate in the type of its measure, rounded unless it already is."""
    source = types.get(step.argument or "", "integer")
    if step.function in ("sum", "min", "max", "latest", "earliest") and source == step.type:
        if step.function == "sum":
            return values.cast(value, sql_type(step.type, precision))
        return value
    if step.scale is None:
        return value
    if step.function in ("count", "days_since_last") and step.type in ("integer", "days"):
        return values.cast(value, "BIGINT")
    return values.rounded(values.as_double(value), step.type, step.scale)


def _grouped_source(
    record: RecordStep, step: AggregateStep, types: Mapping[str, ValueType], by: str
) -> exp.Select:
    query = exp.select(*columns(["account_no", by]), copy=False).from_(
        values.table(f"records__{record.name}"), copy=False
    )
    terms = [values.present(values.column(by))]
    condition = _condition(step, record, types)
    return query.where(*terms, *([condition] if condition is not None else []), copy=False)


def _count_distinct(
    record: RecordStep,
    step: AggregateStep,
    types: Mapping[str, ValueType],
    precision: Precision,
) -> Statement:
    """Distinct values first, then a count: far cheaper than COUNT(DISTINCT …) by group."""
    assert step.argument is not None
    pairs = _grouped_source(record, step, types, step.argument)
    if step.minimum_records:
        counted = named(exp.Count(this=exp.Star()), "records")
        pairs = pairs.select(counted, copy=False).group_by(
            *columns(["account_no", step.argument]), copy=False
        )
    else:
        pairs = pairs.distinct(copy=False)
    count = exp.Count(this=exp.Star())
    value = _typed(_enough_distinct(count, step), step, {}, precision)
    query = (
        exp.select(values.column("account_no"), named(value, step.column), copy=False)
        .from_(pairs.subquery("pairs", copy=False), copy=False)
        .group_by(values.column("account_no"), copy=False)
    )
    comment = f"{step.column}: distinct {step.argument} of {record.name}"
    return Statement(f"aggregate__{step.column}", "table", comment, query)


def _enough_distinct(count: exp.Expr, step: AggregateStep) -> exp.Expr:
    """At least so many records, not so many values."""
    if not step.minimum_records:
        return count
    records = exp.Sum(this=values.column("records"))
    enough = exp.GTE(this=records, expression=values.decimal(step.minimum_records))
    return exp.Case().when(enough, count, copy=False)


def _share_of_largest(
    record: RecordStep,
    step: AggregateStep,
    types: Mapping[str, ValueType],
    precision: Precision,
) -> Statement:
    """The largest group's sum over the sum of all groups; missing if that is zero."""
    assert step.by is not None and step.argument is not None
    argument = values.column(step.argument)
    summed = _exact(argument, types[step.argument])
    parts = (
        _grouped_source(record, step, types, step.by)
        .select(
            named(exp.Sum(this=summed), "part"),
            named(exp.Count(this=argument.copy()), "records"),
            copy=False,
        )
        .group_by(*columns(["account_no", step.by]), copy=False)
    )
    part = values.column("part")
    share = exp.Div(
        this=values.as_double(exp.Max(this=part)),
        expression=exp.Nullif(
            this=values.as_double(exp.Sum(this=part.copy())), expression=values.double(0)
        ),
    )
    value: exp.Expr = share
    if step.minimum_records:
        enough = exp.GTE(
            this=exp.Sum(this=values.column("records")),
            expression=values.decimal(step.minimum_records),
        )
        value = exp.Case().when(enough, share, copy=False)
    query = (
        exp.select(
            values.column("account_no"),
            named(values.rounded(value, step.type, step.scale), step.column),
            copy=False,
        )
        .from_(parts.subquery("parts", copy=False), copy=False)
        .group_by(values.column("account_no"), copy=False)
    )
    comment = f"{step.column}: share of the largest {step.by} of {record.name}"
    return Statement(f"aggregate__{step.column}", "table", comment, query)


GROUPED: Mapping[
    str,
    Callable[[RecordStep, AggregateStep, Mapping[str, ValueType], Precision], Statement],
] = {"count_distinct": _count_distinct, "share_of_largest": _share_of_largest}
"""Aggregates that need a grouping of their own before the account's."""
