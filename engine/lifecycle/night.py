"""Runs the lifecycle: parameter tables from the plan, then the static SQL, file by file.

The machines themselves are the ``.sql`` files beside this one; each says at its top what
it reads and writes. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fnmatch import fnmatchcase
from importlib.resources import files
from zoneinfo import ZoneInfo

import duckdb

from engine.lifecycle.clocks import utc_offsets, workday_numbers, working_hours
from engine.lifecycle.inputs import NightInputs
from engine.lifecycle.kept_rows import KEPT, kept_relation
from engine.lifecycle.parameters import TABLES, parameter_rows, remind_day
from engine.lifecycle.workdays import Calendar
from engine.lifecycle.working_clock import WorkingClock
from engine.plan.steps import Plan


def prepare(
    connection: duckdb.DuckDBPyConnection, plan: Plan, calendar: Calendar, inputs: NightInputs
) -> None:
    """Parameter tables, macros, owners, and what the nights before have left."""
    run_file(connection, "macros")
    rows = parameter_rows(plan, calendar, inputs)
    for name, columns in TABLES.items():
        _table(connection, name, columns, rows[name])
    for name in KEPT:
        for prefix, folder, states in (
            ("previous", inputs.files.previous, inputs.files.previous_events),
            ("recorded", inputs.files.recorded, inputs.files.recorded_events),
        ):
            file = folder and folder / f"{name}.parquet"
            kept_relation(connection, f"{prefix}_{name}", name, file, states)
    connection.execute(
        "CREATE TABLE set_aside AS SELECT DISTINCT account_id FROM bad_accounts "
        "WHERE account_id NOT IN (SELECT account_id FROM accounts)"
    )
    if inputs.has_owners:
        run_file(connection, "owners")
    else:
        _table(connection, "owners", "account_no INTEGER, role VARCHAR, person VARCHAR", [])


def advance_reviews(connection: duckdb.DuckDBPyConnection) -> None:
    """``candidates`` → ``reviewed_tiers``, on which milestones are judged."""
    run_file(connection, "reviews")
    _drop_spent(connection, "reviews")


def advance_tiers(connection: duckdb.DuckDBPyConnection) -> None:
    """``reviewed_tiers`` and ``milestone_hits`` → ``effective_tiers``."""
    run_file(connection, "milestones")
    run_file(connection, "tiers")
    _drop_spent(connection, "tiers")


def advance_rules(
    connection: duckdb.DuckDBPyConnection, plan: Plan, calendar: Calendar, inputs: NightInputs
) -> None:
    """``hits``, ``seen_hits`` and what the records say → warnings and ``obligations``."""
    run_file(connection, "warnings")
    _clocks(connection, plan, calendar, ZoneInfo(inputs.timezone))
    run_file(connection, "obligations")
    _drop_spent(connection, "rules")


def conclude(connection: duckdb.DuckDBPyConnection) -> None:
    """Actions, ``decisions`` and ``changes``.

    Needs ``account_scores(pack, account_no, name, scores)`` and
    ``obligation_evidence(pack, account_no, evidence)``.
    """
    for name in ("actions", "decisions", "changes"):
        run_file(connection, name)
    _drop_spent(connection, "conclusions")


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
    """``changes`` and ``emitted_actions`` → ``log_lines`` and ``action_lines``.

    Counts of the night (`engine.lifecycle.counts`) are to be taken before.
    """
    _table(
        connection,
        "rule_numbers",
        "pack VARCHAR, kind VARCHAR, rule_id VARCHAR, rule_no INTEGER",
        [(pack, kind, rule, number) for (pack, kind, rule), number in numbers.items()],
    )
    run_file(connection, "log")
    _drop_spent(connection, "lines")


SPENT: Mapping[str, tuple[str, ...]] = {
    "reviews": ("ranked_*", "numbers_*", "grouped__*", "statistics_*"),
    "tiers": ("reviewed_tiers", "milestone_hits", "reached__*", "judged_milestones", "tier_moves"),
    "rules": (
        *("reviewed__*", "unknown_warnings", "portfolio__*", "customer_manager__*"),
        *("tonight_warnings", "kept_warnings", "judged_warnings", "firing_warnings"),
        *("owed", "cadences", "teams", "owed_records", "running", "limits", "timed"),
    ),
    "conclusions": (
        *("candidates", "hits", "seen_hits", "held__*", "effective__*"),
        *("conditional_entitlements", "reached_milestones", "tier_evidence"),
        *("resolved_warnings", "previous_warnings", "previous_milestones"),
        *("standing_tiers", "standing_warnings", "standing_milestones"),
        *("recorded_warnings", "recorded_milestones", "kept_decisions"),
    ),
    "lines": (  # the night is counted by then
        *("changes", "emitted_actions", "effective_tiers"),
        *("unknowns", "rule_unknowns", "unknown__*"),
        *("changed_warnings", "open_warnings", "waiting_warnings", "open_milestones"),
    ),
}
"""What nothing reads any more once a part of the night is done, by name or pattern; dropped then,
as over a million accounts what is left standing is what a night runs out of memory with; see
`SPARED`."""


SPARED = 250_000_000
"""Bytes: who holds no more drops nothing, as that alone takes a small night 0.05 s."""


def _drop_spent(connection: duckdb.DuckDBPyConnection, part: str) -> None:
    """Views before the tables that they read."""
    held = "SELECT sum(memory_usage_bytes) FROM duckdb_memory()"
    if connection.execute(held).fetchall()[0][0] <= SPARED:
        return
    standing = connection.execute(
        "SELECT view_name, true FROM duckdb_views() WHERE NOT internal "
        "AND database_name IN (current_database(), 'temp') "
        "UNION ALL SELECT table_name, false FROM duckdb_tables() WHERE NOT internal "
        "AND database_name IN (current_database(), 'temp') ORDER BY 2 DESC, 1"
    ).fetchall()
    for name, is_view in standing:
        if any(fnmatchcase(name, pattern) for pattern in SPENT[part]):
            kind = "VIEW" if is_view else "TABLE"
            connection.execute(f'DROP {kind} "{name}"')  # the name is one of the engine's own


def run_file(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Execute one of the ``.sql`` files of this package."""
    connection.execute((files(__package__) / f"{name}.sql").read_text(encoding="utf-8"))


