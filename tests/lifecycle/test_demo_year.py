"""A year of nights over the demo book: the real night and the plain model agree on every one.

Packs, facts and records are the demo's own. Time itself moves most of it, as the book's three
years come to pass from night to night; people and mishaps do the rest.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.demo.workspace import packaged_packs
from tests.lifecycle.demo_book.incidents import Incidents
from tests.lifecycle.demo_book.year import END, DemoYear
from tests.lifecycle.model.state import Line

DAY = timedelta(days=1)


def nights_of_a_year() -> list[date]:
    """Every three weeks, as a night takes seconds; and each night around the reviews of winter
    and spring, of which the night itself is run again over what was changed meanwhile."""
    found = [END - 21 * number * DAY for number in range(18)]
    for review in (date(2026, 1, 1), date(2026, 4, 1)):
        found += [review - DAY, review, review, review + DAY]
    return sorted(found)


def live(year: DemoYear, nights: list[date], incidents: Incidents) -> set[Line]:
    """All that the log came to say."""
    lines: set[Line] = set()
    for as_of in nights:
        night = year.run(as_of)
        lines |= night.log
        incidents.after(year, night)
    return lines


def kinds(lines: set[Line]) -> set[str]:
    return {line[0] for line in lines}


@pytest.mark.slow  # the machines and the model agree in the ordinary run: test_simulated_year.py
def test_night_and_model_agree_on_the_demo_book_around_a_review(tmp_path: Path) -> None:
    year = DemoYear(tmp_path / "demo", 40, 7, ("key_account_rules",))
    review = date(2026, 4, 1)
    nights = [date(2026, 3, 9), date(2026, 3, 30), review, review]
    lines = live(year, nights, Incidents(1))
    assert kinds(lines) >= {
        "tier_assigned", "tier_moved", "override_applied", "account_left", "warning_opened",
        "warning_resolved", "warning_acknowledged", "warning_silenced", "warning_escalated",
        "milestone_reached", "milestone_proposed", "obligation_due", "obligation_overdue",
        "obligation_met",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_night_and_model_agree_on_every_pack_over_a_year_of_the_demo_book(tmp_path: Path) -> None:
    year = DemoYear(tmp_path / "demo", 45, 7, packaged_packs())
    lines = live(year, nights_of_a_year(), Incidents(2026))
    # A year without one of these would prove little about it.
    assert kinds(lines) == {
        "tier_assigned", "tier_moved", "account_left", "override_applied", "override_expired",
        "warning_opened", "warning_level_changed", "warning_acknowledged", "warning_silenced",
        "warning_escalated", "warning_resolved", "milestone_reached", "milestone_proposed",
        "milestone_approved", "milestone_ended", "obligation_due", "obligation_overdue",
        "obligation_exceeded", "obligation_met",
    }  # fmt: skip
    assert {line[1] for line in lines if line[0] == "tier_moved"} == set(packaged_packs())
