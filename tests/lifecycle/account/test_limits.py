"""When the time for an answer is over, by the clocks of the night."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.language.calendar import CalendarRules
from engine.lifecycle.account.limits import Limits
from engine.lifecycle.account.policy import ObligationTerms
from engine.lifecycle.clocks import utc_offsets
from engine.lifecycle.workdays import Calendar

BERLIN = ZoneInfo("Europe/Berlin")
WEEKDAYS = Calendar(CalendarRules(opens=time(9), closes=time(18)))
D = date(2026, 1, 1)


def response(
    clock: str = "calendar", seconds: int | None = None, workdays: int | None = None
) -> ObligationTerms:
    return ObligationTerms("response", 1, None, D, D, D, D, clock, seconds, workdays)


@given(st.datetimes(datetime(2025, 3, 1), datetime(2027, 12, 1)), st.integers(1, 400))
@example(datetime(2026, 3, 29, 1, 59, 59), 1)
@example(datetime(2026, 3, 29, 2), 1)  # the clocks skip this hour
@example(datetime(2026, 3, 29, 2, 30), 1)
@example(datetime(2026, 3, 29, 3), 1)
@example(datetime(2026, 10, 25, 1, 30), 1)
@example(datetime(2026, 10, 25, 2, 30), 1)  # the clocks show this hour twice
@example(datetime(2026, 10, 25, 3), 1)
def test_calendar_clock_is_that_of_the_night_over_changes_of_clocks(
    starts: datetime, hours: int
) -> None:
    """As obligations.sql reads the table of offsets."""
    offsets = utc_offsets(BERLIN, date(2025, 1, 1), date(2028, 6, 1))

    def offset(column: int, moment: datetime) -> timedelta:
        seconds = [row[2] for row in offsets if row[column] <= moment][-1]  # type: ignore[operator]
        return timedelta(seconds=seconds)  # type: ignore[arg-type]

    ends = starts - offset(0, starts) + timedelta(hours=hours)
    expected = ends + offset(1, ends)
    assert Limits(WEEKDAYS, BERLIN).limit(starts, response(seconds=hours * 3600)) == expected


def test_working_clock_ends_with_the_day_and_not_with_the_next_morning() -> None:
    friday = datetime(2026, 6, 26, 17)
    limits = Limits(WEEKDAYS, BERLIN)
    assert limits.limit(friday, response("working", 3600)) == datetime(2026, 6, 26, 18)
    assert limits.limit(friday, response("working", 3601)) == datetime(2026, 6, 29, 9, 0, 1)


@pytest.mark.parametrize(
    ("micro", "second"), [(499_999, 0), (500_000, 0), (500_001, 1), (999_999, 1)]
)
def test_working_clock_ticks_in_seconds(micro: int, second: int) -> None:
    starts = datetime(2026, 6, 26, 10, 0, 0, micro)
    found = Limits(WEEKDAYS, BERLIN).limit(starts, response("working", 3600))
    assert found == datetime(2026, 6, 26, 11, 0, second)


@pytest.mark.parametrize(("day", "last"), [(25, 26), (26, 29), (27, 29), (28, 29), (29, 30)])
def test_workdays_end_with_a_day(day: int, last: int) -> None:
    found = Limits(WEEKDAYS, BERLIN).limit(datetime(2026, 6, day, 23), response(workdays=1))
    assert found == datetime(2026, 6, last) + timedelta(days=1)
