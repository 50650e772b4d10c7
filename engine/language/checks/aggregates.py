"""Each aggregate fits its column, and yields the type that its measure declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.errors import Problem
from engine.language.checks.formulas import declares
from engine.language.checks.units import DATES, described
from engine.model import NUMERIC_TYPES, Aggregate, Column, Measure, Policy, RecordType

_TAKES: Mapping[str, frozenset[str]] = {
    "sum": NUMERIC_TYPES,
    "avg": NUMERIC_TYPES,
    "min": NUMERIC_TYPES | DATES,
    "max": NUMERIC_TYPES | DATES,
    "share_of_largest": NUMERIC_TYPES,
    "nps": frozenset({"integer", "number"}),
}
"""Types of the column that an aggregate computes with; the others take any."""
_YIELDS: Mapping[str, str] = {
    "count": "integer",
    "count_distinct": "integer",
    "days_since_last": "days",
    "share_of_largest": "ratio",
    "nps": "nps",
}
"""The others yield the type of their column."""
_NEEDS_TIME = frozenset({"latest", "earliest", "days_since_last"})


def check_aggregates(policy: Policy) -> Iterator[Problem]:
    """Sums of text, means of dates, windows over records without a date, wrong types."""
    for measure in policy.measures.values():
        aggregate = measure.aggregate
        record = policy.vocabulary.records.get(aggregate.record) if aggregate else None
        if aggregate is not None and record is not None:
            yield from _time_problems(aggregate, record)
            yield from _column_problems(measure, aggregate, record)
    for record in policy.vocabulary.records.values():
        column = record.columns.get(record.time or "")
        if column is not None and column.type not in DATES:
            message = f"'{record.name}' is dated by '{column.name}', {described(column.type)}"
            yield Problem("type-mismatch", message, column.location, "make it a date or a datetime")


def _time_problems(aggregate: Aggregate, record: RecordType) -> Iterator[Problem]:
    if record.time is not None:
        return
    if aggregate.function in _NEEDS_TIME or aggregate.window_days is not None:
        what = "a window" if aggregate.window_days is not None else f"'{aggregate.function}'"
        message = f"{what} needs a date, and {record.name} has no 'time:'"
        yield Problem("record-without-time", message, aggregate.location, "name the dating column")


def _column_problems(
    measure: Measure, aggregate: Aggregate, record: RecordType
) -> Iterator[Problem]:
    column = record.columns.get(aggregate.column or "")
    function = aggregate.function
    if column is not None and column.type not in _TAKES.get(function, {column.type}):
        yield _refused(aggregate, record, column)
        return
    kind = _YIELDS.get(function) or (column.type if column is not None else None)
    if kind is None:
        return
    if function == "avg" and kind == "integer":
        kind = "number"
    if not declares(kind, measure.type):
        scales = {kind, measure.type} == {"score", "nps"}
        message = f"measure '{measure.id}' is declared {measure.type}, but yields {described(kind)}"
        code = "scale-mismatch" if scales else "type-mismatch"
        if not scales and {kind, measure.type} <= NUMERIC_TYPES:
            code = "unit-mismatch"
        yield Problem(code, message, measure.location, f"declare 'type: {kind}'")


def _refused(aggregate: Aggregate, record: RecordType, column: Column) -> Problem:
    function = aggregate.function
    if function == "nps" and column.type in NUMERIC_TYPES:
        message = f"'nps' counts answers from 0 to 10; '{column.name}' is {described(column.type)}"
        return Problem("scale-mismatch", message, aggregate.location, "use avg or latest")
    message = f"'{function}' of {record.name}.{column.name}, which is {described(column.type)}"
    hint = "use latest or earliest" if function in ("min", "max") else "count or count_distinct do"
    return Problem("type-mismatch", message, aggregate.location, hint)
