"""facts.parquet of a run, read again: personal values in the place of their tokens."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NewType

from engine.facts.sql import identifier, literal
from engine.model.tokens import PREFIX
from engine.plan.classes import sealed_columns
from engine.plan.columns import column_types, fact_columns, sql_type, token_column
from engine.plan.steps import Plan

KeptFacts = NewType("KeptFacts", str)
"""Kept facts as a question to ask of DuckDB, for stages that write no SQL themselves."""


def opened_facts(plan: Plan, facts: Path, personal: Path | None) -> KeptFacts:
    """The columns of ``facts`` under `plan`, with the types that it gives them.

    `personal` holds the personal values that still stand; None where the run kept none aside.
    A value that was forgotten, or kept no longer, is missing. The tokens stand beside the
    values, as in the night (`engine.plan.columns.token_column`).

    Written as text: to explain one account must not wait for an SQL builder to be loaded.
    """
    sealed = frozenset(sealed_columns(plan))
    types = column_types(plan)
    selected: list[str] = []
    for name in fact_columns(plan):
        column = f"kept.{identifier(name)}"
        if name not in sealed:
            selected.append(column)
        elif personal is not None:
            selected.append(f"personal.{identifier(name)}")
            selected.append(f"{column} AS {identifier(token_column(name))}")
        else:
            value = f"TRY_CAST({_if_no_token(column)} AS {sql_type(types[name], plan.precision)})"
            selected.append(f"{value} AS {identifier(name)}")
    query = f"SELECT {', '.join(selected)} FROM {_file(facts)} AS kept"  # noqa: S608
    if personal is not None and sealed:
        query += (
            f" LEFT JOIN {_file(personal)} AS personal ON kept.account_no = personal.account_no"
        )
    return KeptFacts(query)


def _file(path: Path) -> str:
    return f"read_parquet({literal(os.fspath(path))})"


def _if_no_token(column: str) -> str:
    token = f"starts_with(CAST({column} AS VARCHAR), {literal(PREFIX)})"
    return f"CASE WHEN NOT {token} THEN {column} END"
