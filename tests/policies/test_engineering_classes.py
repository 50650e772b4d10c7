"""How document A's classes are decided, at each boundary and one step either side."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from engine.executors.protocol import Row, Value
from tests.policies.books import Order, Subject, ago, evaluate, hits_of, tier_of

PACK = "engineering"

GOOD: Mapping[str, Value] = {
    "is_core_domain": True,
    "ownership": "state_owned",
    "expansion_opportunities": 3,
    "repurchase_intention": 5,
}


def customer(purchase: str, **columns: Value) -> Subject:
    """A well served account with an annual contract value in yuan."""
    surveys: list[Row] = [{"surveyed_on": ago(30), "satisfaction": 95.0, "recommendation": 9}]
    return Subject([Order(Decimal(purchase))], {**GOOD, **columns}, {"surveys": surveys})


@pytest.mark.parametrize(
    ("purchase", "class_"),
    [("5000000.01", "class_a"), ("5000000.00", "class_b"), ("4999999.99", "class_b")],
)
def test_class_a_needs_more_than_five_million(purchase: str, class_: str) -> None:
    assert tier_of(PACK, customer(purchase)) == class_


@pytest.mark.parametrize(
    ("core", "ownership", "class_"),
    [
        (True, "private", "class_a"),
        (False, "government", "class_a"),
        (False, "central_state_owned", "class_a"),
        (False, "private", "class_b"),  # the contract value alone
    ],
)
def test_class_a_needs_core_domain_or_the_state(core: bool, ownership: str, class_: str) -> None:
    subject = customer("9000000", is_core_domain=core, ownership=ownership)
    assert tier_of(PACK, subject) == class_


def test_account_without_any_trait_is_class_c() -> None:
    assert (
        tier_of(PACK, customer("5000000", is_core_domain=False, ownership="foreign")) == "class_c"
    )


def test_class_c_gets_the_standard_service_and_no_pair_of_managers() -> None:
    ordinary = customer("100000", is_core_domain=False, ownership="private")
    assert "deputy_missing" not in hits_of(PACK, ordinary)
    assert hits_of(PACK, customer("9000000"))["deputy_missing"] == "orange"


def test_one_person_in_both_roles_is_no_pair() -> None:
    def assigned(*people: str) -> list[Row]:
        roles = ("customer_manager", "deputy_customer_manager")
        return [
            {"assigned_on": ago(300), "role": role, "person": person, "years_in_role": 6.0}
            for role, person in zip(roles, people, strict=True)
        ]

    account = customer("9000000")
    alone = account.with_records("assignments", assigned("王伟", "王伟"))
    pair = account.with_records("assignments", assigned("王伟", "李娜"))
    assert hits_of(PACK, alone)["deputy_missing"] == "yellow"
    assert "deputy_missing" not in hits_of(PACK, pair)


@pytest.mark.parametrize(
    ("now", "before", "level"),
    [
        (1, 0, None),  # from none to one is no trend
        (2, 1, "yellow"),
        (2, 2, None),  # not rising
        (4, 0, "yellow"),
        (5, 9, "red"),  # grave whether rising or not
    ],
)
def test_complaint_trend_needs_two_and_a_rise(now: int, before: int, level: str | None) -> None:
    complaints: list[Row] = [
        {"opened_at": ago(10 + n), "closed_at": ago(5), "class": "complaint", "confirmed": True}
        for n in range(now)
    ]
    complaints += [
        {"opened_at": ago(100 + n), "closed_at": ago(90), "class": "complaint", "confirmed": True}
        for n in range(before)
    ]
    account = customer("9000000").with_records("issues", complaints)
    assert hits_of(PACK, account).get("complaint_trend") == level


@pytest.mark.parametrize(
    ("forecast_in", "level"), [(0, None), (1, "yellow"), (15, "orange"), (30, "red")]
)
def test_delivery_delay_fires_on_the_forecast(forecast_in: int, level: str | None) -> None:
    node: Row = {"recorded_on": ago(60), "due_on": ago(0), "forecast_on": ago(-forecast_in)}
    account = customer("9000000").with_records("deliveries", [node])
    assert hits_of(PACK, account).get("delivery_delay") == level


@pytest.mark.parametrize(("days", "open_"), [(2, False), (3, True)])
def test_issue_counts_as_not_closed_after_72_hours(days: int, open_: bool) -> None:
    issues: list[Row] = [{"opened_at": ago(days), "class": "routine", "owner": "李娜"}]
    account = customer("9000000").with_records("issues", issues)
    assert ("issue_not_closed" in hits_of(PACK, account)) is open_


def test_onsite_service_goes_to_central_state_owned_accounts() -> None:
    assert "onsite_service" in hits_of(PACK, customer("9000000", ownership="central_state_owned"))
    assert "onsite_service" not in hits_of(PACK, customer("9000000", ownership="state_owned"))


@pytest.mark.parametrize(
    ("due_in", "forecast_in", "delivered_in", "level"),
    [
        (-1, None, None, "yellow"),  # overdue, and nobody forecasts anything
        (0, None, None, None),  # due today
        (0, 0, 20, None),  # a delivery that lies ahead has not happened: the forecast counts
        (0, 20, -1, None),  # delivered before it was due, whatever the forecast said
        (-20, -20, 5, "orange"),
        (-20, -20, -1, None),  # late, but delivered
    ],
)
def test_delivery_that_lies_ahead_does_not_count_as_delivered(
    due_in: int, forecast_in: int | None, delivered_in: int | None, level: str | None
) -> None:
    node: Row = {
        "recorded_on": ago(60),
        "due_on": ago(-due_in),
        "forecast_on": None if forecast_in is None else ago(-forecast_in),
        "delivered_on": None if delivered_in is None else ago(-delivered_in),
    }
    account = customer("9000000").with_records("deliveries", [node])
    assert hits_of(PACK, account).get("delivery_delay") == level


@pytest.mark.parametrize(
    ("opened", "closed", "fires"),
    [(200, 89, True), (200, 90, False), (10, 0, True), (10, -1, False), (10, None, False)],
)
def test_archived_issue_counts_for_90_days_from_its_closing(
    opened: int, closed: int | None, fires: bool
) -> None:
    closed_at = None if closed is None else ago(closed)
    issue: Row = {"opened_at": ago(opened), "closed_at": closed_at, "owner": "李娜"}
    hits = hits_of(PACK, customer("9000000").with_records("issues", [issue]))
    assert ("archived_without_confirmation" in hits) is fires
    assert ("archived_without_reference" in hits) is fires


@pytest.mark.parametrize(
    ("answers", "fires"), [((0, 0), False), ((0, 0, 0), True), ((0, 7, 10), False)]
)
def test_detractor_needs_three_answers(answers: tuple[int, ...], fires: bool) -> None:
    surveys: list[Row] = [
        {"surveyed_on": ago(30 + n), "satisfaction": 95.0, "recommendation": answer}
        for n, answer in enumerate(answers)
    ]
    account = customer("9000000").with_records("surveys", surveys)
    assert ("detractor" in hits_of(PACK, account)) is fires


@pytest.mark.parametrize(("satisfaction", "level"), [(None, None), (60.0, None), (59.9, "red")])
def test_class_c_that_nobody_asked_is_not_dissatisfied(
    satisfaction: float | None, level: str | None
) -> None:
    surveys: list[Row] = [{"surveyed_on": ago(30), "satisfaction": satisfaction}]
    ordinary = customer("100000", is_core_domain=False, ownership="private")
    asked = ordinary.with_records("surveys", surveys)
    assert hits_of(PACK, asked).get("satisfaction_low") == level
    assert "satisfaction_low" not in hits_of(PACK, ordinary.with_records("surveys", []))


def test_delivery_without_a_due_day_says_nothing_about_fulfilment() -> None:
    delivered: Row = {"recorded_on": ago(60), "delivered_on": ago(10)}
    in_time: Row = {**delivered, "due_on": ago(10)}
    late: Row = {**delivered, "due_on": ago(11)}

    def rate(*rows: Row) -> object:
        account = customer("9000000").with_records("deliveries", rows)
        return evaluate(PACK, account).facts[0]["fulfilment_rate"]

    assert rate(delivered) is None
    assert rate(delivered, in_time) == 1
    assert rate(delivered, in_time, late) == 0.5
