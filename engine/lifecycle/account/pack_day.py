"""What one pack has decided about an account on a day, before it is written down."""

from __future__ import annotations

from dataclasses import dataclass

from engine.executors.single import Verdict
from engine.lifecycle.account.milestones import Milestones
from engine.lifecycle.account.obligations import Obligations
from engine.lifecycle.account.policy import PackPolicy
from engine.lifecycle.account.state import AccountDay, DecisionRow
from engine.lifecycle.account.tiers import Effective
from engine.lifecycle.account.warnings import Warnings


@dataclass(frozen=True)
class PackDay:
    """`reached` is the verdict on the reviewed tier, `verdict` that on the effective one."""

    policy: PackPolicy
    tiers: Effective
    reached: Verdict
    verdict: Verdict
    milestones: Milestones
    warnings: Warnings
    obligations: Obligations

    def row(self, day: AccountDay) -> DecisionRow:
        """The row of decisions.parquet; lists are in order of rule id."""
        tiers = self.tiers
        return {
            "account_no": day.account_no,
            "account_id": day.account_id,
            "name": day.name,
            "pack": self.policy.id,
            "scope": "account",
            "in_population": tiers.in_population,
            "candidate": tiers.candidate,
            "computed": tiers.computed,
            "tier": tiers.tier,
            "tier_since": tiers.tier_since,
            "worse_reviews": tiers.worse_reviews,
            "held_reviews": tiers.held_reviews,
            "held_until": tiers.held_until,
            "override_until": tiers.override_until,
            "scores": self.policy.evidence.scores(day.facts),
            "warnings": list(self.warnings.firing),
            "waiting": list(self.warnings.waiting),
            "milestones": list(self.milestones.open),
            "entitlements": self._entitlements(),
            "unknowns": self._unknowns(day),
        }

    def _entitlements(self) -> list[str]:
        owed = self.policy.entitlements.get(self.tiers.tier or "", ())
        holding = (rule for kind, rule in self.verdict.levels if kind == "entitlement")
        return sorted((*owed, *holding))

    def _unknowns(self, day: AccountDay) -> int:
        """How many rules and tiers are unknown; outside the population whether that is."""
        if not self.tiers.in_population:
            population = self.policy.pack.population
            return int(population is not None and day.facts.get(population) is None)
        on_review = sum(kind == "milestone" for kind, _ in self.reached.unknown)
        return on_review + sum(kind != "milestone" for kind, _ in self.verdict.unknown)

    def may_be_in(self, day: AccountDay) -> bool:
        """Whether it is unknown if the pack decides about the account."""
        return not self.tiers.in_population and self._unknowns(day) > 0
