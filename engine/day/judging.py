"""Who says which rules hold of one account: the Rete network, or whoever stands in for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.errors import Problem
from engine.executors.protocol import Row
from engine.executors.rete import ReteExecutor
from engine.executors.rete_host import NOT_INSTALLED, is_installed
from engine.executors.rete_matching import Before
from engine.executors.single import Verdict
from engine.lifecycle.account.judging import judge_by_reference
from engine.plan.steps import Plan

Judging = Callable[[Plan, Row, Row, Mapping[str, str], Before | None], Mapping[str, Verdict]]
"""Plan, facts, statistics, effective tiers by pack, and how the account was when it was judged by
the same rules → what every pack says; a pack without a tier there is judged on the candidate."""


def judging() -> tuple[Judging, Problem | None]:
    """The Rete executor; without its library the reference evaluator, and what to tell the user.

    Either answers every rule: what the network cannot say is answered by the evaluator too.
    """
    if is_installed():
        return ReteExecutor().decide_account, None
    told = f"{NOT_INSTALLED.message}; the reference evaluator answers instead"
    return by_reference, Problem(
        NOT_INSTALLED.code, told, hint=NOT_INSTALLED.hint, severity="warning"
    )


def by_reference(
    plan: Plan, facts: Row, statistics: Row, tiers: Mapping[str, str], before: Before | None
) -> Mapping[str, Verdict]:
    """What every pack says, rule by rule, whatever it said before."""
    return judge_by_reference(plan, facts, statistics)(tiers)
