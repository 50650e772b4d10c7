"""When document B's warnings fire, at each threshold and one step either side."""

from __future__ import annotations

import pytest

from engine.executors.protocol import Row
from tests.policies.books import ago
from tests.policies.systems_engineering import (
    CLASS_A,
    CLASS_B,
    CLASS_C,
    customer,
    fact,
    invoices_paid_after,
    level,
)


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
