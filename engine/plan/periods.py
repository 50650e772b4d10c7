"""Periods of the calendar: weeks, months, quarters, years and multiples of them."""

from __future__ import annotations

from datetime import date, timedelta

from engine.model import Period
from engine.plan.steps import Span

_EPOCH_MONDAY = date(1970, 1, 5)
_EPOCH = date(1970, 1, 1)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def period_start(every: Period, day: date) -> date:
    """The first day of the period that holds `day`.

    Weeks begin on Monday, several weeks count from Monday 1970-01-05, days from 1970-01-01;
    months count from January of the year 0, so that 2, 3, 4, 6 and 12 of them begin in January.

    >>> period_start(Period(1, "quarter", "quarter"), date(2026, 8, 15))
    datetime.date(2026, 7, 1)
    """
    if every.unit in _MONTHS:
        months = _MONTHS[every.unit] * every.count
        number = (day.year * 12 + day.month - 1) // months * months
        year, month = divmod(number, 12)
        return date(max(year, 1), month + 1, 1)
    length = _days(every)
    origin = _EPOCH_MONDAY if every.unit == "week" else _EPOCH
    return day - timedelta(days=(day - origin).days % length)


def next_start(every: Period, start: date) -> date:
    """The first day of the period after the one that begins on `start`."""
    if every.unit in _MONTHS:
        number = start.year * 12 + start.month - 1 + _MONTHS[every.unit] * every.count
        year, month = divmod(number, 12)
        return date(year, month + 1, 1)
    return start + timedelta(days=_days(every))


def span_of(every: Period, day: date) -> Span:
    """The period that holds `day`, and where the one before it begins."""
    start = period_start(every, day)
    before = period_start(every, start - timedelta(days=1))
    return Span(start, next_start(every, start) - timedelta(days=1), before)


def starts_between(every: Period, after: date, until: date) -> tuple[date, ...]:
    """The first days of periods after `after`, up to and including `until`."""
    found = []
    start = next_start(every, period_start(every, after))
    while start <= until:
        found.append(start)
        start = next_start(every, start)
    return tuple(found)


def _days(every: Period) -> int:
    return every.count * (7 if every.unit == "week" else 1)
