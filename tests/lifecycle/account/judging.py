"""The machines for one account over the model's own facts, without any column or predicate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from unittest.mock import patch

from engine.executors.protocol import Row
from engine.executors.single import Verdict
from engine.lifecycle.account import policy
from engine.lifecycle.account.advance import Machines
from engine.lifecycle.account.judging import Judge
from engine.lifecycle.inputs import NightInputs
from engine.lifecycle.workdays import Calendar
from engine.plan.steps import Plan
from tests.lifecycle.model.inputs import UNKNOWN, Facts


def machines_of(plan: Plan, calendar: Calendar, inputs: NightInputs) -> Machines:
    """Of a plan of `tests.lifecycle.plans`: it has no rules, and all of them may read the tier."""
    with (
        patch.object(policy, "Evidence", NoEvidence),
        patch.object(policy, "_reads_tier", lambda pack, kinds: True),
    ):
        packs = tuple(replace(one, population=population(one.id)) for one in plan.packs)
        return Machines(replace(plan, packs=packs), calendar, inputs)


def facts_of(accounts_facts: Mapping[str, Facts]) -> Row:
    """The columns that say whether the packs decide about an account at all.

    As in `tests.lifecycle.harness`: outside, `excluded` says that nobody knows.
    """
    return {
        population(pack): True if one.in_population else None if one.excluded else False
        for pack, one in accounts_facts.items()
    }


def population(pack: str) -> str:
    return f"population__{pack}"


class NoEvidence:
    """Stands for `Evidence`: the model's facts are not seen but given."""

    def __init__(self, plan: Plan, pack: object) -> None:
        pass

    def rule(self, kind: str, rule: str, facts: Row, tier: str | None) -> str:
        return "{}"

    def tier(self, facts: Row) -> str:
        return "{}"

    def obligation(self, facts: Row) -> str:
        return "{}"

    def scores(self, facts: Row) -> dict[str, float | None]:
        return {}


def judge(accounts_facts: Mapping[str, Facts]) -> Judge:
    """What the model's facts of an account, by pack, say on given tiers."""

    def judged(tiers: Mapping[str, str]) -> dict[str, Verdict]:
        return {pack: _verdict(facts, tiers.get(pack)) for pack, facts in accounts_facts.items()}

    return judged


def _verdict(facts: Facts, tier: str | None) -> Verdict:
    if not facts.in_population:
        return Verdict(False, False, None, None, {}, frozenset())
    candidate = DEFAULT if facts.excluded else facts.candidate
    tier = tier or candidate
    levels = {("milestone", rule): "" for rule, on in facts.milestones.items() if tier in on}
    levels |= {("entitlement", rule): "" for rule, on in facts.entitlements.items() if tier in on}
    said = {rule: facts.level(rule, tier) for rule in facts.warnings}
    levels |= {
        ("warning", rule): level
        for rule, level in said.items()
        if level is not None and level != UNKNOWN
    }
    unknown = frozenset(("warning", rule) for rule, level in said.items() if level == UNKNOWN)
    return Verdict(True, facts.excluded, candidate, tier, levels, unknown)


DEFAULT = "ordinary"
"""The last tier of every pack in these tests."""
