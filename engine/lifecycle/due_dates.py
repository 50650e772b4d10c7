"""When an action that is opened tonight is due."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

from engine.errors import Problem
from engine.lifecycle.workdays import ONE_DAY, Calendar
from engine.model import Period
from engine.plan.steps import PackPlan


def due_date(opened_on: date, due: Period | None, calendar: Calendar) -> date | None:
    """The last day on which an action is in time; None without a deadline.

    Hours round up to whole days, as actions have no clock.

    >>> from engine.language.calendar import CalendarRules
    >>> weekdays = Calendar(CalendarRules())
    >>> due_date(date(2026, 6, 26), Period(1, "workday", "1 workday"), weekdays)  # a Friday
    datetime.date(2026, 6, 29)
    """
    if due is None:
        return None
    if due.unit == "workday":
        return calendar.add_workdays(opened_on, due.count)
    months = {"month": 1, "quarter": 3, "year": 12}.get(due.unit)
    if months is not None:
        return _add_months(opened_on, months * due.count)
    days = {"hour": -(-due.count // 24), "week": 7 * due.count}.get(due.unit, due.count)
    return opened_on + timedelta(days=days)


def _add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def calendar_problems(
    calendar: Calendar, packs: Iterable[PackPlan], as_of: date
) -> tuple[Problem, ...]:
    """A warning if an action of tonight could fall due in years whose holidays are not known."""
    rules = calendar.rules
    dues = (
        pack.actions[name].due
        for pack in packs
        for rule in pack.rules
        for name in rule.actions.values()
    )
    ends = {
        due_date(as_of, due, calendar) for due in dues if due is not None and due.unit == "workday"
    }
    last = max((end for end in ends if end is not None), default=as_of)
    years = calendar.unknown_years(as_of + ONE_DAY, last) if last > as_of else ()
    if not years:
        return ()
    named = str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"
    named_so = "a file that 'calendar: {overrides: calendar.yaml}' names"
    file = named_so if rules.file is None else rules.file.path
    return (
        Problem(
            "calendar-unknown-year",
            f"due dates reach into {named}, and the official holidays are known up to "
            f"{calendar.last_official_year}; every day after that but the weekend counts as a "
            "workday",
            rules.location,
            f"list the year's holidays and make-up workdays in {file}",
            "warning",
        ),
    )
