"""How document A's classes are decided, at each boundary and one step either side."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from engine.executors.protocol import Row, Value
from tests.policies.books import Order, Subject, ago, hits_of, tier_of

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
