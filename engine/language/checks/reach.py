"""Conditions that can never hold, or always do; tiers and levels that another one hides."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import Problem
from engine.language.checks.facts import TIER, tier_ids
from engine.language.checks.regions import Region, words
from engine.language.checks.settings import Setting, settings
from engine.language.checks.solver import Context, Goal
from engine.language.checks.walk import ConditionSite, conditions
from engine.model import AllOf, AnyOf, Condition, NoneOf, Policy, Test, Tier, WarningRule


def check_never_true(policy: Policy) -> Iterator[Problem]:
    """Conditions whose parts contradict each other, on the date from which they do.

    A tier that cannot hold is said by `check_tiers_reachable`.
    """
    for site in conditions(policy):
        if site.kind != "tier":
            for setting in settings(policy, site.record):
                found = list(_contradictions(site, setting, policy))
                if found:
                    yield from found
                    break


def _contradictions(site: ConditionSite, setting: Setting, policy: Policy) -> Iterator[Problem]:
    given = _given(site)
    if not setting.solver.is_possible((site.condition, "true"), given=given):
        place = _narrowest(site.condition, setting, given)
        message = f"the condition of {site.owner} can never be true{setting.since}"
        yield Problem("never-true", message, place.location, _RECONSIDER)
        return
    if site.kind in ("exclusion", "warning", "milestone", "entitlement"):
        goals = [(site.condition, "true"), *_population(policy)]
        if not setting.solver.is_possible(*goals, given=given):
            message = f"the condition of {site.owner} is never true in the population"
            hint = "an account outside the population has no tier and sets off no rule"
            yield Problem("never-true", message + setting.since, site.location, hint)
            return
    for part in _dead_parts(site.condition, setting, given):
        message = f"this part of {site.owner} can never be true{setting.since}"
        yield Problem("never-true", message, part.location, _RECONSIDER, "warning")


_RECONSIDER = "its tests leave no value; look at the bounds, and at the values of parameters"


def _given(site: ConditionSite) -> Context:
    """What is known of the tier: a rule may be about some tiers only."""
    return {TIER: Region(words(*site.tiers), missing=False)} if site.tiers else {}


def _population(policy: Policy) -> list[Goal]:
    scheme = policy.tiers
    return [] if scheme is None or scheme.population is None else [(scheme.population, "true")]


def _narrowest(condition: Condition, setting: Setting, given: Context) -> Condition:
    """The innermost part that is impossible by itself, or else after those before it."""
    if not isinstance(condition, AllOf):
        return condition
    for part in condition.parts:
        if not setting.solver.is_possible((part, "true"), given=given):
            return _narrowest(part, setting, given)
    goals: list[Goal] = []
    for part in condition.parts:
        goals.append((part, "true"))
        if not setting.solver.is_possible(*goals, given=given):
            return part
    return condition


def _dead_parts(condition: Condition, setting: Setting, given: Context) -> Iterator[Condition]:
    """Alternatives of an `any:` that can never be the one that holds."""
    if isinstance(condition, Test | NoneOf):
        return
    for part in condition.parts:
        impossible = not setting.solver.is_possible((part, "true"), given=given)
        if impossible and isinstance(condition, AnyOf):
            yield part
        else:
            yield from _dead_parts(part, setting, given)


def check_always_true(policy: Policy) -> Iterator[Problem]:
    """Tests, and conditions of several, that no value makes false."""
    for site in conditions(policy):
        for setting in settings(policy, site.record):
            found = list(_idle_parts(site.condition, setting))
            for part in found:
                message = f"this condition of {site.owner} holds for every value{setting.since}"
                hint = "leave it out, or write 'missing: false' if it must only be known"
                yield Problem("always-true", message, part.location, hint, "warning")
            if found:
                break


def _idle_parts(condition: Condition, setting: Setting) -> Iterator[Condition]:
    """The outermost parts that cannot be false; what stands under `none:` is meant to be."""
    if not setting.solver.is_possible((condition, "false")):
        if not _is_about_missing(condition):
            yield condition
    elif isinstance(condition, AllOf | AnyOf):
        for part in condition.parts:
            yield from _idle_parts(part, setting)


def _is_about_missing(condition: Condition) -> bool:
    return isinstance(condition, Test) and condition.operator == "missing"


def check_tiers_reachable(policy: Policy) -> Iterator[Problem]:
    """Each level can hold for some account for which no level above it does."""
    scheme = policy.tiers
    levels = scheme.levels if scheme is not None else ()
    for number, tier in enumerate(levels):
        for setting in settings(policy):
            problem = _hidden_tier(tier, levels[:number], setting, _population(policy))
            if problem is not None:
                yield problem
                break


def _hidden_tier(
    tier: Tier, above: tuple[Tier, ...], setting: Setting, population: list[Goal]
) -> Problem | None:
    if tier.when is None:
        return None
    solver = setting.solver
    holds: list[Goal] = [*population, (tier.when, "true")]
    what = f"tier '{tier.id}' can never be reached{setting.since}: "
    if not solver.is_possible((tier.when, "true")):
        place = _narrowest(tier.when, setting, {}).location
        why = "its own condition can never be true"
        return Problem("unreachable-tier", what + why, place, _RECONSIDER)
    if not solver.is_possible(*holds):
        why = "its condition is never true in the population"
        return Problem("unreachable-tier", what + why, tier.location, _RECONSIDER)
    not_above: list[Goal] = [(one.when, "not_true") for one in above if one.when is not None]
    if solver.is_possible(*holds, *not_above):
        return None
    hiding = [
        one
        for one in above
        if one.when is not None and not solver.is_possible(*holds, (one.when, "not_true"))
    ]
    named = " or ".join(f"'{one.id}' ({one.location})" for one in hiding or above)
    why = f"whenever it holds, {named} above it holds too, and the first one counts"
    hint = "put the narrower tier first, or bound this one from above"
    return Problem("unreachable-tier", what + why, tier.location, hint)


def check_levels_reachable(policy: Policy) -> Iterator[Problem]:
    """Each level of a warning can hold for some account for which no worse one does."""
    for warning in policy.warnings.values():
        for setting in settings(policy):
            found = list(_hidden_levels(warning, setting))
            if found:
                yield from found
                break


def _hidden_levels(warning: WarningRule, setting: Setting) -> Iterator[Problem]:
    for number, level in enumerate(warning.levels):
        worse = warning.levels[:number]
        holds: Goal = (level.when, "true")
        if not worse or not setting.solver.is_possible(holds):
            continue  # nothing hides it; what can never be true is said elsewhere
        if setting.solver.is_possible(holds, *((one.when, "not_true") for one in worse)):
            continue
        named = " or ".join(one.level for one in worse)
        message = (
            f"level {level.level} of warning '{warning.id}' can never be the worst that "
            f"holds{setting.since}: whenever it holds, {named} holds too"
        )
        hint = "let the milder level hold where the worse one does not"
        yield Problem("unreachable-level", message, level.location, hint)


def check_milestone_order(policy: Policy) -> Iterator[Problem]:
    """A milestone that promotes or proposes leads from a tier to a better one.

    Without `from:` it is about every tier, and the default one can still be left.
    """
    order = tier_ids(policy)
    for milestone in policy.milestones.values():
        if milestone.effect == "report" or order == ():
            continue
        start, end = milestone.from_tier or order[-1], milestone.to_tier
        if start in order and end in order and order.index(end) >= order.index(start):
            does = "promotes" if milestone.effect == "promote" else "proposes to move"
            message = f"milestone '{milestone.id}' {does} from '{start}' to '{end}'"
            hint = f"from best to worst the tiers are: {', '.join(order)}"
            yield Problem("milestone-order", message, milestone.location, hint)
