"""Whether the nights still run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from engine.audit.store import Run

State = Literal["fresh", "stale", "future", "ahead", "none"]

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far ahead the clock of another machine may be."""


@dataclass(frozen=True)
class Status:
    """The last run that succeeded and its age at a moment; ``good`` for a monitor."""

    state: State
    run: Run | None
    age: timedelta | None

    @property
    def good(self) -> bool:
        return self.state == "fresh"


def status_of(
    run: Run | None, now: datetime, max_age: timedelta, latest: date | None = None
) -> Status:
    """``fresh`` up to and including `max_age` since the run finished, ``stale`` after.

    A run that finished after `now` says that a clock is wrong, and is not good either. Nor is one
    of a day after `latest`: until then no other night can be run (``ahead``).
    """
    if run is None:
        return Status("none", None, None)
    age = now - run.finished_at
    if age < -CLOCK_TOLERANCE:
        return Status("future", run, age)
    if latest is not None and run.as_of > latest:
        return Status("ahead", run, age)
    return Status("fresh" if age <= max_age else "stale", run, age)
