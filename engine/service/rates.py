"""How fast a caller may send: a token bucket each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

BURST_SECONDS = 2.0
"""A bucket holds what may be sent in so much time."""
_ROUNDING = 1e-6
"""Of an event: whoever waits as long as it was told to is let in."""


@dataclass
class _Bucket:
    level: float
    at: float


class Rates:
    """Buckets by name, which fill by `rate` a second.

    A call is let in if the bucket holds anything at all, and then takes out as many as it has
    events, even below empty: a list of a thousand is never refused for its length, and what
    comes after it waits so much longer.
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self.capacity = max(1.0, rate * BURST_SECONDS)
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def wait(self, name: str) -> float:
        """Seconds until the next call is let in; 0 lets it in, and takes one out for it."""
        with self._lock:
            bucket = self._filled(name)
            if bucket.level < 1 - _ROUNDING:
                return (1 - bucket.level) / self.rate
            bucket.level -= 1
            return 0.0

    def charge(self, name: str, count: int) -> None:
        """Takes out `count` more."""
        with self._lock:
            self._filled(name).level -= count

    def _filled(self, name: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.setdefault(name, _Bucket(self.capacity, now))
        bucket.level = min(self.capacity, bucket.level + (now - bucket.at) * self.rate)
        bucket.at = now
        return bucket
