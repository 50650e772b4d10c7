"""Tiers, actions and roles that rules refer to, and what the terms of entitlements name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.errors import Location, Problem
from engine.language.checks.facts import account_facts, tier_ids
from engine.language.checks.names import unknown
from engine.language.checks.walk import used_actions
from engine.language.checks.words import is_own, place_of
from engine.model import Entitlement, Policy

_TEAM = ("assignments", "role")
"""The record table and the column that say who looks after an account."""


def check_tier_names(policy: Policy) -> Iterator[Problem]:
    """Tiers of entitlements and milestones."""
    known = tier_ids(policy)
    for key, name, place in _tier_uses(policy):
        if name not in known:
            what = "a tier of this pack" if known else "a tier: the pack has none"
            yield unknown("tier", name, known, place_of(policy, place, key, name), what)


def _tier_uses(policy: Policy) -> Iterator[tuple[str, str, Location]]:
    for entitlement in policy.entitlements.values():
        for name in entitlement.tiers:
            yield "tiers", name, entitlement.location
    for milestone in policy.milestones.values():
        for key, tier in (("from", milestone.from_tier), ("to", milestone.to_tier)):
            if tier is not None:
                yield key, tier, milestone.location


def check_action_names(policy: Policy) -> Iterator[Problem]:
    """Actions of warnings, milestones and entitlements."""
    for key, name, place in used_actions(policy):
        if name not in policy.actions:
            exact = place_of(policy, place, key, name)
            yield unknown("action", name, policy.actions, exact, "an action")


def check_role_names(policy: Policy) -> Iterator[Problem]:
    """Owners, approvers and those to whom a warning escalates."""
    for key, name, place in _role_uses(policy):
        if name not in policy.roles:
            exact = place_of(policy, place, key, name)
            yield unknown("role", name, policy.roles, exact, "a role")
    for entitlement in policy.entitlements.values():
        if entitlement.kind == "team":
            yield from _team_roles(entitlement, policy)


def _role_uses(policy: Policy) -> Iterator[tuple[str, str, Location]]:
    yield "owner", policy.owner, policy.location
    used = {name for _, name, _ in used_actions(policy)}
    for action in policy.actions.values():
        if action.id in used or is_own(policy, action.location):
            yield "owner", action.owner, action.location
    for parameter in policy.parameters.values():
        if parameter.owner is not None and is_own(policy, parameter.location):
            yield "owner", parameter.owner, parameter.location
    for warning in policy.warnings.values():
        if warning.escalate is not None:
            yield "to", warning.escalate.to, warning.location
    for entitlement in policy.entitlements.values():
        for key in ("owner", "needs_approval_by"):
            name = entitlement.terms.get(key)
            if isinstance(name, str):
                yield key, name, entitlement.location


def _team_roles(entitlement: Entitlement, policy: Policy) -> Iterator[Problem]:
    """Roles of a team are those that the assignments of people may name."""
    table, column = _TEAM
    record = policy.vocabulary.records.get(table)
    named = record.columns.get(column) if record else None
    roles = entitlement.terms.get("roles")
    if named is None or not isinstance(roles, Mapping):
        return
    for name in roles:
        if name not in named.values:
            place = place_of(policy, entitlement.location, "roles", name)
            yield unknown("role", name, named.values, place, f"a value of {table}.{column}")


def check_milestone_progress(policy: Policy) -> Iterator[Problem]:
    """The measure that shows how far an account is from a milestone."""
    facts = account_facts(policy)
    for milestone in policy.milestones.values():
        name = milestone.progress
        if name is not None and name not in facts:
            place = place_of(policy, milestone.location, "progress", name)
            yield unknown("measure", name, facts, place, "a measure of this pack")


def check_entitlement_names(policy: Policy) -> Iterator[Problem]:
    """Record tables and the columns between which a response time runs."""
    records = policy.vocabulary.records
    for entitlement in policy.entitlements.values():
        name = entitlement.terms.get("records")
        if isinstance(name, str) and name not in records:
            place = place_of(policy, entitlement.location, "records", name)
            yield unknown("record", name, records, place, "a record table of the vocabulary")
        record = records.get(str(name))
        for key in ("from", "to") if record is not None else ():
            column = entitlement.terms.get(key)
            if record is not None and isinstance(column, str) and column not in record.columns:
                place = place_of(policy, entitlement.location, key, column)
                what = f"a column of {record.name}"
                yield unknown("column", column, record.columns, place, what)
