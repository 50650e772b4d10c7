"""What a lower tier is owed and a better one is not: places in a queue, services, rhythms.

Only what every account of a tier is owed counts; what hangs on a `when:` follows the facts of
the account and not its tier. An entitlement with an `owner:` is that role's decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from engine.errors import Problem
from engine.language.checks.facts import tier_ids
from engine.model import Entitlement, Period, Policy

_DAYS = {
    "day": Fraction(1),
    "week": Fraction(7),
    "month": Fraction(365, 12),
    "quarter": Fraction(365, 4),
    "year": Fraction(365),
}
_KINDS = frozenset({"channel", "service", "budget", "pricing"})
"""Beside `priority`; the other kinds are obligations, which differ in more than who is owed."""


def check_entitlement_inversions(policy: Policy) -> Iterator[Problem]:
    """A better tier is owed what a lower one is owed, or something of the same kind.

    A priority has to be of the same rank or a better one. The default tier has a standard of its
    own, so of it only a priority is compared.
    """
    order = tier_ids(policy)
    for one in _unconditional(policy):
        if "owner" in one.terms or one.kind not in {"priority", *_KINDS}:
            continue
        compared = order if one.kind == "priority" else order[:-1]
        for lower in (tier for tier in compared if tier in one.tiers):
            better = _first_without(one, order[: order.index(lower)], policy)
            if better is not None:
                yield _inversion(one, lower, better, policy)
                break


def _unconditional(policy: Policy) -> list[Entitlement]:
    return [one for one in policy.entitlements.values() if one.when is None]


def _first_without(one: Entitlement, tiers: tuple[str, ...], policy: Policy) -> str | None:
    """The best of the tiers that is owed nothing as good."""
    return next((tier for tier in tiers if not _is_owed_as_much(one, tier, policy)), None)


def _is_owed_as_much(one: Entitlement, tier: str, policy: Policy) -> bool:
    same = [
        other
        for other in policy.entitlements.values()
        if other.kind == one.kind and tier in other.tiers
    ]
    if one.kind != "priority":
        return bool(same)
    return any(other.when is None and _rank(other) <= _rank(one) for other in same)


def _rank(entitlement: Entitlement) -> int:
    rank = entitlement.terms.get("rank")
    return rank if isinstance(rank, int) else 0


def _inversion(one: Entitlement, lower: str, better: str, policy: Policy) -> Problem:
    if one.kind == "priority":
        ranks = [
            _rank(other)
            for other in _unconditional(policy)
            if other.kind == "priority" and better in other.tiers
        ]
        place = f"has rank {min(ranks)}" if ranks else "has no place in the queue"
        witness = (
            f"an account of '{lower}' goes first with rank {_rank(one)}, and one of '{better}' "
            f"{place}"
        )
    else:
        witness = (
            f"an account of '{lower}' gets it, and one of '{better}' gets no {one.kind} at all"
        )
    message = (
        f"entitlement '{one.id}' is owed to '{lower}' and not to '{better}', which is better: "
        f"{witness}"
    )
    hint = f"add '{better}' to its tiers, or name under 'owner:' who answers for the difference"
    return Problem("entitlement-inversion", message, one.location, hint, "warning")


# --- rhythms ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rhythm:
    cadence: Entitlement
    times: int
    every: Period
    days: Fraction

    @property
    def in_a_year(self) -> int:
        return int(365 / self.days * self.times)

    @property
    def a_day(self) -> Fraction:
        return self.times / self.days


def check_cadence_inversions(policy: Policy) -> Iterator[Problem]:
    """A better tier is owed records of a table at least as often as a lower one.

    Records of one table are compared whatever their kind: a weekly talk with the lower tier
    is more attention than a quarterly meeting with the better one.
    """
    order = tier_ids(policy)
    rhythms = [one for cadence in _unconditional(policy) if (one := _rhythm(cadence)) is not None]
    said: set[str] = set()
    for number, lower in enumerate(order):
        for better in order[:number]:
            for one in rhythms:
                if lower not in one.cadence.tiers or one.cadence.id in said:
                    continue
                most = _most_frequent(one, better, rhythms)
                if most is not None and most.a_day < one.a_day:
                    said.add(one.cadence.id)
                    yield _slower(one, lower, most, better)


def _rhythm(cadence: Entitlement) -> _Rhythm | None:
    every, times = cadence.terms.get("every"), cadence.terms.get("at_least")
    if cadence.kind != "cadence" or not isinstance(every, Period) or every.unit not in _DAYS:
        return None
    return _Rhythm(cadence, int(str(times)), every, every.count * _DAYS[every.unit])


def _most_frequent(one: _Rhythm, tier: str, rhythms: list[_Rhythm]) -> _Rhythm | None:
    """The most frequent that a tier is owed of the same records; None if it is owed none."""
    records = one.cadence.terms["records"]
    owed = [
        other
        for other in rhythms
        if tier in other.cadence.tiers and other.cadence.terms["records"] == records
    ]
    return max(owed, key=lambda other: other.a_day, default=None)


def _slower(one: _Rhythm, lower: str, most: _Rhythm, better: str) -> Problem:
    records = one.cadence.terms["records"]
    message = (
        f"'{lower}' is owed '{records}' more often than '{better}', which is better: an account "
        f"of '{lower}' has {one.in_a_year} a year by '{one.cadence.id}' ({one.every.text}), and "
        f"one of '{better}' {most.in_a_year} by '{most.cadence.id}' ({most.every.text})"
    )
    hint = (
        f"add '{better}' to the tiers of '{one.cadence.id}', or owe it something as frequent; "
        f"'{most.cadence.id}' is at {most.cadence.location}"
    )
    return Problem("cadence-inversion", message, one.cadence.location, hint, "warning")
