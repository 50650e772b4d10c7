"""What lies beyond the account: both executors, over one small book."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from engine.executors.reference_scopes import Owner, ScopeDecisions
from engine.language.load import load_pack
from engine.language.texts import KeptTexts
from engine.plan.build import build_plan
from engine.plan.sql.pipeline import pipeline_text
from tests.executors.case_files import PACK, fact_tables, load_policy, without
from tests.executors.generate_scopes import ScopedExample, scoped_examples
from tests.executors.pools import AS_OF as RANDOM_DAY
from tests.executors.scope_runs import Book, agreed

AS_OF = date(2026, 6, 30)
POLICY = """
parameters:
  concentrated: {value: 40%}
tiers:
  population: {status: active}
  levels:
    core: {title: {zh: 核心, en: Core}, when: {share: {gte: 30%}}}
  default: {id: other, title: {zh: 其他, en: Other}}
measures:
  spent: {type: money, sum: orders.amount}
  share: {type: ratio, formula: spent / total(spent)}
  share_squared: {type: number, formula: share * share}
  place: {type: integer, formula: rank(spent)}
  satisfaction: {type: score, avg: surveys.satisfaction}
  largest: {scope: portfolio, type: ratio, max: accounts.share}
  top_two: {scope: portfolio, type: ratio, sum: accounts.share, where: {place: {lte: 2}}}
  hhi: {scope: portfolio, type: number, sum: accounts.share_squared}
  income: {scope: portfolio, type: money, sum: accounts.spent}
  core_income: {scope: portfolio, type: money, sum: accounts.spent, where: {tier: {gte: core}}}
  share_of_core: {scope: portfolio, type: ratio, formula: core_income / income}
  statuses: {scope: portfolio, type: integer, count_distinct: accounts.status}
  held: {scope: customer_manager, type: integer, count: accounts}
  core_held: {scope: customer_manager, type: integer, count: accounts, where: {tier: core}}
  managed: {scope: customer_manager, type: money, sum: accounts.spent}
  satisfied: {scope: customer_manager, type: score, avg: accounts.satisfaction, at_least: 2}
  standing: {scope: customer_manager, type: integer, formula: rank(satisfied)}
  share_managed: {scope: customer_manager, type: ratio, formula: managed / total(managed)}
warnings:
  concentration:
    scope: portfolio
    title: {zh: 集中, en: Concentration}
    levels:
      yellow: {when: {largest: {gte: 30%}}}
      red: {when: {largest: {gte: $concentrated}, share_of_core: {gt: 0}}}
    action: spread
  dissatisfied:
    scope: customer_manager
    title: {zh: 不满, en: Dissatisfied}
    levels: {red: {when: {satisfied: {lt: 80}}}}
  crowded:
    scope: customer_manager
    title: {zh: 过多, en: Too many}
    levels: {yellow: {when: {held: {gte: 3}}}}
  first:
    scope: customer_manager
    title: {zh: 第一, en: First}
    levels: {blue: {when: {managed: {top: 40%}}}}
  small:
    title: {zh: 小, en: Small}
    levels: {blue: {when: {share: {lt: 10%}}}}
actions:
  spread:
    title: {zh: 分散, en: Spread}
    owner: office
    text: {zh: "{name} {largest} {hhi}", en: "{name} {largest} {hhi}"}
