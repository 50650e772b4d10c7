"""Formulas over one row, in plain Python.

Every number is a double, a datetime is its day, arithmetic runs in the order written, and
a missing input makes the result missing. A text that meets a date is read as one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.errors import problem
from engine.executors.identity import ByIdentity
from engine.executors.predicates import Lookup, all_of, any_of, negation
from engine.executors.protocol import Value
from engine.executors.values import nearest_integer, rounded
from engine.model import AsOf, Call, Case, Expression, Name, Number, Operation, Text, Truth

Arguments = Sequence[Value]
Form = Callable[[Arguments], Value]


def evaluate(expression: Expression, row: Lookup, as_of: date) -> Value:
    """The value of `expression` for `row`: a double, a boolean, a text, a date or None."""
    return compiled(expression)(row, as_of)


Formula = Callable[[Lookup, date], Value]


def _formula(expression: Expression) -> Formula:
    if isinstance(expression, Number):
        return _constant(float(expression.value))
    if isinstance(expression, Text | Truth):
        return _constant(expression.value)
    if isinstance(expression, AsOf):
        return lambda row, as_of: as_of
    if isinstance(expression, Name):
        name = expression.name
        return lambda row, as_of: _as_input(row.get(name))
    if isinstance(expression, Operation):
        return _applied(_OPERATIONS[expression.operator], expression.arguments)
    if isinstance(expression, Call):
        return _applied(_CALLS[expression.function], expression.arguments)
    if isinstance(expression, Case):
        return _case(expression)
    raise problem("unresolved-expression", f"{expression!r} does not belong in a plan")


compiled: ByIdentity[Expression, Formula] = ByIdentity(_formula)
"""The function of a row and the as-of date that an expression is; made once."""


def _constant(value: Value) -> Formula:
    return lambda row, as_of: value


def _applied(form: Form, arguments: Sequence[Expression]) -> Formula:
    parts = [compiled(part) for part in arguments]
    return lambda row, as_of: form([part(row, as_of) for part in parts])


def _as_input(value: Value) -> Value:
    if value is None or isinstance(value, float | str | bool):
        return value
    if isinstance(value, datetime):
        return value.date()
    return float(value) if isinstance(value, Decimal | int) else value


def _case(case: Case) -> Formula:
    branches = [(compiled(when), compiled(then)) for when, then in case.branches]
    otherwise = None if case.otherwise is None else compiled(case.otherwise)

    def found(row: Lookup, as_of: date) -> Value:
        for when, then in branches:
            if when(row, as_of) is True:
                return then(row, as_of)
        return None if otherwise is None else otherwise(row, as_of)

    return found


# --- operators ---------------------------------------------------------------------------


def _number(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise problem("not-a-number", f"{value!r} in arithmetic")
    return float(value)


def _strict(form: Callable[..., Value]) -> Form:
    """A form that is missing as soon as one argument is."""
    return lambda arguments: None if None in arguments else form(*arguments)


def _as_dates(left: Value, right: Value) -> tuple[Value, Value]:
    """Both sides as days if one is a day and the other a text, such as a date parameter."""
    if isinstance(left, date) and isinstance(right, str):
        return left, _as_day(right)
    if isinstance(right, date) and isinstance(left, str):
        return _as_day(left), right
    return left, right


def _as_day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _add(left: Value, right: Value) -> Value:
    if isinstance(left, date):
        return _days_later(left, _number(right))
    if isinstance(right, date):
        return _days_later(right, _number(left))
    return _number(left) + _number(right)


def _subtract(left: Value, right: Value) -> Value:
    if isinstance(left, date) and isinstance(right, int | float):
        return _days_later(left, -_number(right))
    if isinstance(left, date) or isinstance(right, date):
        return _days_between(left, right)
    return _number(left) - _number(right)


def _days_between(later: Value, earlier: Value) -> Value:
    end, start = _as_dates(later, earlier)
    if not isinstance(end, date) or not isinstance(start, date):
        return None
    return float((end - start).days)


def _days_later(day: date, days: float) -> Value:
    whole = nearest_integer(days)
    try:
        return None if whole is None else day + timedelta(days=whole)
    except OverflowError:
        return None


def _divide(left: Value, right: Value) -> Value:
    divisor = _number(right)
    return None if divisor == 0 else _number(left) / divisor


def _comparison(compare: Callable[[int], bool]) -> Form:
    def form(left: Value, right: Value) -> Value:
        one, other = _as_dates(left, right)
        order = None if one is None or other is None else _order(one, other)
        return None if order is None else compare(order)

    return _strict(form)


def _order(left: Value, right: Value) -> int:
    """-1, 0 or 1; not-a-number is the greatest double and equal to itself, as in SQL."""
    if isinstance(left, float) and isinstance(right, float):
        if math.isnan(left) or math.isnan(right):
            return int(math.isnan(left)) - int(math.isnan(right))
        return int(left > right) - int(left < right)
    return int(left > right) - int(left < right)  # type: ignore[operator]


def _truths(arguments: Arguments) -> list[bool | None]:
    return [None if value is None else bool(value) for value in arguments]


_OPERATIONS: Mapping[str, Form] = {
    "+": _strict(_add),
    "-": _strict(_subtract),
    "*": _strict(lambda left, right: _number(left) * _number(right)),
    "/": _strict(_divide),
    "neg": _strict(lambda value: -_number(value)),
    "=": _comparison(lambda order: order == 0),
    "<>": _comparison(lambda order: order != 0),
    "<": _comparison(lambda order: order < 0),
    "<=": _comparison(lambda order: order <= 0),
    ">": _comparison(lambda order: order > 0),
    ">=": _comparison(lambda order: order >= 0),
    "and": lambda arguments: all_of(_truths(arguments)),
    "or": lambda arguments: any_of(_truths(arguments)),
    "not": lambda arguments: negation(_truths(arguments)[0]),
    "is_missing": lambda arguments: arguments[0] is None,
}

# --- functions ---------------------------------------------------------------------------


def _round(number: Value, decimals: Value = 0.0) -> Value:
    return rounded(_number(number), int(_number(decimals)))


def _whole(form: Callable[[float], int]) -> Form:
    """`floor` and `ceil`, which leave an infinite number as it is."""

    def whole(value: Value) -> Value:
        number = _number(value)
        return float(form(number)) if math.isfinite(number) else number

    return _strict(whole)


def _sqrt(value: Value) -> Value:
    number = _number(value)
    return None if number < 0 else math.sqrt(number)


def _power(base: Value, exponent: Value) -> Value:
    """Missing if the base is negative, or the power beyond a double."""
    number = _number(base)
    try:
        found = None if number < 0 else math.pow(number, _number(exponent))
    except (OverflowError, ValueError):  # beyond a double, or 0 to a negative power
        return None
    return found if found is not None and math.isfinite(found) else None


def _extreme(wanted: int) -> Form:
    def extreme(*values: Value) -> Value:
        best = values[0]
        for value in values[1:]:
            if _order(*_as_dates(value, best)) == wanted:
                best = value
        return best

    return _strict(extreme)


def _coalesce(arguments: Arguments) -> Value:
    return next((value for value in arguments if value is not None), None)


def _nullif(arguments: Arguments) -> Value:
    return None if _OPERATIONS["="](arguments) is True else arguments[0]


_CALLS: Mapping[str, Form] = {
    "abs": _strict(lambda value: abs(_number(value))),
    "round": _strict(_round),
    "floor": _whole(math.floor),
    "ceil": _whole(math.ceil),
    "sqrt": _strict(_sqrt),
    "power": _strict(_power),
    "least": _extreme(-1),
    "greatest": _extreme(1),
    "coalesce": _coalesce,
    "nullif": _nullif,
}
