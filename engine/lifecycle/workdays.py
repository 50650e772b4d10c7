"""Workdays: official holidays and make-up days where they are known, a company's own first.

China announces the holidays of a year, and the Saturdays and Sundays on which they are
made up for, in the November before it. Until then nobody knows the workdays of that year;
the weekend alone then decides, and `Calendar.unknown_years` says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from engine.language.calendar import CalendarRules

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class OfficialDays:
    """What a country has announced. Outside `years` nothing is known."""

    holidays: frozenset[date]
    workdays: frozenset[date]
    """Days of the weekend on which people work."""
    years: range


def china() -> OfficialDays:
    """The announcements of the State Council, as chinesecalendar keeps them."""
    from chinese_calendar import holidays, workdays

    # Each announcement is added whole, and every year has a holiday in January and October.
    years = range(min(holidays).year, max(holidays).year + 1)
    return OfficialDays(frozenset(holidays), frozenset(workdays), years)


COUNTRIES: Mapping[str, Callable[[], OfficialDays]] = {"CN": china}
"""The countries of `country` in schemas/workspace.schema.json."""


class Calendar:
    """Which days are workdays. Immutable. `official` stands in for what the country announced.

    >>> china_2026 = Calendar(CalendarRules("CN"))
    >>> china_2026.add_workdays(date(2026, 9, 30), 1)  # over National Day
    datetime.date(2026, 10, 8)
    """

    def __init__(self, rules: CalendarRules, official: OfficialDays | None = None) -> None:
        self.rules = rules
        if official is None and rules.country is not None:
            official = COUNTRIES[rules.country]()
        self._official_years = None if official is None else official.years
        self._weekend = rules.weekend
        if official is None:
            self._holidays, self._workdays = rules.holidays, rules.workdays
        else:
            self._holidays = (official.holidays - rules.workdays) | rules.holidays
            self._workdays = (official.workdays - rules.holidays) | rules.workdays

    def is_workday(self, day: date) -> bool:
        if day in self._workdays:
            return True
        return day.weekday() not in self._weekend and day not in self._holidays

    def add_workdays(self, day: date, count: int) -> date:
        """The workday that is `count` workdays after `day`; before it if `count` is negative.

        `day` itself is not counted, whether it is a workday or not, and 0 gives it back.
        Raises `OverflowError` beyond the years 1 to 9999.
        """
        step = ONE_DAY if count > 0 else -ONE_DAY
        for _ in range(abs(count)):
            day += step
            while not self.is_workday(day):
                day += step
        return day

    def workdays_between(self, start: date, end: date) -> int:
        """How many workdays one passes on the way from `start` to `end`; negative backwards.

        `start` is not counted and `end` is, so that this undoes `add_workdays`.
        """
        step = 1 if end >= start else -1
        days = (start + timedelta(days=n) for n in range(step, (end - start).days + step, step))
        return step * sum(map(self.is_workday, days))

    def unknown_years(self, first: date, last: date) -> tuple[int, ...]:
        """Years from `first` to `last` of which only the weekends are known.

        A year is known if the country's official days are, or if the overrides list a
        holiday of it. Without a country every year is as the weekend and the overrides say.
        """
        if self._official_years is None:
            return ()
        known = {*self._official_years, *(day.year for day in self.rules.holidays)}
        return tuple(year for year in range(first.year, last.year + 1) if year not in known)

    @property
    def seconds_of_work(self) -> int:
        """The working hours of one workday."""
        opens, closes = self.rules.opens, self.rules.closes
        end = 1440 if closes == time(0) else closes.hour * 60 + closes.minute
        return (end - opens.hour * 60 - opens.minute) * 60

    @property
    def last_official_year(self) -> int | None:
        """The last year that the country has announced; None without a country."""
        return None if self._official_years is None else self._official_years[-1]

    @property
    def exceptional(self) -> OfficialDays | None:
        """What was announced, and what the company changed in it; None without a country."""
        if self._official_years is None:
            return None
        return OfficialDays(self._holidays, self._workdays, self._official_years)

    @property
    def sha256(self) -> str:
        """A hash of every day on which the answer could depend."""
        parts = (
            self._official_years,
            sorted(self._weekend),
            sorted(day.isoformat() for day in self._holidays),
            sorted(day.isoformat() for day in self._workdays),
            (self.rules.opens, self.rules.closes),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()