"""
BOOK: dict[str, Any] = {
    "accounts": {
        "a": {"status": "active"},
        "b": {"status": "active"},
        "c": {"status": "active"},
        "d": {"status": "active"},
        "e": {"status": "active"},
        "f": {"status": "closed"},
    },
    "records": {
        "orders": [
            {"account": "a", "ordered_on": AS_OF, "amount": "50.00"},
            {"account": "b", "ordered_on": AS_OF, "amount": "30.00"},
            {"account": "c", "ordered_on": AS_OF, "amount": "10.00"},
            {"account": "d", "ordered_on": AS_OF, "amount": "10.00"},
            {"account": "f", "ordered_on": AS_OF, "amount": "900.00"},
        ],
        "surveys": [
            {"account": "a", "surveyed_on": AS_OF, "satisfaction": 70},
            {"account": "b", "surveyed_on": AS_OF, "satisfaction": 80},
            {"account": "c", "surveyed_on": AS_OF, "satisfaction": 90},
            {"account": "d", "surveyed_on": AS_OF, "satisfaction": 70},
        ],
    },
}
OWNERS: list[Owner] = [
    (0, "customer_manager", "王"),
    (1, "customer_manager", "王"),
    (2, "customer_manager", "陈"),
    (3, "customer_manager", "陈"),
    (3, "sponsor", "孙"),
    (5, "customer_manager", "离"),
]
"""e has no manager; 离 has an account outside the population alone."""


def book(
    policy: str = POLICY,
    data: dict[str, Any] = BOOK,
    owners: list[Owner] = OWNERS,
    not_mapped: tuple[str, ...] = (),
    moved: Mapping[str, str] | None = None,
) -> Book:
    loaded = load_policy(policy)
    plan = build_plan([loaded], without(loaded.vocabulary, not_mapped), AS_OF)
    tables = fact_tables(loaded.vocabulary, data, plan.precision)
    return Book(plan, tables, owners, {"case": moved or {}})


def facts_of(found: ScopeDecisions, entity: str) -> dict[str, float | None]:
    return {name: value for _, _, who, name, value in found.facts if who == entity}


def hits_of(found: ScopeDecisions) -> set[tuple[str, str, str]]:
    return {(entity, rule, level) for _, _, entity, rule, level, _ in found.hits}


def test_portfolio_measures_look_at_the_population_and_the_effective_tier() -> None:
    found = facts_of(agreed(book()), "portfolio")
    assert found == {
        "largest": 0.5,
        "top_two": 0.8,
        "hhi": 0.36,
        "income": 100.0,
        "core_income": 80.0,
        "share_of_core": 0.8,
        "statuses": 1.0,
    }
    moved = facts_of(agreed(book(moved={"b": "other"})), "portfolio")
    assert (moved["core_income"], moved["income"]) == (50.0, 100.0)


def test_a_manager_answers_for_the_current_accounts_of_the_population() -> None:
    found = agreed(book())
    assert facts_of(found, "王") == {
        "held": 2.0,
        "core_held": 2.0,
        "managed": 80.0,
        "satisfied": 75.0,
        "standing": 2.0,
        "share_managed": 0.8,
    }
    assert facts_of(found, "陈")["standing"] == 1.0
    assert {entity for _, scope, entity, _, _ in found.facts if scope == "customer_manager"} == {
        "王",
        "陈",
        "离",
    }


def test_a_manager_without_accounts_or_surveys_counts_none_and_has_no_mean() -> None:
    found = agreed(book())
    assert facts_of(found, "离") == {
        "held": 0.0,
        "core_held": 0.0,
        "managed": 0.0,
        "satisfied": None,
        "standing": None,
        "share_managed": 0.0,
    }
    assert found.unknowns == (("case", "customer_manager", "离", "dissatisfied"),)


def test_scope_warnings_hold_of_the_entity_at_their_worst_level() -> None:
    found = agreed(book())
    assert hits_of(found) == {
        ("portfolio", "concentration", "red"),
        ("王", "dissatisfied", "red"),
        ("王", "first", "blue"),
        ("陈", "first", "blue"),
    }
    spread = next(hit for hit in found.hits if hit[3] == "concentration")
    assert spread[-1] == {"largest": 0.5, "share_of_core": 0.8, "name": "portfolio", "hhi": 0.36}


def test_ties_between_managers_go_to_the_first_name() -> None:
    surveys = [{"account": account, "surveyed_on": AS_OF, "satisfaction": 80} for account in "abcd"]
    data = {**BOOK, "records": {**BOOK["records"], "surveys": surveys}}
    found = agreed(book(data=data))
    places = {who: value for _, _, who, name, value in found.facts if name == "standing"}
    assert places == {"王": 1.0, "陈": 2.0, "离": None}
    assert not [hit for hit in found.hits if hit[3] == "dissatisfied"]  # 80 is not below 80


def test_over_an_empty_population_sums_are_zero_and_shares_missing() -> None:
    closed = {account: {"status": "closed"} for account in BOOK["accounts"]}
    found = agreed(book(data={**BOOK, "accounts": closed}))
    numbers = facts_of(found, "portfolio")
    assert (numbers["income"], numbers["largest"], numbers["share_of_core"]) == (0.0, None, None)
    assert ("case", "portfolio", "portfolio", "concentration") in found.unknowns
    assert not [hit for hit in found.hits if hit[1] == "portfolio"]


def test_without_accounts_or_owners_there_is_a_portfolio_and_no_manager() -> None:
    found = agreed(book(data={"accounts": {}}, owners=[]))
    assert {entity for _, _, entity, _, _ in found.facts} == {"portfolio"}


@pytest.mark.parametrize("missing", ["orders", "orders.amount"])
def test_what_the_workspace_does_not_map_is_missing_and_not_zero(missing: str) -> None:
    data = {**BOOK, "records": {"surveys": BOOK["records"]["surveys"]}}
    found = agreed(book(data=data, not_mapped=(missing,)))
    numbers = facts_of(found, "portfolio")
    assert (numbers["income"], numbers["statuses"]) == (None, 1.0)
    assert facts_of(found, "王")["satisfied"] == 75.0


def test_a_policy_without_scopes_leaves_empty_relations() -> None:
    found = agreed(book("measures: {spent: {type: money, sum: orders.amount}}"))
    assert found == ScopeDecisions((), (), (), ())


SHARED = b"""
measures:
  all: {scope: portfolio, type: integer, count: accounts}
  held: {scope: customer_manager, type: integer, count: accounts}
  mean: {scope: customer_manager, type: number, formula: average(held)}
