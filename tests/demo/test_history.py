"""The nights that `kam demo` runs show everything that takes time.

The default is two packs over half a year; the tests ask the store as an auditor would.
"""

from __future__ import annotations

import json
from datetime import date

import pytest

from engine.demo.decisions import DECISIONS
from engine.demo.history import history_nights
from engine.demo.plot import STORIES
from engine.demo.workspace import packaged_packs
from tests.books.history import AS_OF, History

NIGHTS = [day.isoformat() for day in history_nights(AS_OF)]

Move = tuple[str, str, str]
"""Night, pack, and why."""


def moves(history: History, direction: str) -> set[Move]:
    """The moves of effective tiers, up or down, after the first night."""
    ranks = {"strategic": 3, "core": 2, "potential": 1, "standard": 0}
    ranks |= {"class_a": 2, "class_b": 1, "class_c": 0}
    rows = history.ask(
        "SELECT as_of, pack, from_value, to_value, evidence FROM decision_log_lines "
        "WHERE kind = 'tier_moved' AND from_value IS NOT NULL AND to_value IS NOT NULL"
    )
    return {
        (night, pack, json.loads(evidence)["reason"])
        for night, pack, before, after, evidence in rows
        if (ranks[after] > ranks[before]) == (direction == "up")
    }


def kinds(history: History, kind: str) -> list[tuple[str, str, str, str]]:
    """Night, pack, account and rule of the lines of a kind."""
    return history.ask(
        "SELECT as_of, pack, account_id, rule_id FROM decision_log_lines WHERE kind = ?", kind
    )


def test_history_is_six_recorded_nights_with_a_line_each(history: History) -> None:
    assert history.ask("SELECT as_of FROM runs ORDER BY run_no") == [(night,) for night in NIGHTS]
    lines = [line for line in history.printed.splitlines() if " tiers given or moved, " in line]
    assert [line.partition(".")[0] for line in lines] == NIGHTS
    assert f"Night of {NIGHTS[-1]}" in history.printed


def test_history_promotes_and_demotes_by_review(history: History) -> None:
    # Placed in December; the first review shows on 31 March, the second on 1 April.
    assert ("2026-03-31", "key_account_rules", "review") in moves(history, "up")
    assert ("2026-04-01", "key_account_rules", "review") in moves(history, "down")


def test_history_promotes_by_a_milestone_that_holds(history: History) -> None:
    reached = {rule for _, _, _, rule in kinds(history, "milestone_reached")}
    assert {"grow_to_core", "rise_to_class_b"} <= reached
    assert any(reason == "milestone" for _, _, reason in moves(history, "up"))


def test_history_has_a_proposal_that_waits_and_one_that_was_approved(history: History) -> None:
    [(night, pack, account, rule)] = kinds(history, "milestone_approved")
    assert (night, pack, rule) == ("2026-05-29", "key_account_rules", "rising_account")
    proposed = kinds(history, "milestone_proposed")
    assert ("2026-03-31", pack, account, rule) in proposed
    waiting = {one[2] for one in proposed if one[3] == "strategic_candidate"}
    assert waiting and account not in waiting


def test_history_has_a_warning_that_opened_escalated_and_resolved(history: History) -> None:
    found = {
        kind: {(pack, account, rule): night for night, pack, account, rule in kinds(history, kind)}
        for kind in ("warning_opened", "warning_escalated", "warning_resolved")
    }
    [winter] = [
        key
        for key, night in found["warning_opened"].items()
        if key[2] == "management_change" and night == "2025-12-31"
    ]
    assert found["warning_escalated"][winter] == "2026-03-31"
    assert found["warning_resolved"][winter] == "2026-06-29"


def test_history_ends_with_a_warning_that_is_pending(history: History) -> None:
    assert " pending" in history.printed


def test_history_applies_two_overrides_and_one_has_expired(history: History) -> None:
    applied = [(night, account) for night, _, account, _ in kinds(history, "override_applied")]
    assert [night for night, _ in sorted(applied)] == ["2026-03-31", "2026-05-29"]
    [(night, _, account, _)] = kinds(history, "override_expired")
    assert (night, ("2026-03-31", account) in applied) == ("2026-06-29", True)


def test_history_owes_meetings_answers_and_people(history: History) -> None:
    overdue = {rule for _, _, _, rule in kinds(history, "obligation_overdue")}
    assert {"demand_follow_up", "quarterly_visit"} <= overdue, "meetings"
    assert {"preliminary_solution", "closure_72h"} <= overdue, "answers"
    assert {"dual_track_service", "customer_manager_pair"} <= overdue, "people"
    met = {rule for _, _, _, rule in kinds(history, "obligation_met")}
    assert {"quarterly_visit", "closure_72h"} <= met


def test_history_names_the_records_that_are_owed(history: History) -> None:
    rows = history.ask(
        "SELECT evidence FROM decision_log_lines WHERE kind = 'obligation_overdue' "
        "AND rule_id = 'preliminary_solution'"
    )
    records = {json.loads(evidence)["part"] for (evidence,) in rows}
    assert records and all(record.startswith("T0") for record in records)


def test_history_lets_actions_expire(history: History) -> None:
    states = dict(history.ask("SELECT status, count(*) FROM action_lines GROUP BY status"))
    assert states["open"] > 0
    assert states["expired"] > 0


@pytest.mark.parametrize(
    ("as_of", "nights"),
    [
        (date(2026, 6, 30), NIGHTS),
        # A quarter's first day is the review and the end of the book at once.
        (
            date(2026, 4, 1),
            ["2025-12-31", "2026-02-28", "2026-03-31", "2026-04-01"],
        ),
    ],
)
def test_history_ends_with_the_book(as_of: date, nights: list[str]) -> None:
    assert [day.isoformat() for day in history_nights(as_of)] == nights


def test_decisions_are_about_stories_that_exist() -> None:
    names = {story.name for story in STORIES}
    assert set(DECISIONS) == set(packaged_packs())
    for decisions in DECISIONS.values():
        assert {one.story for one in decisions} <= names
