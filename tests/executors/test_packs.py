"""The packs that come with kam, over random facts in the standard vocabulary."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from engine.console.explanation import render
from engine.executors.columnar import ColumnarExecutor
from engine.executors.protocol import Evaluation, FactTables
from engine.executors.reference import ReferenceExecutor
from engine.explain.build import explain_account
from engine.language.load import load_pack
from engine.model import NUMERIC_TYPES, Column, Vocabulary
from engine.plan.build import build_plan
from engine.plan.steps import Plan
from engine.reports.nodes import to_json
from engine.resources import policies_folder
from tests.executors.case_files import without
from tests.executors.compare import differences
from tests.executors.rete import NEEDS_RETE, RETE

AS_OF = date(2026, 6, 30)
PACKS = ("engineering", "key_account_rules")
ALL_PACKS = (*PACKS, "manufacturing", "systems_engineering", "value_segments")
SEEDS = (1, 2, 3)
AGES = (-1, 0, 1, 30, 89, 90, 91, 200, 364, 365, 500)


def some_value(random_: random.Random, column: Column) -> Any:
    """Small ranges, so that ties and boundaries happen; one in eight is missing."""
    if random_.random() < 0.125:
        return None
    if column.values:
        return random_.choice(column.values)
    if column.type in NUMERIC_TYPES:
        return some_number(random_, column)
    if column.type in ("date", "datetime"):
        day = AS_OF - timedelta(days=random_.choice(AGES))
        midnight = datetime.combine(day, datetime.min.time())
        hours = timedelta(hours=random_.randint(0, 23))
        return day if column.type == "date" else midnight + hours
    if column.type == "boolean":
        return random_.random() < 0.5
    return random_.choice(["北京", "上海", "电力", "O'Brien"])


def some_number(random_: random.Random, column: Column) -> Any:
    low, high = column.range or (Decimal(0), Decimal(10))
    if column.type in ("integer", "days"):
        return random_.randint(int(low), min(int(high), int(low) + 10))
    if column.type == "money":
        return Decimal(random_.choice([0, 1, 99_999, 500_000_000, 123_456_789])).scaleb(-2)
    share = random_.choice([0.0, 0.05, 0.2, 0.3, 0.5, 1.0])
    return round(share * float(high - low) / 10, 6)


def some_row(random_: random.Random, columns: Sequence[Column]) -> dict[str, Any]:
    return {column.name: some_value(random_, column) for column in columns}


def some_facts(vocabulary: Vocabulary, seed: int, size: int = 25) -> FactTables:
    random_ = random.Random(seed)
    accounts = [
        {
            "account_no": number,
            "account_id": f"K{number:03d}",
            **some_row(random_, list(vocabulary.accounts.values())),
            "status": random_.choice(["active", "active", "active", "closed"]),
        }
        for number in range(size)
    ]
    records = {
        name: [
            {
                "account_no": random_.randrange(size),
                **some_row(random_, list(record.columns.values())),
            }
            for _ in range(size * 4)
        ]
        for name, record in vocabulary.records.items()
    }
    return FactTables(accounts, records)


@cache
def plan_of(pack: str) -> tuple[Plan, Vocabulary]:
    policy = load_pack(str(policies_folder() / pack))
    mapped = without(policy.vocabulary, ())
    return build_plan([policy], mapped, AS_OF), mapped


@cache
def reference(pack: str, seed: int) -> Evaluation:
    plan, mapped = plan_of(pack)
    return ReferenceExecutor().evaluate(plan, some_facts(mapped, seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("pack", PACKS)
def test_executors_agree_on_the_packs(pack: str, seed: int) -> None:
    plan, mapped = plan_of(pack)
    columnar = ColumnarExecutor().evaluate(plan, some_facts(mapped, seed))
    assert differences(reference(pack, seed), columnar) == []


@NEEDS_RETE
@pytest.mark.parametrize("pack", ALL_PACKS)
def test_rete_agrees_on_the_packs_and_leaves_nothing_out(pack: str) -> None:
    plan, mapped = plan_of(pack)
    assert RETE.unsupported(plan) == ()
    found = RETE.evaluate(plan, some_facts(mapped, 1))
    assert differences(reference(pack, 1), found) == []


@pytest.mark.parametrize("pack", PACKS)
def test_random_facts_make_rules_fire_and_leave_some_unknown(pack: str) -> None:
    found = reference(pack, 1)
    assert len({hit.key.rule for hit in found.hits}) > 5
    assert len({key.rule for key in found.unknowns}) > 2


@pytest.mark.parametrize("pack", PACKS)
def test_explanation_agrees_with_the_decision(pack: str) -> None:
    plan, _ = plan_of(pack)
    found = reference(pack, 1)
    hits = {(hit.key.account_no, hit.key.kind, hit.key.rule): hit.level for hit in found.hits}
    unknowns = {(key.account_no, key.kind, key.rule) for key in found.unknowns}
    [pack_plan] = plan.packs
    for number, facts in enumerate(found.facts):
        tier = found.candidates[pack_plan.id][number]
        explained = explain_account(plan, pack_plan, facts, found.statistics, tier)
        assert explained.candidate == tier
        for rule in explained.rules:
            key = (number, rule.kind, rule.id)
            assert rule.level == hits.get(key)
            assert (rule.truth is None) == (key in unknowns)
        assert to_json(explained)
        assert render(explained, "zh").children


@pytest.mark.parametrize("pack", PACKS)
def test_closing_the_gaps_is_all_that_the_next_tier_asks(pack: str) -> None:
    """No gap means that the next tier holds; a gap means that its test does not."""
    plan, _ = plan_of(pack)
    found = reference(pack, 2)
    [pack_plan] = plan.packs
    checked = 0
    for number, facts in enumerate(found.facts):
        tier = found.candidates[pack_plan.id][number]
        explained = explain_account(plan, pack_plan, facts, found.statistics, tier)
        if explained.distance is None:
            continue
        checked += 1
        assert explained.distance.gaps
        for gap in explained.distance.gaps:
            assert gap.test.truth is not (not gap.avoid)
    assert checked
