"""Points of scorecards and steps of price schedules fit the measures that they read."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import Location, Problem
from engine.language.checks.facts import Fact, account_facts
from engine.language.checks.names import unknown
from engine.language.checks.units import described, literal_problem
from engine.language.checks.walk import leaves
from engine.language.checks.words import meant_or_known, place_of
from engine.model import NUMERIC_TYPES, Criterion, Entitlement, Policy, Quantity

_TABLES = frozenset({"enum", "ordinal", "boolean"})


def check_points(policy: Policy) -> Iterator[Problem]:
    """Curves suit their measure, tables have points for every value.

    That curves rise and points go from 0 to 100 is settled when the pack is loaded.
    """
    facts = account_facts(policy)
    for scorecard in policy.scorecards.values():
        for leaf in leaves(scorecard.criteria):
            fact = facts.get(leaf.measure or "")
            if fact is None:
                continue
            if leaf.curve:
                yield from _curve(leaf, fact)
            else:
                yield from _table(leaf, fact)


def _curve(leaf: Criterion, fact: Fact) -> Iterator[Problem]:
    if fact.type not in NUMERIC_TYPES:
        message = f"'{fact.name}' is {described(fact.type)}; a curve needs a number"
        hint = "write points by value, such as {A: 100, B: 60}"
        yield Problem("type-mismatch", message, leaf.location, hint)
        return
    found = (literal_problem(fact, knot, knot.location) for knot, _ in leaf.curve)
    yield from (problem for problem in found if problem is not None)


def _table(leaf: Criterion, fact: Fact) -> Iterator[Problem]:
    if fact.type not in _TABLES:
        message = f"'{fact.name}' is {described(fact.type)}; points by value need a list of values"
        hint = "write a curve, such as [[0, 0], [10, 100]]"
        yield Problem("type-mismatch", message, leaf.location, hint)
        return
    values = ("true", "false") if fact.type == "boolean" else fact.values
    listed = [value for value, _ in leaf.table]
    for value in listed:
        if values and value not in values:
            message = f"'{value}' is not a value of '{fact.name}'"
            yield Problem("unknown-value", message, leaf.location, meant_or_known(value, values))
    rest = [value for value in values if value not in listed]
    if rest:
        message = f"'{leaf.id}' has no points for {', '.join(rest)}"
        hint = "a value without points would count as missing"
        yield Problem("incomplete-points", message, leaf.location, hint)


def check_pricing(policy: Policy) -> Iterator[Problem]:
    """The measure and the steps of every `pricing` entitlement."""
    facts = account_facts(policy)
    for entitlement in policy.entitlements.values():
        name = entitlement.terms.get("measure")
        if entitlement.kind != "pricing" or not isinstance(name, str):
            continue
        fact = facts.get(name)
        if fact is None:
            place = place_of(policy, entitlement.location, "measure", name)
            yield unknown("measure", name, facts, place, "a measure of this pack")
        else:
            yield from _schedule(entitlement, fact)


def _schedule(entitlement: Entitlement, fact: Fact) -> Iterator[Problem]:
    for bound, rate in _steps(entitlement.terms.get("schedule")):
        found = literal_problem(fact, bound, bound.location)
        if found is not None:
            yield found
        found = literal_problem(_rate(entitlement.location), rate, rate.location)
        if found is not None:
            yield found


def _rate(place: Location) -> Fact:
    return Fact("rate", "ratio", place)


def _steps(schedule: object) -> Iterator[tuple[Quantity, Quantity]]:
    for step in schedule if isinstance(schedule, tuple | list) else ():
        bound, rate = step
        if isinstance(bound, Quantity) and isinstance(rate, Quantity):
            yield bound, rate
