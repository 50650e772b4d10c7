"""What a network has found about an account → what is true, false and unknown of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.executors.predicates import Lookup, Truth, truth_of
from engine.executors.reference import level_of
from engine.executors.rete_compile import EXCLUSION, level_head, tier_head
from engine.plan.steps import PackPlan, Predicate, RuleStep


@dataclass(frozen=True)
class Truths:
    """What the network has found; for what it is not asked, what the reference evaluator says.

    `sure` and `possible` are verdicts, `unsaid` the kinds and ids that the network is not asked
    about.
    """

    sure: frozenset[str]
    possible: frozenset[str]
    unsaid: frozenset[tuple[str, str]]
    lookup: Lookup

    def of(self, head: str, subject: tuple[str, str], predicate: Predicate) -> Truth:
        if subject in self.unsaid:
            return truth_of(predicate, self.lookup)
        if head in self.sure:
            return True
        return None if head in self.possible else False

    def of_exclusion(self, pack: PackPlan) -> Truth:
        if pack.exclude is None:
            return False
        return self.of(EXCLUSION, (EXCLUSION, ""), pack.exclude)

    def level_of(self, rule: RuleStep) -> tuple[str | None, bool]:
        """The worst level that holds (None: none does), and whether the rule is unknown."""
        subject = (rule.kind, rule.id)
        if subject in self.unsaid:
            return level_of(rule, self.lookup)
        unknown = False
        for level, _ in rule.levels:
            head = level_head(*subject, level)
            if head in self.sure:
                return level, False
            unknown = unknown or head in self.possible
        return None, unknown


def candidate_of(pack: PackPlan, truths: Truths) -> str | None:
    """The best tier whose criteria hold, else the default."""
    excluded = truths.of_exclusion(pack) is True
    for tier in pack.tiers:
        if tier.predicate is None:
            return tier.id
        if not excluded and truths.of(tier_head(tier.id), ("tier", tier.id), tier.predicate):
            return tier.id
    return None


def unknown_tiers(pack: PackPlan, truths: Truths) -> Iterator[str]:
    """The tiers above the candidate that the account may be in, if more were known."""
    if truths.of_exclusion(pack) is True:
        return
    for tier in pack.tiers:
        if tier.predicate is None:
            return
        truth = truths.of(tier_head(tier.id), ("tier", tier.id), tier.predicate)
        if truth is True:
            return
        if truth is None:
            yield tier.id
