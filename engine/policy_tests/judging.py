"""What the reference evaluator says about the account of one test on one night.

The lifecycle stands between its parts: `measure`, then the tier after the review and
`milestones`, then the effective tier and `rules`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from engine.executors.predicates import Lookup
from engine.executors.protocol import Decisions, Measured
from engine.executors.reference import decide, in_population, is_excluded, measure
from engine.executors.reference_scopes import entity_tables
from engine.plan.steps import PackPlan, Plan, ScopePlan
from engine.policy_tests.book import ACCOUNT_NO, assumptions, fact_tables, scope_assumptions
from engine.policy_tests.model import Facts


@dataclass(frozen=True)
class ScopeJudged:
    """A scope beyond the account: the values that its rules saw, and what they say."""

    scope: str
    pack: PackPlan
    lookup: Lookup
    decisions: Decisions


@dataclass(frozen=True)
class Judged:
    """One account on one night, before the lifecycle."""

    plan: Plan
    account_id: str
    facts: Facts
    measured: Measured

    @property
    def pack(self) -> PackPlan:
        return self.plan.packs[0]

    @cached_property
    def row(self) -> Lookup:
        """The account's facts, with the numbers of the population."""
        return {**self.measured.facts[ACCOUNT_NO], **self.measured.statistics}

    @property
    def candidate(self) -> str | None:
        return self.measured.candidates[self.pack.id][ACCOUNT_NO]

    @cached_property
    def is_in(self) -> bool:
        return in_population(self.pack, self.row)

    @property
    def may_be_in(self) -> bool:
        """Whether it is unknown whether the pack decides about the account."""
        return self.pack.population is not None and self.row.get(self.pack.population) is None

    @cached_property
    def is_excluded(self) -> bool:
        return self.is_in and is_excluded(self.pack, self.row)

    def lookup(self, tier: str | None) -> Lookup:
        """What rules see that are judged on a tier."""
        return {**self.row, self.pack.tier_column: tier}

    def milestones(self, reviewed: str | None) -> Decisions:
        return decide(self.plan, self.measured, {self.pack.id: (reviewed,)}, {"milestone"})

    def rules(self, effective: str | None) -> Decisions:
        kinds = {"warning", "entitlement"}
        return decide(self.plan, self.measured, {self.pack.id: (effective,)}, kinds)

    def scopes(self, effective: str | None) -> list[ScopeJudged]:
        """The portfolio of this one account, and its manager's, where the test speaks of them."""
        return [
            self._scope(one, effective)
            for one in self.plan.scopes
            if one.scope in self.facts.scopes
        ]

    def _scope(self, one: ScopePlan, effective: str | None) -> ScopeJudged:
        (pack,) = one.plan.packs
        manager = {ACCOUNT_NO: self.account_id}
        tiers = {self.pack.id: (effective,)}
        tables = entity_tables(self.plan, one, self.measured, tiers, manager)
        assumed = scope_assumptions(pack, self.facts.scopes[one.scope])
        measured = measure(one.plan, tables, assumed)
        lookup = {**measured.facts[0], **measured.statistics}
        decisions = decide(one.plan, measured, measured.candidates)
        return ScopeJudged(one.scope, pack, lookup, decisions)


def judge(plan: Plan, account_id: str, facts: Facts) -> Judged:
    assumed = assumptions(plan.packs[0], facts)
    measured = measure(plan, fact_tables(account_id, facts), assumed)
    return Judged(plan, account_id, facts, measured)
