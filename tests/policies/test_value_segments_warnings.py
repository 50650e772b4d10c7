"""When document E's warnings fire, at each threshold and one step either side."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.executors.protocol import Row
from tests.policies.books import Order, Subject, ago, hits_of
from tests.policies.value_segments import (
    NO_PROFIT,
    PACK,
    PROFILE,
    customer,
    fact,
    level,
    node,
    partner,
    surveyed,
)


@pytest.mark.parametrize(
    ("talked", "bought", "regular", "served"),
    [
        (60, 91, None, None),
        (61, 90, None, None),  # orders by itself
        (61, 91, "blue", "yellow"),
        (120, 91, "blue", "yellow"),
        (121, 91, "blue", "orange"),
        (None, 91, "blue", "orange"),  # nobody ever called
        (61, None, "blue", "yellow"),  # and it never bought
    ],
)
def test_silent_customer_neither_talks_nor_buys(
    talked: int | None, bought: int | None, regular: str | None, served: str | None
) -> None:
    contacts: list[Row] = [] if talked is None else [{"contacted_on": ago(talked), "kind": "call"}]
    orders = [] if bought is None else [Order(Decimal(1000), bought, margin=NO_PROFIT)]
    account = replace(customer(), orders=orders).with_records("contacts", contacts)
    assert level(account, "silent_customer") == regular
    assert level(account.with_account(industry_influence=5), "silent_customer") == served


@pytest.mark.parametrize(
    ("due_in", "done", "overdue"),
    [(0, None, False), (-1, None, True), (-1, 0, False), (-1, -1, True)],
)
def test_service_node_is_overdue_from_the_day_after(
    due_in: int, done: int | None, overdue: bool
) -> None:
    done_on = None if done is None else ago(done)
    rows = [node(due_in, done_on=done_on)]
    one = customer().with_records("service_nodes", rows)
    three = customer().with_records("service_nodes", rows * 3)
    assert level(one, "node_overdue") == ("yellow" if overdue else None)
    assert level(three, "node_overdue") == ("orange" if overdue else None)


@pytest.mark.parametrize(
    ("owner", "done", "expected"), [("李娜", None, None), (None, None, "yellow"), (None, 5, None)]
)
def test_pending_node_needs_an_owner(
    owner: str | None, done: int | None, expected: str | None
) -> None:
    row = node(10, owner=owner, done_on=None if done is None else ago(done))
    assert level(customer().with_records("service_nodes", [row]), "node_without_owner") == expected


@pytest.mark.parametrize(
    ("kind", "due_in", "done", "adviser"),
    [
        ("signing", 30, None, True),
        ("signing", 31, None, False),
        ("signing", 30, 1, False),
        ("renewal", -5, None, True),
        ("return_visit", 5, None, False),
    ],
)
def test_adviser_joins_before_a_key_node(
    kind: str, due_in: int, done: int | None, adviser: bool
) -> None:
    row = node(due_in, kind, done_on=None if done is None else ago(done))
    hits = hits_of(PACK, partner().with_records("service_nodes", [row]))
    assert ("node_adviser" in hits) is adviser


@pytest.mark.parametrize(
    ("solution", "cause", "closed", "unexplained"),
    [
        (20, "密封件老化", 10, 0),
        (None, "密封件老化", 10, 1),
        (20, None, 10, 1),
        (None, None, 89, 1),
        (None, None, 90, 0),
        (None, None, None, 0),  # still open
    ],
)
def test_issue_is_closed_with_its_solution_and_cause(
    solution: int | None, cause: str | None, closed: int | None, unexplained: int
) -> None:
    issue: Row = {
        "opened_at": ago(120),
        "solution_at": None if solution is None else ago(solution),
        "closed_at": None if closed is None else ago(closed),
        "root_cause": cause,
    }
    one = customer().with_records("issues", [issue])
    three = customer().with_records("issues", [issue] * 3)
    assert fact(one, "issues_unexplained_90d") == unexplained
    assert level(one, "issue_unexplained") == ("blue" if unexplained else None)
    assert level(three, "issue_unexplained") == ("yellow" if unexplained else None)


@pytest.mark.parametrize("column", sorted(PROFILE))
def test_basic_facts_are_asked_for_of_those_that_are_served(column: str) -> None:
    assert level(partner(), "profile_incomplete") is None
    assert level(partner(**{column: None}), "profile_incomplete") == "blue"
    assert level(customer().with_account(**{column: None}), "profile_incomplete") is None


@pytest.mark.parametrize(
    ("now", "before", "regular", "served"),
    [
        (3, 4, None, None),
        (2, 4, "yellow", "yellow"),
        (1, 4, "yellow", "orange"),
        (0, 3, None, None),  # too few to see a fall
        (5, 9, None, None),
    ],
)
def test_activity_falls_by_half(
    now: int, before: int, regular: str | None, served: str | None
) -> None:
    days = [80 + n for n in range(now)] + [100 + n for n in range(before)]
    contacts: list[Row] = [{"contacted_on": ago(day), "kind": "call"} for day in days]
    account = customer().with_records("contacts", contacts)
    assert level(account, "activity_falling") == regular
    assert level(account.with_account(industry_influence=5), "activity_falling") == served


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(60, 100, "yellow"), (61, 100, None), (0, 30, "yellow"), (0, 29, None)],
)
def test_product_is_used_less(now: int, before: int, expected: str | None) -> None:
    used: list[Row] = [
        {"used_on": ago(89), "kind": "product_use", "times": now},
        {"used_on": ago(90), "kind": "product_use", "times": before},
        {"used_on": ago(10), "kind": "website_visit", "times": 10},
    ]
    assert level(customer().with_records("usage", used), "product_use_falling") == expected


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(1, 0, None), (2, 1, "yellow"), (2, 2, None), (5, 9, None)],
)
def test_complaints_rise(now: int, before: int, expected: str | None) -> None:
    days = [10 + n for n in range(now)] + [100 + n for n in range(before)]
    rows: list[Row] = [{"opened_at": ago(day), "class": "complaint"} for day in days]
    account = customer().with_records("issues", rows)
    assert level(account, "complaints_rising") == expected
    assert level(account, "red_alert") == ("red" if now >= 5 else None)


@pytest.mark.parametrize(
    ("satisfaction", "expected"),
    [(None, None), (80.0, None), (79.9, "yellow"), (60.0, "yellow"), (59.9, "orange")],
)
def test_satisfaction_below_80_calls_for_a_visit(
    satisfaction: float | None, expected: str | None
) -> None:
    hits = hits_of(PACK, customer().with_records("surveys", surveyed(satisfaction)))
    assert hits.get("satisfaction_below_promise") == expected
    assert ("visit_the_dissatisfied" in hits) is (expected is not None)


@pytest.mark.parametrize("department", ["sales", "technical", "delivery", "after_sales"])
def test_department_below_its_target(department: str) -> None:
    def rated(score: float) -> Subject:
        row: Row = {"surveyed_on": ago(30), f"{department}_satisfaction": score}
        return customer().with_records("surveys", [row])

    assert level(rated(70.0), "department_below_target") is None
    assert level(rated(69.9), "department_below_target") == "yellow"


def seasonal(first: int, amount: str, others: int = 2) -> Subject:
    """Buys `amount` of 100 so many days ago, and the rest on other days outside the season."""
    rest = (Decimal(100) - Decimal(amount)) / others
    orders = [Order(Decimal(amount), first, margin=NO_PROFIT)]
    orders += [Order(rest, 10 + n, margin=NO_PROFIT) for n in range(others)]
    return replace(customer(), orders=orders)


@pytest.mark.parametrize(
    ("first", "amount", "others", "expected"),
    [
        (275, "40", 2, "blue"),
        (364, "40", 2, "blue"),  # a year ago tomorrow
        (274, "40", 2, None),
        (275, "39", 2, None),
        (275, "40", 1, None),  # of two orders one always makes a season
    ],
)
def test_season_is_seen_ahead(first: int, amount: str, others: int, expected: str | None) -> None:
    assert level(seasonal(first, amount, others), "season_ahead") == expected


@pytest.mark.parametrize(
    ("now", "regular", "served"),
    [
        ("81", None, None),
        ("80", "yellow", "yellow"),
        ("51", "yellow", "yellow"),
        ("50", "yellow", "orange"),
    ],
)
def test_purchase_falls_against_the_same_season(
    now: str, regular: str | None, served: str | None
) -> None:
    orders = [Order(Decimal(now), 89, margin=NO_PROFIT), Order(Decimal(100), 365, margin=NO_PROFIT)]
    account = replace(customer(), orders=orders)
    assert level(account, "purchase_falling") == regular
    assert level(account.with_account(industry_influence=5), "purchase_falling") == served


@pytest.mark.parametrize(
    ("probability", "regular", "served", "alert"),
    [
        (0.39, None, None, None),
        (0.40, "yellow", "orange", None),
        (0.69, "yellow", "orange", None),
        (0.70, "yellow", "orange", "red"),
    ],
)
def test_churn_of_those_that_are_served_raises_the_alert(
    probability: float, regular: str | None, served: str | None, alert: str | None
) -> None:
    assert level(customer(churn_probability=probability), "churn_risk") == regular
    assert level(customer(churn_probability=probability), "red_alert") is None
    assert level(partner(churn_probability=probability), "churn_risk") == served
    assert level(partner(churn_probability=probability), "red_alert") == alert


@pytest.mark.parametrize(
    ("stage", "expected", "owed"),
    [
        ("crisis", "red", {"crisis_desk"}),
        ("first_cooperation", None, {"onboarding"}),
        ("delivery", None, {"delivery_window"}),
        ("renewal", None, {"renewal_adviser"}),
        ("stable", None, set()),
    ],
)
def test_stage_of_the_cooperation_decides_who_stands_by(
    stage: str, expected: str | None, owed: set[str]
) -> None:
    hits = hits_of(PACK, partner(cooperation_stage=stage))
    by_stage = {"crisis_desk", "onboarding", "delivery_window", "renewal_adviser"}
    assert hits.get("red_alert") == expected
    assert by_stage & hits.keys() == owed


@pytest.mark.parametrize(
    ("ends_in", "proposed", "expected", "owed"),
    [
        (91, None, None, False),
        (90, None, "orange", True),
        (0, None, "orange", True),
        (-1, None, None, False),
        (90, 89, None, True),
        (90, 90, "orange", True),
    ],
)
def test_renewal_is_proposed_before_the_contract_ends(
    ends_in: int, proposed: int | None, expected: str | None, owed: bool
) -> None:
    documents: list[Row] = (
        [] if proposed is None else [{"submitted_on": ago(proposed), "kind": "renewal_proposal"}]
    )
    account = partner(contract_ends_on=ago(-ends_in)).with_records("documents", documents)
    hits = hits_of(PACK, account)
    assert hits.get("renewal_without_proposal") == expected
    assert ("renewal_proposal" in hits) is owed
    regular = customer(contract_ends_on=ago(-ends_in))
    assert level(regular, "renewal_without_proposal") is None


@pytest.mark.parametrize(("days", "expected"), [(179, "yellow"), (180, None)])
def test_policy_change_is_news_for_half_a_year(days: int, expected: str | None) -> None:
    signal: Row = {"observed_on": ago(days), "kind": "policy_change"}
    assert level(customer().with_records("signals", [signal]), "policy_change") == expected


@pytest.mark.parametrize(("delivered", "meets"), [(None, True), (5, False)])
def test_project_meets_weekly_while_there_is_a_delivery(delivered: int | None, meets: bool) -> None:
    pending: Row = {
        "recorded_on": ago(30),
        "due_on": ago(-30),
        "delivered_on": None if delivered is None else ago(delivered),
    }
    assert (
        "project_meeting" in hits_of(PACK, partner().with_records("deliveries", [pending]))
    ) is meets
