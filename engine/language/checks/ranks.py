"""Ranks: among whom an account is ranked, and whether so many can meet what stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from engine.errors import Location, Problem
from engine.language.checks.deciding import (
    asked,
    is_answered_for,
    needed_tests,
    percent,
    share_of,
    value_of,
)
from engine.language.checks.settings import Setting, settings
from engine.language.checks.walk import conditions, tests
from engine.model import Policy, Test, Tier

_EXAMPLE = 100
"""So many accounts buy, in the book that a message speaks of, and as many do not."""


def check_quotas(policy: Policy) -> Iterator[Problem]:
    """A tier that is the first so many percent and asks each for a share of the whole.

    The shares of all accounts add up to 1, so while no amount is negative only so many can
    exceed one: in a larger population the rank decides nothing. It may be meant as a ceiling,
    and who answers for the rank says so.
    """
    shares = frozenset(one.id for one in policy.measures.values() if share_of(one) is not None)
    for tier in policy.tiers.levels if policy.tiers is not None else ():
        for setting in settings(policy):
            problem = _quota(tier, shares, setting, policy)
            if problem is not None:
                yield problem
                break


@dataclass(frozen=True)
class _Bound:
    """At most so many accounts can pass a test of a share."""

    test: Test
    accounts: int


def _quota(tier: Tier, shares: frozenset[str], setting: Setting, policy: Policy) -> Problem | None:
    if tier.when is None:
        return None
    needed = list(needed_tests(tier.when))
    bounds = [bound for test in needed if (bound := _bound(test, shares, setting)) is not None]
    for rank in needed:
        if rank.operator == "top" and bounds and not is_answered_for(rank.operands[0], policy):
            share = value_of(rank.operands[0], setting.knowledge)
            if isinstance(share, Decimal) and 0 < share <= 1:
                least = min(bounds, key=lambda bound: bound.accounts)
                return _infeasible(tier, rank, Fraction(share), least, setting)
    return None


def _bound(test: Test, shares: frozenset[str], setting: Setting) -> _Bound | None:
    if test.subject not in shares or test.operator not in ("gt", "gte", "between"):
        return None
    share = value_of(test.operands[0], setting.knowledge)
    if not isinstance(share, Decimal) or share <= 0:
        return None
    accounts = 1 / Fraction(share)
    return _Bound(test, ceil(accounts) - 1 if test.operator == "gt" else floor(accounts))


def _infeasible(
    tier: Tier, rank: Test, share: Fraction, bound: _Bound, setting: Setting
) -> Problem:
    accounts = floor(bound.accounts / share) + 1
    first = percent(Decimal(share.numerator) / share.denominator)
    message = (
        f"tier '{tier.id}' cannot fill the first {first} of '{rank.subject}'{setting.since}: at "
        f"most {bound.accounts} accounts can have {asked(bound.test, setting.knowledge)}, while "
        f"{first} of {accounts} accounts are {ceil(accounts * share)}"
    )
    hint = (
        "drop one of the two; or, if the rank is meant as a ceiling, let it be a parameter "
        f"with an 'owner:'; the share is asked for at {bound.test.location}"
    )
    return Problem("infeasible-quota", message, rank.location, hint, "warning")


def check_rank_population(policy: Policy) -> Iterator[Problem]:
    """A rank is said among whom; without a population it is among all accounts of the book.

    Of what, and that the first 15% contain the first 5%, the language leaves no choice.
    """
    scheme = policy.tiers
    if scheme is None or scheme.population is not None:
        return
    knowledge = settings(policy)[0].knowledge
    for site in conditions(policy):
        for test in tests(site.condition) if site.record is None else ():
            if test.operator in ("top", "bottom") and not is_answered_for(test.operands[0], policy):
                share = value_of(test.operands[0], knowledge)
                if isinstance(share, Decimal) and 0 < share <= 1:
                    yield _among_whom(site.owner, test, share, scheme.location)
                    return


def _among_whom(owner: str, test: Test, share: Decimal, tiers: Location) -> Problem:
    among_all, among_half = ceil(2 * _EXAMPLE * share), ceil(_EXAMPLE * share)
    message = (
        f"{owner} ranks '{test.subject}', and nothing says among whom: of {2 * _EXAMPLE} accounts "
        f"of which {_EXAMPLE} are prospects or closed, {percent(share)} are {among_all}, and of "
        f"the others {among_half}"
    )
    hint = (
        f"say who is ranked under 'population:' of the tiers ({tiers}); or, if it is all "
        "accounts, let the share be a parameter with an 'owner:'"
    )
    return Problem("underspecified-rank", message, test.location, hint, "warning")
