"""The machines for one account decide every account of real nights as the nights did.

Decisions, obligations, lines of the log, actions and what has ended, in every column and every
character of their evidence.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.demo.workspace import packaged_packs
from tests.lifecycle.account.nights import Seen, live
from tests.lifecycle.demo_book.incidents import Incidents
from tests.lifecycle.demo_book.year import DemoYear
from tests.lifecycle.test_demo_year import DAY, nights_of_a_year

MICROSECONDS = 20_000
"""An event must be answered within 20 ms; the machines take a small part of that."""


@pytest.mark.slow
def test_every_account_of_a_few_nights_is_decided_as_the_night_decided_it(tmp_path: Path) -> None:
    year = DemoYear(tmp_path / "demo", 40, 7, ("key_account_rules",))
    seen, incidents = Seen(), Incidents(1)
    review = date(2026, 4, 1)
    for as_of in (review - 9 * DAY, review, review):  # and once more over what had changed
        incidents.after(year, live(year, as_of, seen))
    assert seen.accounts > 100
    assert seen.ended > 0
    assert seen.sealed > 0
    assert seen.actions == {"warning", "escalation", "milestone", "entitlement"}
    assert seen.changes >= {
        "tier_assigned", "tier_moved", "warning_opened", "warning_resolved",
        "warning_acknowledged", "warning_silenced", "warning_escalated", "milestone_proposed",
        "obligation_due", "obligation_overdue", "obligation_met",
    }  # fmt: skip
    assert seen.judged < 1.5 * seen.accounts
    assert seen.microseconds < MICROSECONDS


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_account_of_a_year_is_decided_as_its_nights_decided_it(tmp_path: Path) -> None:
    year = DemoYear(tmp_path / "demo", 45, 7, packaged_packs())
    seen, incidents = Seen(), Incidents(7)
    for as_of in nights_of_a_year():
        incidents.after(year, live(year, as_of, seen))
    assert seen.moved_in == set(packaged_packs())
    assert seen.changes == {
        "tier_assigned", "tier_moved", "override_applied", "override_expired",
        "warning_opened", "warning_level_changed", "warning_acknowledged", "warning_silenced",
        "warning_escalated", "warning_resolved", "milestone_reached", "milestone_proposed",
        "milestone_approved", "milestone_ended", "obligation_due", "obligation_overdue",
        "obligation_exceeded", "obligation_met",
    }  # fmt: skip
