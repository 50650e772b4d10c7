"""Who says which rules hold; the machines ask again where a tier has moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.executors.protocol import Row
from engine.executors.single import Verdict, candidate_of, judge_account
from engine.plan.steps import Plan

Judge = Callable[[Mapping[str, str]], Mapping[str, Verdict]]
"""Tiers by pack → what every pack says on them; a pack that is left out is judged on the
candidate."""


def judge_by_reference(plan: Plan, facts: Row, statistics: Row) -> Judge:
    """The reference functions over one row of ``facts``."""

    def judged(tiers: Mapping[str, str]) -> dict[str, Verdict]:
        found = {}
        for pack in plan.packs:
            tier = tiers.get(pack.id) or candidate_of(pack, facts, statistics)
            found[pack.id] = judge_account(pack, facts, statistics, tier)
        return found

    return judged
