"""When a message that failed is tried again, and how many requests go out in a minute."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Protocol

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)
GROWTH = 4
JITTER = 0.25
"""The share of a wait by which it may be shorter, so that not all come back at once."""

_MINUTE = timedelta(minutes=1)


def wait_after(attempts: int, key: str) -> timedelta:
    """How long to wait after so many attempts have failed, 1 or more.

    30 seconds, 2 minutes, 8, 32, about 2 hours, then 6 hours each; up to a quarter less,
    always the same for one message and number of attempts.

    >>> wait_after(1, "a") == wait_after(1, "a")
    True
    >>> timedelta(hours=4.5) <= wait_after(1000, "a") <= timedelta(hours=6)
    True
    """
    exponent = min(attempts - 1, 16)  # beyond that it is the longest anyway
    longest = min(FIRST_WAIT * int(GROWTH**exponent), LONGEST_WAIT)
    digest = hashlib.sha256(f"{key}/{attempts}".encode()).digest()
    share = int.from_bytes(digest[:4]) / 2**32
    return longest * (1 - JITTER * share)


class Clock(Protocol):
    """The time, and how to let it pass; tests have one of their own."""

    def now(self) -> datetime:
        """The moment, aware."""

    def sleep(self, seconds: float) -> None:
        """Returns when so many seconds have passed."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Pace:
    """Keeps to a number of requests in any minute; `sent` are those of the last one."""

    def __init__(self, per_minute: int | None, sent: Iterable[datetime], clock: Clock) -> None:
        self._per_minute = per_minute
        self._sent = deque(sent, maxlen=per_minute)
        self._clock = clock

    def wait(self, until: datetime | None) -> bool:
        """Waits until a request may go, and counts it; False if that would be after `until`."""
        now = self._clock.now()
        if self._per_minute is not None and len(self._sent) == self._per_minute:
            pause = self._sent[0] + _MINUTE - now
            if pause > timedelta():
                if until is not None and now + pause > until:
                    return False
                self._clock.sleep(pause.total_seconds())
        now = self._clock.now()
        if until is not None and now > until:
            return False
        self._sent.append(now)
        return True
