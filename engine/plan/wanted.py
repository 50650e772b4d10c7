"""What a plan reads of the sources."""

from __future__ import annotations

from engine.facts.catalog import RECORD_ID, Catalog
from engine.plan.obligations import ASSIGNMENT_COLUMNS
from engine.plan.steps import Plan


def wanted_columns(plan: Plan, catalog: Catalog) -> dict[str, set[str]]:
    """The mapped columns that the plan reads, and what resolving owners needs."""
    wanted = {"accounts": {one.name for one in plan.accounts if one.available}}
    for record in plan.records:
        if record.available:
            wanted[record.name] = {one.name for one in record.columns if one.available}
            if record.time is not None:
                wanted[record.name].add(record.time)
    for name in plan.named_records:
        wanted[name].add(RECORD_ID)
    if has_owners(catalog):
        wanted.setdefault("assignments", set()).update(ASSIGNMENT_COLUMNS)
    return wanted


def has_owners(catalog: Catalog) -> bool:
    """Whether the workspace maps who holds a role for an account."""
    table = catalog.records.get("assignments")
    return table is not None and set(ASSIGNMENT_COLUMNS) <= set(table.columns)