"""


@pytest.mark.parametrize(
    ("rules", "scopes"),
    [
        ("", {}),
        ("measures: {twice: {scope: portfolio, type: integer, formula: all * 2}}", {
            "portfolio": {"all", "name", "twice"}
        }),
        ("warnings: {many: {scope: customer_manager, title: {zh: 多, en: Many}, "
         "levels: {red: {when: {held: {gt: 5}}}}}}", {"customer_manager": {"held", "name"}}),
    ],
)  # fmt: skip
def test_included_measures_of_a_scope_are_evaluated_where_the_pack_reads_them(
    rules: str, scopes: dict[str, set[str]]
) -> None:
    files = {
        "rules/pack.yaml": PACK.encode() + b"include: [../common/shared.yaml]\n" + rules.encode(),
        "common/shared.yaml": SHARED,
    }
    policy = load_pack("rules", KeptTexts(files))
    plan = build_plan([policy], policy.vocabulary, AS_OF)
    found = {one.scope: set(one.plan.packs[0].columns) for one in plan.scopes}
    assert found == scopes


def test_account_rules_do_not_know_of_a_scope() -> None:
    plan = book().plan
    assert [rule.id for rule in plan.packs[0].rules] == ["small"]
    assert set(plan.packs[0].columns) >= {"spent", "share_squared", "place", "satisfaction"}
    assert {one.scope: [rule.id for rule in one.plan.packs[0].rules] for one in plan.scopes} == {
        "portfolio": ["concentration"],
        "customer_manager": ["crowded", "dissatisfied", "first"],
    }


def test_the_plan_of_a_scope_is_part_of_the_hash() -> None:
    other = POLICY.replace("value: 40%", "value: 41%")
    assert book().plan.hash == book().plan.hash != book(other).plan.hash


def test_the_statements_of_a_scope_are_part_of_what_is_printed() -> None:
    text = pipeline_text(book().plan)
    assert '"portfolio__case__facts"' in text
    assert '"customer_manager__case__record_accounts"' in text


@pytest.mark.slow
@settings(
    max_examples=15,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(scoped_examples())
def test_executors_agree_on_random_scopes(found: ScopedExample) -> None:
    example = found.example
    plan = build_plan(example.policies, example.mapped, RANDOM_DAY)
    agreed(Book(plan, example.tables, found.owners, example.changes))
