"""The service over a fake desk as a process of its own: ``python -m tests.service.serving``."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from datetime import date

from engine.day.events import Answer, Event, Rejected
from engine.service.app import Terms
from engine.service.server import listen, serve
from engine.service.tokens import read_tokens
from tests.service.conftest import ENTRIES
from tests.service.desks import FakeDesk

RELEASE_SECONDS = 1.0


class SlowDesk(FakeDesk):
    """An event of the id ``slow`` is answered after a second."""

    def answer(self, events: Sequence[Event | Rejected]) -> list[Answer | Rejected]:
        threading.Timer(RELEASE_SECONDS, self.released.set).start()
        return super().answer(events)


def main() -> None:
    desk = SlowDesk()
    terms = Terms(read_tokens({"KAM_API_TOKENS": ENTRIES}), rate=1e6)
    with listen("127.0.0.1", 0) as opened:
        serve(desk, terms, opened, lambda: date(2026, 7, 2))
    sys.stdout.write(f"answered {sorted(desk.first)}\n")


if __name__ == "__main__":
    main()
