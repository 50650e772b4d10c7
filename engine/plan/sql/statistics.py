"""Statistics of the population: totals, percentiles, cut-offs, ranks and groups of one stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from engine.plan.sql import values
from engine.plan.sql.statements import Statement, named
from engine.plan.steps import GroupTotal, Plan, Ranking, Stage, Statistic

RankedKey = tuple[str, str | None, str]
"""Column, population column, and `top` or `bottom`."""

CUTOFFS = frozenset({"cutoff_value", "cutoff_account"})


def statistics_statements(number: int, stage: Stage, source: str) -> Iterator[Statement]:
    """Ranked values, one row of numbers over `source`, then the cut-offs beside them, if any."""
    for key in dict.fromkeys(_ranked_keys(stage)):
        yield _ranked(number, key, source)
    for total in stage.groups:
        yield _grouped(total, source)
    if any(one.kind in CUTOFFS for one in stage.statistics):
        yield _numbers(number, stage, source)
        yield _with_cutoffs(number, stage)
    elif stage.statistics:
        yield _without_cutoffs(number, stage, source)


def all_statistics(plan: Plan) -> Statement:
    """Every statistic of every stage in one row."""
    relations = [
        f"statistics_{number}" for number, stage in enumerate(plan.stages) if stage.statistics
    ]
    if not relations:
        query = exp.select(named(exp.Null(), "none"), copy=False)
    else:
        query = exp.select(exp.Star(), copy=False).from_(values.table(relations[0]), copy=False)
        for relation in relations[1:]:
            query = query.join(values.table(relation), join_type="cross", copy=False)
    return Statement("statistics", "table", "all statistics of the population", query)


# --- ranked values -----------------------------------------------------------------------


def _ranked_keys(stage: Stage) -> Iterator[RankedKey]:
    for one in stage.statistics:
        if one.kind in CUTOFFS:
            yield _key(one)
    for ranking in stage.rankings:
        yield (ranking.column, ranking.population, "top")


def _key(one: Statistic) -> RankedKey:
    assert one.column is not None and one.side is not None
    return (one.column, one.population, one.side)


def _ranked_name(number: int, key: RankedKey) -> str:
    column, population, side = key
    suffix = f"__{population}" if population else ""
    return f"ranked_{number}__{side}__{column}{suffix}"


def _ranked(number: int, key: RankedKey, source: str) -> Statement:
    """Position 1 is the largest value (the smallest for `bottom`), ties by account_no.

    A narrow relation of its own: ranking the wide one costs several times as much.
    """
    column, population, side = key
    order = exp.Ordered(this=values.column(column), desc=side == "top", nulls_first=False)
    tie = exp.Ordered(this=values.column("account_no"), nulls_first=False)
    position = exp.Window(this=exp.RowNumber(), order=exp.Order(expressions=[order, tie]))
    query = (
        exp.select(
            values.column("account_no"),
            named(values.column(column), "value"),
            named(position, "position"),
            copy=False,
        )
        .from_(values.table(source), copy=False)
        .where(*_within(population), values.present(values.column(column)), copy=False)
    )
    return Statement(_ranked_name(number, key), "table", f"{column}, ranked", query)


def _within(population: str | None) -> list[exp.Expr]:
    return [values.column(population)] if population else []


# --- groups ------------------------------------------------------------------------------


def _grouped(total: GroupTotal, source: str) -> Statement:
    """One row per group; narrow, so that a group of many accounts costs no more than few."""
    query = (
        exp.select(
            named(values.column(total.group), "group"),
            named(values.as_double(exp.Sum(this=_exact(total.column))), "total"),
            copy=False,
        )
        .from_(values.table(source), copy=False)
        .where(*_within(total.population), values.present(values.column(total.group)), copy=False)
        .group_by(values.column(total.group), copy=False)
    )
    comment = f"{total.column}, by {total.group}"
    return Statement(_grouped_name(total), "table", comment, query)


def _grouped_name(total: GroupTotal) -> str:
    return f"grouped__{total.output}"


def _exact(column: str) -> exp.Expr:
    """Added up exactly, so that the order of the accounts does not matter."""
    return values.cast(values.column(column), "DECIMAL(38, 8)")


# --- numbers -----------------------------------------------------------------------------


def _numbers(number: int, stage: Stage, source: str) -> Statement:
    """What one scan gives: counts, totals, averages, percentiles."""
    selected = [
        named(_number(one), one.name) for one in stage.statistics if one.kind not in CUTOFFS
    ]
    for population in dict.fromkeys(one.population for one in stage.statistics):
        selected.append(named(_over(exp.Count(this=exp.Star()), population), _size(population)))
    query = exp.select(*selected, copy=False).from_(values.table(source), copy=False)
    return Statement(f"numbers_{number}", "table", "totals of the population", query)


def _without_cutoffs(number: int, stage: Stage, source: str) -> Statement:
    """What one scan gives is all there is."""
    selected = [named(_number(one), one.name) for one in stage.statistics]
    query = exp.select(*selected, copy=False).from_(values.table(source), copy=False)
    return Statement(f"statistics_{number}", "table", "statistics of the population", query)


def _size(population: str | None) -> str:
    return f"size__{population or 'all'}"


def _over(function: exp.Expr, population: str | None) -> exp.Expr:
    if population is None:
        return function
    return exp.Filter(this=function, expression=exp.Where(this=values.column(population)))


def _number(one: Statistic) -> exp.Expr:
    if one.kind == "count":
        return _over(exp.Count(this=exp.Star()), one.population)
    assert one.column is not None
    column = values.column(one.column)
    total = _over(exp.Sum(this=_exact(one.column)), one.population)
    if one.kind == "total":
        return values.as_double(total)
    if one.kind == "average":
        count = _over(exp.Count(this=column.copy()), one.population)
        divisor = exp.Nullif(this=count, expression=values.decimal(0))
        return exp.Div(this=values.as_double(total), expression=divisor)
    assert one.kind == "percentile" and one.share is not None
    share = values.decimal(one.share)
    percentile = exp.Anonymous(this="quantile_disc", expressions=[column.copy(), share])
    return values.as_double(_over(percentile, one.population))


def _with_cutoffs(number: int, stage: Stage) -> Statement:
    """Each ranked relation is read once, for all the cut-offs that are taken from it."""
    query = exp.select(*(values.column(one.name) for one in stage.statistics), copy=False).from_(
        values.table(f"numbers_{number}"), copy=False
    )
    cutoffs = [one for one in stage.statistics if one.kind in CUTOFFS]
    for key in dict.fromkeys(_key(one) for one in cutoffs):
        relation = _ranked_name(number, key)
        picked = [named(_cutoff(number, one), one.name) for one in cutoffs if _key(one) == key]
        row = (
            exp.select(*picked, copy=False)
            .from_(values.table(relation), copy=False)
            .join(values.table(f"numbers_{number}"), join_type="cross", copy=False)
        )
        query = query.join(
            row.subquery(f"cutoffs__{relation}", copy=False), join_type="cross", copy=False
        )
    return Statement(f"statistics_{number}", "table", "statistics of the population", query)


def _cutoff(number: int, one: Statistic) -> exp.Expr:
    """Value or account at position ceil(share × N), or at the last if fewer have a value.

    The share is an exact fraction, so no rounding of a double decides who is in.
    """
    assert one.share is not None
    numerator, denominator = one.share.as_integer_ratio()
    size = values.column(_size(one.population), f"numbers_{number}")
    scaled = exp.Mul(this=size, expression=values.decimal(numerator))
    upwards = exp.Add(this=scaled, expression=values.decimal(denominator - 1))
    admitted = exp.IntDiv(
        this=exp.paren(upwards, copy=False), expression=values.decimal(denominator)
    )
    field = "value" if one.kind == "cutoff_value" else "account_no"
    within = exp.LTE(this=values.column("position"), expression=admitted)
    last = exp.ArgMax(this=values.column(field), expression=values.column("position"))
    return exp.Filter(this=last, expression=exp.Where(this=within))


# --- beside the columns ------------------------------------------------------------------


def beside(stages: Sequence[Stage], source: str) -> exp.Query:
    """`source` with the ranks and group totals of the last of `stages`, and all statistics."""
    selected: list[exp.Expr] = [_all_of(source)]
    query = exp.select(copy=False).from_(values.table(source), copy=False)
    for number, stage in enumerate(stages):
        if stage.statistics:
            name = f"statistics_{number}"
            selected.append(_all_of(name))
            query = query.join(values.table(name), join_type="cross", copy=False)
    for ranking in stages[-1].rankings if stages else ():
        rank = _rank_join(len(stages) - 1, ranking, source)
        query = query.join(*rank, join_type="left", copy=False)
        selected.append(named(values.column("position", ranking.output), ranking.output))
    for total in stages[-1].groups if stages else ():
        query = query.join(*_group_join(total, source), join_type="left", copy=False)
        selected.append(named(_group_value(total, source), total.output))
    return query.select(*selected, copy=False)


def _group_join(total: GroupTotal, source: str) -> tuple[exp.Expr, exp.Expr]:
    joined = exp.alias_(
        values.table(_grouped_name(total)), total.output, table=True, quoted=True, copy=False
    )
    same = exp.EQ(
        this=values.column(total.group, source), expression=values.column("group", total.output)
    )
    return joined, same


def _group_value(total: GroupTotal, source: str) -> exp.Expr:
    """The total of the group, or the account's own value where it is in none."""
    grouped: exp.Expr = values.present(values.column(total.group, source))
    if total.population is not None:
        grouped = exp.and_(values.column(total.population, source), grouped, copy=False)
    own = values.as_double(values.column(total.column, source))
    case = exp.Case().when(grouped, values.column("total", total.output), copy=False)
    return case.else_(own, copy=False)


def _all_of(relation: str) -> exp.Expr:
    return exp.Column(this=exp.Star(), table=exp.to_identifier(relation, quoted=True))


def _rank_join(number: int, ranking: Ranking, source: str) -> tuple[exp.Expr, exp.Expr]:
    relation = _ranked_name(number, (ranking.column, ranking.population, "top"))
    joined = exp.alias_(values.table(relation), ranking.output, table=True, quoted=True, copy=False)
    on = exp.EQ(
        this=values.column("account_no", source),
        expression=values.column("account_no", ranking.output),
    )
    return joined, on
