"""Runs the lifecycle: parameter tables from the plan, then the static SQL, file by file.

The machines themselves are the ``.sql`` files beside this one; each says at its top what
it reads and writes. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path

import duckdb

from engine.lifecycle.due_dates import due_date
from engine.lifecycle.workdays import Calendar
from engine.plan.steps import PackPlan, Plan

DECISION_COLUMNS = """
    account_no INTEGER, account_id VARCHAR, name VARCHAR, pack VARCHAR, in_population BOOLEAN,
    candidate VARCHAR, tier VARCHAR, tier_since DATE, scores MAP(VARCHAR, DOUBLE),
    warnings STRUCT(rule VARCHAR, "level" VARCHAR, since DATE, evidence VARCHAR)[],
    milestones STRUCT(rule VARCHAR, since DATE, evidence VARCHAR)[],
    entitlements VARCHAR[], unknowns INTEGER
"""
"""The columns of decisions.parquet."""

ASSIGNMENT_COLUMNS = ("assigned_on", "ended_on", "role", "person")
"""What resolving an action's owner needs of the assignments records."""


def prepare(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    calendar: Calendar,
    previous: Path | None,
    has_owners: bool,
) -> None:
    """Parameter tables, the night's date, and last night's decisions (none: an empty table)."""
    _table(connection, "night", "as_of DATE", [(plan.as_of,)])
    if previous is None:
        connection.execute(f"CREATE TABLE previous_decisions ({DECISION_COLUMNS})")
    else:
        connection.read_parquet(str(previous)).create_view("previous_decisions")
    connection.execute(
        "CREATE TABLE set_aside AS SELECT DISTINCT account_id FROM bad_accounts "
        "WHERE account_id NOT IN (SELECT account_id FROM accounts)"
    )
    _table(connection, "packs", "pack VARCHAR", [(pack.id,) for pack in plan.packs])
    _table(
        connection,
        "tier_policy",
        "pack VARCHAR, tier VARCHAR, is_default BOOLEAN, entitlements VARCHAR[]",
        [row for pack in plan.packs for row in _tier_policy(pack)],
    )
    _table(
        connection,
        "rule_actions",
        "pack VARCHAR, kind VARCHAR, rule_id VARCHAR, level VARCHAR, template VARCHAR, "
        "owner_role VARCHAR, pack_owner VARCHAR, due_on DATE, priority VARCHAR",
        [row for pack in plan.packs for row in _rule_actions(pack, plan.as_of, calendar)],
    )
    connection.execute(
        "CREATE MACRO action_id_part(part) AS "
        "replace(replace(coalesce(part, ''), '\\', '\\\\'), '|', '\\|')"
    )
    connection.execute(
        "CREATE MACRO action_id(pack, account, rule, level, template, opened) AS substr(sha256("
        "concat_ws('|', action_id_part(pack), action_id_part(account), action_id_part(rule), "
        "action_id_part(level), action_id_part(template), strftime(opened, '%Y-%m-%d'))), 1, 24)"
    )
    if has_owners:
        run_file(connection, "owners")
    else:
        _table(connection, "owners", "account_no INTEGER, role VARCHAR, person VARCHAR", [])


def advance_tiers(connection: duckdb.DuckDBPyConnection) -> None:
    """``candidates`` → ``effective_tiers``."""
    run_file(connection, "tiers")


def advance_rules(connection: duckdb.DuckDBPyConnection) -> None:
    """``hits`` → warnings, milestones, actions, ``decisions`` and ``changes``.

    Needs ``account_scores(pack, account_no, name, scores)``, see `scores_view`.
    """
    for name in ("warnings", "milestones", "actions", "decisions", "changes"):
        run_file(connection, name)


def emitted_actions(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The ids of tonight's actions."""
    query = "SELECT action_id FROM emitted_actions ORDER BY action_id"
    return [action_id for (action_id,) in connection.execute(query).fetchall()]


def forget_actions(connection: duckdb.DuckDBPyConnection, known: Iterable[str]) -> None:
    """Take back actions that were emitted before: one cause asks once, whatever came between."""
    _table(connection, "known_actions", "action_id VARCHAR", [(one,) for one in sorted(known)])
    connection.execute(
        "DELETE FROM emitted_actions WHERE action_id IN (SELECT action_id FROM known_actions)"
    )


def number_lines(
    connection: duckdb.DuckDBPyConnection, numbers: Mapping[tuple[str, str, str], int]
) -> None:
    """``changes`` and ``emitted_actions`` → ``log_lines`` and ``action_lines``."""
    _table(
        connection,
        "rule_numbers",
        "pack VARCHAR, kind VARCHAR, rule_id VARCHAR, rule_no INTEGER",
        [(pack, kind, rule, number) for (pack, kind, rule), number in numbers.items()],
    )
    run_file(connection, "log")


def run_file(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Execute one of the ``.sql`` files of this package."""
    connection.execute((files(__package__) / f"{name}.sql").read_text(encoding="utf-8"))


FILES = ("owners", "tiers", "warnings", "milestones", "actions", "decisions", "changes", "log")
"""The machines, in the order in which they run."""


def static_sql() -> Iterator[tuple[str, str]]:
    """Name and text of every file, as `kam compile` prints them."""
    for name in FILES:
        yield name, (files(__package__) / f"{name}.sql").read_text(encoding="utf-8")


def _table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: str,
    rows: Sequence[tuple[object, ...]],
) -> None:
    """A small parameter table; `name` and `columns` are constants of this module."""
    connection.execute(f"CREATE TABLE {name} ({columns})")
    if rows:  # all in one statement: a statement per row costs a millisecond each
        marks = f"({', '.join('?' for _ in rows[0])})"
        listed = ", ".join(marks for _ in rows)
        values = [value for row in rows for value in row]
        connection.execute(f"INSERT INTO {name} VALUES {listed}", values)  # noqa: S608


def _tier_policy(pack: PackPlan) -> Iterable[tuple[object, ...]]:
    for tier in pack.tiers:
        owed = sorted(
            one.id
            for one in pack.entitlements.values()
            if one.when is None and tier.id in one.tiers
        )
        yield (pack.id, tier.id, tier.predicate is None, owed)


def _rule_actions(pack: PackPlan, as_of: date, calendar: Calendar) -> Iterable[tuple[object, ...]]:
    for rule in pack.rules:
        for level, template in rule.actions.items():
            action = pack.actions[template]
            yield (
                pack.id,
                rule.kind,
                rule.id,
                level,
                template,
                action.owner,
                pack.owner,
                due_date(as_of, action.due, calendar),
                action.priority,
            )
