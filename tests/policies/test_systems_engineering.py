"""How document B's classes are decided, at each boundary and one step either side."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.executors.protocol import Row
from engine.executors.reference import ReferenceExecutor
from engine.language.load import load_pack
from engine.model import Period
from engine.resources import policies_folder
from tests.policies.books import ago, hits_of, plan_of, tier_of
from tests.policies.systems_engineering import (
    BEST,
    CLASS_A,
    CLASS_B,
    CLASS_C,
    GOOD,
    MIDDLING,
    PACK,
    customer,
    fact,
    forecast,
    invoices_paid_after,
    level,
    of_the_book,
    order,
    scoped,
    tables_of,
)

# --- classes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purchase", "score", "class_"),
    [
        ("4925010", 75.000016, "class_a"),
        ("4925000", 75.0, "class_a"),
        ("4924990", 74.999984, "class_b"),
    ],
)
def test_class_a_begins_at_a_score_of_75(purchase: str, score: float, class_: str) -> None:
    account = customer(purchase, GOOD)
    assert fact(account, "customer_score") == pytest.approx(score, abs=2e-6)
    assert tier_of(PACK, account) == class_


@pytest.mark.parametrize(
    ("purchase", "score", "class_"),
    [
        ("5170010", 55.000016, "class_b"),
        ("5170000", 55.0, "class_b"),
        ("5169990", 54.999984, "class_c"),
    ],
)
def test_class_b_begins_at_a_score_of_55(purchase: str, score: float, class_: str) -> None:
    account = customer(purchase, MIDDLING)
    assert fact(account, "customer_score") == pytest.approx(score, abs=2e-6)
    assert tier_of(PACK, account) == class_


@pytest.mark.parametrize(
    ("purchase", "class_"),
    [
        ("3000000.01", "class_a"),
        ("3000000.00", "class_a"),
        ("2999999.99", "class_b"),
        ("500000.01", "class_b"),
        ("500000.00", "class_b"),
        ("499999.99", "class_c"),
    ],
)
def test_ratings_alone_make_no_class(purchase: str, class_: str) -> None:
    account = customer(purchase)
    assert float(str(fact(account, "customer_score"))) > 75
    assert tier_of(PACK, account) == class_


@pytest.mark.parametrize(("days", "class_"), [(179, "class_a"), (180, "class_c"), (181, "class_c")])
def test_payment_after_half_a_year_excludes(days: int, class_: str) -> None:
    account = customer("9000000").with_records("invoices", invoices_paid_after(days))
    assert tier_of(PACK, account) == class_


def test_unknown_collection_period_does_not_exclude() -> None:
    assert fact(customer("9000000"), "payment_days") is None
    assert tier_of(PACK, customer("9000000")) == "class_a"


def test_rating_nobody_gave_sinks_no_account_but_is_asked_for() -> None:
    unrated = customer("9000000", {**BEST, "industry_influence": None, "budget_fit": None})
    assert tier_of(PACK, unrated) == "class_a"
    assert fact(unrated, "ratings_missing") == 2
    assert level(unrated, "rating_missing") == "blue"
    assert level(customer("9000000"), "rating_missing") is None
    small = customer(CLASS_C, {**BEST, "budget_fit": None})
    assert level(small, "rating_missing") is None


def test_closed_account_gets_no_class_and_no_hits() -> None:
    closed = customer("9000000").with_account(status="closed")
    assert tier_of(PACK, closed) is None
    assert hits_of(PACK, closed) == {}


# --- milestones ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("renewal", "increment", "proposed"),
    [
        (0.80, "2000000", True),
        (0.79, "2000000", False),
        (0.80, "1999999.99", False),
    ],
)
def test_class_a_is_proposed_for_renewal_and_increment(
    renewal: float, increment: str, proposed: bool
) -> None:
    columns = forecast(renewal, increment)
    assert (
        "rise_to_class_a" in hits_of(PACK, customer(CLASS_B).with_account(**columns))
    ) is proposed
    assert "rise_to_class_a" not in hits_of(PACK, customer(CLASS_A).with_account(**columns))


@pytest.mark.parametrize(
    ("renewal", "increment", "reached"),
    [(0.60, "500000", True), (0.59, "500000", False), (0.60, "499999.99", False)],
)
def test_increment_is_pursued_where_the_renewal_is_likely(
    renewal: float, increment: str, reached: bool
) -> None:
    columns = forecast(renewal, increment)
    assert (
        "increment_in_reach" in hits_of(PACK, customer(CLASS_B).with_account(**columns))
    ) is reached
    assert "increment_in_reach" not in hits_of(PACK, customer(CLASS_C).with_account(**columns))


@pytest.mark.parametrize(("purchase", "proposed"), [("1966670", True), ("1966660", False)])
def test_high_potential_is_proposed_from_a_score_of_45(purchase: str, proposed: bool) -> None:
    account = customer(purchase, {**MIDDLING, "company_size": "small"})
    labelled = account.with_account(customer_type="high_potential")
    assert fact(labelled, "customer_score") == pytest.approx(45, abs=3e-5)
    assert ("high_potential" in hits_of(PACK, labelled)) is proposed
    assert "high_potential" not in hits_of(PACK, account.with_account(customer_type="innovative"))


def deliveries(on_time: int, late: int) -> list[Row]:
    return [
        {"recorded_on": ago(60), "due_on": ago(20), "delivered_on": ago(20 if n < on_time else 19)}
        for n in range(on_time + late)
    ]


@pytest.mark.parametrize(
    ("satisfaction", "on_time", "late", "nominated"),
    [(90.0, 19, 1, True), (89.9, 19, 1, False), (90.0, 18, 1, False), (100.0, 5, 0, True)],
)
def test_award_needs_satisfaction_and_fulfilment(
    satisfaction: float, on_time: int, late: int, nominated: bool
) -> None:
    survey: Row = {"surveyed_on": ago(30), "satisfaction": satisfaction}
    account = customer(CLASS_B).with_records("surveys", [survey])
    account = account.with_records("deliveries", deliveries(on_time, late))
    assert ("award_candidate" in hits_of(PACK, account)) is nominated
    complaint: Row = {"opened_at": ago(300), "closed_at": ago(290), "class": "complaint"}
    assert "award_candidate" not in hits_of(PACK, account.with_records("issues", [complaint]))


# --- what is owed -------------------------------------------------------------------------


def test_each_class_is_owed_one_reply_and_the_better_the_sooner() -> None:
    entitlements = load_pack(policies_folder() / PACK).entitlements
    owed: dict[tuple[str, ...], str] = {}
    for name, entitlement in entitlements.items():
        within = entitlement.terms.get("within")
        if name.startswith("request_reply_") and isinstance(within, Period):
            owed[entitlement.tiers] = within.text
    assert owed == {
        ("class_a",): "4 hours",
        ("class_b",): "1 workday",
        ("class_c",): "2 workdays",
    }


def test_energy_advice_is_owed_where_we_maintain() -> None:
    def advised(kind: str) -> bool:
        tables = tables_of([BEST], orders=[order(0, CLASS_A, kind=kind)])
        hits = ReferenceExecutor().evaluate(plan_of(PACK), tables).hits
        return "energy_advice" in {hit.key.rule for hit in hits}

    assert advised("maintenance")
    assert not advised("project")


@pytest.mark.parametrize(
    ("kind", "owed"),
    [
        ("innovative", {"pilot_projects"}),
        ("conservative", {"reference_visits"}),
        ("high_potential", set()),
        (None, set()),
    ],
)
def test_type_of_customer_decides_what_it_is_offered(kind: str | None, owed: set[str]) -> None:
    hits = hits_of(PACK, customer(CLASS_B, customer_type=kind))
    assert {"pilot_projects", "reference_visits"} & hits.keys() == owed


# --- the book and the managers ------------------------------------------------------------


def test_delivery_time_is_compared_with_the_year_before() -> None:
    def delivered(account_no: int, days_ago: int, took: int) -> Row:
        done = ago(days_ago)
        started = done - timedelta(days=took)
        return {
            "account_no": account_no,
            "recorded_on": started,
            "started_on": started,
            "due_on": done,
            "delivered_on": done,
        }

    rows = [delivered(0, 10, 60), delivered(1, 364, 90)]
    rows += [delivered(0, 365, 100), delivered(1, 729, 100), delivered(0, 730, 900)]
    book = of_the_book(tables_of([{}, {}], deliveries=rows))
    assert book["book_delivery_days"] == 75
    assert book["book_delivery_change"] == -0.25  # 「缩短25%」


def test_nps_of_the_book_is_compared_with_the_year_before() -> None:
    def answered(now: int, before: int) -> list[Row]:
        days = [30] * 10 + [400] * 10
        scores = [10] * now + [8] * (10 - now) + [10] * before + [8] * (10 - before)
        return [
            {"account_no": 0, "surveyed_on": ago(day), "recommendation": score}
            for day, score in zip(days, scores, strict=True)
        ]

    book = of_the_book(tables_of([{}], surveys=answered(8, 5)))
    assert (book["portfolio_nps"], book["book_nps_change"]) == (80, 30)
    too_few = of_the_book(tables_of([{}], surveys=answered(8, 5)[:19]))
    assert too_few["book_nps_change"] is None


def test_retention_and_repurchase_are_compared_with_the_year_before() -> None:
    orders = [order(n, "100", 800) for n in range(4)]
    orders += [order(n, "100", 400 + days) for n in (0, 1) for days in (0, 10)]
    orders += [order(4, "100", 400), order(5, "100", 400)]
    orders += [order(n, "100", 30 + days) for n in (0, 1, 4) for days in (0, 10)]
    book = of_the_book(tables_of([{}] * 6, orders=orders))
    assert book["portfolio_retention_prior"] == 0.5
    assert book["book_retention_change"] == 0.5  # from two of four to three of four
    assert book["book_repurchase_prior"] == 0.5
    assert book["book_repurchase_change"] == 1


def test_complaint_rate_is_per_buying_customer() -> None:
    complaints: list[Row] = [
        {"account_no": 0, "opened_at": ago(day), "class": "complaint"} for day in (10, 20, 400, 410)
    ]
    orders = [order(0, "100"), order(1, "100"), order(0, "100", 400)]
    book = of_the_book(tables_of([{}, {}], issues=complaints, orders=orders))
    assert book["book_complaint_rate"] == 1
    assert book["book_complaint_change"] == -0.5


@pytest.mark.parametrize(("amount", "surplus"), [("10000000.01", 0.01), ("9999999", -1)])
def test_maintenance_is_measured_against_ten_million(amount: str, surplus: float) -> None:
    orders = [order(0, amount, kind="maintenance"), order(0, "77", kind="product")]
    book = of_the_book(tables_of([{}], orders=orders))
    assert book["book_maintenance_surplus"] == pytest.approx(surplus)


def test_departments_are_judged_apart() -> None:
    surveys: list[Row] = [
        {"account_no": 0, "surveyed_on": ago(30), "delivery_satisfaction": 60.0},
        {"account_no": 1, "surveyed_on": ago(30), "delivery_satisfaction": 80.0},
        {"account_no": 1, "surveyed_on": ago(30), "sales_satisfaction": 95.0},
    ]
    book = of_the_book(tables_of([{}, {}], surveys=surveys))
    assert book["book_delivery_satisfaction"] == 70
    assert book["book_sales_satisfaction"] == 95
    assert book["book_technical_satisfaction"] is None


@pytest.mark.parametrize(
    ("accounts", "expected"), [(15, None), (16, "yellow"), (19, "yellow"), (20, "orange")]
)
def test_manager_serves_fifteen_key_accounts_at_most(accounts: int, expected: str | None) -> None:
    """Besides, the manager has five of class C, which do not count."""
    orders = [order(n, CLASS_B) for n in range(accounts)]
    orders += [order(accounts + n, CLASS_C) for n in range(5)]
    found = scoped(tables_of([BEST] * (accounts + 5), orders=orders), ["李娜"] * (accounts + 5))
    levels = {hit[3]: hit[4] for hit in found.hits if hit[1:3] == ("customer_manager", "李娜")}
    assert levels.get("manager_overloaded") == expected
