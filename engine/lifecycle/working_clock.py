"""A clock that runs only during working hours: across nights, weekends and holidays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.lifecycle.workdays import ONE_DAY, Calendar

ZERO = timedelta()


class WorkingClock:
    """Working time on a calendar, from `opens` until just before `closes` on each workday.

    Both are times of day in `zone`, and a `closes` of 00:00 is the midnight that ends the
    day. Time is what passes: a working day on which the clocks change is an hour longer or
    shorter if they change during its hours. Moments are datetimes with a zone; without one
    they raise `ValueError`.

    >>> from engine.language.calendar import CalendarRules
    >>> shanghai = ZoneInfo("Asia/Shanghai")
    >>> clock = WorkingClock(Calendar(CalendarRules("CN")), time(9), time(18), shanghai)
    >>> print(clock.add(datetime(2026, 9, 30, 17, tzinfo=shanghai), timedelta(hours=2)))
    2026-10-08 10:00:00+08:00
    """

    def __init__(self, calendar: Calendar, opens: time, closes: time, zone: ZoneInfo) -> None:
        if closes != time(0) and closes <= opens:
            raise ValueError(f"the working hours end at {closes}, not after {opens}")
        self.calendar = calendar
        self.opens = opens
        self.closes = closes
        self.zone = zone

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """The first moment at which `duration` of working time has passed since `start`.

        So an hour from 17:00 ends at 18:00 and not at 9:00 of the next workday. In `zone`.
        Raises `ValueError` if the duration is negative.
        """
        if duration < ZERO:
            raise ValueError("a working clock adds no negative duration")
        moment, left = self._instant(start), duration
        if left == ZERO:
            return moment.astimezone(self.zone)
        for opening, closing in self.intervals(moment):
            begin = max(opening, moment)
            if left <= closing - begin:
                return (begin + left).astimezone(self.zone)
            left -= closing - begin
        raise OverflowError("the calendar ends before the duration has passed")

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`; negative if `end` lies before `start`."""
        first, last = self._instant(start), self._instant(end)
        if last < first:
            return -self.elapsed(end, start)
        passed = ZERO
        for opening, closing in self.intervals(first):
            if opening >= last:
                break
            passed += min(closing, last) - max(opening, first)
        return passed

    def intervals(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working hours, in UTC, that end after `moment`."""
        day = moment.astimezone(self.zone).date()
        while day < date.max:
            if self.calendar.is_workday(day):
                last_day = day if self.closes != time(0) else day + ONE_DAY
                opening, closing = self._utc(day, self.opens), self._utc(last_day, self.closes)
                # Hours that the clocks skip when they go forward leave nothing of the day.
                if closing > max(opening, moment):
                    yield opening, closing
            day += ONE_DAY

    def _utc(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    @staticmethod
    def _instant(moment: datetime) -> datetime:
        if moment.utcoffset() is None:
            raise ValueError(f"{moment} has no time zone")
        return moment.astimezone(UTC)
