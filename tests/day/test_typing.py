"""Which events can be taken, and what is said of the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from engine.day.events import Event, Rejected, TypedEvent
from engine.day.typing import EventTypes
from engine.recall import KeptNight
from tests.day.small import NIGHT

CHINA = timezone(timedelta(hours=8))
NOW = datetime(2026, 6, 30, 12, tzinfo=CHINA)
ISSUE = {"issue_id": "I9", "opened_at": "2026-06-30 09:10", "class": "complaint"}


def record(values: dict[str, Any], table: str = "issues", at: datetime | None = None) -> Event:
    return Event("e1", "record", "A1", values, table, at, 7)


def account(values: dict[str, Any], at: datetime | None = None) -> Event:
    return Event("e1", "account", "A1", values, None, at, 7)


def taken(night: KeptNight, event: Event, day: date = NIGHT) -> TypedEvent:
    found = EventTypes.of(night).typed(event, day, NOW)
    assert isinstance(found, TypedEvent), found
    return found


def refused(night: KeptNight, event: Event, day: date = NIGHT) -> Rejected:
    found = EventTypes.of(night).typed(event, day, NOW)
    assert isinstance(found, Rejected), found
    assert (found.event, found.line) == ("e1", 7)
    return found


def test_a_record_has_typed_values_and_its_key_as_a_text(night: KeptNight) -> None:
    found = taken(night, record(ISSUE))
    assert found.key == "I9"
    assert found.values == {"opened_at": datetime(2026, 6, 30, 9, 10), "class": "complaint"}
    assert found.at == NOW


def test_a_record_without_a_key_has_none(night: KeptNight) -> None:
    found = taken(night, record({"ordered_on": "2026-06-30", "amount": 12.5}, "orders"))
    assert (found.key, found.values["amount"]) == (None, Decimal("12.50"))


def test_a_moment_with_an_offset_becomes_local(night: KeptNight) -> None:
    found = taken(night, record({**ISSUE, "opened_at": "2026-06-30T01:10:00Z"}))
    assert found.values["opened_at"] == datetime(2026, 6, 30, 9, 10)


def test_facts_of_an_account_may_be_taken_away(night: KeptNight) -> None:
    assert taken(night, account({"rating": None, "limit": "7"})).values == {
        "rating": None, "limit": Decimal("7.00"),
    }  # fmt: skip


def test_the_account_may_be_named_again(night: KeptNight) -> None:
    assert taken(night, record({**ISSUE, "account_id": "A1"})).values.keys() == {
        "opened_at", "class",
    }  # fmt: skip
    assert taken(night, account({"account_id": "A1", "rating": "B"})).values == {"rating": "B"}
    for event in (record({**ISSUE, "account_id": "A2"}), account({"account_id": "A2"})):
        assert refused(night, event).problem.code == "event-wrong-type"


def test_a_personal_column_that_no_policy_reads_is_left_out(night: KeptNight) -> None:
    found = taken(night, account({"phone": "139", "rating": "B"}))
    assert (found.values, found.left_out) == ({"rating": "B"}, ("phone",))


@pytest.mark.parametrize(
    ("event", "code", "hint"),
    [
        (record(ISSUE, "isues"), "event-unknown-record", "did you mean 'issues'?"),
        (record(ISSUE, "xyz"), "event-unknown-record", "there are: issues, notes, orders"),
        (record({**ISSUE, "clas": 1}), "event-unknown-column", "did you mean 'class'?"),
        (record({**ISSUE, "KIND": "x"}), "event-unknown-column", "it is called 'class' here"),
        (record({**ISSUE, "class": "rage"}), "event-wrong-type", "of type enum"),
        (record({**ISSUE, "class": 3}), "event-wrong-type", "of type enum"),
        (record({**ISSUE, "closed_at": "soon"}), "event-wrong-type", "of type datetime"),
        (record({**ISSUE, "person": "x"}), "event-personal", "without it"),
        (account({"contact": "x"}), "event-personal", "without it"),
        (account({"limit": 1.005}), "event-wrong-type", "of type money"),
        (account({}), "event-missing-column", None),
        (account({"account_id": "A1"}), "event-missing-column", None),
        (record({"opened_at": "2026-06-30"}), "event-missing-column", "its key and its time"),
        (record({**ISSUE, "issue_id": " "}), "event-missing-column", "its key and its time"),
        (record({"issue_id": "I9"}), "event-missing-column", "its key and its time"),
        (record({**ISSUE, "opened_at": None}), "event-missing-column", "its key and its time"),
    ],
)
def test_what_cannot_be_taken_says_why(
    night: KeptNight, event: Event, code: str, hint: str | None
) -> None:
    problem = refused(night, event).problem
    assert problem.code == code, problem
    assert hint is None or hint in (problem.hint or ""), problem


def test_the_day_of_an_event_is_that_of_the_workspace(night: KeptNight) -> None:
    """Midnight in Shanghai is four in the afternoon in London."""
    last = datetime(2026, 6, 30, 15, 59, 59, tzinfo=UTC)
    assert taken(night, record(ISSUE, at=last)).at == last
    late = refused(night, record(ISSUE, at=last + timedelta(seconds=1)))
    assert late.problem.code == "event-from-the-future"
    assert taken(night, record(ISSUE, at=last + timedelta(seconds=1)), NIGHT + timedelta(days=1))


def test_a_record_may_be_of_the_day_and_not_of_the_next(night: KeptNight) -> None:
    last = record({**ISSUE, "opened_at": "2026-06-30 23:59:59"})
    assert taken(night, last)
    event = record({**ISSUE, "opened_at": "2026-07-01 00:00"})
    assert refused(night, event).problem.code == "event-from-the-future"
    assert taken(night, event, date(2026, 7, 1))
    later = record({**ISSUE, "closed_at": "2026-12-31 00:00"})  # no time of the record itself
    assert taken(night, later)


def test_a_fact_is_of_the_night_or_later_and_a_record_of_any_day(night: KeptNight) -> None:
    first = datetime(2026, 6, 29, 16, tzinfo=UTC)  # midnight in Shanghai
    assert taken(night, account({"rating": "B"}, first))
    early = account({"rating": "B"}, first - timedelta(seconds=1))
    assert refused(night, early).problem.code == "event-before-night"
    old = replace(record({**ISSUE, "opened_at": "2020-01-01"}), at=first - timedelta(days=900))
    assert taken(night, old)
