"""Due dates in every unit, and the warning about years whose holidays are not known."""

from __future__ import annotations

from datetime import date

import pytest

from engine.language.calendar import CalendarRules
from engine.lifecycle.due_dates import due_date
from engine.lifecycle.workdays import Calendar
from engine.model import Period

CHINA = Calendar(CalendarRules("CN"))
OPENED = date(2026, 9, 30)


@pytest.mark.parametrize(
    ("count", "unit", "due"),
    [
        (1, "workday", "2026-10-08"),
        (1, "day", "2026-10-01"),
        (1, "hour", "2026-10-01"),
        (24, "hour", "2026-10-01"),
        (25, "hour", "2026-10-02"),
        (1, "week", "2026-10-07"),
        (5, "month", "2027-02-28"),
        (1, "quarter", "2026-12-30"),
        (1, "year", "2027-09-30"),
    ],
)
def test_due_date_is_the_last_day_in_time(count: int, unit: str, due: str) -> None:
    period = Period(count, unit, "")  # type: ignore[arg-type]
    assert due_date(OPENED, period, CHINA) == date.fromisoformat(due)


def test_action_without_limit_has_no_due_date() -> None:
    assert due_date(OPENED, None, CHINA) is None
