"""Which way is better: where a pack calls more of a measure both good and bad."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from engine.errors import Location, Problem
from engine.language.checks.deciding import asked, example, is_answered_for, sole_tests
from engine.language.checks.facts import rule_facts
from engine.language.checks.settings import value_on
from engine.language.checks.solver import Knowledge, literals
from engine.language.checks.walk import leaves
from engine.model import AllOf, AnyOf, Condition, Criterion, Measure, Policy, Test

Polarity = Literal["higher_is_better", "lower_is_better"]

_UP = frozenset({"gt", "gte", "top"})
_DOWN = frozenset({"lt", "lte", "bottom"})


@dataclass(frozen=True)
class _Treatment:
    """A rule that treats more of a measure as better, or as worse."""

    polarity: Polarity
    is_warning: bool
    what: str
    location: Location
    example: str | None = None
    """A value that it is about."""


def check_polarity(policy: Policy) -> Iterator[Problem]:
    """Warnings go against no polarity; what rules treat both ways has one.

    A test beside others may only say which accounts they are about, and one against a
    parameter with an owner is that role's decision.
    """
    knowledge = _knowledge(policy)
    treated: dict[str, list[_Treatment]] = {}
    for name, treatment in _treatments(policy, knowledge):
        treated.setdefault(name, []).append(treatment)
    for measure in policy.measures.values():
        known = treated.get(measure.id, [])
        if measure.polarity is None:
            yield from _unclear(measure, known)
            continue
        for one in known:
            if one.is_warning and one.polarity != measure.polarity:
                yield _against(measure, measure.polarity, one)


def _knowledge(policy: Policy) -> Knowledge:
    day = policy.effective_from
    values = {name: value_on(policy, name, day) for name in policy.parameters}
    known = {name: value.value for name, value in values.items() if value is not None}
    return Knowledge(rule_facts(policy), known)


def _treatments(policy: Policy, knowledge: Knowledge) -> Iterator[tuple[str, _Treatment]]:
    for what, is_warning, test in _tests(policy):
        if test.operator in _UP | _DOWN and not is_answered_for(test.operands[0], policy):
            rises = test.operator in _UP
            polarity: Polarity = "lower_is_better" if rises == is_warning else "higher_is_better"
            words = f"{what} {asked(test, knowledge)}"
            value = _example(test, knowledge)
            yield test.subject, _Treatment(polarity, is_warning, words, test.location, value)
    for scorecard in policy.scorecards.values():
        for leaf in leaves(scorecard.criteria):
            yield from _by_points(leaf)


def _example(test: Test, knowledge: Knowledge) -> str | None:
    fact = knowledge.facts.get(test.subject)
    region = dict(literals(test, "true", knowledge)).get(test.subject)
    ranked = test.operator in ("top", "bottom")
    return None if fact is None or region is None or ranked else example(region, fact)


def _tests(policy: Policy) -> Iterator[tuple[str, bool, Test]]:
    """What a rule does with a test, in words; whether it is a warning; the test."""
    for warning in policy.warnings.values():
        for level in warning.levels:
            what = f"level {level.level} of warning '{warning.id}' warns of"
            yield from ((what, True, test) for test in sole_tests(level.when))
    for tier in policy.tiers.levels if policy.tiers is not None else ():
        what = f"tier '{tier.id}' asks for"
        yield from ((what, False, test) for test in _admitting(tier.when))
    for milestone in policy.milestones.values():
        if milestone.effect != "report":
            what = f"milestone '{milestone.id}' rewards"
            yield from ((what, False, test) for test in _admitting(milestone.when))


def _admitting(condition: Condition | None) -> Iterator[Test]:
    """The tests that help a condition to be true."""
    if isinstance(condition, Test):
        yield condition
    elif isinstance(condition, AllOf | AnyOf):
        for part in condition.parts:
            yield from _admitting(part)


def _by_points(leaf: Criterion) -> Iterator[tuple[str, _Treatment]]:
    steps = [after - before for (_, before), (_, after) in pairwise(leaf.curve)]
    signs = {step > 0 for step in steps if step != Decimal(0)}
    if leaf.measure is None or len(signs) != 1:
        return
    polarity: Polarity = "higher_is_better" if True in signs else "lower_is_better"
    words = f"criterion '{leaf.id}' gives {'more' if True in signs else 'fewer'} points for more"
    yield leaf.measure, _Treatment(polarity, False, words, leaf.location)


def _unclear(measure: Measure, known: list[_Treatment]) -> Iterator[Problem]:
    """At the first warning that another rule contradicts."""
    for one in known:
        other = next((two for two in known if two.polarity != one.polarity), None)
        if one.is_warning and other is not None:
            message = (
                f"nothing says whether more of '{measure.id}' is better: {one.what}, and "
                f"{other.what} ({other.location})"
            )
            if one.example and other.example:
                message += f"; the first is about {one.example}, the other about {other.example}"
            hint = (
                f"say 'polarity:' of the measure ({measure.location}) and drop the rule that is "
                "wrong, or compare with a parameter that has an 'owner:'"
            )
            yield Problem("missing-polarity", message, one.location, hint, "warning")
            return


def _against(measure: Measure, polarity: Polarity, one: _Treatment) -> Problem:
    message = f"{one.what}, but of '{measure.id}' {polarity.replace('_', ' ')}"
    hint = (
        f"turn the comparison round or change the polarity ({measure.location}); if both are "
        "meant, compare with a parameter that has an 'owner:'"
    )
    return Problem("polarity-mismatch", message, one.location, hint, "warning")
