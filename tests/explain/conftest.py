from __future__ import annotations

from datetime import date

import pytest

from engine.audit.store import open_store
from engine.demo.book import Book as DemoBook
from engine.demo.build import write_demo
from engine.language.load import packaged_packs
from engine.recall import KeptNight, recall_night
from engine.runner import run_night
from tests.night.fixtures import begun, book, decided

__all__ = ["begun", "book", "decided", "demo"]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> KeptNight:
    """A night of all five packs over an invented book."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    as_of = date(2026, 6, 30)
    write_demo(folder, DemoBook(150, 7, as_of), lambda step: None, packaged_packs())
    run_night(folder, as_of)
    with open_store(folder / "store", create=False, read_only=True) as store:
        return recall_night(folder, store)
