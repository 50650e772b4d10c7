"""What a question to kam.db found, by the names of its columns."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any


def named_rows(cursor: sqlite3.Cursor) -> Iterator[dict[str, Any]]:
    """The rows, each as {column: value}."""
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))
