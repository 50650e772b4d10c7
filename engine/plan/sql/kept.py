"""facts.parquet of a run, read again: personal values in the place of their tokens."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from sqlglot import exp

from engine.model.tokens import PREFIX
from engine.plan.classes import sealed_columns
from engine.plan.sql import values
from engine.plan.sql.sealing import token_column
from engine.plan.sql.stages import column_types, fact_columns
from engine.plan.sql.statements import named
from engine.plan.steps import Plan

KeptFacts: TypeAlias = exp.Query
"""Kept facts as a question to ask, for stages that write no SQL themselves."""


def opened_facts(plan: Plan, facts: Path, personal: Path | None) -> KeptFacts:
    """The columns of ``facts`` under `plan`, with the types that it gives them.

    `personal` holds the personal values that still stand; None where the run kept none aside.
    A value that was forgotten, or kept no longer, is missing. The tokens stand beside the
    values, as in the night (`engine.plan.sql.sealing.token_column`).
    """
    sealed = frozenset(sealed_columns(plan))
    types = column_types(plan)
    selected: list[exp.Expr] = []
    for name in fact_columns(plan):
        column = values.column(name, "kept")
        if name not in sealed:
            selected.append(column)
        elif personal is not None:
            selected.append(values.column(name, "personal"))
            selected.append(named(column, token_column(name)))
        else:
            kind = values.sql_type(types[name], plan.precision)
            selected.append(named(values.try_cast(_if_no_token(column), kind), name))
    query = exp.select(*selected, copy=False).from_(_file(facts, "kept"), copy=False)
    if personal is None or not sealed:
        return query
    return query.join(
        _file(personal, "personal"),
        on=exp.EQ(
            this=values.column("account_no", "kept"),
            expression=values.column("account_no", "personal"),
        ),
        join_type="left",
        copy=False,
    )


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
    return exp.select(*selected, copy=False).from_(kept.subquery("kept", copy=False), copy=False)


def _file(path: Path, name: str) -> exp.Expr:
    read = exp.Anonymous(this="read_parquet", expressions=[values.text(os.fspath(path))])
    return exp.alias_(exp.Table(this=read), name, table=True, quoted=True, copy=False)


def _if_no_token(column: exp.Column) -> exp.Expr:
    text = values.cast(column.copy(), "VARCHAR")
    token = exp.StartsWith(this=text, expression=values.text(PREFIX))
    return exp.Case().when(exp.Not(this=token), column.copy(), copy=False)
