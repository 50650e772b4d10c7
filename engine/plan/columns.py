"""The columns of ``facts``: their names, their types, and where tokens stand beside them.

Whoever only reads what a night kept needs no SQL builder for it.
"""

from __future__ import annotations

from engine.model import ValueType
from engine.plan.steps import Computed, Condition, Derived, Plan, Precision, Score

KEYS = ("account_no", "account_id")

TOKEN_SUFFIX = "__sealed__"  # noqa: S105


def column_types(plan: Plan) -> dict[str, ValueType]:
    """Type of every column of ``facts``; statistics are numbers and stand in none."""
    types: dict[str, ValueType] = {"account_id": "text", "account_no": "integer"}
    types.update({one.name: one.type for one in plan.accounts})
    types.update({one.column: one.type for one in plan.aggregates})
    for stage in plan.stages:
        for one in stage.computed:
            types.update(types_of(one))
        types.update({ranking.output: "integer" for ranking in stage.rankings})
        types.update({total.output: "number" for total in stage.groups})
    return types


def types_of(one: Computed) -> dict[str, ValueType]:
    """The columns that a computation makes, with their types."""
    if isinstance(one, Derived):
        return {one.column: one.type}
    if isinstance(one, Condition):
        return {one.column: "boolean"}
    if isinstance(one, Score):
        return {one.column: "score", one.coverage: "ratio"}
    return {one.column: "score"}


def fact_columns(plan: Plan) -> tuple[str, ...]:
    """The columns of ``facts``, in their order in the Parquet file."""
    types = column_types(plan)
    rest = [name for name in types if name not in KEYS]
    return (*KEYS, *rest)


def is_accounts_alone(plan: Plan) -> bool:
    """Whether ``facts`` has nothing beside the accounts' own columns: no column counts records,
    and none is computed, ranked or sealed."""
    if plan.aggregates or plan.sealed or len(plan.stages) > 1:
        return False
    return not any(stage.computed or stage.columns_beside for stage in plan.stages)


def token_column(column: str) -> str:
    """Where the tokens of a column stand: no id ends like this, so it is nobody else's name."""
    return f"{column}{TOKEN_SUFFIX}"


def sql_type(value_type: ValueType, precision: Precision) -> str:
    """The column type that holds a value type."""
    if value_type == "money":
        return f"DECIMAL(18, {precision.money})"
    if value_type in ("integer", "days"):
        return "BIGINT"
    if value_type in ("number", "ratio", "score", "nps"):
        return "DOUBLE"
    return {"boolean": "BOOLEAN", "date": "DATE", "datetime": "TIMESTAMP"}.get(
        value_type, "VARCHAR"
    )
