"""Rows into a table of SQLite in bulk.

A first night over a million accounts writes millions of lines. Per row, handing it from
Python to SQLite costs more than storing it; so one statement takes `GROUP` rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import chain, islice

GROUP = 100
"""Rows of one INSERT; more gain nothing."""


def insert_grouped(
    connection: sqlite3.Connection,
    insert: str,
    placeholders: str,
    rows: Iterable[tuple[object, ...]],
    conflict: str = "",
) -> int:
    """Inserts `rows`, `GROUP` at a time; returns how many rows there were.

    `insert` and `placeholders` are SQL of the engine, never text from outside.
    """
    count = 0
    tail: list[tuple[object, ...]] = []

    def groups() -> Iterator[tuple[object, ...]]:
        nonlocal count, tail
        source = iter(rows)
        while len(group := list(islice(source, GROUP))) == GROUP:
            count += GROUP
            yield tuple(chain.from_iterable(group))
        tail = group

    many = ",".join([placeholders] * GROUP)
    connection.executemany(f"{insert} VALUES {many}{conflict}", groups())
    connection.executemany(f"{insert} VALUES {placeholders}{conflict}", tail)
    return count + len(tail)
