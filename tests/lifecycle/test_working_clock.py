"""Working time against a count of quarters of an hour, and at the edges of hours and days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language.calendar import CalendarRules
from engine.lifecycle.workdays import Calendar
from engine.lifecycle.working_clock import WorkingClock

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
OFFICE = WorkingClock(Calendar(CalendarRules("CN")), time(9), time(18), SHANGHAI)
EVERY_DAY = Calendar(CalendarRules(weekend=frozenset()))
MIDNIGHT = time(0)
QUARTER = timedelta(minutes=15)
SECOND = timedelta(seconds=1)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-06-29 10:00", 1, "2026-06-29 11:00"),
        ("2026-06-29 17:00", 1, "2026-06-29 18:00"),
        ("2026-06-29 17:30", 1, "2026-06-30 09:30"),
        ("2026-06-29 18:00", 1, "2026-06-30 10:00"),
        ("2026-06-29 08:59", 1, "2026-06-29 10:00"),
        ("2026-06-29 09:00", 9, "2026-06-29 18:00"),
        ("2026-06-29 09:00", 24, "2026-07-01 15:00"),
        ("2026-06-26 17:00", 2, "2026-06-29 10:00"),  # over a weekend
        ("2026-06-27 12:00", 0, "2026-06-27 12:00"),
        ("2026-09-30 17:00", 2, "2026-10-08 10:00"),  # over National Day
        ("2026-10-09 17:00", 2, "2026-10-10 10:00"),  # into the Saturday that makes up for it
        ("2026-09-30 17:00", 72, "2026-10-16 17:00"),
    ],
)
def test_hours_are_added_on_workdays(start: str, hours: int, end: str) -> None:
    duration = timedelta(hours=hours)
    assert OFFICE.add(at(start), duration) == at(end)
    assert OFFICE.elapsed(at(start), at(end)) == duration
    assert OFFICE.elapsed(at(end), at(start)) == -duration


def test_hours_are_half_open() -> None:
    opens, closes = at("2026-06-29 09:00"), at("2026-06-29 18:00")
    assert OFFICE.elapsed(opens - SECOND, opens) == timedelta()
    assert OFFICE.elapsed(opens, opens + SECOND) == SECOND
    assert OFFICE.elapsed(closes - SECOND, closes) == SECOND
    assert OFFICE.elapsed(closes, closes + SECOND) == timedelta()
    assert OFFICE.add(closes - SECOND, SECOND) == closes
    assert OFFICE.add(closes - SECOND, 2 * SECOND) == at("2026-06-30 09:00:01")


def test_moments_may_be_of_any_zone() -> None:
    start = datetime(2026, 6, 29, 9, 30, tzinfo=UTC)  # 17:30 in Shanghai
    end = OFFICE.add(start, timedelta(hours=1))
    assert end == at("2026-06-30 09:30")
    assert end.tzinfo is SHANGHAI
    assert OFFICE.elapsed(start, end.astimezone(NEW_YORK)) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (BERLIN, "2026-03-28", 3),
        (BERLIN, "2026-03-29", 2),  # forward at 2:00
        (BERLIN, "2026-10-25", 4),  # back at 3:00
        (BERLIN, "2026-10-26", 3),
        (NEW_YORK, "2026-03-08", 2),
        (NEW_YORK, "2026-11-01", 4),
    ],
)
def test_hours_in_which_the_clocks_change_are_as_long_as_they_last(
    zone: ZoneInfo, day: str, hours: int
) -> None:
    clock = WorkingClock(EVERY_DAY, time(1), time(4), zone)
    start, end = at(f"{day} 00:00", zone), at(f"{day} 12:00", zone)
    assert clock.elapsed(start, end) == timedelta(hours=hours)
    assert clock.add(start, timedelta(hours=hours)) == at(f"{day} 04:00", zone)


def test_change_of_the_clocks_at_night_moves_no_working_hour() -> None:
    clock = WorkingClock(Calendar(CalendarRules()), time(9), time(18), BERLIN)
    friday = at("2026-03-27 17:00", BERLIN)
    assert clock.add(friday, timedelta(hours=2)) == at("2026-03-30 10:00", BERLIN)


def test_hours_that_are_skipped_leave_nothing_of_the_day() -> None:
    """Times that do not exist are read in the time before the change: 2:45 is 3:45."""
    clock = WorkingClock(EVERY_DAY, time(2, 45), time(3), BERLIN)
    start, end = at("2026-03-29 00:00", BERLIN), at("2026-03-29 12:00", BERLIN)
    assert clock.elapsed(start, end) == timedelta()
    assert clock.add(start, QUARTER) == at("2026-03-30 03:00", BERLIN)


def test_all_hours_of_all_days_are_the_time_that_passes() -> None:
    clock = WorkingClock(EVERY_DAY, MIDNIGHT, MIDNIGHT, BERLIN)
    start, end = at("2026-03-01 12:00", BERLIN), at("2026-11-01 12:00", BERLIN)
    passed = end.astimezone(UTC) - start.astimezone(UTC)
    assert clock.elapsed(start, end) == passed
    assert clock.add(start, passed) == end


@pytest.mark.parametrize(("opens", "closes"), [(9, 9), (18, 9), (9, 8)])
def test_hours_end_after_they_begin(opens: int, closes: int) -> None:
    with pytest.raises(ValueError, match="not after"):
        WorkingClock(EVERY_DAY, time(opens), time(closes), SHANGHAI)


def test_moment_without_zone_and_negative_duration_are_refused() -> None:
    naive = datetime(2026, 6, 29, 10)
    with pytest.raises(ValueError, match="no time zone"):
        OFFICE.add(naive, QUARTER)
    with pytest.raises(ValueError, match="no time zone"):
        OFFICE.elapsed(at("2026-06-29 10:00"), naive)
    with pytest.raises(ValueError, match="negative"):
        OFFICE.add(at("2026-06-29 10:00"), -SECOND)


# --- laws --------------------------------------------------------------------------------

SPRING, AUTUMN, NATIONAL_DAY = date(2026, 3, 25), date(2026, 10, 22), date(2026, 9, 28)


@st.composite
def clocks(draw: st.DrawFn) -> WorkingClock:
    """Hours that begin and end at times of day which no change of the clocks repeats."""
    rules = CalendarRules(
        draw(st.sampled_from([None, "CN"])), draw(st.frozensets(st.integers(0, 6), max_size=6))
    )
    opens, closes = draw(st.sampled_from([(9, 18), (0, 0), (1, 4), (0, 4), (4, 0), (8, 9)]))
    zone = draw(st.sampled_from([SHANGHAI, BERLIN]))
    return WorkingClock(Calendar(rules), time(opens), time(closes), zone)


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    first = draw(st.sampled_from([SPRING, AUTUMN, NATIONAL_DAY]))
    start = datetime.combine(first, MIDNIGHT, UTC)
    return start + draw(st.integers(0, 4 * 24 * 12)) * QUARTER


durations = st.integers(0, 4 * 100).map(lambda count: count * QUARTER)


def sum_of(clock: WorkingClock, start: datetime, duration: timedelta) -> datetime:
    """In UTC, because moments of one zone compare by what the clock on the wall shows."""
    return clock.add(start, duration).astimezone(UTC)


def counted(clock: WorkingClock, start: datetime, end: datetime) -> timedelta:
    """Working time by asking of every quarter of an hour whether it is one."""
    passed, moment = timedelta(), start
    while moment < end:
        local = moment.astimezone(clock.zone)
        in_hours = local.time() >= clock.opens and (
            clock.closes == MIDNIGHT or local.time() < clock.closes
        )
        if in_hours and clock.calendar.is_workday(local.date()):
            passed += QUARTER
        moment += QUARTER
    return passed


@given(clocks(), moments(), st.integers(0, 4 * 24 * 12))
def test_elapsed_is_the_count_of_working_quarters(
    clock: WorkingClock, start: datetime, quarters: int
) -> None:
    end = start + quarters * QUARTER
    assert clock.elapsed(start, end) == counted(clock, start, end)


@given(clocks(), moments(), durations)
def test_elapsed_until_the_sum_is_what_was_added(
    clock: WorkingClock, start: datetime, duration: timedelta
) -> None:
    end = clock.add(start, duration).astimezone(UTC)  # where a second less is a second less
    assert clock.elapsed(start, end) == duration
    # It is the first such moment.
    assert duration == timedelta() or clock.elapsed(start, end - SECOND) == duration - SECOND


@given(clocks(), moments(), moments(), durations)
def test_later_start_never_ends_earlier(
    clock: WorkingClock, one: datetime, other: datetime, duration: timedelta
) -> None:
    first, second = sorted((one, other))
    assert sum_of(clock, first, duration) <= sum_of(clock, second, duration)


@settings(max_examples=50)
@given(clocks(), moments(), durations, durations)
def test_adding_in_two_steps_is_adding_the_sum(
    clock: WorkingClock, start: datetime, first: timedelta, second: timedelta
) -> None:
    middle = clock.add(start, first)
    assert sum_of(clock, middle, second) == sum_of(clock, start, first + second)
