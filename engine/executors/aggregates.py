"""Aggregates over the records of one account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from engine.executors.predicates import truth_of
from engine.executors.protocol import Row, Value
from engine.executors.values import as_type, day_of, exact_sum
from engine.plan.steps import AggregateStep, RecordStep


def aggregate(
    step: AggregateStep, table: RecordStep, records: Sequence[Row], decimals: int
) -> Value:
    """The value of `step` over the `records` of one account, derived columns included.

    `decimals` is the precision of derived numbers, in which doubles are added up.
    """
    if not step.available:
        return None
    used = [record for record in records if _counts(step, table, record)]
    if len(used) < step.minimum_records:
        return None
    value = _FUNCTIONS[step.function](_Group(step, table, used, decimals))
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        return as_type(value, step.type, step.scale)
    return value


def _counts(step: AggregateStep, table: RecordStep, record: Row) -> bool:
    """In the window, `where` is true, and there is a value to aggregate."""
    if table.time is not None:
        moment = record.get(table.time)
        if not isinstance(moment, date) or day_of(moment) > step.until:
            return False
        if step.after is not None and day_of(moment) <= step.after:
            return False
    if step.where is not None and truth_of(step.where, record) is not True:
        return False
    needed = (step.argument, step.by)
    return all(column is None or record.get(column) is not None for column in needed)


class _Group:
    """The usable records of one account, and what the functions ask of them."""

    def __init__(
        self, step: AggregateStep, table: RecordStep, records: Sequence[Row], decimals: int
    ) -> None:
        self.step = step
        self.table = table
        self.records = records
        self.decimals = decimals

    @property
    def values(self) -> list[Any]:
        assert self.step.argument is not None
        return [record[self.step.argument] for record in self.records]

    def total(self, values: Sequence[Any]) -> Decimal | int:
        return exact_sum(values, self.decimals)

    def by_time(self) -> list[Any]:
        """The values from the earliest to the latest; at one time, the smaller one first."""
        assert self.table.time is not None
        moments: list[Any] = [record[self.table.time] for record in self.records]
        return [value for _, value in sorted(zip(moments, self.values, strict=True))]


def _average(group: _Group) -> Value:
    if not group.records:
        return None
    return float(group.total(group.values)) / len(group.records)


def _latest(group: _Group) -> Value:
    values = group.by_time()
    return values[-1] if values else None


def _earliest(group: _Group) -> Value:
    values = group.by_time()
    return values[0] if values else None


def _days_since_last(group: _Group) -> Value:
    assert group.table.time is not None
    days = [
        day_of(moment)
        for record in group.records
        if isinstance(moment := record[group.table.time], date)
    ]
    return (group.step.until - max(days)).days if days else None


def _share_of_largest(group: _Group) -> Value:
    """The largest group's part of the whole; records without a group are passed over."""
    assert group.step.by is not None
    groups: dict[Value, list[Any]] = {}
    for record, value in zip(group.records, group.values, strict=True):
        groups.setdefault(record[group.step.by], []).append(value)
    sums = [group.total(values) for values in groups.values()]
    whole = group.total(group.values)
    return float(max(sums)) / float(whole) if whole else None


def _net_promoter_score(group: _Group) -> Value:
    """Share of 9 and 10 minus share of 0 to 6, in points."""
    values = group.values
    if not values:
        return None
    promoters = sum(value >= 9 for value in values)
    detractors = sum(value <= 6 for value in values)
    return float(promoters - detractors) * 100.0 / float(len(values))


_FUNCTIONS: Mapping[str, Callable[[_Group], Value]] = {
    "sum": lambda group: group.total(group.values),
    "count": lambda group: len(group.records),
    "count_distinct": lambda group: len(set(group.values)),
    "avg": _average,
    "min": lambda group: min(group.values, default=None),
    "max": lambda group: max(group.values, default=None),
    "latest": _latest,
    "earliest": _earliest,
    "days_since_last": _days_since_last,
    "share_of_largest": _share_of_largest,
    "nps": _net_promoter_score,
}
