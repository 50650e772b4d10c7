"""How document B's classes are decided, at each boundary and one step either side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.executors.protocol import FactTables, Row, Value
from engine.executors.reference import ReferenceExecutor, measure
from engine.executors.reference_scopes import ScopeDecisions, evaluate_scopes
from engine.language.load import load_pack
from engine.model import Period
from engine.resources import policies_folder
from tests.policies.books import Order, Subject, ago, evaluate, hits_of, plan_of, tier_of

PACK = "systems_engineering"

BEST: Mapping[str, Value] = {
    "company_size": "large",
    "industry_influence": 5,
    "technical_synergy": 5,
    "brand_endorsement": True,
    "cooperation_willingness": 5,
    "budget_fit": 5,
}
GOOD: Mapping[str, Value] = {
    "company_size": "medium",
    "industry_influence": 4,
    "technical_synergy": 4,
    "brand_endorsement": True,
    "cooperation_willingness": 4,
    "budget_fit": 4,
}
MIDDLING: Mapping[str, Value] = {
    "company_size": "medium",
    "industry_influence": 3,
    "technical_synergy": 3,
    "brand_endorsement": False,
    "cooperation_willingness": 3,
    "budget_fit": 3,
}
CLASS_A, CLASS_B, CLASS_C = "5000000", "1000000", "100000"
"""Annual contract values that make a class with the best of ratings."""


def customer(purchase: str, ratings: Mapping[str, Value] = BEST, **columns: Value) -> Subject:
    return Subject([Order(Decimal(purchase))], {**ratings, **columns})


def invoices_paid_after(days: int) -> list[Row]:
    issued, amount = ago(200), Decimal("1000.00")
    paid = issued + timedelta(days=days)
    return [
        {"issued_on": issued, "due_on": paid, "paid_on": paid, "amount": amount,
         "paid_amount": amount}
    ]  # fmt: skip


def forecast(renewal: float, increment: str) -> Mapping[str, Value]:
    return {"renewal_probability": renewal, "potential_increment": Decimal(increment)}


def fact(subject: Subject, name: str) -> object:
    return evaluate(PACK, subject).facts[0][name]


def level(subject: Subject, rule: str) -> str | None:
    return hits_of(PACK, subject).get(rule)


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


# --- warnings -----------------------------------------------------------------------------


def request(days_ago: int, owner: str | None = "李娜", closed: int | None = None) -> Row:
    closed_at = None if closed is None else ago(closed)
    return {"opened_at": ago(days_ago), "closed_at": closed_at, "class": "request", "owner": owner}


@pytest.mark.parametrize(
    ("unowned", "expected"), [(0, None), (1, "yellow"), (2, "yellow"), (3, "orange")]
)
def test_request_without_an_owner_warns(unowned: int, expected: str | None) -> None:
    rows = [request(1, owner=None if n < unowned else "李娜") for n in range(4)]
    account = customer(CLASS_B).with_records("issues", rows)
    assert level(account, "request_not_dispatched") == expected


@pytest.mark.parametrize(("days", "waiting"), [([6], 0), ([7], 1), ([7, 8, 6], 2), ([7, 8, 9], 3)])
def test_request_waits_from_the_seventh_day_on(days: list[int], waiting: int) -> None:
    account = customer(CLASS_B).with_records("issues", [request(day) for day in days])
    expected = None if waiting == 0 else "orange" if waiting >= 3 else "yellow"
    assert fact(account, "requests_open_a_week") == waiting
    assert level(account, "request_waiting") == expected
    closed = [request(day, closed=1) for day in days]
    assert level(account.with_records("issues", closed), "request_waiting") is None


@pytest.mark.parametrize(
    ("criteria", "owner", "delivered", "incomplete"),
    [
        ("按图纸验收", "李娜", None, 0),
        (None, "李娜", None, 1),
        ("按图纸验收", None, None, 1),
        (None, None, None, 1),
        (None, None, 5, 0),  # delivered: too late to define it
    ],
)
def test_milestone_needs_criteria_and_an_owner(
    criteria: str | None, owner: str | None, delivered: int | None, incomplete: int
) -> None:
    node: Row = {
        "recorded_on": ago(30),
        "due_on": ago(-30),
        "delivered_on": None if delivered is None else ago(delivered),
        "acceptance_criteria": criteria,
        "owner": owner,
    }
    account = customer(CLASS_B).with_records("deliveries", [node])
    assert fact(account, "incomplete_milestones") == incomplete
    assert level(account, "milestone_incomplete") == ("yellow" if incomplete else None)
    three = account.with_records("deliveries", [node] * 3)
    assert level(three, "milestone_incomplete") == ("orange" if incomplete else None)


@pytest.mark.parametrize(("written", "expected"), [(None, "yellow"), (365, None), (366, "blue")])
def test_account_plan_goes_stale_after_a_year(written: int | None, expected: str | None) -> None:
    plans: list[Row] = (
        [] if written is None else [{"submitted_on": ago(written), "kind": "account_plan"}]
    )
    assert level(customer(CLASS_B).with_records("documents", plans), "plan_missing") == expected
    assert level(customer(CLASS_C).with_records("documents", plans), "plan_missing") is None


@pytest.mark.parametrize(
    ("stage", "days", "expected"),
    [
        ("contract", 60, None),
        ("contract", 61, "yellow"),
        ("contract", 120, "yellow"),
        ("contract", 121, "orange"),
        ("operation", 900, None),  # has no end to wait for
    ],
)
def test_journey_is_stuck_after_two_months(stage: str, days: int, expected: str | None) -> None:
    account = customer(CLASS_C, journey_stage=stage, journey_stage_since=ago(days))
    assert level(account, "journey_stuck") == expected


@pytest.mark.parametrize(
    ("late", "expected"),
    [(0, None), (1, "yellow"), (14, "yellow"), (15, "orange"), (29, "orange"), (30, "red")],
)
def test_delivery_late_by_days(late: int, expected: str | None) -> None:
    node: Row = {"recorded_on": ago(90), "due_on": ago(late)}
    assert level(customer(CLASS_B).with_records("deliveries", [node]), "delivery_late") == expected
    small = customer(CLASS_C).with_records("deliveries", [node])
    assert level(small, "delivery_late") == ("orange" if expected == "red" else expected)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(89, None), (90, "yellow"), (134, "yellow"), (135, "orange"), (179, "orange"), (180, "red")],
)
def test_slow_collection_warns_before_the_veto(days: int, expected: str | None) -> None:
    account = customer(CLASS_B).with_records("invoices", invoices_paid_after(days))
    assert level(account, "collection_slow") == expected


@pytest.mark.parametrize(
    ("satisfaction", "expected"),
    [(None, None), (75.0, None), (74.9, "yellow"), (60.0, "yellow"), (59.9, "red")],
)
def test_satisfaction_low(satisfaction: float | None, expected: str | None) -> None:
    survey: Row = {"surveyed_on": ago(30), "satisfaction": satisfaction}
    assert (
        level(customer(CLASS_B).with_records("surveys", [survey]), "satisfaction_low") == expected
    )


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(1, 0, None), (2, 1, "yellow"), (2, 2, None), (4, 0, "yellow"), (5, 9, "red")],
)
def test_complaints_rising(now: int, before: int, expected: str | None) -> None:
    days = [10 + n for n in range(now)] + [100 + n for n in range(before)]
    rows: list[Row] = [{"opened_at": ago(day), "class": "complaint"} for day in days]
    account = customer(CLASS_B).with_records("issues", rows)
    assert level(account, "complaints_rising") == expected


def answers(now: list[int], before: list[int]) -> list[Row]:
    dated = [(30, score) for score in now] + [(400, score) for score in before]
    return [{"surveyed_on": ago(days), "recommendation": score} for days, score in dated]


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ([8, 8, 8, 0], [8, 8, 8, 8], "yellow"),  # from 0 to -25
        ([9, 8, 8, 0], [9, 8, 8, 8], "yellow"),
        ([8, 8, 8, 8, 0], [8, 8, 8, 8], None),  # from 0 to -20
        ([0, 0], [10, 10, 10], None),  # too few answers
        ([0, 0, 0], [10, 10], None),
    ],
)
def test_nps_falls_as_far_as_it_rose(
    now: list[int], before: list[int], expected: str | None
) -> None:
    account = customer(CLASS_B).with_records("surveys", answers(now, before))
    assert level(account, "nps_falling") == expected


@pytest.mark.parametrize(
    ("severity", "days", "expected"),
    [
        (2, 10, None),
        (3, 10, "yellow"),
        (4, 10, "yellow"),
        (5, 10, "red"),
        (5, 89, "red"),
        (5, 90, None),
    ],
)
def test_public_sentiment_by_severity(severity: int, days: int, expected: str | None) -> None:
    signal: Row = {"observed_on": ago(days), "kind": "public_sentiment", "severity": severity}
    account = customer(CLASS_B).with_records("signals", [signal])
    assert level(account, "public_sentiment") == expected


@pytest.mark.parametrize(
    ("probability", "days", "expected"),
    [
        (None, 30, None),
        (0.60, 30, None),
        (0.59, 30, "yellow"),
        (0.40, 30, "yellow"),
        (0.39, None, "orange"),
        (0.39, 91, "orange"),
        (0.39, 90, "red"),
        (0.39, 0, "red"),
        (0.39, -1, "orange"),  # it has ended: there is nothing to renew
    ],
)
def test_renewal_at_risk(probability: float | None, days: int | None, expected: str | None) -> None:
    ends = None if days is None else ago(-days)
    account = customer(CLASS_B, renewal_probability=probability, contract_ends_on=ends)
    assert level(account, "renewal_at_risk") == expected


@pytest.mark.parametrize(
    ("complaints", "satisfaction", "expected"),
    [
        (0, 100.0, None),
        # Known are 70 points: complaints 30, satisfaction 25, and nothing overdue 15.
        (4, 80.0, None),
        (4, 79.9, "yellow"),
        (8, 76.0, "yellow"),
        (8, 75.9, "orange"),
    ],
)
def test_health_follows_complaints_and_satisfaction(
    complaints: int, satisfaction: float, expected: str | None
) -> None:
    rows: list[Row] = [{"opened_at": ago(100 + n), "class": "complaint"} for n in range(complaints)]
    survey: Row = {"surveyed_on": ago(30), "satisfaction": satisfaction}
    account = customer(CLASS_B).with_records("issues", rows).with_records("surveys", [survey])
    assert level(account, "health_low") == expected


def test_class_a_is_led_by_an_executive() -> None:
    sponsor: Row = {"assigned_on": ago(100), "role": "sponsor", "person": "王建国"}
    assert level(customer(CLASS_A), "executive_missing") == "orange"
    assert level(customer(CLASS_B), "executive_missing") is None
    led = customer(CLASS_A).with_records("assignments", [sponsor])
    assert level(led, "executive_missing") is None
    left = led.with_records("assignments", [{**sponsor, "ended_on": ago(1)}])
    assert level(left, "executive_missing") == "orange"


@pytest.mark.parametrize(
    ("days", "expected"),
    [(None, "orange"), (45, None), (46, "yellow"), (90, "yellow"), (91, "orange")],
)
def test_executives_out_of_touch(days: int | None, expected: str | None) -> None:
    met: list[Row] = (
        [] if days is None else [{"contacted_on": ago(days), "kind": "executive_meeting"}]
    )
    account = customer(CLASS_A).with_records("contacts", met)
    assert level(account, "executive_out_of_touch") == expected
    assert level(customer(CLASS_B), "executive_out_of_touch") is None


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


def tables_of(accounts: Sequence[Row], **records: Sequence[Row]) -> FactTables:
    rows: list[Row] = [
        {"account_no": n, "account_id": f"A{n:02}", "status": "active", **account}
        for n, account in enumerate(accounts)
    ]
    return FactTables(rows, {"orders": [], **{name: list(one) for name, one in records.items()}})


def order(account_no: int, amount: str, days_ago: int = 30, **columns: Value) -> Row:
    bought: Row = {"ordered_on": ago(days_ago), "amount": Decimal(amount), "cost": Decimal(0)}
    return {"account_no": account_no, **bought, **columns}


def scoped(tables: FactTables, managers: Sequence[str] = ()) -> ScopeDecisions:
    """What is said of the book, and of the managers of the accounts in their order."""
    plan = plan_of(PACK)
    measured = measure(plan, tables)
    owners = [(number, "customer_manager", name) for number, name in enumerate(managers)]
    return evaluate_scopes(plan, measured, measured.candidates, owners)


def of_the_book(tables: FactTables) -> dict[str, float | None]:
    found = scoped(tables).facts
    return {name: value for _, scope, _, name, value in found if scope == "portfolio"}


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
