"""Planted stories: what happens to some accounts, so that every rule of the packs has a case.

The statistical book is quiet on purpose: nothing is overdue for long, nobody complains twice.
A story lays facts over it for its share of the accounts, and `sql/` weaves them in. Columns
that a story leaves out stay as the book has them. Days count back from the as-of date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import duckdb

Value = str | int | float | bool | None
Row = dict[str, Value]


@dataclass(frozen=True)
class Story:
    """A scenario and the accounts that it happens to.

    `pool` is who may be cast: one of the largest customers (`head`, where `revenue_share` is
    its share of all revenue), a large or a small account. `account` sets columns of the
    table `story`, `records` adds rows to `story_<table>`, and `gaps` takes away regular
    records as (table, kind, days).
    """

    name: str
    pool: Literal["head", "large", "small"] = "small"
    account: Row = field(default_factory=dict)
    records: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    gaps: tuple[tuple[str, str, int], ...] = ()
    revenue_share: float = 0.0
    per_mille: int = 7


def load_stories(connection: duckdb.DuckDBPyConnection, stories: Iterable[Story]) -> None:
    """Fills the relations of `sql/stories.sql`."""
    tables: dict[str, list[Row]] = {}
    for ordinal, story in enumerate(stories):
        for table, row in _rows(story, ordinal):
            tables.setdefault(table, []).append(row)
    for table, rows in tables.items():
        load_rows(connection, table, rows)


def _rows(story: Story, ordinal: int) -> Iterable[tuple[str, Row]]:
    yield (
        "story",
        {
            "ordinal": ordinal,
            "name": story.name,
            "pool": story.pool,
            "per_mille": story.per_mille,
            **story.account,
        },
    )
    if story.pool == "head":
        yield "head", {"place": ordinal, "revenue_share": story.revenue_share, "story": story.name}
    for table, rows in story.records.items():
        for line, row in enumerate(rows):
            yield f"story_{table}", {"story": story.name, "line": line, **row}
    for record, kind, days in story.gaps:
        yield "gap", {"story": story.name, "record": record, "kind": kind, "days": days}


def load_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    """Inserts rows, each with some of the columns of `table`; the others are missing."""
    # Names of tables and columns are this package's own; values are bound.
    columns = sorted({column for row in rows for column in row})
    slots = ", ".join(["(" + ", ".join("?" * len(columns)) + ")"] * len(rows))
    connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES {slots}",  # noqa: S608
        [row.get(column) for row in rows for column in columns],
    )
