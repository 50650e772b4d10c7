"""A column has the highest class of everything that it is computed from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language.load import load_pack
from engine.model import CLASSES, Classification, Column, Policy, Vocabulary
from engine.plan.build import build_plan
from engine.plan.classes import (
    ACCOUNTS,
    MANY,
    columns_made,
    given_classes,
    over,
    reads_of,
    sealed_columns,
    with_sealing,
)
from engine.plan.predicates import columns_of
from engine.plan.steps import Plan
from engine.resources import policies_folder

DAY = date(2026, 6, 30)

PACK = """\
pack:
  id: probe
  title: {zh: 试, en: Probe}
  version: "1"
  effective: {from: 2020-01-01}
  owner: office
roles: {office: {title: {zh: 办, en: Office}}}
vocabulary:
  accounts:
    name: text
    kind: text
    group: text
    weight: number
    size: integer
  records:
    orders:
      time: day
      columns:
        day: date
        amount: money
        buyer: text
        shop: text
        net: {type: money, formula: amount * 0.9}
measures:
  counted: {type: integer, count: orders}
  bought: {type: money, sum: orders.amount}
  netted: {type: money, sum: orders.net}
  largest: {type: ratio, share_of_largest: orders.amount, by: buyer}
  here: {type: integer, count: orders, where: {shop: {eq: a}}}
  double: {type: number, formula: 2 * weight + size}
  share: {type: ratio, formula: weight / total(weight)}
  place: {type: integer, formula: rank(weight)}
  of_group: {type: number, formula: "group_total(weight, group)"}
  everyone: {type: number, scope: portfolio, sum: accounts.weight}
scorecards:
  card:
    title: {zh: 卡, en: Card}
    missing: zero
    criteria:
      size: {measure: size, weight: 50, points: [[0, 0], [10, 100]]}
      weight: {measure: weight, weight: 50, points: [[0, 0], [10, 100]]}
tiers:
  population: {kind: {eq: a}}
  levels: {high: {title: {zh: 高, en: High}, when: {weight: {top: 50%}}}}
  default: {id: low, title: {zh: 低, en: Low}}
