"""Scopes keep apart: what is about the portfolio names no single account, and the reverse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.errors import Location, Problem
from engine.language.checks.facts import TIER, rule_facts
from engine.language.checks.names import placeholders
from engine.language.checks.scopes import ACCOUNTS, policy_views
from engine.language.checks.walk import conditions, expressions, formulas, tests
from engine.language.checks.words import place_of_placeholder
from engine.language.placeholders import BUILT_IN
from engine.model import Aggregate, MeasureRef, Name, Policy, Population, Scope

_ABOUT: Mapping[str, str] = {
    "account": "each account",
    "portfolio": "the portfolio",
    "customer_manager": "each customer manager",
}
_DATED = frozenset({"latest", "earliest", "days_since_last"})


@dataclass(frozen=True)
class Use:
    """A name, where it stands, and what it belongs to."""

    name: str
    location: Location
    owner: str


def check_scopes(policy: Policy) -> Iterator[Problem]:
    """Names of another scope than that where they stand, and aggregates that no scope has."""
    known = {scope: frozenset(rule_facts(view)) for scope, view in policy_views(policy)}
    yield from _reserved(policy)
    for scope, view in policy_views(policy):
        for use in _uses(view):
            others = [other for other in known if other != scope and use.name in known[other]]
            if use.name not in known[scope] and others:
                yield _mixed(use, scope, others[0], policy)
        for measure in view.measures.values():
            if measure.aggregate is not None:
                yield from _aggregate_problems(measure.id, measure.aggregate, scope, policy)


def _reserved(policy: Policy) -> Iterator[Problem]:
    record = policy.vocabulary.records.get(ACCOUNTS)
    if record is not None:
        message = f"'{ACCOUNTS}' has a meaning of its own and cannot name a record table"
        yield Problem("reserved-id", message, record.location, "choose another id")


def _uses(view: Policy) -> Iterator[Use]:
    """The facts that conditions, formulas and the texts of actions name."""
    for site in conditions(view):
        for test in tests(site.condition) if site.record is None else ():
            yield Use(test.subject, test.location, site.owner)
            others = (one for one in test.operands if isinstance(one, MeasureRef))
            yield from (Use(one.name, one.location, site.owner) for one in others)
    yield from _formula_uses(view)
    for warning in view.warnings.values():
        for name in dict.fromkeys(warning.actions.values()):
            yield from _placeholders(view, name, f"warning '{warning.id}'")


def _formula_uses(view: Policy) -> Iterator[Use]:
    for formula in formulas(view):
        for node in expressions(formula.formula.tree) if formula.record is None else ():
            if isinstance(node, Name):
                yield Use(node.name, node.location, formula.owner)
            elif isinstance(node, Population):
                yield Use(node.measure, node.location, formula.owner)


def _placeholders(view: Policy, name: str, owner: str) -> Iterator[Use]:
    action = view.actions.get(name)
    for found in placeholders(action) if action is not None else ():
        if action is not None and found not in BUILT_IN:
            place = place_of_placeholder(view, action.location, found)
            yield Use(found, place, f"action '{name}' of {owner}")


def _mixed(use: Use, scope: Scope, other: Scope, policy: Policy) -> Problem:
    message = f"'{use.name}' is known of {_ABOUT[other]}, and {use.owner} is about {_ABOUT[scope]}"
    if scope == "account":
        hint = f"only what has 'scope: {other}' can name it"
    elif other != "account":
        hint = "name a measure of the same scope"
    elif use.name == TIER:
        hint = f"aggregate it: count: {ACCOUNTS}, where: {{{TIER}: …}}"
    else:
        hint = f"aggregate it: max: {ACCOUNTS}.{use.name}"
    return Problem("scope-mismatch", message, use.location, hint)


def _aggregate_problems(
    measure: str, aggregate: Aggregate, scope: Scope, policy: Policy
) -> Iterator[Problem]:
    record, place = aggregate.record, aggregate.location
    if scope == "account":
        if record == ACCOUNTS and record not in policy.vocabulary.records:
            message = f"measure '{measure}' is of each account, and aggregates all of them"
            hint = "say of what it is: scope: portfolio, or scope: customer_manager"
            yield Problem("scope-mismatch", message, place, hint)
        return
    if record != ACCOUNTS:
        message = f"measure '{measure}' is of {_ABOUT[scope]}, and aggregates {record}"
        hint = f"measure {record} of each account, then aggregate that: sum: {ACCOUNTS}.…"
        yield Problem("scope-mismatch", message, place, hint)
        return
    if aggregate.function in _DATED or aggregate.window_days is not None or aggregate.ending_days:
        dated = f"'{aggregate.function}'" if aggregate.function in _DATED else "a window"
        message = f"{dated} needs a date, and accounts have none"
        hint = "look back in the measure of the account, then aggregate that"
        yield Problem("record-without-time", message, place, hint)
