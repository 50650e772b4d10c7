"""What a plan reads of the sources."""

from __future__ import annotations

from collections.abc import Sequence

from engine.facts.catalog import RECORD_ID, Catalog
from engine.model import Policy
from engine.plan.classes import given_classes
from engine.plan.obligations import ASSIGNMENT_COLUMNS
from engine.plan.steps import Plan


def wanted_columns(plan: Plan, catalog: Catalog) -> dict[str, set[str]]:
    """The mapped columns that the plan reads, and what resolving owners needs; with the key of
    a record, by which an event may speak of it."""
    wanted = {"accounts": {one.name for one in plan.accounts if one.available}}
    for record in plan.records:
        if record.available:
            wanted[record.name] = {one.name for one in record.columns if one.available}
            if record.time is not None:
                wanted[record.name].add(record.time)
    if has_owners(catalog):
        wanted.setdefault("assignments", set()).update(ASSIGNMENT_COLUMNS)
    keyed = {name for name, table in catalog.records.items() if table.key is not None}
    for name in plan.named_records | (keyed & wanted.keys()):
        wanted[name].add(RECORD_ID)
    return wanted


def record_tables(
    plan: Plan, catalog: Catalog, policies: Sequence[Policy]
) -> dict[str, frozenset[str]]:
    """Every record table that the plan reads → those of its columns that are personal."""
    wanted = wanted_columns(plan, catalog)
    given = given_classes(policies, catalog.vocabulary)
    found: dict[str, frozenset[str]] = {}
    for name in wanted.keys() - {"accounts"}:
        key = catalog.records[name].key
        personal = {one for one in wanted[name] if given.get((name, one)) == "personal"}
        if key is not None and key.column.classification == "personal":
            personal.add(RECORD_ID)
        found[name] = frozenset(personal & wanted[name])
    return found


def has_owners(catalog: Catalog) -> bool:
    """Whether the workspace maps who holds a role for an account."""
    table = catalog.records.get("assignments")
    return table is not None and set(ASSIGNMENT_COLUMNS) <= set(table.columns)
