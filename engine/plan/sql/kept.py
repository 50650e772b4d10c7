"""Kept facts as the base of another plan."""

from __future__ import annotations

from collections.abc import Mapping

import sqlglot
from sqlglot import exp

from engine.plan.columns import column_types
from engine.plan.kept import KeptFacts
from engine.plan.sql import values
from engine.plan.sql.statements import named
from engine.plan.steps import Plan


def base_query(plan: Plan, kept: KeptFacts, aligned: Mapping[str, str | None]) -> exp.Query:
    """The relation ``base`` of `plan` (see `engine.plan.sql.stages`) from kept facts.

    `aligned` says which kept column holds a column of the plan; None: none does, it is missing.
    """
    types = column_types(plan)
    selected: list[exp.Expr] = [values.column(name) for name in ("account_no", "account_id")]
    for name, source in aligned.items():
        value = (
            values.null(types[name], plan.precision) if source is None else values.column(source)
        )
        selected.append(named(value, name))
    facts = sqlglot.parse_one(kept, dialect="duckdb", into=exp.Select).subquery("kept", copy=False)
    return exp.select(*selected, copy=False).from_(facts, copy=False)
