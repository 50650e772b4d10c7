"""Fixtures of the small workspace, for the conftest.py of whoever tests with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.books.shared import shared
from tests.night.book import Book


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """The workspace before its first night."""
    return Book(tmp_path / "workspace")


@pytest.fixture(scope="session")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The workspace after its first night. Never changed."""
    return Book(shared(tmp_path_factory, "small", lambda root: Book(root).run()), files={})


@pytest.fixture
def begun(decided: Book, tmp_path: Path) -> Book:
    """A copy of it, to go on from."""
    return decided.copy(tmp_path / "workspace")
