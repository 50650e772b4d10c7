"""The demo books that several tests look at, each made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.demo.book import Book
from engine.demo.build import write_demo
from engine.demo.workspace import packaged_packs
from tests.books.history import AS_OF, history
from tests.books.shared import shared

__all__ = ["five_packs", "history"]


@pytest.fixture(scope="session")
def five_packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default book, decided by every pack that comes with kam; no night was run."""

    def make(folder: Path) -> None:
        write_demo(folder, Book(300, 7, AS_OF), lambda step: None, packaged_packs())

    return shared(tmp_path_factory, "five-packs", make)
