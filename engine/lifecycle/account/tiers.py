"""Reviews and overrides: the tier after tonight's review, and the one that applies.

As reviews.sql and tiers.sql.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.executors.single import Verdict
from engine.language.overrides import TierOverride
from engine.lifecycle.account.policy import PackPolicy
from engine.lifecycle.account.state import AccountDay, DecisionRow


@dataclass(frozen=True)
class Reviewed:
    """After the review and before any milestone. `rank` is that of the computed tier; `tier` is
    the one on which milestones are judged, that of an override first."""

    in_population: bool
    excluded: bool
    candidate: str | None
    rank: int | None
    worse_reviews: int
    held_reviews: int
    held_until: date | None
    reason: str | None
    tier: str | None


@dataclass(frozen=True)
class Move:
    """A milestone, or its approval, that raises the tier."""

    to_rank: int
    reason: str
    hold_reviews: int
    hold_until: date | None


@dataclass(frozen=True)
class Effective:
    """The tier that applies (`tier`) over the one that the policy comes to (`computed`)."""

    in_population: bool
    candidate: str | None
    computed: str | None
    tier: str | None
    tier_since: date | None
    worse_reviews: int
    held_reviews: int
    held_until: date | None
    override_until: date | None
    reason: str | None


_State = tuple[int | None, int, int, date | None, str | None]
"""Rank, worse reviews, held reviews, held until, reason."""


def review(
    policy: PackPolicy, verdict: Verdict, override: TierOverride | None, day: AccountDay
) -> Reviewed:
    """The tier after tonight's review."""
    before = _inside(day.decided_before(policy.id))
    rank = policy.ranks.get(verdict.candidate or "")
    rank_before = None if before is None else policy.ranks.get(before["computed"] or "")
    if not verdict.in_population or rank is None or verdict.excluded or rank_before is None:
        reason = None if rank is None else _placing(verdict, rank, rank_before)
        found: _State = (rank if verdict.in_population else None, 0, 0, None, reason)
    else:
        assert before is not None
        found = _reviewed(policy, rank, rank_before, before, day)
    computed, worse, held, held_until, reason = found
    tier = override.tier if override is not None else policy.tier(computed)
    return Reviewed(
        verdict.in_population,
        verdict.excluded,
        verdict.candidate,
        computed,
        worse,
        held,
        held_until,
        reason,
        tier if verdict.in_population else None,
    )


def _inside(row: DecisionRow | None) -> DecisionRow | None:
    """A pack that did not decide about an account has forgotten it."""
    return row if row is not None and row["in_population"] else None


def _placing(verdict: Verdict, rank: int, rank_before: int | None) -> str | None:
    if rank_before is None:
        return "placed"
    return None if rank == rank_before else "excluded"


def _reviewed(
    policy: PackPolicy, rank: int, rank_before: int, before: DecisionRow, day: AccountDay
) -> _State:
    reviews = policy.reviews(day.previous_night) if day.takes_reviews else ()
    worse, held, held_until = (
        before["worse_reviews"] or 0, before["held_reviews"] or 0, before["held_until"],
    )  # fmt: skip
    # A hold until a day covers the reviews up to that day; a hold of reviews counts them. Every
    # review uses one up, also one within the days of the other kind of hold.
    free = [one for one in reviews[held:] if held_until is None or one > held_until]
    held = max(0, held - len(reviews))
    held_until = None if held_until is None or held_until < day.as_of else held_until
    if not reviews or (rank > rank_before and not free):
        return rank_before, worse, held, held_until, None
    after = rank
    if rank <= rank_before or policy.demote_after is None:
        worse = 0
    else:
        after, worse = _one_down(policy, rank, rank_before, worse + len(free))
    reason = None if after == rank_before else "review"
    return after, worse, held, held_until, reason


def _one_down(policy: PackPolicy, rank: int, rank_before: int, worse: int) -> tuple[int, int]:
    """Rank and worse reviews; a tier that reached the candidate starts to count at 0."""
    assert policy.demote_after is not None
    assert policy.demote_steps is not None
    times, left = divmod(worse, policy.demote_after)
    after = rank_before + times * policy.demote_steps
    return (after, left) if after < rank else (rank, 0)


def settle(
    policy: PackPolicy,
    reviewed: Reviewed,
    move: Move | None,
    override: TierOverride | None,
    day: AccountDay,
) -> Effective:
    """The effective tier, and since when."""
    rank, worse, held = reviewed.rank, reviewed.worse_reviews, reviewed.held_reviews
    held_until, reason = reviewed.held_until, reviewed.reason
    if move is not None:
        # A hold stays when a tier rises; of two the longer counts.
        rank, worse, reason = move.to_rank, 0, move.reason
        held = max(held, move.hold_reviews)
        if held_until is None or (move.hold_until is not None and move.hold_until > held_until):
            held_until = move.hold_until
    inside = reviewed.in_population
    computed = policy.tier(rank)
    tier = (computed if override is None else override.tier) if inside else None
    return Effective(
        inside,
        reviewed.candidate,
        computed,
        tier,
        _since(policy, tier, day),
        worse,
        held,
        held_until,
        None if override is None or not inside else override.until,
        reason,
    )


def _since(policy: PackPolicy, tier: str | None, day: AccountDay) -> date | None:
    before = _inside(day.decided_before(policy.id))
    if tier is None:
        return None
    return before["tier_since"] if before is not None and before["tier"] == tier else day.as_of
