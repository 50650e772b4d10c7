"""The tree behind `kam explain`: what was seen, what was asked for, how far it is."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from engine.console.explanation import render
from engine.executors.protocol import FactTables
from engine.executors.reference import ReferenceExecutor
from engine.explain.build import explain_account
from engine.explain.tree import Explanation, GroupNode, TestNode
from engine.plan.build import build_plan
from engine.plan.steps import Plan, Precision
from engine.reports.nodes import to_json
from tests.executors.case_files import fact_tables, load_policy, without

POLICY = """\
parameters:
  strategic_growth: {value: 20%, owner: office, judgement: true}
scorecards:
  value_score:
    title: {zh: 综合评分, en: Value score}
    missing: redistribute
    criteria:
      money:
        title: {zh: 贡献, en: Contribution}
        weight: 60
        criteria:
          size: {weight: 60, measure: growth, points: [[0%, 0], [100%, 100]]}
      vip: {weight: 40, measure: vip, points: {true: 100, false: 0}}
measures:
  meetings:
    {type: integer, count: issues, window: 365 days, title: {zh: 高层会面, en: Meetings}}
  satisfaction: {type: score, latest: surveys.satisfaction, title: {zh: 满意度, en: Satisfaction}}
  spent: {type: money, sum: orders.amount, title: {zh: 交易额, en: Spent}}
  ratio_of_target: {type: ratio, formula: growth / target}
tiers:
  population: {status: active}
  levels:
    strategic:
      title: {zh: 战略级, en: Strategic}
      when:
        all:
          - balance: {top: 20%}
          - growth: {gt: $strategic_growth}
          - meetings: {gte: 2}
          - any:
            - satisfaction: {gte: 80}
            - rating: {gte: AA}
            - visits: {gte: 10}
          - none:
            - visits: {lt: 3}
    core: {title: {zh: 核心级, en: Core}, when: {balance: {top: 60%}}}
  default: {id: standard, title: {zh: 一般客户, en: Standard}}
warnings:
  cold:
    title: {zh: 降温, en: Cold}
    levels:
      yellow: {when: {growth: {lt: 30%}}}
      red: {when: {growth: {lt: {measure: target}}}}
  unhappy: {title: {zh: 不满, en: Unhappy}, levels: {red: {when: {satisfaction: {lt: 60}}}}}
  off_target:
    title: {zh: 未达标, en: Off target}
    levels: {red: {when: {ratio_of_target: {lt: 1}}}}
entitlements:
  hotline: {kind: channel, title: {zh: 热线, en: Hotline}, tiers: [core, strategic]}
  visits: {kind: service, title: {zh: 走访, en: Visits}, tiers: [core], when: {vip: true}}
