"""A calendar that was kept says of every day what it said, whatever the library says today."""

from __future__ import annotations

import json
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language.calendar import CalendarRules
from engine.lifecycle import workdays
from engine.lifecycle.kept_calendar import calendar_text, kept_calendar
from engine.lifecycle.workdays import Calendar, OfficialDays

DAYS = st.dates(date(2025, 12, 1), date(2026, 12, 31))


@st.composite
def rules(draw: st.DrawFn) -> CalendarRules:
    holidays = draw(st.frozensets(DAYS, max_size=5))
    return CalendarRules(
        draw(st.sampled_from([None, "CN"])),
        draw(st.sampled_from([frozenset({5, 6}), frozenset({4}), frozenset()])),
        holidays,
        draw(st.frozensets(DAYS, max_size=5)) - holidays,
        opens=draw(st.sampled_from([time(9), time(8, 30)])),
    )


@given(rules())
def test_kept_calendar_is_the_calendar(written: CalendarRules) -> None:
    calendar = Calendar(written)
    text = calendar_text(calendar)
    with pytest.MonkeyPatch.context() as patch:
        nothing = OfficialDays(frozenset(), frozenset(), range(1990, 1991))
        patch.setattr(workdays, "COUNTRIES", {"CN": lambda: nothing})
        again = kept_calendar(written, text)
        assert calendar_text(again) == text
        assert again.sha256 == calendar.sha256
    days = [date(2025, 12, 1) + timedelta(count) for count in range(400)]
    assert [again.is_workday(day) for day in days] == [calendar.is_workday(day) for day in days]
    assert again.unknown_years(date(2020, 1, 1), date(2030, 1, 1)) == calendar.unknown_years(
        date(2020, 1, 1), date(2030, 1, 1)
    )


def test_kept_text_lists_what_was_announced_and_what_the_company_changed() -> None:
    own = date(2026, 7, 1)
    said = json.loads(calendar_text(Calendar(CalendarRules("CN", holidays=frozenset({own})))))
    assert (said["country"], said["weekend"]) == ("CN", ["saturday", "sunday"])
    assert {"2026-07-01", "2026-10-01"} <= set(said["holidays"])
    first, last = said["years"]
    assert first <= 2026 <= last
