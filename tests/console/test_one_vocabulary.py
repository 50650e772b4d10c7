"""A thing has one name, which tables, the story, the report and answers take from one place."""

from __future__ import annotations

from datetime import date

import pytest

from engine.console import account_words, difference_words, explanation_words, tables
from engine.console.account import _grave_first
from engine.model import WARNING_LEVELS, Title
from engine.reports.html.words import WORDS as REPORT
from engine.reports.story import OpenWarning
from engine.reports.terms import TERMS

LAYERS = ("frontline", "data", "management")


def column(view: tuple[tables.ColumnView, ...], heading: str) -> tables.ColumnView:
    return next(one for one in view if one.en == heading)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_of_warnings_has_one_name(layer: str) -> None:
    shown = column(tables.WARNINGS, "layer").show({"layer": layer}, "zh")
    assert shown == account_words.WORDS[layer][0] == REPORT[layer][0] == TERMS[layer][0]


@pytest.mark.parametrize("status", ["open", "overdue", "done", "expired"])
def test_a_status_of_an_action_has_one_name(status: str) -> None:
    row = {"status": status, "snoozed_until": None}
    shown = column(tables.ACTIONS, "status").show(row, "zh")
    assert shown == account_words.WORDS[f"action_{status}"][0]


@pytest.mark.parametrize("state", ["overdue", "due", "exceeded", "open", "met", "late"])
def test_a_state_of_an_obligation_has_one_name(state: str) -> None:
    shown = str(column(tables.obligation_columns({}), "state").show({"state": state}, "zh"))
    key = f"{state}_state" if state in {"due", "overdue"} else state
    assert shown == account_words.WORDS[key][0] == difference_words.STATES[state]
    assert shown == REPORT["overdue_state" if state == "overdue" else state][0]


@pytest.mark.parametrize("level", WARNING_LEVELS)
def test_a_level_of_a_warning_has_one_name(level: str) -> None:
    shown = tables.level_name(level, "zh")
    assert shown == explanation_words.WORDS[level][0] == difference_words.STATES[level]
    assert shown == REPORT[level][0] == account_words.WORDS[level][0]


@pytest.mark.parametrize("state", ["firing", "pending", "cooling"])
def test_a_state_of_a_warning_has_one_name(state: str) -> None:
    shown = column(tables.WARNINGS, "state").show({"state": state}, "zh")
    assert shown == account_words.WORDS[state][0] == difference_words.STATES[state]


def test_warnings_of_an_account_come_as_kam_warnings_lists_them_the_worst_first() -> None:
    title = Title("x", "x")
    days = ((1, "blue"), (2, "red"), (3, "orange"), (4, "red"))
    listed = [
        OpenWarning(
            f"w{day}", title, None, level, date(2026, 1, day), None, None, None, None, False
        )
        for day, level in days
    ]
    assert [one.id for one in sorted(listed, key=_grave_first)] == ["w2", "w4", "w3", "w1"]
