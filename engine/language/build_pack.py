"""Builds the head of a pack, its parameters, roles and clauses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.errors import KamError, Problem
from engine.language.build_parts import read_optional_title, read_source, read_title
from engine.language.conditions import Report, read_quantity
from engine.language.documents import Node
from engine.language.quantities import read_date
from engine.model import Clause, Excuse, Parameter, Quantity, Role, Title


@dataclass(frozen=True)
class Head:
    """The `pack:` section."""

    id: str
    title: Title
    version: str
    effective_from: date
    effective_to: date | None
    owner: str
    document: str | None


def build_head(node: Node, report: Report) -> Head:
    effective = node["effective"]
    begins = read_day(effective["from"], report)
    ends = read_day(effective["to"], report) if "to" in effective else None
    if ends is not None and ends < begins:
        message = f"the pack ends on {ends}, before it begins on {begins}"
        report(Problem("not-rising", message, effective["to"].value_location))
    return Head(
        id=node.value["id"],
        title=read_title(node),
        version=node.value["version"],
        effective_from=begins,
        effective_to=ends,
        owner=node.value["owner"],
        document=node.value["source"]["id"] if "source" in node else None,
    )


def read_day(node: Node, report: Report) -> date:
    try:
        return read_date(node.value, node.value_location)
    except KamError as error:
        for problem in error.problems:
            report(problem)
        return date.min


def build_parameter(node: Node, report: Report) -> Parameter:
    return Parameter(
        id=node.key,
        values=read_values(node, report),
        title=read_optional_title(node),
        source=read_source(node),
        owner=node.read("owner"),
        judgement=node.read("judgement", False),
        note=node.read("note"),
        location=node.location,
    )


def read_values(node: Node, report: Report) -> tuple[tuple[date, Quantity], ...]:
    """(From this day on, value), earliest first."""
    if "value" in node:
        return ((date.min, read_threshold(node["value"], report)),)
    values = []
    for entry in node.entries("values"):
        try:
            day = read_date(entry.key, entry.location)
        except KamError as error:
            report(error.problems[0])
            day = date.min
        values.append((day, read_threshold(entry, report)))
    # 400万 becoming 5% is a slip of the pen; 9000 becoming 1万 is an amount either way.
    kinds = {(type(value.value), (value.unit or "amount")) for _, value in values}
    if len(kinds) > 1:
        message = f"the values of '{node.key}' are of different kinds"
        report(Problem("unit-mismatch", message, node["values"].location))
    return tuple(sorted(values, key=lambda pair: pair[0]))


def read_threshold(node: Node, report: Report) -> Quantity:
    if isinstance(node.value, str) and node.value.startswith("$"):
        message = "the value of a parameter cannot be another parameter"
        report(Problem("wrong-type", message, node.value_location, "write the value itself"))
    return read_quantity(node, report)


def build_role(node: Node, report: Report) -> Role:
    return Role(node.key, read_title(node), node.location)


def build_clause(node: Node, report: Report) -> Clause:
    return Clause(node.key, node.value, node.location)


def build_not_implemented(node: Node, report: Report) -> Excuse:
    return Excuse(node.key, node.value, False, node.location)


def build_engine_feature(node: Node, report: Report) -> Excuse:
    return Excuse(node.key, node.value, True, node.location)
