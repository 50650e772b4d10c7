"""The relations that the machines of the lifecycle read, as tables to be filled."""

from __future__ import annotations

from collections.abc import Mapping

RELATIONS: Mapping[str, str] = {
    "accounts": "account_id VARCHAR",
    "bad_accounts": "account_id VARCHAR",
    "record_assignments": (
        "account_no INTEGER, assigned_on DATE, ended_on DATE, role VARCHAR, person VARCHAR"
    ),
    "candidates": (
        "pack VARCHAR, account_no INTEGER, account_id VARCHAR, in_population BOOLEAN, "
        "may_be_in BOOLEAN, excluded BOOLEAN, tier VARCHAR"
    ),
    "tier_evidence": "pack VARCHAR, account_no INTEGER, evidence VARCHAR",
    "account_scores": (
        "pack VARCHAR, account_no INTEGER, name VARCHAR, scores MAP(VARCHAR, DOUBLE)"
    ),
    "obligation_evidence": "pack VARCHAR, account_no INTEGER, evidence VARCHAR",
    "cadence_counts": (
        "pack VARCHAR, rule_id VARCHAR, account_no INTEGER, done INTEGER, done_before INTEGER, "
        "last_on DATE"
    ),
    "timed_records": (
        "pack VARCHAR, rule_id VARCHAR, account_no INTEGER, record VARCHAR, starts TIMESTAMP, "
        "stops TIMESTAMP, due DATE"
    ),
    "team_coverage": (
        "pack VARCHAR, rule_id VARCHAR, role VARCHAR, account_no INTEGER, people INTEGER"
    ),
    "milestone_hits": (
        "pack VARCHAR, account_no INTEGER, kind VARCHAR, rule_id VARCHAR, level VARCHAR, "
        "evidence VARCHAR"
    ),
    "hits": "pack VARCHAR, account_no INTEGER, kind VARCHAR, rule_id VARCHAR, level VARCHAR",
    "seen_hits": (
        "pack VARCHAR, account_no INTEGER, kind VARCHAR, rule_id VARCHAR, level VARCHAR, "
        "evidence VARCHAR"
    ),
    "unknowns": "pack VARCHAR, account_no INTEGER, unknowns INTEGER",
    "unknown_warnings": "pack VARCHAR, account_no INTEGER, rule_id VARCHAR",
    "scope_entities": "pack VARCHAR, scope VARCHAR, entity_id VARCHAR",
    "scope_hits": (
        "pack VARCHAR, scope VARCHAR, entity_id VARCHAR, rule_id VARCHAR, level VARCHAR, "
        "evidence VARCHAR"
    ),
    "scope_unknowns": "pack VARCHAR, scope VARCHAR, entity_id VARCHAR, rule_id VARCHAR",
    "scope_facts": (
        'pack VARCHAR, scope VARCHAR, entity_id VARCHAR, measure VARCHAR, "value" DOUBLE'
    ),
}
"""What the machines read of facts and rules; in the night, the plan's own SQL makes it."""
