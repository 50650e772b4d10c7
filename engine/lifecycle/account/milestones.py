"""Milestones: what is reached, what is proposed, what is approved, and where it moves a tier.

As milestones.sql.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.executors.single import Verdict
from engine.lifecycle.account.policy import MilestoneTerms, PackPolicy, Said
from engine.lifecycle.account.state import AccountDay, MilestoneRow
from engine.lifecycle.account.tiers import Move, Reviewed


@dataclass(frozen=True)
class Reached:
    """What moves the account up tonight, or is approved; nothing of it stays open."""

    rule: str
    effect: str
    since: date
    approver: str | None
    evidence: str


@dataclass(frozen=True)
class Milestones:
    """`says` are the open ones that speak tonight."""

    open: tuple[MilestoneRow, ...] = ()
    says: frozenset[str] = frozenset()
    reached: tuple[Reached, ...] = ()
    move: Move | None = None


def reach(
    policy: PackPolicy, verdict: Verdict, reviewed: Reviewed, said: Said, day: AccountDay
) -> Milestones:
    """Milestones as `verdict` has them, which was given on the reviewed tier."""
    found = sorted(rule for kind, rule in verdict.levels if kind == "milestone")
    if not found or not reviewed.in_population:
        return Milestones()
    earlier = day.decided_before(policy.id)
    before = {} if earlier is None else {one["rule"]: one for one in earlier["milestones"]}
    still_open: list[MilestoneRow] = []
    says: set[str] = set()
    reached: list[Reached] = []
    moves: list[tuple[int, str, Move]] = []
    for rule in found:
        terms = policy.milestones[rule]
        if terms.effect != "report" and reviewed.excluded:
            continue
        was = before.get(rule)
        since = day.as_of if was is None else was["since"]
        evidence = policy.evidence.rule("milestone", rule, day.facts, reviewed.tier)
        approver = _approver(policy, terms, rule, since, said, day)
        if terms.effect == "report" or (terms.effect == "propose" and approver is None):
            row = _open(terms, rule, was, evidence, day)
            still_open.append(row)
            if _says(terms, was, day):
                says.add(rule)
            continue
        is_better = _is_better(terms, reviewed)
        if is_better or terms.effect == "propose":
            reached.append(Reached(rule, terms.effect, since, approver, evidence))
        if is_better:
            moves.append((terms.to_rank or 0, rule, _move(terms)))
    move = min(moves, key=lambda one: one[:2])[2] if moves else None
    return Milestones(tuple(still_open), frozenset(says), tuple(reached), move)


def _approver(
    policy: PackPolicy, terms: MilestoneTerms, rule: str, since: date, said: Said, day: AccountDay
) -> str | None:
    """Who approved what had been proposed by then."""
    if terms.effect != "propose":
        return None
    on, approver = said.approvals.get((day.account_id, policy.id, rule), (date.min, None))
    return approver if on >= since else None


def _says(terms: MilestoneTerms, was: MilestoneRow | None, day: AccountDay) -> bool:
    """A report speaks when it opens, a proposal in every month after that, too."""
    if terms.effect == "report":
        return was is None
    said_on = None if was is None else was["said_on"]
    return said_on is None or (said_on.year, said_on.month) < (day.as_of.year, day.as_of.month)


def _open(
    terms: MilestoneTerms, rule: str, was: MilestoneRow | None, evidence: str, day: AccountDay
) -> MilestoneRow:
    said_on = None if was is None else was["said_on"]
    return {
        "rule": rule,
        "effect": terms.effect,
        "since": day.as_of if was is None else was["since"],
        "said_on": day.as_of if _says(terms, was, day) else said_on,
        "evidence": evidence,
    }


def _is_better(terms: MilestoneTerms, reviewed: Reviewed) -> bool:
    return terms.to_rank is not None and reviewed.rank is not None and terms.to_rank < reviewed.rank


def _move(terms: MilestoneTerms) -> Move:
    assert terms.to_rank is not None
    reason = "milestone" if terms.effect == "promote" else "approval"
    return Move(terms.to_rank, reason, terms.hold_reviews, terms.hold_until)
