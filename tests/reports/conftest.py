from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.night.book import Book
from tests.reports.books import BEFORE, told_book


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "workspace")


@pytest.fixture(scope="session")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a book with two nights, a quarter apart; tests change copies of it."""
    book = told_book(tmp_path_factory.mktemp("told") / "workspace")
    book.run(BEFORE)
    book.run()
    return book.root


@pytest.fixture
def told(tmp_path: Path, two_nights: Path) -> Book:
    book = Book.__new__(Book)
    book.root = tmp_path / "workspace"
    shutil.copytree(two_nights, book.root)
    return book
