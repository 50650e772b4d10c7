"""Runs both executors beyond the account, and puts what they say side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from engine.executors import columnar
from engine.executors.memory import load_tables
from engine.executors.protocol import FactTables, TierChanges, apply_changes
from engine.executors.reference import measure
from engine.executors.reference_scopes import Owner, ScopeDecisions, evaluate_scopes
from engine.plan.steps import Plan


@dataclass(frozen=True)
class Book:
    """Facts, who looks after which account, and tiers that are not the candidates."""

    plan: Plan
    tables: FactTables
    owners: Sequence[Owner] = ()
    changes: TierChanges = field(default_factory=dict)


def agreed(asked: Book) -> ScopeDecisions:
    """What both executors say."""
    found = by_reference(asked)
    assert comparable(by_columns(asked)) == comparable(found)
    return found


def by_reference(asked: Book) -> ScopeDecisions:
    measured = measure(asked.plan, asked.tables)
    tiers = apply_changes(measured.candidates, measured.facts, asked.changes)
    return evaluate_scopes(asked.plan, measured, tiers, asked.owners)


def by_columns(asked: Book) -> ScopeDecisions:
    pipeline = columnar.compile_plan(asked.plan)
    with duckdb.connect() as connection:
        load_tables(connection, asked.plan, asked.tables)
        columnar.measure(connection, pipeline)
        _decide_tiers(connection, asked.changes)
        connection.execute("CREATE TABLE owners (account_no INTEGER, role VARCHAR, person VARCHAR)")
        for owner in asked.owners:
            connection.execute("INSERT INTO owners VALUES (?, ?, ?)", owner)
        columnar.evaluate_scopes(connection, pipeline)
        hits, unknowns, facts, entities = (
            connection.execute(f"FROM scope_{name}").fetchall()
            for name in ("hits", "unknowns", "facts", "entities")
        )
        found = tuple((*hit[:-1], json.loads(hit[-1])) for hit in hits)
        return ScopeDecisions(found, tuple(unknowns), tuple(facts), tuple(entities))


def _decide_tiers(connection: duckdb.DuckDBPyConnection, changes: TierChanges) -> None:
    connection.execute(
        "CREATE TABLE effective_tiers AS SELECT *, tier AS candidate FROM candidates"
    )
    for pack, moved in changes.items():
        for account, tier in moved.items():
            connection.execute(
                "UPDATE effective_tiers SET tier = ? "
                "WHERE pack = ? AND account_id = ? AND in_population",
                [tier, pack, account],
            )


def comparable(found: ScopeDecisions) -> dict[str, Any]:
    """The order of rows does not matter, nor how JSON writes a number."""
    return {
        "hits": sorted((*hit[:-1], sorted(_plain(hit[-1]).items())) for hit in found.hits),
        "unknowns": sorted(found.unknowns),
        "facts": {row[:-1]: None if row[-1] is None else row[-1] + 0.0 for row in found.facts},
        "entities": sorted(found.entities),
    }


def _plain(evidence: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str(value)
        if value is None or isinstance(value, bool) or not _is_number(value)
        else str(float(value) + 0.0)
        for name, value in evidence.items()
    }


def _is_number(value: object) -> bool:
    return hasattr(value, "__float__")
