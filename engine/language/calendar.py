"""`calendar:` of kam.yaml and the file that it names: which days are workdays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.errors import KamError, Location, Problem
from engine.language.documents import Document, Node
from engine.language.schema import read_valid
from engine.language.texts import Texts, normalised
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
    document = read_overrides(overrides, texts)
    root, problems = document.root, list[Problem]()
    holidays = read_days(root, "holidays", problems)
    workdays = read_days(root, "workdays", problems)
    problems.extend(conflicts(holidays, workdays))
    if problems:
        raise KamError(problems)
    weekend = root.read("weekend")
    return CalendarRules(
        country,
        WEEKEND if weekend is None else frozenset(map(WEEK.index, weekend)),
        frozenset(holidays),
        frozenset(workdays),
        PolicyFile(document.path, hashlib.sha256(document.content).hexdigest(), document.content),
        written.location,
    )


def read_overrides(overrides: Node, texts: Texts) -> Document:
    """The file that kam.yaml names; that it cannot be found is a fault of the line there."""
    try:
        path = normalised(overrides.value) or overrides.value
        return read_valid(path, texts, "calendar")
    except KamError as error:
        first = error.problems[0]
        if first.code not in ("missing-file", "not-a-file", "path-outside"):
            raise
        message = f"'{overrides.value}': {first.message}"
        place = overrides.value_location
        raise KamError(Problem(first.code, message, place, first.hint)) from error


def read_days(root: Node, section: str, problems: list[Problem]) -> dict[date, Location]:
    """The days of a section, each with where it stands."""
    days = {}
    for entry in root.entries(section):
        try:
            days[date.fromisoformat(entry.key)] = entry.location
        except ValueError:
            problems.append(Problem("not-a-date", f"there is no day {entry.key}", entry.location))
    return days


def conflicts(holidays: dict[date, Location], workdays: dict[date, Location]) -> Iterator[Problem]:
    for day in holidays.keys() & workdays.keys():
        first, second = sorted((holidays[day], workdays[day]))
        message = f"{day} is a holiday and a workday; it also stands on line {first.line}"
        yield Problem("conflicting-day", message, second, "keep one of the two")
