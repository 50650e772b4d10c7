"""The tables from which `obligations.sql` reads when a limit passes.

All clocks run in UTC. A local time that the clocks skip or show twice when they change is
taken as the zone takes it: the first of the two, and past the gap.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.lifecycle.workdays import ONE_DAY, Calendar
from engine.lifecycle.working_clock import WorkingClock

Row = tuple[object, ...]


def utc_offsets(zone: ZoneInfo, first: date, last: date) -> list[Row]:
    """(local_from, utc_from, seconds): the offset of the zone from each of its changes on.

    The first row holds from long before `first`.
    """
    rows: list[Row] = []
    moment = datetime.combine(first, time(), UTC)
    offset = _offset(zone, moment)
    rows.append((datetime(1, 1, 2), datetime(1, 1, 2), offset))
    end = datetime.combine(last + ONE_DAY, time(), UTC)
    while moment < end:
        later = moment + ONE_DAY  # nowhere do clocks change twice within a day
        changed = _offset(zone, later)
        if changed != offset:
            change = _change(zone, moment, later)
            before = change + timedelta(seconds=offset)
            # Forward, the hour that is skipped belongs to the new offset; back, the hour that
            # is shown twice belongs to the old one until the clocks have been put back.
            after = change + timedelta(seconds=max(offset, changed))
            local = before if changed > offset else after
            rows.append((local.replace(tzinfo=None), change.replace(tzinfo=None), changed))
            offset = changed
        moment = later
    return rows


def _offset(zone: ZoneInfo, moment: datetime) -> int:
    shift = moment.astimezone(zone).utcoffset()
    assert shift is not None
    return int(shift.total_seconds())


def _change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first second at which the offset is that of `high`."""
    target = _offset(zone, high)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if _offset(zone, middle) == target:
            high = middle
        else:
            low = middle
    return high


def working_hours(clock: WorkingClock, first: date, until: timedelta, last: date) -> list[Row]:
    """(opens, closes, seconds_before): every workday's hours in UTC from `first` on, until
    `until` of work has passed after `last`."""
    rows: list[Row] = []
    passed, left = timedelta(), until
    for opens, closes in clock.intervals(datetime.combine(first, time(), clock.zone)):
        rows.append(
            (
                opens.replace(tzinfo=None),
                closes.replace(tzinfo=None),
                passed // timedelta(seconds=1),
            )
        )
        passed += closes - opens
        if opens.astimezone(clock.zone).date() > last:
            left -= closes - opens
            if left <= timedelta():
                break
    return rows


def workday_numbers(calendar: Calendar, first: date, last: date, count: int) -> list[Row]:
    """(day, number): the workdays from `first` on, up to `count` of them after `last`."""
    rows: list[Row] = []
    day, left = first, count
    while day <= last or left > 0:
        if calendar.is_workday(day):
            rows.append((day, len(rows) + 1))
            left -= day > last
        day += ONE_DAY
    return rows
