"""What a night did, in numbers: kept with the run and shown at its end."""

from __future__ import annotations

from typing import Any

import duckdb

from engine.plan.steps import PackPlan, Plan

Counts = dict[str, Any]
"""Plain JSON: the store keeps it with the run."""


def night_counts(connection: duckdb.DuckDBPyConnection, plan: Plan) -> Counts:
    """Counts over ``decisions`` and the night's changes, per pack and in all.

    ``{"accounts": n, "packs": {id: {"in_population", "tiers", "moves", "left", "warnings",
    "opened", "resolved", "pending", "escalated", "overrides", "proposals", "obligations",
    "milestones", "unknown_rules", "unknown_accounts"}}, "actions": {role: n}}``. Tiers stand
    best first, ``moves`` as [from, to, accounts], ``obligations`` as {kind: {state: n}}. Moves
    and what was opened or resolved are since the last recorded run, as the log has them.
    """
    accounts = _number(connection, "SELECT count(*) FROM accounts")
    return {
        "accounts": accounts,
        "packs": {pack.id: _pack_counts(connection, pack) for pack in plan.packs},
        "actions": dict(
            connection.execute(
                "SELECT owner_role, count(*) FROM emitted_actions GROUP BY owner_role ORDER BY 1"
            ).fetchall()
        ),
    }


def _pack_counts(connection: duckdb.DuckDBPyConnection, pack: PackPlan) -> Counts:
    def rows(sql: str) -> list[tuple[Any, ...]]:
        return connection.execute(sql, [pack.id]).fetchall()

    tiers = dict(
        rows(
            "SELECT tier, count(*) FROM effective_tiers WHERE pack = ? AND in_population GROUP BY 1"
        )
    )
    moves = rows(
        "SELECT recorded.tier, now.tier, count(*) FROM effective_tiers AS now "
        "LEFT JOIN recorded_decisions AS recorded ON recorded.pack = now.pack "
        "AND recorded.account_id = now.account_id AND recorded.scope = 'account' "
        "AND recorded.in_population WHERE now.pack = ? "
        "AND now.tier IS DISTINCT FROM recorded.tier AND now.tier IS NOT NULL "
        "GROUP BY ALL ORDER BY ALL NULLS FIRST"
    )
    levels = dict(rows("SELECT level, count(*) FROM open_warnings WHERE pack = ? GROUP BY 1"))
    opened = dict(
        rows(
            "SELECT level, count(*) FROM changed_warnings WHERE pack = ? "
            "AND NOT was_open GROUP BY 1"
        )
    )
    obligations: dict[str, dict[str, int]] = {}
    for kind, state, count in rows(
        "SELECT kind, state, count(*) FROM obligations WHERE pack = ? GROUP BY ALL ORDER BY ALL"
    ):
        obligations.setdefault(kind, {})[state] = count
    undecided = rows("SELECT count(*) FROM unknowns WHERE pack = ? AND unknowns > 0")[0][0]
    may_be_in = rows("SELECT count(*) FROM effective_tiers WHERE pack = ? AND may_be_in")[0][0]
    return {
        "in_population": sum(tiers.values()),
        "tiers": {tier.id: tiers.get(tier.id, 0) for tier in pack.tiers},
        "moves": [list(move) for move in moves],
        "left": rows("SELECT count(*) FROM changes WHERE pack = ? AND kind = 'account_left'")[0][0],
        "warnings": {level: levels.get(level, 0) for level in _LEVELS},
        "opened": {level: opened.get(level, 0) for level in _LEVELS},
        "resolved": rows(
            "SELECT count(*) FROM changes WHERE pack = ? AND kind = 'warning_resolved'"
        )[0][0],
        "pending": rows(
            "SELECT count(*) FROM waiting_warnings WHERE pack = ? AND state = 'pending'"
        )[0][0],
        "escalated": rows("SELECT count(*) FROM open_warnings WHERE pack = ? AND escalates")[0][0],
        "overrides": rows(
            "SELECT count(*) FROM effective_tiers WHERE pack = ? AND override_until IS NOT NULL"
        )[0][0],
        "proposals": rows(
            "SELECT count(*) FROM open_milestones WHERE pack = ? AND effect = 'propose'"
        )[0][0],
        "obligations": obligations,
        "milestones": dict(
            rows(
                "SELECT rule_id, count(*) FROM open_milestones WHERE pack = ? GROUP BY 1 ORDER BY 1"
            )
        ),
        "unknown_rules": ({"pack:population": may_be_in} if may_be_in else {})
        | {
            f"{kind}:{rule}": count
            for kind, rule, count in rows(
                "SELECT kind, rule_id, accounts FROM rule_unknowns WHERE pack = ? "
                "AND accounts > 0 ORDER BY accounts DESC, kind, rule_id"
            )
        },
        "unknown_accounts": undecided + may_be_in,
    }


_LEVELS = ("red", "orange", "yellow", "blue")


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    ((number,),) = connection.execute(sql).fetchall()
    return int(number)
