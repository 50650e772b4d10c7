"""The order of a night: executor and machines in turn, over facts that are measured already.

`engine.lifecycle.night` and `engine.executors.columnar` say what each step reads and writes;
this is the one place that says how they follow one another. A night that is run and one that
is replayed differ only in where their facts come from.
"""

from __future__ import annotations

import duckdb

from engine.executors import columnar
from engine.lifecycle import night
from engine.lifecycle.inputs import NightInputs
from engine.lifecycle.workdays import Calendar
from engine.plan.steps import Plan


def decide_night(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    pipeline: columnar.Pipeline,
    calendar: Calendar,
    inputs: NightInputs,
) -> None:
    """``facts``, ``statistics`` and ``candidates`` → ``decisions``, ``obligations``, ``changes``
    and ``emitted_actions``."""
    night.prepare(connection, plan, calendar, inputs)
    night.advance_reviews(connection)
    columnar.reach(connection, pipeline)
    night.advance_tiers(connection)
    columnar.decide(connection, pipeline)
    columnar.see(connection, pipeline)
    columnar.doubt(connection, pipeline)
    columnar.evaluate_scopes(connection, pipeline)
    night.advance_rules(connection, plan, calendar, inputs)
    columnar.name_evidence(connection, pipeline)
    night.conclude(connection)
