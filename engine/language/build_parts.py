"""Small parts that many elements of a policy have: titles, sources, formulas."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from engine.errors import KamError, Problem
from engine.language.conditions import Report, read_quantity
from engine.language.documents import Node
from engine.language.formulas import parse_formula
from engine.language.quantities import period
from engine.model import Formula, Number, Period, Quantity, Title


def read_title(node: Node) -> Title:
    title = node.value["title"]
    return Title(title["zh"], title["en"])


def read_optional_title(node: Node) -> Title | None:
    return read_title(node) if "title" in node else None


def read_source(node: Node) -> tuple[str, ...]:
    """The clauses of an element: one or a list."""
    source = node.read("source", [])
    return (source,) if isinstance(source, str) else tuple(source)


def read_period(node: Node, key: str) -> Period | None:
    text = node.read(key)
    return period(text.removesuffix(" before")) if text is not None else None


def read_formula(node: Node, report: Report, *, population: bool) -> Formula | None:
    """The formula of an entry; one that cannot be read is reported and stands as zero."""
    part = node.get("formula")
    if part is None:
        return None
    try:
        return parse_formula(str(part.value), part.text_location, population=population)
    except KamError as error:
        for problem in error.problems:
            report(problem)
        return Formula(str(part.value), Number(Decimal(0)), (), part.value_location)


def read_rising(pairs: Node, what: str, report: Report) -> tuple[tuple[Quantity, Node], ...]:
    """Pairs whose first parts are numbers that rise: the knots of a curve, a schedule."""
    read = []
    for pair in pairs.elements():
        first = read_quantity(pair[0], report)
        if isinstance(first.value, bool) or not isinstance(first.value, Decimal):
            report(Problem("wrong-type", f"the values of {what} are numbers, not '{first.text}'",
                           first.location))  # fmt: skip
        read.append((first, pair[1]))
    numbers = [first for first, _ in read if isinstance(first.value, Decimal)]
    for before, after in pairwise(numbers):
        if after.value <= before.value:  # type: ignore[operator]
            report(Problem(
                "not-rising", f"the values of {what} must rise, but {after.text} follows "
                f"{before.text}", after.location,
            ))  # fmt: skip
    return tuple(read)
