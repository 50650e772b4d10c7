"""The whole pipeline of a plan, in the order in which it runs."""

from __future__ import annotations

from engine.plan.sql.aggregates import aggregate_statements
from engine.plan.sql.decisions import (
    candidate_statements,
    score_statements,
    tier_evidence,
)
from engine.plan.sql.obligations import obligation_evidence, obligation_statements
from engine.plan.sql.rules import milestone_statements, rule_statements, seen_statements
from engine.plan.sql.scopes import scope_statements
from engine.plan.sql.stages import fact_statements
from engine.plan.sql.statements import Statement
from engine.plan.sql.unknowns import unknown_statements
from engine.plan.steps import Plan


def measure_statements(plan: Plan) -> tuple[Statement, ...]:
    """Typed accounts and records → ``facts``, ``statistics``, ``candidates``."""
    return (
        *aggregate_statements(plan),
        *fact_statements(plan),
        *candidate_statements(plan),
        *score_statements(plan),
    )


def reach_statements(plan: Plan) -> tuple[Statement, ...]:
    """``facts`` and ``reviewed_tiers`` → ``milestone_hits``."""
    return tuple(milestone_statements(plan))


def decide_statements(plan: Plan) -> tuple[Statement, ...]:
    """``facts`` and ``effective_tiers`` → ``hits``, and what obligations read."""
    return (*rule_statements(plan), *obligation_statements(plan))


def see_statements(plan: Plan) -> tuple[Statement, ...]:
    """What was decided → ``seen_hits`` and ``tier_evidence``."""
    return (*seen_statements(plan), *tier_evidence(plan))


def doubt_statements(plan: Plan) -> tuple[Statement, ...]:
    """What was decided → ``unknowns``, ``rule_unknowns`` and ``unknown_warnings``."""
    return tuple(unknown_statements(plan))


def evidence_statements(plan: Plan) -> tuple[Statement, ...]:
    """``facts`` and ``obligations`` → ``obligation_evidence``."""
    return tuple(obligation_evidence(plan))


def pipeline_text(plan: Plan, dialect: str = "duckdb") -> str:
    """Every statement with its comment, as `kam compile` prints it."""
    parts = []
    statements = (
        *measure_statements(plan),
        *reach_statements(plan),
        *decide_statements(plan),
        *see_statements(plan),
        *doubt_statements(plan),
        *scope_statements(plan),
        *evidence_statements(plan),
    )
    for statement in statements:
        sql = statement.sql(dialect, pretty=True)
        drops = "".join(f"{drop};\n" for drop in statement.drop_sql(dialect))
        parts.append(f"-- {statement.comment}\n{sql};\n{drops}")
    return "\n".join(parts)
