"""What the calendar said, as a text that is kept: another version of the library of holidays
cannot change what a night decided once."""

from __future__ import annotations

import json
from datetime import date

from engine.language.calendar import WEEK, CalendarRules
from engine.lifecycle.workdays import Calendar, OfficialDays


def calendar_text(calendar: Calendar) -> str:
    """Canonical JSON: equal calendars have equal texts.

    ``country``, the ``years`` that it has announced (first and last), the ``weekend``, and every
    day that is otherwise than the weekend says: ``holidays`` and ``workdays``, the company's
    own among them. Without a country there are no years, and only the company's days.

    >>> calendar_text(Calendar(CalendarRules(holidays=frozenset({date(2026, 6, 30)}))))[:50]
    '{"closes":"18:00","country":null,"holidays":["2026'
    """
    rules, known = calendar.rules, calendar.exceptional
    holidays, workdays = rules.holidays, rules.workdays
    if known is not None:
        holidays, workdays = known.holidays, known.workdays
    said = {
        "country": rules.country,
        "years": None if known is None else [known.years[0], known.years[-1]],
        "weekend": [WEEK[day] for day in sorted(rules.weekend)],
        "holidays": sorted(day.isoformat() for day in holidays),
        "workdays": sorted(day.isoformat() for day in workdays),
        "opens": f"{rules.opens:%H:%M}",
        "closes": f"{rules.closes:%H:%M}",
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def kept_calendar(rules: CalendarRules, text: str) -> Calendar:
    """The calendar again: the company's `rules` as they were kept, over the days of the text."""
    said = json.loads(text)
    if said["years"] is None:
        return Calendar(rules)
    first, last = said["years"]
    announced = OfficialDays(
        _days(said["holidays"]), _days(said["workdays"]), range(first, last + 1)
    )
    return Calendar(rules, announced)


def _days(texts: list[str]) -> frozenset[date]:
    return frozenset(map(date.fromisoformat, texts))
