"""A small book with two nights behind it, under two packs; in the long run, under all five."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from engine.demo.book import Book as DemoBook
from engine.demo.build import write_demo
from engine.demo.workspace import packaged_packs
from engine.recall import KeptNight
from engine.runner import run_night
from tests.books.shared import shared
from tests.day import small
from tests.day.nights import last_night
from tests.night.book import Book
from tests.night.fixtures import book

__all__ = ["book", "day_copy", "day_demo", "demo_night", "night"]

AS_OF = date(2026, 6, 30)
EARLIER = date(2026, 6, 1)


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(("key_account_rules", "manufacturing"), id="two packs"),
        pytest.param(packaged_packs(), id="five packs", marks=pytest.mark.slow),
    ],
)
def day_demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nights of a demo book that these packs decide about; for reading only."""

    def make(folder: Path) -> None:
        write_demo(folder, DemoBook(40, 7, AS_OF), lambda step: None, request.param)
        for night in (EARLIER, AS_OF):
            run_night(folder, night)

    return shared(tmp_path_factory, f"day-{len(request.param)}", make)


@pytest.fixture
def day_copy(day_demo: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    shutil.copytree(day_demo, tmp_path / "demo")
    return tmp_path / "demo"


@pytest.fixture(scope="session")
def demo_night(day_demo: Path) -> Iterator[KeptNight]:
    """The last night of `day_demo`."""
    with last_night(day_demo) as (found, _):
        yield found


def small_night(root: Path) -> None:
    """Writes the workspace of a few accounts, and runs its night."""
    small.write(Book(root))
    run_night(root, small.NIGHT)


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptNight]:
    """The night of the workspace of a few accounts."""

    with last_night(shared(tmp_path_factory, "few", small_night)) as (found, _):
        yield found
