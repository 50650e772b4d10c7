"""What the tests of the facts share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.facts.book import Book


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        yield Book(tmp_path, connection)
