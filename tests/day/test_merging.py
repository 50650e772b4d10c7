"""An account with the events of a day: what has changed, and what had been there before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from engine.day.kept import KeptAccount
from engine.day.measuring import DayMeasures
from engine.day.merging import DayAccount, DayEvent, DayTables, before_json
from engine.day.reading import NightAccounts
from engine.recall import KeptNight
from tests.day.small import NIGHT

OPENED = datetime(2026, 6, 30, 9)
NEW = DayEvent("issues", "I9", {"opened_at": OPENED, "class": "request"})
CLOSED = DayEvent(
    "issues", "I1", {"opened_at": datetime(2026, 6, 1, 9), "class": "complaint",
                     "closed_at": OPENED},
)  # fmt: skip


@pytest.fixture(scope="module")
def tables(night: KeptNight) -> DayTables:
    return DayTables.of(night)


@pytest.fixture
def kept(night: KeptNight) -> KeptAccount:
    with NightAccounts(night) as accounts:
        return accounts.read(["A1"])["A1"]


def measured(night: KeptNight, account: DayAccount, name: str) -> object:
    return DayMeasures(night, NIGHT).measure(account).facts[name]


def test_a_new_record_is_one_more(night: KeptNight, kept: KeptAccount, tables: DayTables) -> None:
    merged = DayAccount.of(kept).with_event(NEW, tables)
    assert (merged.touched, merged.facts, merged.before) == ({"issues"}, frozenset(), None)
    assert [row["record__id"] for row in merged.account.records["issues"]] == ["I1", "I9"]
    assert measured(night, DayAccount.of(kept), "open_issues") == 1
    assert measured(night, merged, "open_issues") == 2


def test_a_record_with_a_known_key_takes_its_place(
    night: KeptNight, kept: KeptAccount, tables: DayTables
) -> None:
    merged = DayAccount.of(kept).with_event(CLOSED, tables)
    (row,) = merged.account.records["issues"]
    assert (row["closed_at"], row["person"]) == (OPENED, "p")  # which no event may give
    assert merged.before is not None
    assert merged.before["closed_at"] is None
    assert "person" not in merged.before
    assert '"p"' not in (before_json(merged.before) or "")
    assert measured(night, merged, "open_issues") == 0


def test_events_of_a_day_are_laid_upon_each_other(
    night: KeptNight, kept: KeptAccount, tables: DayTables
) -> None:
    ended = DayEvent("issues", "I9", {**NEW.given, "closed_at": OPENED})
    merged = DayAccount.of(kept).with_event(NEW, tables).with_event(ended, tables)
    assert merged.before is not None
    assert merged.before["class"] == "request"
    assert measured(night, merged, "open_issues") == 1


def test_what_is_known_already_touches_nothing(kept: KeptAccount, tables: DayTables) -> None:
    (row,) = kept.records["issues"]
    known = DayEvent("issues", "I1", {one: row[one] for one in ("opened_at", "closed_at", "class")})
    merged = DayAccount.of(kept).with_event(known, tables)
    assert merged.touched == frozenset()
    order = DayEvent("orders", None, dict(kept.records["orders"][0]))
    assert DayAccount.of(kept).with_event(order, tables).touched == frozenset()


def test_two_equal_records_without_a_key_are_two(kept: KeptAccount, tables: DayTables) -> None:
    order = DayEvent("orders", None, {**kept.records["orders"][0], "ordered_on": NIGHT})
    merged = DayAccount.of(kept).with_event(order, tables).with_event(order, tables)
    assert len(merged.account.records["orders"]) == 4


def test_a_changed_fact_says_what_it_was(
    night: KeptNight, kept: KeptAccount, tables: DayTables
) -> None:
    event = DayEvent(None, None, {"rating": "C", "unread": "z"})
    merged = DayAccount.of(kept).with_event(event, tables)
    assert (merged.before, merged.facts) == ({"rating": "A"}, {"rating"})
    found = DayMeasures(night, NIGHT).measure(merged)
    assert found.facts["rating"] == "C"
    assert found.measured.candidates == {"small": ("plain",)}


def test_a_table_that_no_policy_reads_changes_nothing(kept: KeptAccount, tables: DayTables) -> None:
    merged = DayAccount.of(kept).with_event(DayEvent("notes", None, {"body": "x"}), tables)
    assert (merged.account, merged.touched, merged.before) == (kept, frozenset(), None)


def test_what_an_event_moves_is_told_by_column(
    night: KeptNight, kept: KeptAccount, tables: DayTables
) -> None:
    measures, account = DayMeasures(night, NIGHT), DayAccount.of(kept)
    assert measures.measure(account).moved == frozenset()
    moved = measures.measure(account.with_event(NEW, tables)).moved
    assert moved is not None
    assert "open_issues" in moved
    assert "rating" not in moved
    rated = account.with_event(DayEvent(None, None, {"rating": "C"}), tables)
    assert "rating" in (measures.measure(rated).moved or ())


def test_under_other_rules_than_the_nights_nothing_is_known_to_have_stayed(
    night: KeptNight, kept: KeptAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pack,) = night.plan.packs
    other = replace(night.plan, packs=(replace(pack, version="9.9"),))
    monkeypatch.setattr(KeptNight, "plan_on", lambda self, day: other)
    assert DayMeasures(night, NIGHT).measure(DayAccount.of(kept)).moved is None
