"""Ways up and down: promotions that the next review takes back, and reviews without a way down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from engine.errors import Problem
from engine.language.checks.deciding import (
    asked,
    example,
    needed_parts,
    needed_tests,
    percent,
    share_of,
    shown,
    subjects,
    value_of,
)
from engine.language.checks.facts import TIER
from engine.language.checks.regions import Numbers, Region, words
from engine.language.checks.settings import Setting, settings
from engine.language.checks.solver import Context, Goal
from engine.language.checks.words import place_of_key
from engine.model import Condition, Milestone, Name, Number, Operation, Policy, Test, Tier


def check_promotions(policy: Policy) -> Iterator[Problem]:
    """A milestone promotes only to a tier whose criteria it implies, or holds the promotion."""
    scheme = policy.tiers
    if scheme is None:
        return
    levels = {tier.id: tier for tier in scheme.levels}
    for milestone in policy.milestones.values():
        to = levels.get(milestone.to_tier or "")
        if milestone.effect != "promote" or milestone.hold is not None or to is None:
            continue
        for setting in settings(policy):
            problem = _taken_back(milestone, to, levels, setting, policy)
            if problem is not None:
                yield problem
                break


def _taken_back(
    milestone: Milestone, to: Tier, levels: Mapping[str, Tier], setting: Setting, policy: Policy
) -> Problem | None:
    """An account that reaches the milestone and does not meet the tier; None if there is none."""
    goals, given = _reached(milestone, levels, policy)
    solver = setting.solver
    if to.when is None or not solver.is_possible(*goals, given=given):
        return None  # what can never be true is said elsewhere
    unmet = [
        (part, found)
        for part in needed_parts(to.when)
        if (found := solver.solve([*goals, (part, "not_true")], given))
    ]
    if not unmet:
        return None
    told = [(_grown(milestone, part, found, setting, policy), part, found) for part, found in unmet]
    grown, part, found = min(told, key=lambda one: (one[0] == "", _is_ranked(one[1])))
    return _conflict(milestone, to, part, _witness(milestone, part, found, setting), grown, setting)


def _is_ranked(part: Condition) -> bool:
    """A rank makes a poor example: it depends on everybody else."""
    return not isinstance(part, Test) or part.operator in ("top", "bottom")


def _reached(
    milestone: Milestone, levels: Mapping[str, Tier], policy: Policy
) -> tuple[list[Goal], Context]:
    """What is true of an account of the tier that the milestone leads from, when it is reached."""
    goals: list[Goal] = [(milestone.when, "true")]
    scheme = policy.tiers
    if scheme is not None and scheme.population is not None:
        goals.append((scheme.population, "true"))
    if scheme is not None and scheme.exclude is not None:
        goals.append((scheme.exclude.when, "not_true"))
    start = milestone.from_tier
    if start is None:
        return goals, {}
    if start in levels and (when := levels[start].when) is not None:
        goals.append((when, "true"))
    return goals, {TIER: Region(words(start), missing=False)}


def _conflict(
    milestone: Milestone, to: Tier, part: Condition, having: str, grown: str, setting: Setting
) -> Problem:
    start = "an account" if milestone.from_tier is None else f"one of '{milestone.from_tier}'"
    message = (
        f"milestone '{milestone.id}' promotes to '{to.id}' accounts that do not meet it"
        f"{setting.since}: {start}{having} lacks {_what(part, setting)}{grown}; the next review "
        "takes the promotion back"
    )
    hint = (
        f"give it a 'hold:', such as 2 reviews, or let it ask for what '{to.id}' needs "
        f"({part.location})"
    )
    return Problem("promotion-conflicts-with-tier", message, milestone.location, hint, "warning")


def _witness(milestone: Milestone, part: Condition, found: Context, setting: Setting) -> str:
    """The values of an example, for what the milestone and the part of the tier compare."""
    names = dict.fromkeys((*subjects(milestone.when), *subjects(part)))
    values = []
    for name in names:
        fact = setting.knowledge.facts.get(name)
        if name != TIER and fact is not None and name in found:
            value = example(found[name], fact)
            values.append(f"'{name}' missing" if value is None else f"'{name}' of {value}")
    return f" with {' and '.join(values)}" if values else ""


def _what(part: Condition, setting: Setting) -> str:
    if isinstance(part, Test):
        return asked(part, setting.knowledge)
    return f"what stands at {part.location}"


def _grown(
    milestone: Milestone, part: Condition, found: Context, setting: Setting, policy: Policy
) -> str:
    """What the example comes to by the growth that the milestone asks for, if still too little."""
    if not isinstance(part, Test) or part.operator not in ("gt", "gte", "between"):
        return ""
    needed = value_of(part.operands[0], setting.knowledge)
    low = _lowest(found.get(part.subject))
    if low is None or not isinstance(needed, Decimal):
        return ""
    fact = setting.knowledge.facts[part.subject]
    for test in needed_tests(milestone.when):
        growth = value_of(test.operands[0], setting.knowledge)
        if _grown_amount(test, policy) not in _amounts(part.subject, policy):
            continue
        if isinstance(growth, Decimal) and low * (1 + growth) < needed:
            end = shown(low * (1 + growth), fact)
            return f"; from {shown(low, fact)} it grows by {percent(growth)} to {end}"
    return ""


def _lowest(region: Region | None) -> Decimal | None:
    values = None if region is None else region.values
    return values.intervals[0].low if isinstance(values, Numbers) and values.intervals else None


def _grown_amount(test: Test, policy: Policy) -> str | None:
    """``x`` if the test asks at least so much of a measure ``x / y - 1``."""
    measure = policy.measures.get(test.subject)
    tree = None if measure is None or measure.formula is None else measure.formula.tree
    if test.operator not in ("gt", "gte") or not isinstance(tree, Operation):
        return None
    if tree.operator != "-" or tree.arguments[1] != Number(Decimal(1)):
        return None
    ratio = tree.arguments[0]
    if not isinstance(ratio, Operation) or ratio.operator != "/":
        return None
    return ratio.arguments[0].name if isinstance(ratio.arguments[0], Name) else None


def _amounts(name: str, policy: Policy) -> tuple[str, ...]:
    """The fact itself and, of a share of a total, the amount that it is the share of."""
    amount = share_of(policy.measures.get(name))
    return (name,) if amount is None else (name, amount)


def check_demotion(policy: Policy) -> Iterator[Problem]:
    """Tiers that are reviewed say how an account goes down."""
    scheme = policy.tiers
    if scheme is None or scheme.review is None or scheme.demotion is not None:
        return
    best, rest = scheme.levels[0].id, len(scheme.levels)
    message = (
        f"tiers are reviewed every {scheme.review}, and nothing says how an account goes down: "
        f"one of '{best}' that meets no level falls to '{scheme.default.id}' at the first review"
    )
    hint = (
        "write 'demotion: {after: 2 reviews, steps: 1}', or "
        f"'{{after: 1 review, steps: {rest}}}' if that is meant"
    )
    place = place_of_key(policy, scheme.location, "review")
    yield Problem("no-demotion", message, place, hint, "warning")
