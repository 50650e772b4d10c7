"""How document E's segments are decided, at each boundary and one step either side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from engine.executors.protocol import Row, Value
from engine.language.load import load_pack
from engine.resources import policies_folder
from tests.policies.books import Order, ago, hits_of, tier_of
from tests.policies.value_segments import (
    NO_PROFIT,
    PACK,
    book_of,
    customer,
    fact,
    order,
    partner,
    scoped,
    surveyed,
    tables_of,
)

# --- segments -----------------------------------------------------------------------------


@pytest.mark.parametrize(("in_book", "contributors"), [(40, 4), (41, 5), (10, 1)])
def test_profit_contributors_are_the_first_tenth(in_book: int, contributors: int) -> None:
    orders = [order(n, 10**6 - n, days) for n in range(in_book) for days in (30, 60)]
    segments = list(book_of([{}] * in_book, orders=orders).candidates[PACK])
    assert segments == ["profit_contributor"] * contributors + ["regular"] * (
        in_book - contributors
    )


@pytest.mark.parametrize(
    ("profit", "segment"), [("0.01", "profit_contributor"), ("0", "regular"), ("-1", "regular")]
)
def test_profit_contributor_earns_something(profit: str, segment: str) -> None:
    cost = Decimal(1000) - Decimal(profit)
    bought = [order(0, 1000, cost=cost), order(0, 1000, 60, cost=Decimal(1000))]
    assert book_of([{}], orders=bought).candidates[PACK][0] == segment


@pytest.mark.parametrize(
    ("days", "segment"),
    [
        ((30,), "regular"),
        ((30, 30), "regular"),  # one purchase in two orders
        ((30, 31), "profit_contributor"),
        ((30, 364), "profit_contributor"),
        ((30, 365), "regular"),
    ],
)
def test_profit_contributor_buys_on_two_days_a_year(days: tuple[int, ...], segment: str) -> None:
    orders = [order(0, 1000, day) for day in days]
    assert book_of([{}], orders=orders).candidates[PACK][0] == segment


@pytest.mark.parametrize(
    ("influence", "segment"),
    [(5, "strategic_partner"), (4, "strategic_partner"), (3, "regular"), (None, "regular")],
)
def test_strategic_partner_has_great_influence(influence: int | None, segment: str) -> None:
    assert tier_of(PACK, customer(industry_influence=influence)) == segment


@pytest.mark.parametrize(
    ("now", "before", "segment"),
    [
        ("1200001", "1000000", "growth_potential"),
        ("1200000", "1000000", "growth_potential"),  # exactly 20%
        ("1199998", "1000000", "regular"),
        ("240000", "200000", "growth_potential"),
        ("300000", "199999.99", "regular"),  # from next to nothing
        ("300000", "0", "regular"),  # has no rate of growth at all
    ],
)
def test_growth_potential_grows_fast_from_a_base(now: str, before: str, segment: str) -> None:
    assert tier_of(PACK, customer(now, before, industry_growth=0.05)) == segment


@pytest.mark.parametrize(
    ("industry", "capacity", "segment"),
    [
        (0.05, None, "growth_potential"),
        (0.049, None, "regular"),
        (None, 1.5, "growth_potential"),
        (None, 1.49, "regular"),
        (0.049, 1.5, "growth_potential"),
        (None, None, "regular"),
    ],
)
def test_growth_potential_has_a_future(
    industry: float | None, capacity: float | None, segment: str
) -> None:
    account = customer(industry_growth=industry, capacity_multiple_3y=capacity)
    assert tier_of(PACK, account) == segment


def test_first_segment_that_holds_is_taken() -> None:
    growing = customer(industry_growth=0.1)
    assert tier_of(PACK, growing) == "growth_potential"
    influential = growing.with_account(industry_influence=4)
    assert tier_of(PACK, influential) == "strategic_partner"
    earning = replace(
        influential, orders=[replace(one, margin=Decimal("0.1")) for one in influential.orders]
    )
    assert tier_of(PACK, earning) == "profit_contributor"


def test_closed_account_gets_no_segment_and_no_hits() -> None:
    closed = partner().with_account(status="closed")
    assert tier_of(PACK, closed) is None
    assert hits_of(PACK, closed) == {}


def test_segments_and_levels_are_decided_side_by_side() -> None:
    ids = {
        pack: {tier.id for tier in (*scheme.levels, scheme.default)}
        for pack in (PACK, "key_account_rules")
        if (scheme := load_pack(policies_folder() / pack).tiers) is not None
    }
    assert len(ids) == 2
    assert not ids[PACK] & ids["key_account_rules"]


# --- milestones ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "before", "reached"),
    [("1500000", "1000000", True), ("1499998", "1000000", False), ("300000", "199999", False)],
)
def test_leap_moves_a_regular_account(now: str, before: str, reached: bool) -> None:
    account = customer(now, before)
    assert tier_of(PACK, account) == "regular"
    assert ("leap" in hits_of(PACK, account)) is reached


@pytest.mark.parametrize(
    ("influence", "joint", "proposed"), [(3, True, True), (2, True, False), (3, False, False)]
)
def test_partner_is_proposed_one_step_short(influence: int, joint: bool, proposed: bool) -> None:
    columns: Mapping[str, Value] = {"industry_influence": influence, "joint_development": joint}
    growing = customer(industry_growth=0.05).with_account(**columns)
    assert ("partner_candidate" in hits_of(PACK, growing)) is proposed
    assert "partner_candidate" not in hits_of(PACK, customer().with_account(**columns))


@pytest.mark.parametrize(
    ("lines", "satisfaction", "opening"),
    [(1, 85.0, True), (1, 84.9, False), (2, 85.0, False)],
)
def test_cross_selling_opens_where_one_line_satisfies(
    lines: int, satisfaction: float, opening: bool
) -> None:
    account = partner().with_records("surveys", surveyed(satisfaction))
    names = ("automation", "pumps")[:lines]
    orders = [Order(Decimal(1000), 20 + n, name, NO_PROFIT) for n, name in enumerate(names)]
    assert ("cross_selling" in hits_of(PACK, replace(account, orders=orders))) is opening
    assert "cross_selling" not in hits_of(PACK, replace(account, orders=[]))


@pytest.mark.parametrize(
    ("kind", "satisfaction", "stage", "opening"),
    [
        ("product", 85.0, "stable", True),
        ("product", 84.9, "stable", False),
        ("product", 85.0, "crisis", False),
        ("value_added", 85.0, "stable", False),
    ],
)
def test_value_added_services_are_offered_to_the_satisfied(
    kind: str, satisfaction: float, stage: str, opening: bool
) -> None:
    surveys: list[Row] = [{"account_no": 0, **row} for row in surveyed(satisfaction)]
    orders = [order(0, 1000, kind=kind)]
    found = book_of([{"cooperation_stage": stage}], orders=orders, surveys=surveys)
    assert any(hit.key.rule == "value_added_opening" for hit in found.hits) is opening


@pytest.mark.parametrize(
    ("times", "days", "shown"), [(20, 29, True), (19, 29, False), (20, 30, False)]
)
def test_interest_is_shown_by_visits_of_the_website(times: int, days: int, shown: bool) -> None:
    visits: list[Row] = [
        {"used_on": ago(days), "kind": "website_visit", "times": times},
        {"used_on": ago(days), "kind": "product_use", "times": 500},
    ]
    assert ("interest_shown" in hits_of(PACK, customer().with_records("usage", visits))) is shown


# --- the book and the managers ------------------------------------------------------------


def test_churn_is_compared_with_the_year_before() -> None:
    """Of five that bought two years ago two were lost within a year, of the next five only one."""
    orders = [order(n, 100, 800) for n in range(5)]
    orders += [order(n, 100, 400) for n in (0, 1, 2, 5, 6)]  # two lost, two won
    orders += [order(n, 100, 30) for n in (0, 1, 2, 5)]  # one lost
    found = scoped(tables_of([{}] * 7, orders=orders)).facts
    book = {name: value for _, scope, _, name, value in found if scope == "portfolio"}
    assert book["book_churn"] == pytest.approx(0.2)
    assert book["book_churn_change"] == pytest.approx(-0.5)


def test_relationship_score_is_by_what_is_known() -> None:
    account = customer(churn_probability=0.40)
    # Known are the churn (40 of 100, weight 25) and two purchases (60 of 100, weight 25).
    assert fact(account, "relationship_score") == 50
    asked = account.with_records("surveys", surveyed(80.0))
    assert fact(asked, "relationship_score") == 53.75  # with 60 of 100 at weight 30


@pytest.mark.parametrize(
    ("satisfaction", "accounts", "expected"),
    [
        (80.0, 3, None),  # worth 60 of 100
        (79.9, 3, "yellow"),
        (79.9, 2, None),  # too few to judge a manager by
    ],
)
def test_manager_is_talked_to_about_a_low_score(
    satisfaction: float, accounts: int, expected: str | None
) -> None:
    surveys = [{"account_no": n, **surveyed(satisfaction)[0]} for n in range(accounts)]
    orders = [order(n, 1000, days) for n in range(accounts) for days in (30, 60)]
    tables = tables_of([{}] * accounts, surveys=surveys, orders=orders)
    found = scoped(tables, ["李娜"] * accounts)
    levels = {hit[3]: hit[4] for hit in found.hits if hit[1:3] == ("customer_manager", "李娜")}
    assert levels.get("manager_score_low") == expected
    figures = {name: value for *_, entity, name, value in found.facts if entity == "李娜"}
    assert figures["accounts_of_manager"] == accounts
    assert figures["profit_of_manager"] == 2000 * accounts
