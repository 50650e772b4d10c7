"""Due dates of a night on the calendar of its workspace."""

from __future__ import annotations

from datetime import date

import pytest

from engine.audit.store import open_store
from engine.errors import Problem
from engine.language.calendar import CalendarRules
from engine.lifecycle.workdays import Calendar
from engine.runner import NightReport
from tests.night.book import Book
from tests.often import seldom

EVE = date(2026, 9, 30)
"""The last workday before National Day; the Saturday of the week after it is made up for."""

BOTH = "{country: CN, overrides: calendar.yaml}"

LAST_YEAR = Calendar(CalendarRules("CN")).last_official_year or 0


@pytest.fixture
def workdays_book(book: Book) -> Book:
    """A call is due after 3 workdays; account a1 has two complaints in September."""
    book.replace("policies/small/pack.yaml", "due: 1 day\n", "due: 3 workdays\n")
    book.append("data/complaints.csv", "a1,2026-09-20\na1,2026-09-21\n")
    return book


def calendar(book: Book, written: str, overrides: str | None = None) -> None:
    book.append("kam.yaml", f"calendar: {written}\n")
    if overrides is not None:
        book.write("calendar.yaml", overrides)


def due(book: Book, report: NightReport) -> date:
    with open_store(book.root / "store", read_only=True) as store:
        ((day,),) = store.database.execute(
            "SELECT due_on FROM actions JOIN runs USING (run_no) WHERE run_id = ?", [report.run_id]
        ).fetchall()
    return date.fromisoformat(day)


def calendar_notes(report: NightReport) -> list[Problem]:
    return [one for one in report.night_notes if one.code == "calendar-unknown-year"]


@pytest.mark.parametrize(
    ("written", "overrides", "expected"),
    [
        (None, None, date(2026, 10, 5)),
        (BOTH, "workdays: {2026-10-07: 加班}", date(2026, 10, 9)),
        ("{overrides: calendar.yaml}", "holidays: {2026-10-02: 休}", date(2026, 10, 6)),
        *seldom(
            ("{country: CN}", None, date(2026, 10, 10)),
            (BOTH, "holidays: {2026-10-10: 连休}", date(2026, 10, 12)),
            ("{overrides: calendar.yaml}", "weekend: [friday, saturday]", date(2026, 10, 5)),
        ),
    ],
)
def test_due_date_crosses_a_holiday_as_the_calendar_says(
    workdays_book: Book, written: str | None, overrides: str | None, expected: date
) -> None:
    if written is not None:
        calendar(workdays_book, written, overrides)
    report = workdays_book.run(EVE)
    assert due(workdays_book, report) == expected
    assert calendar_notes(report) == []


@pytest.mark.slow
def test_changed_calendar_makes_the_night_a_new_one(workdays_book: Book) -> None:
    calendar(workdays_book, BOTH, "weekend: [sunday]")
    first = workdays_book.run(EVE)
    workdays_book.append("calendar.yaml", "\n# a comment changes no day\n")
    assert workdays_book.run(EVE).repeated
    workdays_book.write("calendar.yaml", "weekend: [saturday]")
    again = workdays_book.run(EVE)
    assert not again.repeated and again.run_id != first.run_id


@pytest.mark.slow
def test_due_date_past_the_last_official_year_is_noted_once_a_night(workdays_book: Book) -> None:
    calendar(workdays_book, "{country: CN}")
    end = date(LAST_YEAR, 12, 31)
    eve = Calendar(CalendarRules("CN")).add_workdays(end, -2)
    assert calendar_notes(workdays_book.run(eve.replace(day=eve.day - 3))) == []
    for _ in range(2):  # the second is the same night again
        (note,) = calendar_notes(workdays_book.run(eve))
        assert note.severity == "warning"
        assert f"reach into {LAST_YEAR + 1}" in note.message
        assert note.location is not None and note.location.file.endswith("kam.yaml")
        assert note.location.line == (workdays_book.root / "kam.yaml").read_text().count("\n")
        assert note.hint is not None and "calendar.yaml" in note.hint


@pytest.mark.slow
def test_year_that_the_overrides_list_is_not_noted(workdays_book: Book) -> None:
    overrides = f"holidays: {{{LAST_YEAR + 1}-01-01: 元旦}}"
    calendar(workdays_book, BOTH, overrides)
    assert calendar_notes(workdays_book.run(date(LAST_YEAR, 12, 31))) == []
    (note,) = calendar_notes(workdays_book.run(date(LAST_YEAR + 1, 12, 31)))
    assert f"reach into {LAST_YEAR + 2}" in note.message


def test_limits_in_days_need_no_calendar(book: Book) -> None:
    calendar(book, "{country: CN}")
    assert calendar_notes(book.run(date(LAST_YEAR, 12, 31))) == []
