"""Time limits in hours that do not say whether the night and the weekend count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from engine.errors import Location, Problem
from engine.language.documents import Document
from engine.language.reading import parse_yaml
from engine.model import Entitlement, Period, Policy

_OPENED = datetime(2026, 6, 5, 17, 30)
"""A Friday, half an hour before the office closes."""
_FROM, _TO = time(9), time(18)
_SATURDAY = 5


def check_clocks(policy: Policy) -> Iterator[Problem]:
    """A response within hours names its clock.

    Days without a clock are days of the calendar and workdays are workdays, but an hour is as
    often one of the office as one of the day; the two differ by a weekend.
    """
    documents: dict[str, Document | None] = {}
    for entitlement in policy.entitlements.values():
        within = entitlement.terms.get("within")
        if entitlement.kind != "response" or not isinstance(within, Period):
            continue
        if within.unit == "hour" and not _names_a_clock(entitlement, policy, documents):
            yield _unclear(entitlement, within)


def _unclear(entitlement: Entitlement, within: Period) -> Problem:
    by_calendar = _OPENED + timedelta(hours=within.count)
    by_office = _working(within.count)
    message = (
        f"'{entitlement.id}' is owed within {within.text}, and no clock is said: what comes in on "
        f"{_shown(_OPENED)} is late after {_shown(by_calendar)} by the calendar, which counts, "
        f"and after {_shown(by_office)} by the hours of workdays from 9:00 to 18:00"
    )
    hint = "write 'clock: calendar' or 'clock: working'"
    return Problem("underspecified-clock", message, entitlement.location, hint, "warning")


def _working(hours: int) -> datetime:
    """When so many hours of workdays have passed since `_OPENED`, without holidays.

    >>> _working(1)
    datetime.datetime(2026, 6, 8, 9, 30)
    """
    now, left = _OPENED, timedelta(hours=hours)
    while True:
        closes = datetime.combine(now.date(), _TO)
        if now.weekday() < _SATURDAY:
            if left <= closes - now:
                return now + left
            left -= closes - now
        now = datetime.combine(now.date() + timedelta(days=1), _FROM)


def _shown(moment: datetime) -> str:
    return f"{moment:%A} {moment:%Y-%m-%d %H:%M}"


def _names_a_clock(
    entitlement: Entitlement, policy: Policy, documents: dict[str, Document | None]
) -> bool:
    """Whether `clock:` is written; the model only keeps which one counts."""
    place = entitlement.location
    if place.file not in documents:
        documents[place.file] = _document(place, policy)
    document = documents[place.file]
    if document is None:
        return True
    section = document.data.get("entitlements", {})
    return "clock" in section.get(entitlement.id, {"clock": None})


def _document(place: Location, policy: Policy) -> Document | None:
    """The file in which an element stands, read again."""
    for file in policy.files:
        if place.file == file.path or place.file.endswith((f"/{file.path}", f":{file.path}")):
            return parse_yaml(file.content, file.path)
    return None