"""

ACCOUNTS: dict[str, dict[str, Any]] = {
    "A1": {
        "name": "北京电力",
        "status": "active",
        "balance": "581.00",
        "growth": 0.142,
        "visits": 8,
        "rating": "A",
        "target": 0.5,
        "vip": True,
    },
    "A2": {
        "name": "甲",
        "status": "active",
        "balance": "613.00",
        "growth": 0.5,
        "visits": 2,
        "rating": "AAA",
        "target": 0.0,
        "vip": False,
    },
    "A3": {"name": "乙", "status": "active", "balance": "581.00"},
    "A4": {"status": "active", "balance": "10.00", "growth": 0.2},
    "A5": {"status": "active"},
    "A6": {"status": "closed", "balance": "9999.00"},
}


def book(policy: str = POLICY, not_mapped: tuple[str, ...] = ()) -> tuple[Plan, FactTables]:
    loaded = load_policy(policy)
    plan = build_plan([loaded], without(loaded.vocabulary, not_mapped), date(2026, 6, 30))
    data = {
        "accounts": ACCOUNTS,
        "records": {"issues": [{"account": "A2", "opened_at": date(2026, 1, 1)}] * 2},
    }
    return plan, fact_tables(loaded.vocabulary, data, Precision())


def explain(
    account: str,
    tier: str | None = None,
    places: Mapping[tuple[str, str], int] | None = None,
    not_mapped: tuple[str, ...] = (),
) -> Explanation:
    plan, tables = book(not_mapped=not_mapped)
    evaluation = ReferenceExecutor().evaluate(plan, tables)
    number = list(ACCOUNTS).index(account)
    pack = plan.packs[0]
    effective = tier or evaluation.candidates[pack.id][number]
    facts = evaluation.facts[number]
    return explain_account(plan, pack, facts, evaluation.statistics, effective, places)


def leaves_of(node: Any) -> list[TestNode]:
    if isinstance(node, TestNode):
        return [node]
    if isinstance(node, GroupNode):
        return [test for part in node.parts for test in leaves_of(part)]
    return []


def strategic(found: Explanation) -> dict[str, TestNode]:
    return {test.subject.column: test for test in leaves_of(found.tiers[0].condition)}


def shown(found: Explanation, language: Any = "en") -> str:
    stream = io.StringIO()
    Console(file=stream, width=160, color_system=None).print(render(found, language))
    return stream.getvalue()


# --- the tree ----------------------------------------------------------------------------


def test_explanation_shows_every_tier_with_its_truth() -> None:
    found = explain("A1")
    assert [(tier.id, tier.truth) for tier in found.tiers] == [
        ("strategic", False),
        ("core", True),
        ("standard", True),
    ]
    assert [tier.id for tier in found.tiers if tier.is_candidate] == ["core"]
    assert found.tier == found.candidate == "core"


def test_explanation_keeps_the_shape_of_the_condition() -> None:
    root = explain("A1").tiers[0].condition
    assert isinstance(root, GroupNode)
    assert root.kind == "all"
    kinds = [part.kind for part in root.parts if isinstance(part, GroupNode)]
    assert kinds == ["any", "none"]


def test_test_names_value_threshold_and_the_line_of_the_rule() -> None:
    test = strategic(explain("A1"))["growth"]
    assert (test.truth, test.subject.value, test.operator) == (False, 0.142, "gt")
    assert (test.written, test.thresholds) == ("$strategic_growth = 20%", (Decimal("0.20"),))
    line = POLICY.splitlines()[test.location.line - 1]
    assert line.strip() == "- growth: {gt: $strategic_growth}"


def test_ordinal_is_shown_as_written_not_as_a_list_of_values() -> None:
    test = strategic(explain("A1"))["rating"]
    assert (test.operator, test.written) == ("gte", "AA")


def test_ranking_shows_cutoff_admitted_accounts_and_place() -> None:
    standing = strategic(explain("A1", places={("balance", "top"): 2}))["balance"].standing
    assert standing is not None
    assert (standing.cutoff, standing.admitted, standing.population) == (Decimal("613.00"), 1, 5)
    assert standing.place == 2


def test_other_measure_is_named_with_its_value() -> None:
    rule = next(rule for rule in explain("A1").rules if rule.id == "cold")
    test = leaves_of(rule.levels[0].condition)[0]
    assert rule.level == "red"
    assert [(one.column, one.value) for one in test.others] == [("target", 0.5)]


def test_missing_fact_is_named_with_its_reason() -> None:
    found = explain("A1")
    missing = strategic(found)["satisfaction"].missing
    assert [(one.fact.column, one.reason, one.record) for one in missing] == [
        ("satisfaction", "no_records", "surveys")
    ]


def test_missing_fact_says_when_the_workspace_does_not_map_it() -> None:
    found = explain("A1", not_mapped=("surveys", "visits"))
    missing = strategic(found)["satisfaction"].missing
    assert [one.reason for one in missing] == ["not_mapped"]
    visits = strategic(found)["visits"].missing
    assert [(one.fact.column, one.reason) for one in visits] == [("visits", "not_mapped")]


@pytest.mark.parametrize(
    ("account", "expected"),
    [("A2", ("ratio_of_target", "not_computable")), ("A4", ("target", "not_recorded"))],
)
def test_missing_formula_is_traced_to_what_it_needs(
    account: str, expected: tuple[str, str]
) -> None:
    rule = next(rule for rule in explain(account).rules if rule.id == "off_target")
    missing = leaves_of(rule.levels[0].condition)[0].missing
    assert rule.truth is None
    assert [(one.fact.column, one.reason) for one in missing] == [expected]


def test_score_parts_add_up_to_the_score() -> None:
    score = explain("A1").scores[0]
    parts = [
        ([title.en for title in part.path], part.points, part.contribution) for part in score.parts
    ]
    assert parts == [
        (["Contribution", "size"], 14.2, pytest.approx(8.52)),
        (["vip"], 100.0, 40.0),
    ]
    assert score.score.value == 48.52
    assert score.coverage == 1.0


def test_score_part_without_data_contributes_nothing_when_redistributed() -> None:
    score = explain("A4").scores[0]
    assert [part.contribution for part in score.parts] == [pytest.approx(20.0), None]
    assert (score.score.value, score.coverage) == (20.0, 0.6)


def test_outside_the_population_only_the_population_is_explained() -> None:
    found = explain("A6")
    assert not found.in_population
    assert (found.rules, found.distance, found.tier) == ((), None, None)
    assert leaves_of(found.population)[0].truth is False
    assert "outside the population" in shown(found)


def test_entitlements_of_the_tier_are_listed() -> None:
    assert [one.id for one in explain("A1").entitlements] == ["hotline"]
    assert explain("A4").entitlements == ()


# --- the distance ------------------------------------------------------------------------


def test_distance_lists_what_is_missing_for_the_next_tier() -> None:
    distance = explain("A1").distance
    assert distance is not None
    assert distance.tier == "strategic"
    gaps = {gap.test.subject.column: gap for gap in distance.gaps}
    assert (gaps["balance"].need, gaps["balance"].amount) == ("raise", Decimal("32.00"))
    assert gaps["growth"].amount == pytest.approx(0.058)
    assert gaps["growth"].relative == pytest.approx(0.29)
    assert gaps["growth"].strict
    assert (gaps["meetings"].amount, gaps["meetings"].strict) == (2, False)


def test_distance_takes_the_nearest_of_several_alternatives() -> None:
    distance = explain("A1").distance
    assert distance is not None
    # satisfaction is unknown, a rating has no distance, 8 of 10 visits can be counted
    chosen = [
        gap
        for gap in distance.gaps
        if gap.test.subject.column in ("visits", "rating", "satisfaction")
    ]
    assert [(gap.test.subject.column, gap.amount) for gap in chosen] == [("visits", 2)]


def test_distance_says_what_must_no_longer_hold() -> None:
    found = explain("A2", tier="core")
    assert found.distance is not None
    assert [
        (gap.test.subject.column, gap.need, gap.amount, gap.avoid) for gap in found.distance.gaps
    ] == [("visits", "raise", 1, True)]


def test_distance_of_a_tie_at_the_cutoff_is_zero() -> None:
    policy = POLICY.replace(
        "core: {title: {zh: 核心级, en: Core}, when: {balance: {top: 60%}}}",
        "core: {title: {zh: 核心级, en: Core}, when: {balance: {top: 40%}}}",
    )
    plan, tables = book(policy)
    evaluation = ReferenceExecutor().evaluate(plan, tables)
    found = explain_account(
        plan, plan.packs[0], evaluation.facts[2], evaluation.statistics, "standard"
    )
    assert found.distance is not None
    assert [(gap.amount, gap.test.truth) for gap in found.distance.gaps] == [
        (Decimal("0.00"), False)
    ]
    assert "tied at the cut-off" in shown(found)


def test_distance_is_unknown_where_a_value_is_missing() -> None:
    found = explain("A5")
    assert found.distance is not None
    assert [(gap.test.subject.column, gap.need) for gap in found.distance.gaps] == [
        ("balance", "unknown")
    ]


def test_distance_at_a_threshold_that_must_be_exceeded_says_so() -> None:
    found = explain("A4", tier="core")
    assert found.distance is not None
    gap = next(gap for gap in found.distance.gaps if gap.test.subject.column == "growth")
    assert (gap.need, gap.amount, gap.strict) == ("raise", 0.0, True)
    assert "Growth 20% > $strategic_growth = 20%; has to be above it" in shown(found)


def test_best_tier_has_no_distance() -> None:
    assert explain("A2", tier="strategic").distance is None


# --- for people and for programs ---------------------------------------------------------


def test_rendering_in_english_reads_like_the_policy() -> None:
    text = shown(explain("A1", places={("balance", "top"): 2}))
    assert "✗ Growth 14.2% > $strategic_growth = 20%" in text
    assert "short by 5.8 percentage points (29.0%)" in text
    assert "Balance 581.00 CNY in the top 20% (place 2, 1/5 qualify, cut-off 613.00 CNY)" in text
    assert "? Satisfaction missing ≥ 80  (Satisfaction: not enough records of surveys)" in text
    assert "✓ Core  [effective tier, today's candidate]" in text
    assert "case/rules.yaml:" in text


def test_rendering_in_chinese_uses_chinese_titles_and_units() -> None:
    text = shown(explain("A1"), "zh")
    assert "✗ 增长率 14.2% > $strategic_growth = 20%" in text
    assert "还差 5.8个百分点" in text
    assert "✓ 核心级" in text
    assert "距更高一级: 战略级" in text


def test_rendering_does_not_read_markup_in_a_name() -> None:
    plan, tables = book()
    evaluation = ReferenceExecutor().evaluate(plan, tables)
    facts = {**evaluation.facts[0], "name": "[bold]x[/bold]"}
    found = explain_account(plan, plan.packs[0], facts, evaluation.statistics, "core")
    assert "[bold]x[/bold]" in shown(found)


@pytest.mark.parametrize("account", list(ACCOUNTS))
def test_json_is_json_and_loses_no_digit(account: str) -> None:
    found = explain(account)
    again = json.loads(json.dumps(to_json(found), ensure_ascii=False))
    assert again["account_id"] == account
    assert again["as_of"] == "2026-06-30"
    if account == "A1":
        balance = again["tiers"][0]["condition"]["parts"][0]
        assert balance["node"] == "test"
        assert balance["subject"]["value"] == "581.00"
        assert balance["location"].startswith("case/rules.yaml:")


def test_value_just_short_of_a_threshold_does_not_read_as_equal() -> None:
    plan, tables = book()
    evaluation = ReferenceExecutor().evaluate(plan, tables)
    facts = {**evaluation.facts[0], "growth": 0.199999}
    found = explain_account(plan, plan.packs[0], facts, evaluation.statistics, "core")
    assert "✗ Growth 19.9999% > $strategic_growth = 20%" in shown(found)
    assert "short by 0.0001 percentage points" in shown(found)


def test_tier_is_shown_by_its_title() -> None:
    assert "✓ 等级 核心级 属于 核心级" in shown(explain("A1"), "zh")
