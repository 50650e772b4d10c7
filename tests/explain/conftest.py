from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from engine.audit.store import open_store
from engine.demo.book import Book as DemoBook
from engine.demo.build import write_demo
from engine.language.load import packaged_packs
from engine.recall import KeptNight, recall_night
from engine.runner import run_night
from tests.night.fixtures import begun, book, decided

__all__ = ["begun", "book", "decided", "demo", "size"]


@dataclass(frozen=True)
class Size:
    """Of an invented book, and the packs that decide about it."""

    accounts: int
    packs: tuple[str, ...]


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(Size(50, ("key_account_rules", "engineering")), id="two packs"),
        pytest.param(Size(150, packaged_packs()), id="five packs", marks=pytest.mark.slow),
    ],
)
def size(request: pytest.FixtureRequest) -> Size:
    found: Size = request.param
    return found


@pytest.fixture(scope="session")
def demo(size: Size, tmp_path_factory: pytest.TempPathFactory) -> KeptNight:
    """A night of the packs over an invented book."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    as_of = date(2026, 6, 30)
    write_demo(folder, DemoBook(size.accounts, 7, as_of), lambda step: None, size.packs)
    run_night(folder, as_of)
    with open_store(folder / "store", create=False, read_only=True) as store:
        return recall_night(folder, store)
