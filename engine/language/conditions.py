"""Conditions of a policy, from YAML to the tree of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from engine.errors import KamError, Problem
from engine.language.documents import Node
from engine.language.formula_scan import ID
from engine.language.full_width import odd_space
from engine.language.quantities import quantity
from engine.model import (
    AllOf,
    AnyOf,
    Condition,
    MeasureRef,
    NoneOf,
    Operand,
    ParameterRef,
    Quantity,
    Test,
)

Report = Callable[[Problem], None]

GROUPS: Mapping[str, type[AllOf] | type[AnyOf] | type[NoneOf]] = {
    "all": AllOf,
    "any": AnyOf,
    "none": NoneOf,
}
LISTED = frozenset({"between", "in", "not_in"})


def read_condition(node: Node, report: Report) -> Condition:
    """A condition; several subjects or operators in one mapping mean all of them.

    ``{tier: core, share: {gt: 20%, lt: $most}}`` is the conjunction of three tests. The
    location of a test is that of its subject. Reports quantities that cannot be read.
    """
    parts: list[Condition] = []
    for entry in node.entries():
        if entry.key in GROUPS:
            inner = tuple(read_condition(element, report) for element in entry.elements())
            parts.append(GROUPS[entry.key](inner, entry.location))
        else:
            parts.extend(read_tests(entry, report))
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts), node.location)


def read_optional(node: Node, key: str, report: Report) -> Condition | None:
    part = node.get(key)
    return read_condition(part, report) if part is not None else None


def read_tests(subject: Node, report: Report) -> list[Condition]:
    if not isinstance(subject.value, dict):
        return [Test(subject.key, "eq", (read_operand(subject, report),), subject.location)]
    tests: list[Condition] = []
    for entry in subject.entries():
        if entry.key == "measure":
            operands: tuple[Operand, ...] = (MeasureRef(entry.value, entry.value_location),)
            tests.append(Test(subject.key, "eq", operands, subject.location))
            continue
        if entry.key in LISTED:
            operands = tuple(read_operand(element, report) for element in entry.elements())
        else:
            operands = (read_operand(entry, report),)
        tests.append(Test(subject.key, entry.key, operands, subject.location))
    return tests


def read_operand(node: Node, report: Report) -> Operand:
    """A literal, ``$parameter`` or ``{measure: other}``."""
    value = node.value
    if isinstance(value, dict):
        other = node["measure"]
        return MeasureRef(other.value, other.value_location)
    if isinstance(value, str) and value.startswith("$"):
        name = value[1:]
        if not ID.fullmatch(name):
            odd = odd_space(value)
            hint = f"{'' if odd is None else f'{odd}; '}write $lower_case_name"
            message = f"'{value}' cannot be the name of a parameter"
            report(Problem("not-an-id", message, node.value_location, hint))
        return ParameterRef(name, node.value_location)
    return read_quantity(node, report)


def read_quantity(node: Node, report: Report) -> Quantity:
    """A literal; what cannot be read is reported and stands as zero until the load fails."""
    try:
        return quantity(node.value, node.value_location, quoted=node.is_quoted)
    except KamError as error:
        for problem in error.problems:
            report(problem)
        return Quantity(Decimal(0), str(node.value), node.value_location)
