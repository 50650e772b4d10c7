"""The operators of conditions: one row of one table each.

Whoever needs to know what an operator means (the checks, the plan, every executor,
`kam explain`) reads `OPERATORS`; nobody else spells an operator out. A new operator is a
new row.

>>> OPERATORS["gte"].python(Decimal("0.2"), (Decimal("0.20"),))
True
>>> from sqlglot import exp
>>> bounds = exp.Literal.number("0.08"), exp.Literal.number("0.15")
>>> OPERATORS["between"].sql(exp.column("share"), bounds).sql("duckdb")
'share BETWEEN 0.08 AND 0.15'
>>> OPERATORS["gte"].rete("visits.exact0", [6])
{'$gte': {'visits.exact0': 6}}
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

from engine.model import NUMERIC_TYPES, Title, ValueType

if TYPE_CHECKING:
    from sqlglot import exp

Value = Decimal | int | float | str | bool | date
"""A datetime is a date as well."""

PythonForm = Callable[[Any, Sequence[Any]], bool]
SqlForm: TypeAlias = "Callable[[exp.Expr, Sequence[exp.Expr]], exp.Expr]"
ReteForm = Callable[[str, Sequence[Any]], dict[str, Any]]
"""(property of a fact, operands) → a condition in durable-rules' JSON."""

ALL_TYPES: frozenset[str] = frozenset(get_args(ValueType))
ORDERED_TYPES: frozenset[str] = NUMERIC_TYPES | {"ordinal", "date", "datetime"}


@dataclass(frozen=True)
class Operator:
    """One row of the table.

    `python`, `sql` and `rete` are the same comparison three times. All take the value and the
    operands in the order written; nothing may be missing, unless `handles_missing`: a
    comparison with a missing value is unknown, which SQL says by NULL and the other callers
    decide before. An ordinal is compared through `in` by the time that it is executed, and a
    datetime is cast to its day where SQL compares it with a date.

    The operands of `rete` are whole numbers or other properties of the same fact; see
    `engine.executors.rete_values`. A missing value has a property of its own there, its
    marker, because a rule engine must never be asked for what is *not* in a fact.
    """

    name: str
    symbol: Title
    operands: tuple[int, int | None]
    """The least and the greatest number of operands as the policy writes it."""
    accepts: frozenset[str]
    """The value types of the subject that it can compare."""
    python: PythonForm
    sql: SqlForm
    rete: ReteForm
    opposite: str | None = None
    """The operator that holds of a value that is not missing when this one does not."""
    written: bool = True
    """False for `present`, which a policy writes as `missing: false`."""
    handles_missing: bool = False
    """Never unknown: `missing` and `present` look at no operand, only at the value."""
    ranked: bool = False
    """Decided over the population: the written operand is a share, and the forms say
    whether a value lies strictly beyond the cut-off value given as their only operand."""


def as_comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """Both sides as DuckDB would compare them: decimals as doubles against a double,
    datetimes as days against a day.

    >>> as_comparable(Decimal("0.1"), 0.1)
    (0.1, 0.1)
    """
    if isinstance(left, float) != isinstance(right, float):
        return float(left), float(right)
    if isinstance(left, datetime) and not isinstance(right, datetime):
        return left.date(), right
    if isinstance(right, datetime) and not isinstance(left, datetime):
        return left, right.date()
    return left, right


def _python(compare: Callable[[Any, Any], bool]) -> PythonForm:
    return lambda value, operands: compare(*as_comparable(value, operands[0]))


def _node(name: str, **arguments: Any) -> exp.Expr:
    """A sqlglot node; a check reads the table without waiting for sqlglot to be imported."""
    from sqlglot import exp

    node: exp.Expr = getattr(exp, name)(**arguments)
    return node


def _sql(form: str) -> SqlForm:
    return lambda value, operands: _node(form, this=value, expression=operands[0])


def _between(value: Any, operands: Sequence[Any]) -> bool:
    low, high = operands
    return bool(
        operator.ge(*as_comparable(value, low)) and operator.le(*as_comparable(value, high))
    )


def _between_sql(value: exp.Expr, operands: Sequence[exp.Expr]) -> exp.Expr:
    return _node("Between", this=value, low=operands[0], high=operands[1])


def _in(value: Any, operands: Sequence[Any]) -> bool:
    return any(operator.eq(*as_comparable(value, operand)) for operand in operands)


