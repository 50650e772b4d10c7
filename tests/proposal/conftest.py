"""The book with one night that has been run: made once, copied for every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proposal.book import Book


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Book:
    book = Book.make(tmp_path_factory.mktemp("proposal") / "acme")
    book.run()
    return book


@pytest.fixture
def book(night: Book, tmp_path: Path) -> Book:
    """The workspace after its first night."""
    return night.copy(tmp_path / "acme")


@pytest.fixture
def new_book(tmp_path: Path) -> Book:
    """The workspace before its first night."""
    return Book.make(tmp_path / "acme")
