"""What a night did, in numbers: kept with the run and shown at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    found = {
        name: connection.execute(f"{query} GROUP BY ALL ORDER BY ALL NULLS FIRST").fetchall()
        for name, query in _QUERIES.items()
    }
    ((accounts,),) = connection.execute("SELECT count(*) FROM accounts").fetchall()
    return {
        "accounts": int(accounts),
        "packs": {pack.id: _pack_counts(pack, _of_pack(pack, found)) for pack in plan.packs},
        "actions": dict(
            connection.execute(
                "SELECT owner_role, count(*) FROM emitted_actions GROUP BY owner_role ORDER BY 1"
            ).fetchall()
        ),
    }


_QUERIES = {
    "tiers": "SELECT pack, tier, count(*) FROM effective_tiers WHERE in_population",
    "accounts": (
        "SELECT pack, count(*) FILTER (may_be_in), count(override_until) FROM effective_tiers"
    ),
    "moves": (
        "SELECT now.pack, recorded.tier, now.tier, count(*) FROM effective_tiers AS now "
        "LEFT JOIN recorded_decisions AS recorded ON recorded.pack = now.pack "
        "AND recorded.account_id = now.account_id AND recorded.scope = 'account' "
        "AND recorded.in_population "
        "WHERE now.tier IS DISTINCT FROM recorded.tier AND now.tier IS NOT NULL"
    ),
    "warnings": "SELECT pack, level, count(*), count(*) FILTER (escalates) FROM open_warnings",
    "opened": "SELECT pack, level, count(*) FROM changed_warnings WHERE NOT was_open",
    "changes": "SELECT pack, kind, count(*) FROM changes",
    "waiting": "SELECT pack, state, count(*) FROM waiting_warnings",
    "milestones": "SELECT pack, effect, rule_id, count(*) FROM open_milestones",
    "obligations": "SELECT pack, kind, state, count(*) FROM obligations",
    "undecided": "SELECT pack, count(*) FROM unknowns WHERE unknowns > 0",
    "rules": "SELECT pack, -accounts, kind, rule_id FROM rule_unknowns WHERE accounts > 0",
}
"""What is counted of all packs at once, the pack first: small nights wait for statements."""

_Rows = Mapping[str, Sequence[Any]]


def _of_pack(pack: PackPlan, found: _Rows) -> _Rows:
    return {name: [row[1:] for row in rows if row[0] == pack.id] for name, rows in found.items()}


def _pack_counts(pack: PackPlan, found: _Rows) -> Counts:
    tiers: dict[str | None, int] = dict(found["tiers"])
    levels = {level: count for level, count, _ in found["warnings"]}
    opened, changes = dict(found["opened"]), dict(found["changes"])
    waiting = dict(found["waiting"])
    obligations: dict[str, dict[str, int]] = {}
    for kind, state, count in found["obligations"]:
        obligations.setdefault(kind, {})[state] = count
    milestones = {rule: count for _, rule, count in found["milestones"]}
    ((may_be_in, overrides),) = found["accounts"] or [(0, 0)]
    undecided = sum(count for (count,) in found["undecided"])
    return {
        "in_population": sum(tiers.values()),
        "tiers": {tier.id: tiers.get(tier.id, 0) for tier in pack.tiers},
        "moves": [list(move) for move in found["moves"]],
        "left": changes.get("account_left", 0),
        "warnings": {level: levels.get(level, 0) for level in _LEVELS},
        "opened": {level: opened.get(level, 0) for level in _LEVELS},
        "resolved": changes.get("warning_resolved", 0),
        "pending": waiting.get("pending", 0),
        "escalated": sum(count for _, _, count in found["warnings"]),
        "overrides": overrides,
        "proposals": sum(count for effect, _, count in found["milestones"] if effect == "propose"),
        "obligations": obligations,
        "milestones": dict(sorted(milestones.items())),
        "unknown_rules": ({"pack:population": may_be_in} if may_be_in else {})
        | {f"{kind}:{rule}": -count for count, kind, rule in found["rules"]},
        "unknown_accounts": undecided + may_be_in,
    }


_LEVELS = ("red", "orange", "yellow", "blue")
