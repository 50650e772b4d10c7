"""The columnar executor: the plan's SQL on DuckDB, for the night and for millions.

It decides nothing by itself: `engine.plan.sql` says what each statement computes, and the
lifecycle stands between `measure` and `decide`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from engine.errors import KamError, Problem
from engine.executors.memory import load_tables
from engine.executors.protocol import (
    CadenceCount,
    Evaluation,
    FactTables,
    Hit,
    ObligationFacts,
    Row,
    RuleKey,
    TeamCoverage,
    TierChanges,
    Tiers,
    TimedRecord,
    Unsupported,
    Value,
    apply_changes,
)
from engine.plan.classes import with_sealing
from engine.plan.columns import column_types, fact_columns
from engine.plan.sql.pipeline import (
    decide_statements,
    doubt_statements,
    evidence_statements,
    measure_statements,
    reach_statements,
    see_statements,
)
from engine.plan.sql.scopes import scope_statements
from engine.plan.sql.statements import Statement
from engine.plan.sql.unknowns import unknown_rules
from engine.plan.steps import Plan


@dataclass(frozen=True)
class Step:
    """One relation: the statement that makes it, then those that drop what it replaces."""

    name: str
    comment: str
    sql: tuple[str, ...]


@dataclass(frozen=True)
class Pipeline:
    """A plan written as SQL, which takes a while and needs no connection."""

    measure: tuple[Step, ...]
    reach: tuple[Step, ...]
    decide: tuple[Step, ...]
    see: tuple[Step, ...]
    doubt: tuple[Step, ...]
    scopes: tuple[Step, ...]
    evidence: tuple[Step, ...]


def compile_plan(plan: Plan, *, sealing: bool = False) -> Pipeline:
    """Every statement of a plan; with `sealing` evidence names personal values by tokens alone.

    The measures then need ``account_salts(account_no, salt)``; see `engine.plan.sql.sealing`.
    """
    if sealing:
        plan = with_sealing(plan)
    return Pipeline(
        _written(measure_statements(plan)),
        _written(reach_statements(plan)),
        _written(decide_statements(plan)),
        _written(see_statements(plan)),
        _written(doubt_statements(plan)),
        _written(scope_statements(plan)),
        _written(evidence_statements(plan)),
    )


def _written(statements: Iterable[Statement]) -> tuple[Step, ...]:
    return tuple(
        Step(one.name, one.comment, (one.sql(copy=False), *one.drop_sql())) for one in statements
    )


def measure(connection: duckdb.DuckDBPyConnection, pipeline: Pipeline) -> None:
    """Accounts and records → ``facts``, ``statistics`` and ``candidates``."""
    _run(connection, pipeline.measure)


def reach(connection: duckdb.DuckDBPyConnection, pipeline: Pipeline) -> None:
    """``facts`` and ``reviewed_tiers`` → ``milestone_hits``."""
    _run(connection, pipeline.reach)


def decide(connection: duckdb.DuckDBPyConnection, pipeline: Pipeline) -> None:
    """``facts`` and ``effective_tiers`` → ``hits``, and what obligations read."""
    _run(connection, pipeline.decide)


def see(connection: duckdb.DuckDBPyConnection, pipeline: Pipeline) -> None:
    """What `decide` found → ``seen_hits``, the hits with the values that their rules saw, and
    ``tier_evidence``: for whoever keeps them, as they cost more than the hits."""
    _run(connection, pipeline.see)


def doubt(connection: duckdb.DuckDBPyConnection, pipeline: Pipeline) -> None:
    """What `reach` and `decide` judged → ``unknowns``, ``rule_unknowns``, ``unknown_warnings``:
    a question of its own, which costs more than what holds."""
    _run(connection, pipeline.doubt)


def evaluate_scopes(connection: duckdb.DuckDBPyConnection, pipeline: Pipeline) -> None:
    """``facts``, ``effective_tiers`` and ``owners`` → ``scope_hits``, ``scope_unknowns`` and
    ``scope_facts``: what lies beyond the account, which are empty if no pack looks there."""
    _run(connection, pipeline.scopes)


def name_evidence(connection: duckdb.DuckDBPyConnection, pipeline: Pipeline) -> None:
    """``facts`` and ``obligations`` → ``obligation_evidence``."""
    _run(connection, pipeline.evidence)


def statistics(connection: duckdb.DuckDBPyConnection) -> dict[str, Value]:
    """The one row of population statistics."""
    return _rows(connection, 'SELECT * FROM "statistics"')[0]


def _run(connection: duckdb.DuckDBPyConnection, steps: Iterable[Step]) -> None:
    for step in steps:
        try:
            for statement in step.sql:
                connection.execute(statement)
        except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
            raise KamError(
                Problem(
                    "number-overflow",
                    f"a number is too large for its type, in {step.name} ({step.comment}): "
                    f"{_first_line(error)}",
                    hint="look for outliers in the sources",
                )
            ) from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


# --- the interface that all executors share ----------------------------------------------


class ColumnarExecutor:
    """Evaluates facts in memory through the same SQL as the night."""

    name = "columnar"

    def unsupported(self, plan: Plan) -> tuple[Unsupported, ...]:
        """SQL says everything that a plan can say."""
        return ()

    def evaluate(
        self, plan: Plan, tables: FactTables, changes: TierChanges | None = None
    ) -> Evaluation:
        """See `engine.executors.protocol.Executor.evaluate`."""
        with duckdb.connect() as connection:
            load_tables(connection, plan, tables)
            pipeline = compile_plan(plan)
            measure(connection, pipeline)
            names = ", ".join(f'"{name}"' for name in fact_columns(plan))
            facts = _rows(connection, f"SELECT {names} FROM facts ORDER BY account_no")  # noqa: S608
            candidates = _candidates(connection, plan)
            effective = apply_changes(candidates, facts, changes)
            _store_tiers(connection, facts, effective)
            reach(connection, pipeline)
            decide(connection, pipeline)
            see(connection, pipeline)
            doubt(connection, pipeline)
            return Evaluation(
                tuple(facts),
                statistics(connection),
                candidates,
                _hits(connection, plan, facts),
                _unknowns(connection, plan, facts),
                obligation_facts(connection),
            )


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Value]]:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _candidates(connection: duckdb.DuckDBPyConnection, plan: Plan) -> Tiers:
    found: dict[str, list[str | None]] = {pack.id: [] for pack in plan.packs}
    query = "SELECT pack, tier FROM candidates ORDER BY account_no"
    for pack, tier in connection.execute(query).fetchall():
        found[pack].append(tier)
    return {pack: tuple(tiers) for pack, tiers in found.items()}


def _store_tiers(
    connection: duckdb.DuckDBPyConnection, facts: Sequence[Row], effective: Tiers
) -> None:
    connection.execute(
        "CREATE TABLE effective_tiers AS "
        "SELECT pack, account_no, in_population, may_be_in, excluded, tier AS candidate, tier "
        "FROM candidates"
    )
    changed = [
        (tier, pack, row["account_no"])
        for pack, tiers in effective.items()
        for row, tier in zip(facts, tiers, strict=True)
    ]
    if changed:
        connection.executemany(
            "UPDATE effective_tiers SET tier = ? WHERE pack = ? AND account_no = ?", changed
        )
    connection.execute("CREATE VIEW reviewed_tiers AS SELECT * FROM effective_tiers")


def _hits(
    connection: duckdb.DuckDBPyConnection, plan: Plan, facts: Sequence[Row]
) -> tuple[Hit, ...]:
    evidence = {
        (pack.id, rule.kind, rule.id): rule.evidence for pack in plan.packs for rule in pack.rules
    }
    known = column_types(plan)
    numbers = statistics(connection)
    found = []
    query = "SELECT pack, kind, rule_id, account_no, level, evidence FROM seen_hits"
    query = f"{query} UNION ALL {query.replace('seen_hits', 'milestone_hits')}"
    for pack, kind, rule, account_no, level, text in connection.execute(query).fetchall():
        row = facts[account_no]
        names = evidence[pack, kind, rule]
        assert len(json.loads(text)) == len(set(names) & set(known)) + 1  # and the tier
        key = RuleKey(pack, kind, rule, account_no, str(row["account_id"]))
        values = {name: row[name] if name in known else numbers[name] for name in names}
        found.append(Hit(key, level, values))
    return tuple(sorted(found, key=lambda hit: hit.key))


def obligation_facts(connection: duckdb.DuckDBPyConnection) -> ObligationFacts:
    """How the obligations of each account are met; see `ObligationStep`."""

    def rows(columns: str, relation: str) -> list[tuple[Any, ...]]:
        query = f"SELECT {columns} FROM {relation} ORDER BY ALL"  # noqa: S608
        return connection.execute(query).fetchall()

    counted = rows("pack, rule_id, account_no, done, done_before, last_on", "cadence_counts")
    timed = rows("pack, rule_id, account_no, record, starts, stops, due", "timed_records")
    teams = rows("pack, rule_id, role, account_no, people", "team_coverage")
    return ObligationFacts(
        tuple(CadenceCount(*row) for row in counted),
        tuple(TimedRecord(*row) for row in timed),
        tuple(TeamCoverage(*row) for row in teams),
    )


def _unknowns(
    connection: duckdb.DuckDBPyConnection, plan: Plan, facts: Sequence[Row]
) -> tuple[RuleKey, ...]:
    found = []
    for pack in plan.packs:
        query = unknown_rules(pack)
        rows = [] if query is None else connection.execute(query.sql("duckdb")).fetchall()
        for kind, rule_id, account_no in rows:
            account_id = str(facts[account_no]["account_id"])
            found.append(RuleKey(pack.id, kind, rule_id, account_no, account_id))
    return tuple(sorted(found))
