"""Tiers, actions and roles that rules refer to, and what the terms of entitlements name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.errors import Location, Problem
from engine.language.checks.facts import account_facts, tier_ids
from engine.language.checks.names import unknown
from engine.language.checks.units import DATES, described
from engine.language.checks.walk import used_actions
from engine.language.checks.words import place_of
from engine.language.tracing import is_own
from engine.model import Entitlement, Policy, RecordType

ASSIGNMENTS, ROLE = "assignments", "role"
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
    """Owners, approvers and those to whom a warning escalates; the roles of teams."""
    for use in role_uses(policy):
        if use.role not in policy.roles:
            exact = place_of(policy, use.location, use.key, use.role)
            yield unknown("role", use.role, policy.roles, exact, "a role")
    for entitlement in policy.entitlements.values():
        if entitlement.kind == "team":
            yield from _team_roles(entitlement, policy)


class RoleUse(NamedTuple):
    """A role that a policy names: for what, under which key, and in which element."""

    role: str
    purpose: str
    """For messages: ``the owner of action 'call'``."""
    key: str
    location: Location


def role_uses(policy: Policy) -> Iterator[RoleUse]:
    """Every role that somebody must hold, but those of teams, which assignments name."""
    yield RoleUse(policy.owner, f"the owner of the pack '{policy.id}'", "owner", policy.location)
    if policy.tiers is not None:
        for name in policy.tiers.approvers:
            purpose = f"an approver of '{policy.id}'"
            yield RoleUse(name, purpose, "approvers", policy.tiers.location)
    used = {name for _, name, _ in used_actions(policy)}
    for action in policy.actions.values():
        if action.id in used or is_own(policy, action.location):
            purpose = f"the owner of action '{action.id}'"
            yield RoleUse(action.owner, purpose, "owner", action.location)
    for parameter in policy.parameters.values():
        if parameter.owner is not None and is_own(policy, parameter.location):
            purpose = f"the owner of parameter '{parameter.id}'"
            yield RoleUse(parameter.owner, purpose, "owner", parameter.location)
    for warning in policy.warnings.values():
        if warning.escalate is not None:
            purpose = f"to whom warning '{warning.id}' escalates"
            yield RoleUse(warning.escalate.to, purpose, "to", warning.location)
    for entitlement in policy.entitlements.values():
        yield from _entitlement_roles(entitlement)


def _entitlement_roles(entitlement: Entitlement) -> Iterator[RoleUse]:
    for key, what in (("owner", "owner"), ("needs_approval_by", "approver")):
        name = entitlement.terms.get(key)
        if isinstance(name, str):
            purpose = f"the {what} of entitlement '{entitlement.id}'"
            yield RoleUse(name, purpose, key, entitlement.location)


def _team_roles(entitlement: Entitlement, policy: Policy) -> Iterator[Problem]:
    """Roles of a team are those that the assignments of people may name."""
    record = policy.vocabulary.records.get(ASSIGNMENTS)
    named = record.columns.get(ROLE) if record else None
    roles = entitlement.terms.get("roles")
    if named is None or not isinstance(roles, Mapping):
        return
    for name in roles:
        if name not in named.values:
            place = place_of(policy, entitlement.location, "roles", name)
            yield unknown("role", name, named.values, place, f"a value of {ASSIGNMENTS}.{ROLE}")


def check_milestone_progress(policy: Policy) -> Iterator[Problem]:
    """The measure that shows how far an account is from a milestone."""
    facts = account_facts(policy)
    for milestone in policy.milestones.values():
        name = milestone.progress
        if name is not None and name not in facts:
            place = place_of(policy, milestone.location, "progress", name)
            yield unknown("measure", name, facts, place, "a measure of this pack")


_DAYS: Mapping[str, str] = {
    "from": "a response time runs from a day or a moment",
    "to": "a response time runs to a day or a moment",
    "due": "a deadline is a day",
    "done": "a deadline is met on a day",
}
"""Terms that name a column with a date, and why it must be one."""


def check_entitlement_names(policy: Policy) -> Iterator[Problem]:
    """Record tables, and the columns of response times and deadlines."""
    records = policy.vocabulary.records
    for entitlement in policy.entitlements.values():
        name = entitlement.terms.get("records")
        if not isinstance(name, str):
            continue
        if name in records:
            yield from _day_columns(entitlement, records[name], policy)
        else:
            place = place_of(policy, entitlement.location, "records", name)
            yield unknown("record", name, records, place, "a record table of the vocabulary")


def _day_columns(entitlement: Entitlement, record: RecordType, policy: Policy) -> Iterator[Problem]:
    for key, why in _DAYS.items():
        name = entitlement.terms.get(key)
        if not isinstance(name, str):
            continue
        place = place_of(policy, entitlement.location, key, name)
        column = record.columns.get(name)
        if column is None:
            yield unknown("column", name, record.columns, place, f"a column of {record.name}")
        elif column.type not in DATES:
            message = f"'{record.name}.{name}' is {described(column.type)}, but {why}"
            dated = [one.name for one in record.columns.values() if one.type in DATES]
            hint = f"columns with a date: {', '.join(dated)}" if dated else None
            yield Problem("type-mismatch", message, place, hint)