"""

Given = Mapping[tuple[str, str], Classification]


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    folder = tmp_path_factory.mktemp("policies") / "probe"
    folder.mkdir()
    (folder / "pack.yaml").write_text(PACK, encoding="utf-8")
    return load_pack(folder)


def with_classes(vocabulary: Vocabulary, classes: Given) -> Vocabulary:
    def classed(table: str, columns: Mapping[str, Column]) -> dict[str, Column]:
        return {
            name: replace(one, classification=classes.get((table, name), "internal"))
            for name, one in columns.items()
        }

    return Vocabulary(
        classed(ACCOUNTS, vocabulary.accounts),
        {
            name: replace(record, columns=classed(name, record.columns))
            for name, record in vocabulary.records.items()
        },
    )


def plan_of(policy: Policy, classes: Given) -> Plan:
    """The plan of a workspace that maps everything but what the pack computes."""
    mapped = with_classes(policy.vocabulary, classes)
    orders = mapped.records["orders"]
    columns = {name: one for name, one in orders.columns.items() if one.formula is None}
    records = {"orders": replace(orders, columns=columns)}
    return build_plan([policy], Vocabulary(mapped.accounts, records), DAY)


def classes_of(policy: Policy, **accounts: Classification) -> Mapping[str, Classification]:
    return plan_of(policy, {(ACCOUNTS, name): one for name, one in accounts.items()}).classes


# --- what people say ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pack", "workspace", "counts"),
    [
        ("internal", "public", "public"),
        ("internal", "confidential", "confidential"),
        ("public", "internal", "internal"),
        ("confidential", "public", "confidential"),
        ("personal", "confidential", "personal"),
        ("confidential", "personal", "personal"),
    ],
)
def test_workspace_says_the_class_unless_the_pack_protects_more(
    policy: Policy, pack: Classification, workspace: Classification, counts: Classification
) -> None:
    key = (ACCOUNTS, "kind")
    known = replace(policy, vocabulary=with_classes(policy.vocabulary, {key: pack}))
    mapped = with_classes(policy.vocabulary, {key: workspace})
    assert given_classes([known], mapped)[key] == counts


def test_of_two_packs_the_stricter_counts(policy: Policy) -> None:
    key = (ACCOUNTS, "kind")
    strict = replace(policy, vocabulary=with_classes(policy.vocabulary, {key: "personal"}))
    for packs in ([policy, strict], [strict, policy]):
        assert given_classes(packs, policy.vocabulary)[key] == "personal"


# --- what follows ------------------------------------------------------------------------


def test_internal_is_not_written_down(policy: Policy) -> None:
    assert classes_of(policy) == {}


def test_formula_has_the_class_of_its_strictest_input(policy: Policy) -> None:
    found = classes_of(policy, weight="public", size="confidential")
    assert found["double"] == "confidential"
    assert "of_group" not in found  # with an internal group


@pytest.mark.parametrize(
    ("column", "measures"),
    [
        ("amount", {"bought", "netted", "largest"}),
        ("buyer", {"largest"}),
        ("shop", {"here"}),
        ("day", {"counted", "bought", "netted", "largest", "here"}),
    ],
)
def test_aggregate_has_the_class_of_argument_group_condition_and_day(
    policy: Policy, column: str, measures: set[str]
) -> None:
    classes = plan_of(policy, {("orders", column): "personal"}).classes
    aggregates = {"counted", "bought", "netted", "largest", "here"}
    assert {name for name in aggregates if classes.get(name) == "personal"} == measures


def test_what_is_taken_over_many_is_confidential_at_most(policy: Policy) -> None:
    plan = plan_of(policy, {(ACCOUNTS, "weight"): "personal"})
    assert plan.classes["weight__rank"] == "confidential"
    assert plan.classes["place"] == "confidential"
    assert plan.classes["total__weight"] == "confidential"
    (scope,) = plan.scopes
    assert scope.plan.classes["everyone"] == "confidential"


def test_group_is_not_many_for_whoever_is_in_none(policy: Policy) -> None:
    assert classes_of(policy, weight="personal")["of_group"] == "personal"


def test_score_its_points_and_its_coverage_are_as_protected_as_the_measures(
    policy: Policy,
) -> None:
    found = classes_of(policy, size="personal")
    assert found["card"] == found["card__size"] == found["card__coverage"] == "personal"
    assert "card__weight" not in found


def test_population_is_as_protected_as_its_condition(policy: Policy) -> None:
    assert classes_of(policy, kind="personal")["in_population"] == "personal"


def test_public_inputs_give_public_measures(policy: Policy) -> None:
    found = classes_of(policy, weight="public", size="public")
    assert found["double"] == found["card"] == "public"
    assert "share" not in found or found["share"] != "public"  # the population is internal


def test_class_belongs_to_the_plan(policy: Policy) -> None:
    assert plan_of(policy, {}).hash != plan_of(policy, {(ACCOUNTS, "size"): "personal"}).hash


# --- what must be sealed -----------------------------------------------------------------


def test_sealed_are_the_personal_columns_that_can_hold_a_value(policy: Policy) -> None:
    plan = plan_of(policy, {(ACCOUNTS, "size"): "personal", ("orders", "buyer"): "personal"})
    assert set(sealed_columns(plan)) == {
        *("size", "largest", "double", "card", "card__size", "card__coverage"),
    }
    assert with_sealing(plan).hash == plan.hash


def test_unmapped_columns_are_not_sealed(policy: Policy) -> None:
    protected = with_classes(policy.vocabulary, {(ACCOUNTS, "size"): "personal"})
    accounts = {name: one for name, one in protected.accounts.items() if name != "size"}
    known = replace(policy, vocabulary=protected)
    plan = build_plan([known], Vocabulary(accounts, protected.records), DAY)
    assert plan.classes["double"] == "personal"
    assert sealed_columns(plan) == ()


# --- the law -----------------------------------------------------------------------------


@cache
def packaged() -> tuple[Policy, ...]:
    folder = Path(str(policies_folder()))
    names = sorted(path.parent.name for path in folder.glob("*/pack.yaml"))
    return tuple(load_pack(folder / name) for name in names)


def everything(policies: tuple[Policy, ...]) -> Vocabulary:
    """All that the packs know."""
    accounts: dict[str, Column] = {}
    records = {}
    for policy in policies:
        accounts |= policy.vocabulary.accounts
        for name, record in policy.vocabulary.records.items():
            known = records.get(name)
            columns = {**(known.columns if known else {}), **record.columns}
            records[name] = replace(record, columns=columns)
    return Vocabulary(accounts, records)


def too_low(plan: Plan) -> Iterator[str]:
    """Columns of which the class is lower than that of a column which they read."""

    def level(name: str) -> int:
        return CLASSES.index(plan.classes.get(name, "internal"))

    for stage in plan.stages:
        for one in stage.computed:
            highest = max(map(level, reads_of(one)), default=0)
            yield from (name for name in columns_made(one) if level(name) < highest)
        for name, reads in (
            *((one.name, over(one)) for one in stage.statistics),
            *((one.output, over(one)) for one in stage.rankings),
        ):
            if level(name) < min(max(map(level, reads), default=0), CLASSES.index(MANY)):
                yield name
        for total in stage.groups:
            if level(total.output) < max(map(level, over(total))):
                yield total.output


def aggregates_too_low(plan: Plan, given_: Given) -> Iterator[str]:
    derived = {(record.name, one.column) for record in plan.records for one in record.derived}
    for step in plan.aggregates:
        where = () if step.where is None else columns_of(step.where)
        for name in (step.argument, step.by, *where):
            if name is None or (step.record, name) in derived:
                continue
            lowest = given_.get((step.record, name), "internal")
            if CLASSES.index(plan.classes.get(step.column, "internal")) < CLASSES.index(lowest):
                yield step.column


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(st.data())
def test_no_measure_is_less_protected_than_what_it_reads(data: st.DataObject) -> None:
    policies = packaged()
    known = everything(policies)
    keys = [(ACCOUNTS, name) for name in known.accounts]
    keys += [(table, name) for table, record in known.records.items() for name in record.columns]
    drawn = data.draw(st.dictionaries(st.sampled_from(keys), st.sampled_from(CLASSES)))
    mapped = with_classes(known, drawn)
    plan = build_plan(policies, mapped, DAY)
    assert [*too_low(plan)] == []
    assert [*aggregates_too_low(plan, given_classes(policies, mapped))] == []
    for scope in plan.scopes:
        assert [*too_low(scope.plan)] == []
        assert "personal" not in scope.plan.classes.values()
