"""Alternatives of a tier that what stands beside them shuts out."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import Problem
from engine.language.checks.deciding import asked, example, needed_parts, subjects
from engine.language.checks.settings import Setting, settings
from engine.language.checks.solver import Context, Goal
from engine.model import AnyOf, Condition, Policy, Test, Tier


def check_tier_alternatives(policy: Policy) -> Iterator[Problem]:
    """Each part of an `any:` can hold together with what else the tier asks for.

    That the whole tier cannot hold, or the part by itself, is said by the checks of `reach`.
    """
    everywhere = settings(policy)
    for tier in policy.tiers.levels if policy.tiers is not None else ():
        for setting in everywhere:
            found = list(_shut_out(tier, setting))
            yield from found
            if found:
                break


def _shut_out(tier: Tier, setting: Setting) -> Iterator[Problem]:
    solver = setting.solver
    if tier.when is None or not solver.is_possible((tier.when, "true")):
        return
    parts = list(needed_parts(tier.when))
    for part in parts:
        for alternative in part.parts if isinstance(part, AnyOf) else ():
            beside: list[Goal] = [(other, "true") for other in parts if other is not part]
            alone = solver.solve([(alternative, "true")])
            if alone and not solver.is_possible((alternative, "true"), *beside):
                yield _problem(tier, alternative, alone, setting)


def _problem(tier: Tier, alternative: Condition, alone: Context, setting: Setting) -> Problem:
    facts = setting.knowledge.facts
    values = [
        f"'{name}' of {value}"
        for name in subjects(alternative)
        if name in facts and name in alone and (value := example(alone[name], facts[name]))
    ]
    asks = "this alternative"
    if isinstance(alternative, Test):
        asks = asked(alternative, setting.knowledge)
    with_values = f" with {' and '.join(values)}" if values else ""
    message = (
        f"tier '{tier.id}' can never be reached by {asks}{setting.since}: what else it asks for "
        f"shuts out an account{with_values}"
    )
    hint = f"only its other alternatives are left; the tier is at {tier.location}"
    return Problem("unreachable-tier", message, alternative.location, hint, "warning")
