"""What was told during the day, laid over what the sources say, for a night or one done again."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date

import duckdb

from engine.audit.events.queries import day_events, settled_before
from engine.facts.catalog import Catalog
from engine.facts.day_records import DayRecords, merge_day_records
from engine.model import Policy
from engine.plan.steps import Plan
from engine.plan.wanted import record_tables


def merge_told_events(
    connection: duckdb.DuckDBPyConnection,
    store: sqlite3.Connection,
    day: date,
    plan: Plan,
    catalog: Catalog,
    policies: Sequence[Policy],
    *,
    until_run: int | None = None,
) -> DayRecords | None:
    """Lays the events that a night of `day` is told over ``accounts`` and the record tables.

    Call it after `load_facts`. With `until_run`, the events and findings of runs up to that one,
    for a night that is done again. None if nothing was told.
    """
    told = day_events(store, day, until_run=until_run)
    if not told:
        return None
    personal = record_tables(plan, catalog, policies)
    settled = settled_before(store, day, until_run=until_run)
    return merge_day_records(connection, catalog, told, personal, settled)
