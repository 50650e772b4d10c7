"""An account that was judged before: rules of which no input has moved are not matched again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest

from engine.executors import rete
from engine.executors.protocol import Row
from engine.executors.rete_matching import Before, Question
from engine.executors.single import candidate_of, judge_account
from engine.plan.steps import PackPlan, Plan
from tests.executors.rete import NEEDS_RETE, RETE
from tests.executors.test_packs import PACKS, plan_of, reference
from tests.executors.test_rete_hazards import account, plan_with, warnings

pytestmark = NEEDS_RETE

TIERS = """
tiers:
  levels: {core: {title: {zh: 核, en: Core}, when: {visits: {gt: 10}}}}
  default: {id: plain, title: {zh: 平, en: Plain}}
"""


def moved_from(one: Row, other: Row) -> frozenset[str]:
    return frozenset(name for name, value in other.items() if value != one.get(name))


def before(pack: PackPlan, was: Row, now: Row, statistics: Row) -> Before:
    tier = candidate_of(pack, was, statistics)
    return Before(moved_from(was, now), {} if tier is None else {pack.id: tier})


@contextmanager
def asked_in(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Question]]:
    """What the networks of a plan are asked."""
    asked: list[Question] = []
    with monkeypatch.context() as patched:
        for network in rete._networks(plan):
            ask = network._ask

            def told(question: Question, *rest: Any, ask: Any = ask) -> Any:
                asked.append(question)
                return ask(question, *rest)

            patched.setattr(network, "_ask", told)
        yield asked


@pytest.mark.parametrize("pack", PACKS)
def test_an_account_that_has_moved_is_judged_as_if_it_were_new(pack: str) -> None:
    plan, _ = plan_of(pack)
    found = reference(pack, 3)
    (decides,) = plan.packs
    for was, now in pairwise(found.facts):
        partly = {**was, **dict(list(now.items())[::3])}
        for row in (was, partly, now):
            earlier = before(decides, was, row, found.statistics)
            new = RETE.decide_account(plan, row, found.statistics)[pack]
            again = RETE.decide_account(plan, row, found.statistics, None, earlier)[pack]
            assert again == new
            assert again == judge_account(decides, row, found.statistics, new.tier)


@pytest.mark.parametrize("pack", PACKS)
def test_an_account_that_has_moved_is_judged_as_if_it_were_new_in_every_tier(pack: str) -> None:
    plan, _ = plan_of(pack)
    found = reference(pack, 4)
    (decides,) = plan.packs
    for was, now in pairwise(found.facts[:8]):
        if decides.population is not None and now.get(decides.population) is not True:
            continue
        partly = {**now, **dict(list(was.items())[::2]), decides.population or "": True}
        earlier = before(decides, was, partly, found.statistics)
        for tier in (one.id for one in decides.tiers):
            tiers = {pack: tier}
            again = RETE.decide_account(plan, partly, found.statistics, tiers, earlier)[pack]
            assert again == judge_account(decides, partly, found.statistics, tier)


def test_nothing_is_matched_of_an_account_that_has_not_moved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = plan_with(warnings("{visits: {gt: 1}}", "{growth: {gt: 0}}"))
    row = account(visits=2, growth=0.5)
    with asked_in(plan, monkeypatch) as asked:
        found = RETE.decide_account(plan, row, {}, None, Before(frozenset(), {}))["case"]
    assert set(found.levels) == {("warning", "w0"), ("warning", "w1")}
    assert all(not question.sure and not question.doubt for question in asked)


def test_all_that_reads_what_has_moved_is_matched_and_the_rest_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = plan_with(
        warnings(*["{visits: {gt: 1}}"] * 20, "{growth: {gt: 0}}", "{growth: 1, visits: 2}")
    )
    row = account(visits=2, growth=1.0)
    with asked_in(plan, monkeypatch) as asked:
        RETE.decide_account(plan, row, {}, None, Before(frozenset({"growth"}), {}))
    (question,) = {id(one): one for one in asked if one.sure}.values()
    matched = {head for matcher in question.sure for head in matcher.ruleset.heads.values()}
    assert {"warning w20 red", "warning w21 red"} <= matched
    assert "warning w0 red" not in matched
    assert question.unsaid == {("warning", f"w{number}") for number in range(20)}


def test_a_rule_that_reads_the_tier_is_matched_again_when_the_tier_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = plan_with(TIERS + warnings("{tier: core, growth: {gt: 0}}", "{growth: {gt: 1}}"))
    row = account(visits=11, growth=0.5)
    with asked_in(plan, monkeypatch) as asked:
        stays = Before(frozenset({"target"}), {"case": "core"})
        assert RETE.decide_account(plan, row, {}, None, stays)["case"].tier == "core"
        assert all(not question.sure for question in asked)
        rises = Before(frozenset({"visits"}), {"case": "plain"})
        found = RETE.decide_account(plan, row, {}, None, rises)["case"]
    assert found.levels == {("warning", "w0"): "red"}
    assert asked[-1].unsaid == {("warning", "w1")}
