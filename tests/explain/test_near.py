"""`kam near`: the list is what a plain computation over everybody gives, in its order."""

from __future__ import annotations

import duckdb
import pytest

from engine.errors import KamError
from engine.explain.build import explain_distance
from engine.explain.distance import Nearness, nearness
from engine.inquiry.near import near_tier
from engine.plan.steps import PackPlan
from engine.recall import KeptNight
from engine.recall_facts import accounts_facts, open_facts
from tests.explain.asking import kept
from tests.explain.conftest import Size
from tests.night.book import Book


def brute_force(night: KeptNight, pack: PackPlan, tier: str) -> list[tuple[Nearness, str]]:
    """Every account in a worse tier, by the explanation of each."""
    order = [one.id for one in pack.tiers]
    with duckdb.connect() as connection:
        open_facts(connection, night.run, night.plan)
        rows = connection.execute(
            "SELECT account_id FROM read_parquet($path) WHERE pack = $pack AND in_population "
            "AND list_position($order, tier) > list_position($order, $tier)",
            {
                "path": str(night.run.path / "decisions.parquet"),
                "pack": pack.id,
                "order": order,
                "tier": tier,
            },
        ).fetchall()
        facts = accounts_facts(connection, [account for (account,) in rows])
    return sorted(
        (nearness(explain_distance(night.plan, pack, row, night.statistics, tier).gaps), account)
        for account, row in facts.items()
    )


def listed(night: KeptNight, pack: PackPlan, tier: str, **wanted: int | None) -> object:
    (found,) = near_tier(night, tier, pack.id, **{"limit": None, **wanted})
    return [(one.nearness, one.account_id) for one in found.accounts]


@pytest.mark.slow
def test_list_is_that_of_a_plain_computation_over_all_packs(demo: KeptNight, size: Size) -> None:
    aims = [(pack, tier) for pack in demo.plan.packs for tier in pack.tiers if tier.predicate]
    assert len(demo.plan.packs) == len(size.packs)
    for pack, tier in aims:
        expected = brute_force(demo, pack, tier.id)
        assert expected
        assert listed(demo, pack, tier.id) == expected
        for limit in (1, 10):
            assert listed(demo, pack, tier.id, limit=limit) == expected[:limit]
        for within in (0, 1, 2):
            inside = [one for one in expected if one[0][0] <= within]
            assert listed(demo, pack, tier.id, within=within) == inside


def test_total_counts_also_what_is_not_listed(demo: KeptNight) -> None:
    pack = demo.plan.packs[0]
    tier = pack.tiers[0].id
    (found,) = near_tier(demo, tier, pack.id, limit=3)
    assert len(found.accounts) == 3
    assert found.total == len(brute_force(demo, pack, tier))


def test_account_names_what_it_lacks_and_by_how_much(begun: Book) -> None:
    (found,) = near_tier(kept(begun), "gold")
    assert [one.account_id for one in found.accounts] == ["a3", "a2"]
    first, second = found.accounts
    assert [gap.test.subject.column for gap in first.gaps] == ["purchase"]
    assert [gap.test.subject.column for gap in second.gaps] == ["purchase", "rating"]
    assert [str(gap.amount) for gap in first.gaps] == ["999989.50"]
    assert first.gaps[0].test.location.file == "policies/small/pack.yaml"


def test_exclusion_is_in_the_way_of_every_tier(book: Book) -> None:
    book.replace(
        "policies/small/pack.yaml",
        "  population: {status: active}\n",
        "  population: {status: active}\n  exclude: {when: {complaints_90d: {gte: 2}}}\n",
    )
    book.run()
    (found,) = near_tier(kept(book), "gold")
    gap = next(one for one in found.accounts if one.account_id == "a1").gaps
    assert [(one.test.subject.column, one.avoid, one.amount) for one in gap] == [
        ("complaints_90d", True, 1)
    ]


@pytest.mark.parametrize(
    ("tier", "message"),
    [
        ("golden", "unknown-tier: .*did you mean 'gold'"),
        ("plain", "default-tier: .*everyone else"),
    ],
)
def test_tier_that_nobody_can_be_near_is_refused(begun: Book, tier: str, message: str) -> None:
    with pytest.raises(KamError, match=message):
        near_tier(kept(begun), tier)
