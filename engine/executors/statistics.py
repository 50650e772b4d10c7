"""Numbers of a population, rankings within it, points and scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from engine.executors.predicates import Lookup
from engine.executors.protocol import Row, Value
from engine.executors.values import exact_sum, rounded
from engine.plan.steps import GroupTotal, Points, Ranking, Score, Statistic


def _members(population: str | None, rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if population is None or row[population] is True]


def _ordered(column: str, rows: Sequence[Row], side: str) -> list[Row]:
    """Rows with a value, the largest first (`top`) or the smallest; ties by account_no."""
    sign = -1 if side == "top" else 1
    valued: list[Any] = [row for row in rows if row[column] is not None]
    return sorted(valued, key=lambda row: (sign * row[column], row["account_no"]))


def statistic(step: Statistic, rows: Sequence[Row], decimals: int) -> Value:
    """The value of `step` over all accounts; doubles have `decimals` decimals."""
    return _KINDS[step.kind](step, _members(step.population, rows), decimals)


def _values(step: Statistic, members: Sequence[Row]) -> list[Any]:
    assert step.column is not None
    return [row[step.column] for row in members if row[step.column] is not None]


def _count(step: Statistic, members: Sequence[Row], decimals: int) -> Value:
    return len(members)


def _total(step: Statistic, members: Sequence[Row], decimals: int) -> Value:
    """Added up exactly, then a double, as every number in a formula is."""
    values = _values(step, members)
    return float(exact_sum(values, decimals)) if values else None


def _average(step: Statistic, members: Sequence[Row], decimals: int) -> Value:
    values = _values(step, members)
    return float(exact_sum(values, decimals)) / len(values) if values else None


def _percentile(step: Statistic, members: Sequence[Row], decimals: int) -> Value:
    assert step.share is not None
    values = sorted(_values(step, members))
    place = max(0, math.ceil(step.share * len(values)) - 1)
    return float(values[place]) if values else None


def _last_admitted(step: Statistic, members: Sequence[Row]) -> Row | None:
    assert step.share is not None
    assert step.column is not None
    assert step.side is not None
    admitted = math.ceil(step.share * len(members))
    inside = _ordered(step.column, members, step.side)[:admitted]
    return inside[-1] if inside else None


def _cutoff_value(step: Statistic, members: Sequence[Row], decimals: int) -> Value:
    last = _last_admitted(step, members)
    return None if last is None or step.column is None else last[step.column]


def _cutoff_account(step: Statistic, members: Sequence[Row], decimals: int) -> Value:
    last = _last_admitted(step, members)
    return None if last is None else last["account_no"]


_KINDS: Mapping[str, Callable[[Statistic, Sequence[Row], int], Value]] = {
    "count": _count,
    "total": _total,
    "average": _average,
    "percentile": _percentile,
    "cutoff_value": _cutoff_value,
    "cutoff_account": _cutoff_account,
}


def positions(step: Ranking, rows: Sequence[Row]) -> dict[Value, int]:
    """Account number → position from 1; accounts without a value have none."""
    ordered = _ordered(step.column, _members(step.population, rows), "top")
    return {row["account_no"]: place for place, row in enumerate(ordered, start=1)}


def group_totals(step: GroupTotal, rows: Sequence[Row], decimals: int) -> dict[Value, float | None]:
    """Account number → what its group adds up to, or its own value if it is in none."""
    groups: dict[Value, list[Any]] = {}
    for row in _members(step.population, rows):
        values = groups.setdefault(row[step.group], [])
        if row[step.column] is not None:
            values.append(row[step.column])
    found = {row["account_no"]: _double(row[step.column]) for row in rows}
    for row in _members(step.population, rows):
        if row[step.group] is not None:
            values = groups[row[step.group]]
            found[row["account_no"]] = float(exact_sum(values, decimals)) if values else None
    return found


def _double(value: Any) -> float | None:
    return None if value is None else float(value)


def points(step: Points, row: Lookup) -> float | None:
    """The points of one criterion."""
    value = row.get(step.input)
    if value is None:
        return None
    if step.table:
        key = str(value).lower() if isinstance(value, bool) else str(value)
        given = dict(step.table).get(key)
        return None if given is None else rounded(float(given), step.scale)
    assert isinstance(value, Decimal | int | float)
    return rounded(_interpolate(float(value), step.curve), step.scale)


def _interpolate(x: float, curve: Sequence[tuple[Decimal, Decimal]]) -> float:
    first, last = curve[0], curve[-1]
    if x <= float(first[0]):
        return float(first[1])
    for (left, low), (right, high) in pairwise(curve):
        if x < float(right):
            return float(low) + (x - float(left)) * float(high - low) / float(right - left)
    return float(last[1])


WHOLE = 100.0
"""What the weights of a scorecard add up to."""

NEUTRAL = 50.0
"""The points of a missing part under `missing: neutral`."""


def score(step: Score, row: Lookup) -> tuple[float | None, float | None]:
    """The score and the share of the weight that had data (0 to 1)."""
    total = covered = 0.0
    substitute = NEUTRAL if step.missing == "neutral" else 0.0
    complete = True
    for column, weight in step.parts:
        value = _points_in(row, column)
        complete = complete and value is not None
        covered += 0.0 if value is None else float(weight)
        total += (substitute if value is None else value) * float(weight)
    coverage = rounded(covered / WHOLE, step.scale)
    divisor = covered if step.missing == "redistribute" else WHOLE
    if not divisor or (step.missing == "fail" and not complete):
        return None, coverage
    return rounded(total / divisor, step.scale), coverage


def _points_in(row: Lookup, column: str) -> float | None:
    value = row.get(column)
    assert value is None or isinstance(value, float)
    return value
