"""Two policies of one pack → the parts that differ, each with its place then and now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from engine.errors import Location
from engine.explain.difference import PolicyChange
from engine.model import Entitlement, Milestone, Parameter, Policy, Title, WarningRule


@dataclass(frozen=True)
class _Part:
    kind: str
    title: Title | None
    meaning: object
    location: Location


def parameter_text(parameter: Parameter, on: date) -> str | None:
    """The value of a parameter on a date, as written; None before its first value."""
    valid = [value.text for start, value in parameter.values if start <= on]
    return valid[-1] if valid else None


def _place(parameter: Parameter | None, on: date) -> Location | None:
    """Where the value of a date is written."""
    if parameter is None:
        return None
    valid = [value.location for start, value in parameter.values if start <= on]
    return valid[-1] if valid else parameter.location


Bare = Callable[[object], object]
"""What makes a part of a policy comparable."""


def policy_changes(
    then: Policy, now: Policy, on: tuple[date, date], bare: Bare
) -> tuple[PolicyChange, ...]:
    """Parameters whose value differs, then every other part whose meaning does.

    `on` are the two dates; `bare` makes a part comparable, without its places and wording.
    """
    return (*_parameters(then, now, on), *_parts(then, now, bare))


def _parameters(then: Policy, now: Policy, on: tuple[date, date]) -> Iterator[PolicyChange]:
    for name in sorted({*then.parameters, *now.parameters}):
        one, other = then.parameters.get(name), now.parameters.get(name)
        before = None if one is None else parameter_text(one, on[0])
        after = None if other is None else parameter_text(other, on[1])
        if before == after:
            continue
        chosen = other or one
        assert chosen is not None
        same = one is not None and parameter_text(one, on[1]) == after
        yield PolicyChange(
            "parameter",
            name,
            chosen.title,
            before,
            after,
            _place(one, on[0]),
            _place(other, on[1]),
            by_date=same,
        )


def _parts(then: Policy, now: Policy, bare: Bare) -> Iterator[PolicyChange]:
    one, other = dict(_listed(then)), dict(_listed(now))
    for key in dict.fromkeys((*other, *one)):
        before, after = one.get(key), other.get(key)
        if before and after and bare(before.meaning) == bare(after.meaning):
            continue
        part = after or before
        assert part is not None
        yield PolicyChange(
            part.kind,
            key[1],
            part.title,
            None,
            None,
            before.location if before else None,
            after.location if after else None,
        )


def _listed(policy: Policy) -> Iterator[tuple[tuple[str, str], _Part]]:
    """The parts that decide, in the order in which they are read."""
    for key, measure in policy.measures.items():
        meaning = (measure.type, measure.aggregate, measure.formula, measure.scope)
        yield ("measure", key), _Part("measure", measure.title, meaning, measure.location)
    for key, card in policy.scorecards.items():
        meaning_of_card = (card.missing, card.criteria)
        yield ("scorecard", key), _Part("scorecard", card.title, meaning_of_card, card.location)
    scheme = policy.tiers
    if scheme is not None:
        rules = (scheme.population, scheme.review, scheme.demotion)
        yield ("tiers", ""), _Part("tiers", None, rules, scheme.location)
        if scheme.exclude is not None:
            place = scheme.exclude.location
            yield ("exclusion", ""), _Part("exclusion", None, scheme.exclude.when, place)
        for tier in (*scheme.levels, scheme.default):
            yield ("tier", tier.id), _Part("tier", tier.title, tier.when, tier.location)
    sections: tuple[tuple[str, Mapping[str, Entitlement | Milestone | WarningRule]], ...] = (
        ("entitlement", policy.entitlements),
        ("milestone", policy.milestones),
        ("warning", policy.warnings),
    )
    for kind, section in sections:
        for key, one in section.items():
            yield (kind, key), _Part(kind, one.title, one, one.location)
