"""When the time for an answer is over.

All clocks run in UTC, so that a change of clocks neither adds nor takes an hour.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.lifecycle.account.policy import ObligationTerms
from engine.lifecycle.workdays import ONE_DAY, Calendar
from engine.lifecycle.working_clock import WorkingClock

ONE_SECOND = timedelta(seconds=1)


class Limits:
    """The clocks of a calendar in a time zone. Moments are local and have no zone."""

    def __init__(self, calendar: Calendar, zone: ZoneInfo) -> None:
        self._calendar = calendar
        self._zone = zone
        self._clock = WorkingClock(calendar, calendar.rules.opens, calendar.rules.closes, zone)

    def limit(self, starts: datetime, terms: ObligationTerms) -> datetime:
        """The last moment at which an answer is in time; see ``response`` in docs/lifecycle.md."""
        if terms.limit_workdays is not None:
            last = self._calendar.add_workdays(starts.date(), terms.limit_workdays)
            return datetime.combine(last + ONE_DAY, time())
        assert terms.limit_seconds is not None
        within = timedelta(seconds=terms.limit_seconds)
        begins = self._utc(starts)
        if terms.clock != "working":
            return self._local(begins + within)
        return _whole_second(self._local(self._clock.add(begins, within)))

    def _utc(self, local: datetime) -> datetime:
        """Of two moments that are called alike the first; and so of one that the clocks skip."""
        offsets = (local.replace(tzinfo=self._zone, fold=fold).utcoffset() for fold in (0, 1))
        return (local - max(one for one in offsets if one is not None)).replace(tzinfo=UTC)

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone).replace(tzinfo=None, fold=0)


def _whole_second(moment: datetime) -> datetime:
    """The working clock ticks in seconds; half of one goes to the even."""
    whole = moment.replace(microsecond=0)
    half = 500_000
    is_up = moment.microsecond > half or (moment.microsecond == half and whole.second % 2 == 1)
    return whole + ONE_SECOND if is_up else whole