def _in_sql(value: exp.Expr, operands: Sequence[exp.Expr]) -> exp.Expr:
    return _node("In", this=value, expressions=list(operands))


def _not_in_sql(value: exp.Expr, operands: Sequence[exp.Expr]) -> exp.Expr:
    return _node("Not", this=_in_sql(value, operands))


def _is_null(value: exp.Expr, operands: Sequence[exp.Expr]) -> exp.Expr:
    return _node("Is", this=value, expression=_node("Null"))


def _is_not_null(value: exp.Expr, operands: Sequence[exp.Expr]) -> exp.Expr:
    return _node("Not", this=_is_null(value, operands))


def _rete(form: str) -> ReteForm:
    return lambda value, operands: {form: {value: operands[0]}}


def _rete_equal(value: str, operands: Sequence[Any]) -> dict[str, Any]:
    return {value: operands[0]}


def _rete_between(value: str, operands: Sequence[Any]) -> dict[str, Any]:
    low, high = operands
    return {"$and": [{"$gte": {value: low}}, {"$lte": {value: high}}]}


def _rete_in(value: str, operands: Sequence[Any]) -> dict[str, Any]:
    return {"$or": [{value: operand} for operand in operands]}


def _rete_not_in(value: str, operands: Sequence[Any]) -> dict[str, Any]:
    return {"$and": [{"$neq": {value: operand}} for operand in operands]}


def _rete_is_missing(marker: str, operands: Sequence[Any]) -> dict[str, Any]:
    return {marker: 1}


def _rete_is_present(value: str, operands: Sequence[Any]) -> dict[str, Any]:
    return {"$ex": {value: 1}}


def _comparison(
    name: str,
    symbol: str,
    accepts: frozenset[str],
    compare: Callable[[Any, Any], bool],
    form: str,
    rete: ReteForm,
    opposite: str,
) -> Operator:
    python, sql = _python(compare), _sql(form)
    title = Title(symbol, symbol)
    return Operator(name, title, (1, 1), accepts, python, sql, rete, opposite)


_ROWS: tuple[Operator, ...] = (
    _comparison("eq", "=", ALL_TYPES, operator.eq, "EQ", _rete_equal, "ne"),
    _comparison("ne", "≠", ALL_TYPES, operator.ne, "NEQ", _rete("$neq"), "eq"),
    _comparison("gt", ">", ORDERED_TYPES, operator.gt, "GT", _rete("$gt"), "lte"),
    _comparison("gte", "≥", ORDERED_TYPES, operator.ge, "GTE", _rete("$gte"), "lt"),
    _comparison("lt", "<", ORDERED_TYPES, operator.lt, "LT", _rete("$lt"), "gte"),
    _comparison("lte", "≤", ORDERED_TYPES, operator.le, "LTE", _rete("$lte"), "gt"),
    Operator(
        "between",
        Title("介于", "between"),
        (2, 2),
        ORDERED_TYPES,
        _between,
        _between_sql,
        _rete_between,
    ),
    Operator("in", Title("属于", "one of"), (1, None), ALL_TYPES, _in, _in_sql, _rete_in, "not_in"),
    Operator(
        "not_in",
        Title("不属于", "none of"),
        (1, None),
        ALL_TYPES,
        lambda value, operands: not _in(value, operands),
        _not_in_sql,
        _rete_not_in,
        "in",
    ),
    Operator(
        "missing",
        Title("缺失", "is missing"),
        (1, 1),
        ALL_TYPES,
        lambda value, operands: value is None,
        _is_null,
        _rete_is_missing,
        "present",
        handles_missing=True,
    ),
    Operator(
        "present",
        Title("有值", "is present"),
        (0, 0),
        ALL_TYPES,
        lambda value, operands: value is not None,
        _is_not_null,
        _rete_is_present,
        "missing",
        written=False,
        handles_missing=True,
    ),
    Operator(
        "top",
        Title("位列前", "in the top"),
        (1, 1),
        NUMERIC_TYPES,
        _python(operator.gt),
        _sql("GT"),
        _rete("$gt"),
        ranked=True,
    ),
    Operator(
        "bottom",
        Title("位列后", "in the bottom"),
        (1, 1),
        NUMERIC_TYPES,
        _python(operator.lt),
        _sql("LT"),
        _rete("$lt"),
        ranked=True,
    ),
)

OPERATORS: Mapping[str, Operator] = MappingProxyType({row.name: row for row in _ROWS})
