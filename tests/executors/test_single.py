"""One account by itself says what it says among all the others."""

from __future__ import annotations

from functools import cache

import pytest

from engine.executors.columnar import ColumnarExecutor
from engine.executors.protocol import Evaluation
from engine.executors.reference import ReferenceExecutor
from engine.executors.single import (
    base_columns,
    evaluate_account,
    judge_account,
    kept,
    revised_account,
)
from engine.language.load import load_pack, packaged_packs
from engine.plan.build import build_plan
from engine.plan.steps import Plan
from engine.resources import policies_folder
from tests.executors.case_files import without
from tests.executors.test_packs import AS_OF, some_facts
from tests.often import seldom

EXECUTORS = {"reference": ReferenceExecutor(), "columnar": ColumnarExecutor()}


@cache
def evaluated(pack: str, executor: str, seed: int) -> tuple[Plan, Evaluation]:
    policy = load_pack(str(policies_folder() / pack))
    mapped = without(policy.vocabulary, ())
    plan = build_plan([policy], mapped, AS_OF)
    return plan, EXECUTORS[executor].evaluate(plan, some_facts(mapped, seed))


PACK = "key_account_rules"
PACKS = [PACK, *seldom(*(one for one in packaged_packs() if one != PACK))]


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("pack", PACKS)
def test_base_row_gives_the_facts_and_verdicts_that_all_accounts_together_give(
    pack: str, executor: str
) -> None:
    plan, found = evaluated(pack, executor, 5)
    (decided,) = plan.packs
    hits = {(hit.key.account_no, hit.key.kind, hit.key.rule): hit.level for hit in found.hits}
    unknowns = {(key.account_no, key.kind, key.rule) for key in found.unknowns}
    for number, row in enumerate(found.facts):
        base = {name: row[name] for name in base_columns(plan)}
        again = evaluate_account(plan, base, found.statistics, kept(row))
        assert again == dict(row)
        tier = found.candidates[decided.id][number]
        said = judge_account(decided, again, found.statistics, tier)
        assert said.candidate == tier
        assert {(number, *key): level for key, level in said.levels.items()} == {
            key: level for key, level in hits.items() if key[0] == number
        }
        assert {(number, *key) for key in said.unknown} == {
            key for key in unknowns if key[0] == number
        }


def test_fixed_column_stands_whatever_its_formula_comes_to() -> None:
    plan, found = evaluated("key_account_rules", "reference", 5)
    row = next(row for row in found.facts if row["revenue_share"] is not None)
    fixed = {"revenue_share": 0.25}
    again = evaluate_account(plan, row, found.statistics, kept(row), fixed)
    assert again["revenue_share"] == 0.25
    assert again["annual_purchase"] == row["annual_purchase"]


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("pack", PACKS)
def test_changed_columns_reach_all_that_is_computed_from_them(pack: str, executor: str) -> None:
    """Each base column in turn takes the value of another account, and is missing."""
    plan, found = evaluated(pack, executor, 5)
    moved = 0
    for row, other in zip(found.facts, found.facts[1:], strict=False):
        for column in base_columns(plan)[2:]:
            for value in (other[column], None):
                base = {name: row[name] for name in base_columns(plan)} | {column: value}
                expected = evaluate_account(plan, base, found.statistics, kept(row))
                revised = revised_account(plan, row, {column: value}, found.statistics)
                assert revised == expected
                moved += revised != {**row, column: value}
        if moved > 100:
            break
    assert moved
