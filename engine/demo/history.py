"""Which nights make time visible in the demo book."""

from __future__ import annotations

from datetime import date, timedelta


def history_nights(as_of: date) -> tuple[date, ...]:
    """Nights up to the end of the book, in order: two reviews, and time to wait and to forget.

    Everybody is placed before the first of two quarterly reviews; the second is seen with the
    night before it, the last night with the one before it and one a month earlier.

    >>> [day.isoformat() for day in history_nights(date(2026, 6, 30))]
    ['2025-12-31', '2026-03-31', '2026-04-01', '2026-05-29', '2026-06-29', '2026-06-30']
    """
    day = timedelta(days=1)
    quarter = _quarter(as_of)
    before = _quarter(quarter - day)
    nights = {before - day, quarter - day, quarter, as_of - 32 * day, as_of - day, as_of}
    return tuple(sorted(nights))


def _quarter(day: date) -> date:
    """The first day of the quarter that a day is in."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
