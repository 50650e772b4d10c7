from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.audit.marks import Said
from engine.audit.store import open_store
from engine.demo.book import Book as DemoBook
from engine.demo.build import write_demo
from engine.demo.history import history_nights
from engine.runner import run_night
from tests.books.shared import shared
from tests.night.fixtures import begun, book, decided

__all__ = ["begun", "book", "decided", "demo"]

AS_OF = date(2026, 6, 30)
SPOKEN = date(2026, 5, 29)
"""The third night from the end."""


@pytest.fixture(scope="session")
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The last nights of the history of a small demo book, with somebody who speaks between
    them: all six, or as many as a test asks for."""
    count = getattr(request, "param", 6)

    def make(folder: Path) -> None:
        write_demo(folder, DemoBook(60, 7, AS_OF), lambda step: None)
        for night in history_nights(AS_OF)[-count:]:
            run_night(folder, night)
            if night == SPOKEN:
                _speak(folder, night)

    return shared(tmp_path_factory, f"last-{count}-nights", make)


def _speak(folder: Path, night: date) -> None:
    """Somebody acknowledges a warning, silences one, and gives an action to another."""
    now = datetime(night.year, night.month, night.day, 10, tzinfo=UTC)
    with open_store(folder / "store") as store:
        opened = store.database.execute(
            "SELECT DISTINCT pack, account_id, rule_id FROM decision_log_lines "
            "WHERE kind = 'warning_opened' AND as_of = ? ORDER BY account_id, rule_id LIMIT 2",
            [night.isoformat()],
        ).fetchall()
        for kind, (pack, account, rule) in zip(("ack", "silence"), opened, strict=True):
            until = date(2026, 6, 29) if kind == "silence" else None
            said = Said(kind, "陈静", now, night, None, pack, account, rule, until)
            store.say(said)
        store.say(Said("assign", "陈静", now, night, action_no=1, person="李强"))