FILES = (
    *("macros", "owners", "reviews", "milestones", "tiers", "warnings", "obligations"),
    *("actions", "decisions", "changes", "log"),
)
"""The machines, in the order in which they run."""


def static_sql() -> Iterator[tuple[str, str]]:
    """Name and text of every file, as `kam compile` prints them."""
    for name in FILES:
        yield name, (files(__package__) / f"{name}.sql").read_text(encoding="utf-8")


def _clocks(
    connection: duckdb.DuckDBPyConnection, plan: Plan, calendar: Calendar, zone: ZoneInfo
) -> None:
    """The clocks over the time that tonight's responses and deadlines run."""
    as_of = plan.as_of
    ((earliest, seconds, workdays),) = connection.execute(
        "SELECT min(timed.starts), max(policy.limit_seconds), max(policy.limit_workdays) "
        "FROM timed_records AS timed JOIN obligation_policy AS policy USING (pack, rule_id) "
        "WHERE policy.kind = 'response' AND (timed.stops IS NULL OR timed.stops::DATE > "
        "coalesce((SELECT previous_night FROM night), (SELECT as_of FROM night)))"
    ).fetchall()
    first = as_of if earliest is None else max(min(earliest.date(), as_of), _EARLIEST)
    until = timedelta(seconds=seconds or 0)
    clock = WorkingClock(calendar, calendar.rules.opens, calendar.rules.closes, zone)
    _table(
        connection,
        "working_hours",
        "opens TIMESTAMP, closes TIMESTAMP, seconds_before BIGINT",
        working_hours(clock, first - _MARGIN, until, as_of),
    )
    _table(
        connection,
        "utc_offsets",
        "local_from TIMESTAMP, utc_from TIMESTAMP, seconds BIGINT",
        utc_offsets(zone, first - _MARGIN, as_of + until + _MARGIN),
    )
    _table(
        connection,
        "workday_ends",
        '"day" DATE, number INTEGER',
        workday_numbers(calendar, first - _MARGIN, as_of, workdays or 0),
    )
    _reminders(connection, plan, calendar)


_MARGIN = timedelta(days=2)
_EARLIEST = date(1970, 1, 1)


def _reminders(connection: duckdb.DuckDBPyConnection, plan: Plan, calendar: Calendar) -> None:
    days = {
        (pack.id, one.id): one.terms["remind"]
        for pack in plan.packs
        for one in pack.entitlements.values()
        if one.kind == "deadline"
    }
    dues = connection.execute(
        "SELECT DISTINCT timed.pack, timed.rule_id, timed.due FROM timed_records AS timed "
        "JOIN obligation_policy AS policy USING (pack, rule_id) CROSS JOIN night "
        "WHERE policy.kind = 'deadline' AND timed.due >= night.as_of "
        "AND (timed.stops IS NULL OR timed.stops::DATE > night.as_of)"
    ).fetchall()
    _table(
        connection,
        "reminder_days",
        "pack VARCHAR, rule_id VARCHAR, due DATE, remind_from DATE",
        [
            (pack, rule, due, remind_day(due, days[pack, rule], calendar))
            for pack, rule, due in dues
        ],
    )


def _table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: str,
    rows: Sequence[tuple[object, ...]],
) -> None:
    """A small parameter table; `name` and `columns` are constants of this package."""
    connection.execute(f"CREATE TABLE {name} ({columns})")
    fill(connection, name, rows)


def fill(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: Sequence[Sequence[object]],
    columns: Sequence[str] = (),
) -> None:
    """Insert rows of the named columns, or of all; the names are constants of the engine."""
    into = f" ({', '.join(columns)})" if columns else ""
    if not rows:
        return
    # As one list for each column: a parameter for each value would be planned value by value.
    listed = [list(column) for column in zip(*rows, strict=True)]
    values = ", ".join("unnest(?)" for _ in listed)
    connection.execute(f"INSERT INTO {name}{into} SELECT {values}", listed)
