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
from tests.replay.books import AS_OF, SPOKEN

__all__ = ["begun", "book", "decided", "demo"]


@pytest.fixture(scope="session")
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nights of a small demo book, with somebody who speaks between them: the six of its
    history, or those that a test asks for."""
    nights = getattr(request, "param", history_nights(AS_OF))

    def make(folder: Path) -> None:
        write_demo(folder, DemoBook(60, 7, AS_OF), lambda step: None)
        for night in nights:
            run_night(folder, night)
            if night == SPOKEN:
                _speak(folder, night)

    return shared(tmp_path_factory, f"{len(nights)}-nights", make)


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
