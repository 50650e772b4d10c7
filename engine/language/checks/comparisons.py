"""Each comparison fits what it compares: operator, unit, scale, list of values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from engine.errors import Problem
from engine.language.checks.facts import Fact, record_facts, rule_facts
from engine.language.checks.units import DATES, described, facts_problem, literal_problem
from engine.language.checks.walk import ConditionSite, conditions, tests
from engine.language.operators import OPERATORS, Operator
from engine.model import MeasureRef, Operand, ParameterRef, Policy, Quantity, Test

_ORDERED = frozenset({"gt", "gte", "lt", "lte", "between"})


def check_comparisons(policy: Policy) -> Iterator[Problem]:
    """Every test of every condition against the type of its subject."""
    facts = rule_facts(policy)
    for site in conditions(policy):
        known = facts
        if site.record is not None:
            record = policy.vocabulary.records.get(site.record)
            known = record_facts(record) if record is not None else {}
        for test in tests(site.condition):
            fact = known.get(test.subject)
            if fact is not None:  # the checks of names report an unknown one
                yield from _test_problems(test, fact, known, site, policy)


def _test_problems(
    test: Test, fact: Fact, facts: Mapping[str, Fact], site: ConditionSite, policy: Policy
) -> Iterator[Problem]:
    operator = OPERATORS[test.operator]
    refused = _operator_problem(operator, test, fact, site)
    if refused is not None:
        yield refused
        return
    for operand in test.operands:
        if operator.handles_missing:
            continue
        if operator.ranked:
            yield from _share_problems(operand, policy)
        else:
            yield from _operand_problems(operand, test, fact, facts, policy)


def _operator_problem(
    operator: Operator, test: Test, fact: Fact, site: ConditionSite
) -> Problem | None:
    if operator.ranked and site.record is not None:
        message = f"'{operator.name}' ranks accounts; this condition is about one record"
        return Problem("operator-mismatch", message, test.location, "compare with a threshold")
    if fact.type not in operator.accepts:
        hint = "it takes eq, ne, in, not_in or missing"
        if operator.ranked and fact.type in DATES | {"ordinal"}:
            hint = "it takes comparisons, but no ranks"
        message = f"'{fact.name}' is {described(fact.type)}, which '{operator.name}' cannot compare"
        return Problem("operator-mismatch", message, test.location, hint)
    return None


def _operand_problems(
    operand: Operand, test: Test, fact: Fact, facts: Mapping[str, Fact], policy: Policy
) -> Iterator[Problem]:
    if isinstance(operand, MeasureRef):
        other = facts.get(operand.name)
        found = facts_problem(fact, other, operand.location) if other is not None else None
        if found is None and fact.type == "ordinal" and test.operator in _ORDERED:
            message = f"'{test.operator}' compares an ordinal with values of its list only"
            hint = "use eq or ne between two columns"
            found = Problem("operator-mismatch", message, operand.location, hint)
        if found is not None:
            yield found
        return
    for value, written in values_of(operand, policy):
        found = literal_problem(fact, value, operand.location, written)
        if found is not None:
            yield _as_tier(found) if test.subject == "tier" else found
            return


def _as_tier(found: Problem) -> Problem:
    """A tier has no list in the vocabulary: a wrong word is an unknown tier."""
    if found.code != "unknown-value":
        return found
    return Problem("unknown-tier", found.message, found.location, found.hint)


def values_of(operand: Quantity | ParameterRef, policy: Policy) -> Iterator[tuple[Quantity, str]]:
    """The values that an operand can have, each with how a message calls it."""
    if isinstance(operand, Quantity):
        yield operand, f"'{operand.text}'"
        return
    parameter = policy.parameters.get(operand.name)
    for _, value in parameter.values if parameter is not None else ():
        yield value, f"${operand.name} = '{value.text}'"


def _share_problems(operand: Operand, policy: Policy) -> Iterator[Problem]:
    """`top` and `bottom` take a share of the accounts, above 0% and up to 100%."""
    if isinstance(operand, MeasureRef):
        return
    for value, written in values_of(operand, policy):
        number = value.value
        if not isinstance(number, Decimal) or value.unit not in ("ratio", None):
            message = f"a share of the accounts is needed, {written} is none"
        elif not 0 < number <= 1:
            message = f"a share of the accounts lies above 0% and up to 100%; {written} does not"
        else:
            continue
        yield Problem("unit-mismatch", message, operand.location, "write a share such as 5%")
        return
