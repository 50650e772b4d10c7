"""Days, periods and clocks."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
Length = tuple[int, str]
"""A count and its unit: ``(3, "workday")``."""


@dataclass(frozen=True)
class Almanac:
    """The calendar: weekends, except what `holidays` and `workdays` say."""

    china: bool = False
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    zone: str = "Asia/Shanghai"
    opens: int = 9
    closes: int = 18

    def is_workday(self, day: date) -> bool:
        if day in self.workdays:
            return True
        if day in self.holidays:
            return False
        if self.china:
            return china_works_on(day)
        return day.weekday() < 5


@cache
def china_works_on(day: date) -> bool:
    """A year that is not announced yet has its weekends."""
    from chinese_calendar import is_workday

    try:
        return bool(is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def workdays_after(day: date, count: int, almanac: Almanac) -> date:
    while count > 0:
        day += DAY
        if almanac.is_workday(day):
            count -= 1
    return day


def workdays_before(day: date, count: int, almanac: Almanac) -> date:
    while count > 0:
        day -= DAY
        if almanac.is_workday(day):
            count -= 1
    return day


def after(day: date, length: Length, almanac: Almanac) -> date:
    """The day that lies `length` after `day`."""
    count, unit = length
    if unit == "workday":
        return workdays_after(day, count, almanac)
    if unit == "hour":
        return day + timedelta(days=(count + 23) // 24)
    if unit in ("day", "night"):
        return day + timedelta(days=count)
    if unit == "week":
        return day + timedelta(days=7 * count)
    year, month = day.year, day.month
    for _ in range({"month": 1, "quarter": 3, "year": 12}[unit] * count):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def is_period_start(day: date, every: Length) -> bool:
    count, unit = every
    if unit == "day":
        return (day - date(1970, 1, 1)).days % count == 0
    if unit == "week":
        return (day - date(1970, 1, 5)).days % (7 * count) == 0
    if day.day != 1:
        return False
    months = {"month": 1, "quarter": 3, "year": 12}[unit] * count
    return (day.month - 1) % months == 0


def period_start(day: date, every: Length) -> date:
    while not is_period_start(day, every):
        day -= DAY
    return day


def period_end(day: date, every: Length) -> date:
    day += DAY
    while not is_period_start(day, every):
        day += DAY
    return day - DAY


def reminder(last: date, remind: Length | None, almanac: Almanac) -> date:
    if remind is None:
        return last
    count, unit = remind
    if unit == "workday":
        return workdays_before(last, count, almanac)
    return last - timedelta(days=count)


def moment(local: datetime, almanac: Almanac) -> datetime:
    """A local time as the zone takes it, in UTC."""
    return local.replace(tzinfo=ZoneInfo(almanac.zone)).astimezone(UTC)


def end_of(day: date, almanac: Almanac) -> datetime:
    return moment(datetime.combine(day + DAY, time()), almanac)


def limit(starts: datetime, within: Length, clock: str, almanac: Almanac) -> datetime:
    """When the time for an answer is over, in UTC."""
    count, unit = within
    if unit == "workday":
        return end_of(workdays_after(starts.date(), count, almanac), almanac)
    begins = moment(starts, almanac)
    hours = count
    if clock == "calendar":
        return begins + timedelta(hours=24 * count if unit == "day" else count)
    if unit == "day":
        hours = count * (almanac.closes - almanac.opens)
    left = timedelta(hours=hours)
    day = starts.date()
    while True:
        if almanac.is_workday(day):
            opens = moment(datetime.combine(day, time(almanac.opens)), almanac)
            closes = moment(datetime.combine(day, time(almanac.closes)), almanac)
            here = max(opens, begins)
            if here < closes:
                if left <= closes - here:
                    return here + left
                left -= closes - here
        day += DAY
