"""Builds the vocabulary, measures and scorecards of a policy."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.errors import Problem
from engine.language.build_parts import (
    read_formula,
    read_optional_title,
    read_rising,
    read_source,
    read_title,
)
from engine.language.conditions import Report, read_optional
from engine.language.documents import Node
from engine.language.quantities import days, plain
from engine.model import Aggregate, Column, Criterion, Measure, RecordType, Scorecard

AGGREGATES: tuple[str, ...] = (
    "sum", "count", "count_distinct", "avg", "min", "max", "latest", "earliest",
    "days_since_last", "share_of_largest", "nps",
)  # fmt: skip


def build_account_column(node: Node, report: Report) -> Column:
    if isinstance(node.value, dict) and "formula" in node:
        report(Problem("misplaced-key", "only the columns of records have formulas",
                       node["formula"].location, "write a measure with this formula"))  # fmt: skip
    return build_column(node, report)


def build_column(node: Node, report: Report) -> Column:
    """A column: a type name, or a mapping with more about it. Shared with facts.yaml."""
    details: Mapping[str, Any] = node.value if isinstance(node.value, dict) else {}
    return Column(
        name=node.key,
        type=details["type"] if details else node.value,
        title=read_optional_title(node) if details else None,
        values=tuple(details.get("values", ())),
        range=read_range(node, report) if "range" in details else None,
        classification=details.get("class", "internal"),
        formula=read_formula(node, report, population=False) if details else None,
        location=node.location,
    )


def read_range(node: Node, report: Report) -> tuple[Decimal, Decimal]:
    low, high = (Decimal(bound) for bound in node.value["range"])
    if low > high:
        message = f"the range ends at {plain(high)}, below its beginning {plain(low)}"
        report(Problem("not-rising", message, node["range"].value_location))
    return low, high


def build_record(node: Node, report: Report) -> RecordType:
    columns = {column.key: build_column(column, report) for column in node.entries("columns")}
    title = read_optional_title(node)
    return RecordType(node.key, title, node.read("time"), columns, node.location)


def build_measure(node: Node, report: Report) -> Measure:
    return Measure(
        id=node.key,
        type=node.value["type"],
        title=read_optional_title(node),
        source=read_source(node),
        aggregate=build_aggregate(node, report),
        formula=read_formula(node, report, population=True),
        polarity=node.read("polarity"),
        location=node.location,
        scope=node.read("scope", "account"),
    )


def build_aggregate(node: Node, report: Report) -> Aggregate | None:
    function = next((name for name in AGGREGATES if name in node), None)
    if function is None:
        return None
    record, _, column = str(node.value[function]).partition(".")
    return Aggregate(
        function=function,
        record=record,
        column=column or None,
        where=read_optional(node, "where", report),
        window_days=days(node.value["window"]) if "window" in node else None,
        ending_days=days(node.value["ending"]) if "ending" in node else 0,
        by=node.read("by"),
        minimum_records=node.read("at_least", 0),
        location=node[function].location,
    )


def build_scorecard(node: Node, report: Report) -> Scorecard:
    check_weights(node, Decimal(100), report)
    return Scorecard(
        id=node.key,
        title=read_title(node),
        source=read_source(node),
        missing=node.read("missing", "redistribute"),
        criteria=tuple(build_criterion(part, report) for part in node.entries("criteria")),
        location=node.location,
    )


def build_criterion(node: Node, report: Report) -> Criterion:
    weight = Decimal(node.value["weight"])
    if "criteria" in node:
        check_weights(node, weight, report)
    points = node.get("points")
    is_curve = points is not None and isinstance(points.value, list)
    curve = read_rising(points, "a curve", report) if points is not None and is_curve else ()
    table: Mapping[str, object] = points.value if points is not None and not is_curve else {}
    return Criterion(
        id=node.key,
        weight=weight,
        measure=node.read("measure"),
        curve=tuple((value, Decimal(score.value)) for value, score in curve),
        table=tuple((value, Decimal(str(score))) for value, score in table.items()),
        parts=tuple(build_criterion(part, report) for part in node.entries("criteria")),
        title=read_optional_title(node),
        source=read_source(node),
        location=node.location,
    )


def check_weights(node: Node, expected: Decimal, report: Report) -> None:
    """The weights of a level add up to the weight above, 100 at the top."""
    total = sum((Decimal(part.value["weight"]) for part in node.entries("criteria")), Decimal(0))
    if total != expected:
        difference = expected - total
        report(Problem(
            "weights-do-not-add-up",
            f"the weights in '{node.key}' add up to {plain(total)}, not {plain(expected)}",
            node.location,
            f"{plain(abs(difference))} {'is missing' if difference > 0 else 'is too much'}",
        ))  # fmt: skip
