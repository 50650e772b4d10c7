"""Which facts no account can have, because the workspace maps nothing that feeds them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.language.checks.cycles import columns_named, fact_graph
from engine.language.checks.names import placeholders
from engine.language.checks.walk import conditions, leaves, names_of, tests, used_actions
from engine.language.tracing import is_own
from engine.model import (
    Aggregate,
    Call,
    Case,
    Column,
    Entitlement,
    Expression,
    MeasureRef,
    Name,
    Operation,
    Policy,
    Population,
    RecordType,
    Scorecard,
    Vocabulary,
)

_MANAGERS = "assignments"
"""The record table that says who the customer managers are."""


def used_facts(policy: Policy) -> frozenset[str]:
    """Facts that the pack decides by, shows, or computes as its own."""
    found = {one.id for one in policy.measures.values() if is_own(policy, one.location)}
    found.update(policy.scorecards)
    for site in conditions(policy):
        if site.record is None:
            for test in tests(site.condition):
                found.add(test.subject)
                found.update(one.name for one in test.operands if isinstance(one, MeasureRef))
    found.update(one.progress for one in policy.milestones.values() if one.progress is not None)
    for _, name, _ in used_actions(policy):
        action = policy.actions.get(name)
        found.update(placeholders(action) if action is not None else ())
    found.update(str(one.terms["measure"]) for one in _priced(policy))
    graph = fact_graph(policy)
    pending = list(found)
    while pending:
        for name in graph.get(pending.pop(), ()):
            if name not in found:
                found.add(name)
                pending.append(name)
    return frozenset(found)


def _priced(policy: Policy) -> list[Entitlement]:
    return [one for one in policy.entitlements.values() if "measure" in one.terms]


def missing_facts(policy: Policy, mapped: Vocabulary) -> dict[str, str]:
    """Facts that no account can have → the table or column that would have to be mapped."""
    found = {
        name: f"accounts.{name}"
        for name in policy.vocabulary.accounts
        if name not in mapped.accounts
    }
    for measure in policy.measures.values():
        if measure.aggregate is not None:
            reason = _unmapped(measure.aggregate, policy.vocabulary, mapped)
            if reason is not None:
                found[measure.id] = reason
    if _MANAGERS in policy.vocabulary.records and _MANAGERS not in mapped.records:
        managed = (one.id for one in policy.measures.values() if one.scope == "customer_manager")
        found |= dict.fromkeys(managed, _MANAGERS)
    graph = fact_graph(policy)
    while more := {
        name: reason
        for name in graph
        if name not in found and (reason := _silenced_by(name, policy, found)) is not None
    }:
        found |= more
    return found


def _unmapped(aggregate: Aggregate, vocabulary: Vocabulary, mapped: Vocabulary) -> str | None:
    """The first thing that an aggregate needs and the workspace does not map."""
    name = aggregate.record
    if name not in vocabulary.records:
        return None
    if name not in mapped.records:
        return name
    given = mapped.records[name].columns
    for column in columns_named(aggregate):
        without = _first_unmapped(column, vocabulary.records[name], given)
        if without is not None:
            return f"{name}.{without}"
    return None


def _first_unmapped(
    column: str, record: RecordType, given: Mapping[str, Column], depth: int = 0
) -> str | None:
    """The column itself, or one that its formula needs; None if all are mapped."""
    if column in given or column not in record.columns:
        return None
    formula = record.columns[column].formula
    if formula is None:
        return column
    if depth > len(record.columns):
        return None  # a circle, which the check of cycles reports
    for name in names_of(formula.tree):
        found = _first_unmapped(name, record, given, depth + 1)
        if found is not None:
            return found
    return None


def _silenced_by(name: str, policy: Policy, missing: Mapping[str, str]) -> str | None:
    """Why a formula or a scorecard has no value for any account; None if it may have one."""
    if name in policy.scorecards:
        return _silenced_scorecard(policy.scorecards[name], missing)
    measure = policy.measures[name]
    if measure.scope != "account" and measure.aggregate is not None:
        return next(
            (missing[one] for one in columns_named(measure.aggregate) if one in missing), None
        )
    formula = measure.formula
    if formula is None or not is_missing(formula.tree, missing):
        return None
    return next(missing[read] for read in names_of(formula.tree) if read in missing)


def _silenced_scorecard(scorecard: Scorecard, missing: Mapping[str, str]) -> str | None:
    read = [leaf.measure or "" for leaf in leaves(scorecard.criteria)]
    without = [name for name in read if name in missing]
    needs_all = scorecard.missing == "fail" and without
    if needs_all or (scorecard.missing == "redistribute" and len(without) == len(read)):
        return missing[without[0]] if without else None
    return None


def is_missing(node: Expression, missing: Mapping[str, str]) -> bool:
    """Whether an expression can have no value while the named facts are missing.

    >>> from engine.errors import Location
    >>> cost = Name("cost", Location("x"))
    >>> is_missing(Operation("neg", (cost,)), {"cost": "orders.cost"})
    True
    >>> is_missing(Operation("is_missing", (cost,)), {"cost": "orders.cost"})
    False
    """
    if isinstance(node, Name):
        return node.name in missing
    if isinstance(node, Population):
        return node.measure in missing
    if isinstance(node, Case):
        thens = [then for _, then in node.branches]
        thens += [] if node.otherwise is None else [node.otherwise]
        return all(is_missing(then, missing) for then in thens)
    if isinstance(node, Call | Operation):
        word = node.function if isinstance(node, Call) else node.operator
        if word == "is_missing":
            return False
        if word == "nullif":
            return is_missing(node.arguments[0], missing)
        known = [is_missing(argument, missing) for argument in node.arguments]
        return all(known) if word in ("coalesce", "and", "or") else any(known)
    return False
