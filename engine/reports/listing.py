"""What the questions share: how an answer looks, and how conditions become SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.audit.failures import store_errors
from engine.audit.named_rows import named_rows
from engine.errors import problem

if TYPE_CHECKING:
    import duckdb

    from engine.audit.store import Run, Store

Row = dict[str, Any]


@dataclass(frozen=True)
class Listing:
    """`rows` can be read once, and have the keys `columns`, in that order.

    `total` counts what matches, where a limit was set.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row]
    total: int | None


@dataclass
class Where:
    """Conditions joined by AND; the texts are constants of this module, values are bound."""

    parts: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def add(self, part: str, *values: object) -> None:
        self.parts.append(part)
        self.values.extend(values)

    def add_equal(self, columns: Mapping[str, object]) -> None:
        for column, value in columns.items():
            if value is not None:
                self.add(f"{column} = ?", value)

    @property
    def text(self) -> str:
        return " AND ".join(self.parts) or "1"


def chosen_run(store: Store, run_id: str | None) -> Run:
    """The run of that id, else the last one. Raises `KamError` ``no-run``."""
    run = store.last_run() if run_id is None else store.run(run_id)
    if run is None:
        message = "the store holds no run yet" if run_id is None else f"there is no run {run_id}"
        raise problem("no-run", message, hint="`kam runs` lists the runs")
    return run


def rule_titles(store: Store, run: Run, connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the table ``titles(pack, kind, rule, title_zh, title_en, layer)`` of a run's rules."""
    with store_errors(store.path):
        rows = store.connection.execute(
            "SELECT p.pack, u.kind, u.rule_id, max(u.title_zh), max(u.title_en), max(u.layer) "
            "FROM run_policies AS x JOIN policy_versions AS p USING (policy_no) "
            "JOIN rules AS u USING (policy_no) WHERE x.run_no = ? "
            "GROUP BY p.pack, u.kind, u.rule_id",
            [run.run_no],
        ).fetchall()
    connection.execute(
        "CREATE TEMP TABLE titles (pack VARCHAR, kind VARCHAR, rule VARCHAR, title_zh VARCHAR, "
        "title_en VARCHAR, layer VARCHAR)"
    )
    if rows:
        connection.executemany("INSERT INTO titles VALUES (?, ?, ?, ?, ?, ?)", rows)


def query(
    store: Store, view: str, where: Where, order: str, limit: int | None
) -> tuple[Iterator[Row], int | None]:
    """The rows of a view, and how many there are without the `limit`, if there is one."""
    chosen = f"FROM {view} WHERE {where.text}"

    def rows() -> Iterator[Row]:
        some = f"SELECT * {chosen} ORDER BY {order} LIMIT ?"
        with store_errors(store.path):
            lines = store.connection.execute(some, [*where.values, -1 if limit is None else limit])
            yield from named_rows(lines)

    if limit is None:
        return rows(), None
    with store_errors(store.path):
        count = f"SELECT count(*) {chosen}"
        return rows(), int(store.connection.execute(count, where.values).fetchone()[0])
