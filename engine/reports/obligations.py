"""What a run found to be owed, from its obligations.parquet: meetings, answers, teams."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from engine.audit.data_files import reading_errors, require_data_files
from engine.audit.opened_files import create_decisions, shown_names
from engine.audit.privacy import Reader
from engine.lifecycle.kept_rows import kept_relation
from engine.reports.day import BookState, book_state
from engine.reports.listing import Listing, Row, rule_titles

if TYPE_CHECKING:
    import duckdb

    from engine.audit.store import Store

_STATES = ("overdue", "due", "exceeded", "open", "met", "late")


@dataclass(frozen=True)
class ObligationFilter:
    """What to list; everything that is set must hold.

    Without `state` or `everything` only what is due or overdue is listed. `rule` is the
    entitlement by which it is owed.
    """

    account: str | None = None
    rule: str | None = None
    state: str | None = None
    pack: str | None = None
    kind: str | None = None
    everything: bool = False


COLUMNS: tuple[str, ...] = (
    *("account", "name", "pack", "entitlement", "title_zh", "title_en", "kind", "part", "state"),
    *("due_on", "limit_at", "done", "needed", "owed_since", "since", "last_on"),
)

_LISTED = """
CREATE TEMP VIEW listed AS
SELECT
  o.account_id AS account, d.name, o.pack, o.rule_id AS entitlement,
  titles.title_zh, titles.title_en, o.kind, o.part, o.state,
  o.due_on, o.limit_at, o.done, o.needed, o.owed_since, o.since, o.last_on
FROM obligations AS o
LEFT JOIN decisions AS d
  ON d.pack = o.pack AND d.scope = 'account' AND d.account_id = o.account_id
LEFT JOIN titles
  ON titles.pack = o.pack AND titles.kind = 'entitlement' AND titles.rule = o.rule_id
"""
_MATCHING = """
FROM listed
WHERE ($account::VARCHAR IS NULL OR account = $account)
  AND ($rule::VARCHAR IS NULL OR entitlement = $rule)
  AND ($pack::VARCHAR IS NULL OR pack = $pack)
  AND ($kind::VARCHAR IS NULL OR kind = $kind)
  AND CASE
        WHEN $state::VARCHAR IS NOT NULL THEN state = $state
        ELSE $everything OR state IN ('due', 'overdue')
      END
"""
_COUNT = f"SELECT count(*) {_MATCHING}"
_ROWS = f"""
SELECT {", ".join(COLUMNS)} {_MATCHING}
ORDER BY list_position($states, state), due_on NULLS FIRST, account, pack, entitlement, part
LIMIT $limit
"""
_FILES = ("decisions.parquet", "obligations.parquet")
_BATCH = 10_000


def obligations(
    store: Store,
    wanted: ObligationFilter,
    *,
    run_id: str | None = None,
    limit: int | None = None,
    reader: Reader | None = None,
) -> Listing:
    """What is owed as of a run: the overdue first, then by the day on which it is due."""
    sees = reader or Reader.usual(store.connection)
    state = book_state(store, run_id)
    run = state.night
    require_data_files(run, *_FILES)

    def rows() -> Iterator[Row]:
        with _connected(store, state, sees) as connection:
            values: dict[str, Any] = {**asdict(wanted), "limit": limit, "states": list(_STATES)}
            cursor = connection.execute(_ROWS, values)
            while batch := cursor.fetchmany(_BATCH):
                yield from (dict(zip(COLUMNS, row, strict=True)) for row in batch)

    total = None if limit is None else _count(store, state, wanted, sees)
    return Listing(COLUMNS, shown_names(rows(), sees, run.run_no), total)


def _count(store: Store, state: BookState, wanted: ObligationFilter, reader: Reader) -> int:
    with _connected(store, state, reader) as connection:
        ((found,),) = connection.execute(_COUNT, asdict(wanted)).fetchall()
    return int(found)


@contextmanager
def _connected(
    store: Store, state: BookState, reader: Reader
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the view `listed`."""
    import duckdb

    run, states = state.night, state.states
    with reading_errors(run), duckdb.connect() as connection:
        create_decisions(connection, "decisions", run, reader, states)
        file = run.path / "obligations.parquet"
        kept_relation(connection, "obligations", "obligations", file, states)
        rule_titles(store, run, connection)
        connection.execute(_LISTED)
        yield connection
