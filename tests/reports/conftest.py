from __future__ import annotations

from pathlib import Path

import pytest

from tests.books.shared import shared
from tests.night.book import Book
from tests.night.fixtures import begun, book, decided
from tests.reports.books import BEFORE, told_book

__all__ = ["begun", "book", "decided", "told", "two_nights"]


@pytest.fixture(scope="session")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a book with two nights, a quarter apart; tests change copies of it."""

    def make(root: Path) -> None:
        book = told_book(root)
        book.run(BEFORE)
        book.run()

    return shared(tmp_path_factory, "two-nights", make)


@pytest.fixture
def told(tmp_path: Path, two_nights: Path) -> Book:
    return Book(two_nights, files={}).copy(tmp_path / "workspace")
