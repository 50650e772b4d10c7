"""A small book with one night behind it, under all five packs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from engine.audit.store import open_store
from engine.demo.book import Book as DemoBook
from engine.demo.build import write_demo
from engine.demo.workspace import packaged_packs
from engine.recall import KeptNight, kept_night
from engine.runner import run_night
from tests.books.shared import shared
from tests.night.book import Book

AS_OF = date(2026, 6, 30)
EARLIER = date(2026, 6, 1)


@pytest.fixture(scope="session")
def day_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nights of a demo book that all packs decide about; for reading only."""

    def make(folder: Path) -> None:
        write_demo(folder, DemoBook(40, 7, AS_OF), lambda step: None, packaged_packs())
        for night in (EARLIER, AS_OF):
            run_night(folder, night)

    return shared(tmp_path_factory, "day", make)


@pytest.fixture
def day_copy(day_demo: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    shutil.copytree(day_demo, tmp_path / "demo")
    return tmp_path / "demo"


@pytest.fixture(scope="session")
def demo_night(day_demo: Path) -> Iterator[KeptNight]:
    """The last night of `day_demo`."""
    with open_store(day_demo / "store", create=False, read_only=True) as store:
        run = store.last_run()
        assert run is not None
        yield kept_night(day_demo, store, run)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "workspace")
