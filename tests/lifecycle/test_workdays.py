"""The calendar against the announcement of the State Council, and its laws on any calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language.calendar import CalendarRules
from engine.language.schema import load_schema
from engine.lifecycle.workdays import COUNTRIES, Calendar

DAY = timedelta(days=1)
CHINA = Calendar(CalendarRules("CN"))
WEEKDAYS = Calendar(CalendarRules())


def days(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + n * DAY for n in range((end - start).days + 1)]


# Announced on 4 November 2025 (国办发明电〔2025〕7号), typed from the announcement.
OFF_2026 = {
    "元旦": days("2026-01-01", "2026-01-03"),
    "春节": days("2026-02-15", "2026-02-23"),
    "清明节": days("2026-04-04", "2026-04-06"),
    "劳动节": days("2026-05-01", "2026-05-05"),
    "端午节": days("2026-06-19", "2026-06-21"),
    "中秋节": days("2026-09-25", "2026-09-27"),
    "国庆节": days("2026-10-01", "2026-10-07"),
}
MADE_UP_2026 = [
    date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9),
    date(2026, 9, 20), date(2026, 10, 10),
]  # fmt: skip


def test_every_day_of_2026_is_as_announced() -> None:
    off = {day for listed in OFF_2026.values() for day in listed}
    for day in days("2026-01-01", "2026-12-31"):
        expected = day in MADE_UP_2026 or (day.weekday() < 5 and day not in off)
        assert CHINA.is_workday(day) is expected, day


@pytest.mark.parametrize("name", OFF_2026)
def test_holiday_ends_to_the_day(name: str) -> None:
    listed = OFF_2026[name]
    assert not any(map(CHINA.is_workday, listed))
    before, after = listed[0] - DAY, listed[-1] + DAY
    for neighbour in (before, after):
        weekday = neighbour.weekday() < 5 or neighbour in MADE_UP_2026
        assert CHINA.is_workday(neighbour) is weekday


@pytest.mark.parametrize("day", MADE_UP_2026)
def test_day_that_is_made_up_for_is_a_workday_a_week_off_is_not(day: date) -> None:
    assert day.weekday() >= 5
    assert CHINA.is_workday(day)
    assert not WEEKDAYS.is_workday(day)


@pytest.mark.parametrize(
    ("opened", "count", "due"),
    [
        ("2026-09-29", 1, "2026-09-30"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-10-01", 1, "2026-10-08"),
        ("2026-09-30", 2, "2026-10-09"),
        ("2026-09-30", 3, "2026-10-10"),  # the Saturday that makes up for the holiday
        ("2026-09-30", 4, "2026-10-12"),
        ("2026-09-18", 1, "2026-09-20"),  # a Sunday
        ("2026-10-08", -1, "2026-09-30"),
        ("2026-10-12", -1, "2026-10-10"),
        ("2026-10-04", -1, "2026-09-30"),
        ("2026-10-04", 0, "2026-10-04"),
    ],
)
def test_workdays_are_counted_over_national_day(opened: str, count: int, due: str) -> None:
    start, end = date.fromisoformat(opened), date.fromisoformat(due)
    assert CHINA.add_workdays(start, count) == end
    assert CHINA.workdays_between(start, end) == count


def test_without_country_workdays_are_monday_to_friday() -> None:
    national_day = days("2026-10-01", "2026-10-10")
    assert [day.day for day in national_day if WEEKDAYS.is_workday(day)] == [1, 2, 5, 6, 7, 8, 9]


def test_overrides_win_over_country_and_weekend_both_ways() -> None:
    national_day, made_up, saturday, monday = (
        date(2026, 10, 1), date(2026, 10, 10), date(2026, 10, 17), date(2026, 10, 19),
    )  # fmt: skip
    calendar = Calendar(
        CalendarRules(
            "CN",
            holidays=frozenset({made_up, monday}),
            workdays=frozenset({national_day, saturday}),
        )
    )
    for day in (national_day, saturday):
        assert calendar.is_workday(day) and not CHINA.is_workday(day)
        assert calendar.is_workday(day + DAY) == CHINA.is_workday(day + DAY)
    for day in (made_up, monday):
        assert CHINA.is_workday(day) and not calendar.is_workday(day)
        assert calendar.is_workday(day - DAY) == CHINA.is_workday(day - DAY)


def test_weekend_of_one_day_leaves_official_holidays_alone() -> None:
    calendar = Calendar(CalendarRules("CN", weekend=frozenset({6})))
    assert calendar.is_workday(date(2026, 10, 17))  # a Saturday
    assert not calendar.is_workday(date(2026, 10, 18))
    assert not calendar.is_workday(date(2026, 10, 3))  # a Saturday of National Day
    assert calendar.is_workday(date(2026, 9, 20))  # a Sunday that is made up for


def test_every_country_of_the_schema_is_known() -> None:
    calendar = load_schema("workspace")["properties"]["calendar"]
    assert calendar["properties"]["country"]["enum"] == list(COUNTRIES)
    for name in COUNTRIES:
        assert Calendar(CalendarRules(name)).last_official_year is not None


# --- years that nobody knows yet ---------------------------------------------------------


def test_year_after_the_last_official_one_is_unknown() -> None:
    last = CHINA.last_official_year
    assert last is not None and last >= 2026
    assert CHINA.unknown_years(date(2025, 1, 1), date(last, 12, 31)) == ()
    assert CHINA.unknown_years(date(last, 12, 31), date(last + 1, 1, 1)) == (last + 1,)
    assert CHINA.unknown_years(date(last, 6, 1), date(last + 2, 1, 1)) == (last + 1, last + 2)
    assert CHINA.unknown_years(date(2003, 12, 31), date(2004, 1, 1)) == (2003,)


def test_unknown_year_falls_back_to_the_weekend() -> None:
    assert CHINA.last_official_year is not None
    year = CHINA.last_official_year + 1
    for day in days(f"{year}-01-01", f"{year}-12-31"):
        assert CHINA.is_workday(day) is WEEKDAYS.is_workday(day)


def test_year_is_known_once_the_overrides_list_a_holiday_of_it() -> None:
    assert CHINA.last_official_year is not None
    year = CHINA.last_official_year + 1
    listed = Calendar(CalendarRules("CN", holidays=frozenset({date(year, 1, 1)})))
    span = (date(year - 1, 12, 1), date(year + 1, 1, 31))
    assert CHINA.unknown_years(*span) == (year, year + 1)
    assert listed.unknown_years(*span) == (year + 1,)
    only_workdays = Calendar(CalendarRules("CN", workdays=frozenset({date(year, 1, 2)})))
    assert only_workdays.unknown_years(*span) == (year, year + 1)


def test_without_country_no_year_is_unknown() -> None:
    assert WEEKDAYS.unknown_years(date(1990, 1, 1), date(2090, 1, 1)) == ()
    assert WEEKDAYS.last_official_year is None


# --- identity ----------------------------------------------------------------------------


def test_hash_changes_with_every_day_that_changes_and_with_nothing_else() -> None:
    day = date(2026, 8, 3)
    variants = [
        CalendarRules(),
        CalendarRules("CN"),
        CalendarRules("CN", weekend=frozenset({6})),
        CalendarRules("CN", holidays=frozenset({day})),
        CalendarRules("CN", workdays=frozenset({day})),
    ]
    assert len({Calendar(one).sha256 for one in variants}) == len(variants)
    again = Calendar(CalendarRules("CN", holidays=frozenset({date(2026, 10, 1)})))
    assert again.sha256 == CHINA.sha256  # it is a holiday anyway


# --- laws --------------------------------------------------------------------------------

near = st.dates(date(2025, 1, 1), date(2028, 12, 31))
counts = st.integers(-60, 60)
weekends = st.frozensets(st.integers(0, 6), max_size=6)
some_days = st.frozensets(st.dates(date(2026, 8, 1), date(2026, 11, 30)), max_size=20)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    workdays = draw(some_days)
    return Calendar(
        CalendarRules(
            draw(st.sampled_from([None, "CN"])),
            draw(weekends),
            draw(some_days) - workdays,
            workdays,
        )
    )


@given(calendars(), near, counts)
def test_counting_back_gives_what_was_added(calendar: Calendar, day: date, count: int) -> None:
    assert calendar.workdays_between(day, calendar.add_workdays(day, count)) == count


@given(calendars(), near, counts)
def test_sum_is_a_workday_on_the_right_side(calendar: Calendar, day: date, count: int) -> None:
    result = calendar.add_workdays(day, count)
    assert count == 0 or calendar.is_workday(result)
    assert (result > day) - (result < day) == (count > 0) - (count < 0)


@given(calendars(), near, near, counts)
def test_later_start_never_ends_earlier(
    calendar: Calendar, one: date, other: date, count: int
) -> None:
    first, second = sorted((one, other))
    assert calendar.add_workdays(first, count) <= calendar.add_workdays(second, count)


@given(calendars(), near, st.integers(-60, 59))
def test_one_workday_more_ends_later(calendar: Calendar, day: date, count: int) -> None:
    assert calendar.add_workdays(day, count) < calendar.add_workdays(day, count + 1)


@given(calendars(), near, counts)
def test_subtracting_undoes_adding_from_a_workday(
    calendar: Calendar, day: date, count: int
) -> None:
    workday = calendar.add_workdays(day, 1)
    assert calendar.add_workdays(calendar.add_workdays(workday, count), -count) == workday


@given(calendars(), near, st.integers(0, 30), st.integers(0, 30), st.sampled_from([1, -1]))
def test_adding_in_two_steps_is_adding_the_sum(
    calendar: Calendar, day: date, first: int, second: int, sign: int
) -> None:
    middle = calendar.add_workdays(day, sign * first)
    assert calendar.add_workdays(middle, sign * second) == calendar.add_workdays(
        day, sign * (first + second)
    )


@given(calendars(), near, near, near)
def test_count_over_two_spans_is_the_sum(
    calendar: Calendar, one: date, two: date, three: date
) -> None:
    start, middle, end = sorted((one, two, three))
    between = calendar.workdays_between
    assert between(start, middle) + between(middle, end) == between(start, end)
