"""`calendar:` of kam.yaml and the file that it names: which days are workdays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from engine.errors import KamError, Location, Problem
from engine.language.documents import Document, Node
from engine.language.named_files import kept_file, read_named
from engine.language.schema import read_valid
from engine.language.texts import Texts
from engine.model import PolicyFile

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKEND = frozenset({5, 6})


@dataclass(frozen=True)
class CalendarRules:
    """The calendar as written: a country's official days, and what a company changes in them.

    A day of `holidays` is no workday and one of `workdays` is one, whatever the country and
    the weekend say. No day is in both.
    """

    country: str | None = None
    """ISO 3166 code; None where only the weekend and the two lists count."""
    weekend: frozenset[int] = WEEKEND
    """Days of the week without work; 0 is Monday."""
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    opens: time = time(9)
    closes: time = time(18)
    """The working clock runs from `opens` until just before `closes`; 00:00 ends the day."""
    file: PolicyFile | None = None
    """The file of overrides."""
    location: Location | None = None
    """Of `calendar:` in kam.yaml."""


def read_calendar(workspace: Document, texts: Texts) -> CalendarRules:
    """The calendar of a valid kam.yaml, with its overrides read from `texts`.

    Raises `KamError` with everything that is wrong with the file of overrides.
    """
    written = workspace.root.get("calendar")
    if written is None:
        return CalendarRules()
    country, overrides = written.read("country"), written.get("overrides")
    if overrides is None:
        return CalendarRules(country, location=written.location)
    document = read_named(overrides, lambda path: read_valid(path, texts, "calendar"))
    root, problems = document.root, list[Problem]()
    holidays = read_days(root, "holidays", problems)
    workdays = read_days(root, "workdays", problems)
    problems.extend(conflicts(holidays, workdays))
    hours = read_hours(root, problems)
    if problems:
        raise KamError(problems)
    weekend = root.read("weekend")
    return CalendarRules(
        country,
        WEEKEND if weekend is None else frozenset(map(WEEK.index, weekend)),
        frozenset(holidays),
        frozenset(workdays),
        *hours,
        kept_file(document.path, document.content),
        written.location,
    )


def read_days(root: Node, section: str, problems: list[Problem]) -> dict[date, Location]:
    """The days of a section, each with where it stands."""
    days = {}
    for entry in root.entries(section):
        try:
            days[date.fromisoformat(entry.key)] = entry.location
        except ValueError:
            problems.append(Problem("not-a-date", f"there is no day {entry.key}", entry.location))
    return days


def read_hours(root: Node, problems: list[Problem]) -> tuple[time, time]:
    """When work begins and ends; a day that ends before it begins is a problem."""
    if "hours" not in root:
        return CalendarRules.opens, CalendarRules.closes
    written = root["hours"]
    opens, closes = (time.fromisoformat(written.value[key]) for key in ("from", "to"))
    if closes <= opens and closes != time(0):
        message = f"the working hours end at {closes:%H:%M}, not after {opens:%H:%M}"
        hint = "write the earlier time first; 00:00 as the end is midnight"
        problems.append(Problem("not-rising", message, written.location, hint))
    return opens, closes


def conflicts(holidays: dict[date, Location], workdays: dict[date, Location]) -> Iterator[Problem]:
    for day in holidays.keys() & workdays.keys():
        first, second = sorted((holidays[day], workdays[day]))
        message = f"{day} is a holiday and a workday; it also stands on line {first.line}"
        yield Problem("conflicting-day", message, second, "keep one of the two")
