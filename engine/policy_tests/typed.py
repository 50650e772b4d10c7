"""Values of a policy test → values as the facts hold them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from engine.errors import KamError, Location, Problem, problem
from engine.executors.protocol import Value
from engine.executors.values import as_type
from engine.language.documents import Node
from engine.language.quantities import quantity
from engine.model import NUMERIC_TYPES, Column, Scalar, ValueType
from engine.nearest import did_you_mean
from engine.plan.scope import scale_of
from engine.plan.steps import Precision

RELATIVE = re.compile(r"([0-9]{1,6}) days? (ago|ahead)(?: ([0-9]{2}:[0-9]{2}))?")
MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{2}:[0-9]{2}))?")


def typed(node: Node, value_type: ValueType, on: date, precision: Precision) -> Value:
    """A value as a column of its type holds it. Raises `KamError` if it is of another type.

    Dates are days, or counted from `on`: ``30 days ago``, ``5 days ahead``; moments may
    have a time: ``2026-03-01 09:00``, ``1 day ago 09:00``.
    """
    if value_type in ("date", "datetime"):
        moment = _moment(node, on)
        return moment if value_type == "datetime" else moment.date()
    found = quantity(node.value, node.value_location, quoted=node.is_quoted).value
    if value_type == "boolean":
        return _checked(found, isinstance(found, bool), node, "true or false")
    if value_type in NUMERIC_TYPES:
        if isinstance(found, bool) or not isinstance(found, Decimal):
            raise _wrong(node, f"a number ({value_type})")
        return as_type(found, value_type, scale_of(value_type, precision))
    return _checked(found, isinstance(found, str), node, "text")


def of_column(node: Node, column: Column, on: date, precision: Precision) -> Value:
    """The same for a column, which may admit certain values or a range only."""
    value = typed(node, column.type, on, precision)
    if column.values and value not in column.values:
        raise not_admitted(str(value), column.values, node.value_location)
    if column.range is not None and isinstance(value, Decimal | int | float):
        low, high = column.range
        if not low <= Decimal(str(value)) <= high:
            message = f"{node.value} is not between {low} and {high}, so it would be set aside"
            raise problem("outside-range", message, node.value_location)
    return value


def not_admitted(value: str, admitted: Sequence[str], place: Location) -> KamError:
    hint = did_you_mean(value, admitted, f"write one of {', '.join(admitted)}")
    return KamError(Problem("not-one-of", f"'{value}' is not a value here", place, hint))


def _checked(value: Scalar, fits: bool, node: Node, wanted: str) -> Value:
    if not fits:
        raise _wrong(node, wanted)
    return value


def _wrong(node: Node, wanted: str) -> KamError:
    message = f"{wanted} is needed here, this is {node.value}"
    return problem("wrong-type", message, node.value_location)


def _moment(node: Node, on: date) -> datetime:
    text = str(node.value)
    if relative := RELATIVE.fullmatch(text):
        days = timedelta(days=int(relative[1]))
        day = on - days if relative[2] == "ago" else on + days
        return _at(day, relative[3], node)
    if written := MOMENT.fullmatch(text):
        try:
            return _at(date.fromisoformat(written[1]), written[2], node)
        except ValueError as error:
            message = f"there is no day {written[1]}"
            raise problem("not-a-date", message, node.value_location) from error
    hint = "write 2026-01-31, 30 days ago or 5 days ahead, with a time if need be: 09:00"
    raise KamError(Problem("not-a-date", f"{text} is no date", node.value_location, hint))


def _at(day: date, clock: str | None, node: Node) -> datetime:
    try:
        return datetime.combine(day, time.fromisoformat(clock or "00:00"))
    except ValueError as error:
        message = f"there is no time {clock}"
        raise problem("not-a-time", message, node.value_location) from error
