"""The warnings that a run left open, from its decisions.parquet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from engine.audit.data_files import reading_errors, require_data_files
from engine.audit.opened_files import create_decisions, shown_names
from engine.audit.privacy import Reader
from engine.reports.day import BookState, book_state
from engine.reports.listing import Listing, Row, rule_titles

if TYPE_CHECKING:
    import duckdb

    from engine.audit.store import Run, Store


@dataclass(frozen=True)
class WarningFilter:
    """What to list; everything that is set must hold.

    `account` is the id of whatever the warning is about: an account, a manager, or
    ``portfolio``.
    """

    account: str | None = None
    rule: str | None = None
    level: str | None = None
    layer: str | None = None
    pack: str | None = None
    state: str | None = None


COLUMNS: tuple[str, ...] = (
    *("account", "name", "pack", "scope", "rule", "title_zh", "title_en", "level", "layer"),
    *("state", "since", "raised", "acknowledged", "escalated", "silenced_until", "inhibited"),
    *("cools_until", "evidence"),
)

_LISTED = """
CREATE TEMP VIEW listed AS
WITH firing AS (
  SELECT account_no, account_id, name, pack, scope, unnest(warnings) AS w FROM decisions
),
waits AS (
  SELECT account_no, account_id, name, pack, scope, unnest(waiting) AS w FROM decisions
),
every AS (
  SELECT
    account_no, account_id AS account, name, pack, scope, w.rule AS rule, w."level" AS "level",
    'firing' AS state, w.since AS since, w.raised AS raised, w.acknowledged AS acknowledged,
    w.escalated AS escalated, w.silenced_until AS silenced_until, w.is_inhibited AS inhibited,
    NULL::DATE AS cools_until, w.evidence AS evidence
  FROM firing
  UNION ALL BY NAME
  SELECT
    account_no, account_id AS account, name, pack, scope, w.rule AS rule, w."level" AS "level",
    w.state AS state, w.since AS since, FALSE AS inhibited, w.until AS cools_until,
    w.evidence AS evidence
  FROM waits
)
SELECT
  every.* REPLACE (
    coalesce(acknowledged, CASE WHEN acks."day" >= raised THEN acks."day" END) AS acknowledged,
    CASE
      WHEN silences.rule IS NULL THEN silenced_until
      WHEN silences.until >= silences.run_day THEN silences.until
    END AS silenced_until
  ),
  titles.title_zh, titles.title_en, titles.layer
FROM every
LEFT JOIN (
  SELECT pack, account, rule, max("day") AS "day" FROM said WHERE kind = 'ack' GROUP BY ALL
) AS acks ON acks.pack = every.pack AND acks.account = every.account AND acks.rule = every.rule
LEFT JOIN (
  SELECT pack, account, rule, arg_max(until, mark_no) AS until, max(run_day) AS run_day
  FROM said WHERE kind = 'silence' GROUP BY pack, account, rule
) AS silences
  ON silences.pack = every.pack AND silences.account = every.account AND silences.rule = every.rule
LEFT JOIN titles
  ON titles.pack = every.pack AND titles.kind = 'warning' AND titles.rule = every.rule
"""
_MATCHING = """
FROM listed
WHERE ($account::VARCHAR IS NULL OR account = $account)
  AND ($rule::VARCHAR IS NULL OR rule = $rule)
  AND ($level::VARCHAR IS NULL OR "level" = $level)
  AND ($layer::VARCHAR IS NULL OR layer = $layer)
  AND ($pack::VARCHAR IS NULL OR pack = $pack)
  AND ($state::VARCHAR IS NULL OR state = $state)
"""
_COUNT = f"SELECT count(*) {_MATCHING}"
_ROWS = f"""
SELECT {", ".join(f'"{name}"' for name in COLUMNS)} {_MATCHING}
ORDER BY
  list_position(['firing', 'pending', 'cooling'], state),
  list_position(['red', 'orange', 'yellow', 'blue'], "level"),
  since, account_no NULLS FIRST, account, pack, rule
LIMIT $limit
"""
_DECISIONS = "decisions.parquet"
_BATCH = 10_000


def warnings(
    store: Store,
    wanted: WarningFilter,
    *,
    run_id: str | None = None,
    limit: int | None = None,
    reader: Reader | None = None,
) -> Listing:
    """What fires, waits to fire or cools down as of a run: what fires first, the worst first."""
    sees = reader or Reader.usual(store.connection)
    state = book_state(store, run_id)
    run = state.night
    require_data_files(run, _DECISIONS)

    def rows() -> Iterator[Row]:
        classes = sees.classes_by_pack(run.run_no)
        with _connected(store, state, sees) as connection:
            cursor = connection.execute(_ROWS, {**asdict(wanted), "limit": limit})
            while batch := cursor.fetchmany(_BATCH):
                for values in batch:
                    row = dict(zip(COLUMNS, values, strict=True))
                    seen = sees.evidence(row["evidence"], classes.get(row["pack"], {}))
                    yield {**row, "evidence": seen}

    total = None if limit is None else _count(store, state, wanted, sees)
    return Listing(COLUMNS, shown_names(rows(), sees, run.run_no), total)


def is_known(store: Store, run: Run, account: str, pack: str) -> bool:
    """Whether a run decided about an account, or whatever else warnings are about, in a pack."""
    require_data_files(run, _DECISIONS)
    sees = Reader.usual(store.connection)
    with _connected(store, BookState(run), sees) as connection:
        found = connection.execute(
            "SELECT 1 FROM decisions WHERE account_id = ? AND pack = ? LIMIT 1", [account, pack]
        ).fetchall()
    return bool(found)


def _count(store: Store, state: BookState, wanted: WarningFilter, reader: Reader) -> int:
    with _connected(store, state, reader) as connection:
        ((found,),) = connection.execute(_COUNT, asdict(wanted)).fetchall()
    return int(found)


def _said_since(store: Store, run: Run, connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the table `said` of the marks that the run has not read yet."""
    connection.execute(
        "CREATE TEMP TABLE said (mark_no INTEGER, kind VARCHAR, pack VARCHAR, account VARCHAR, "
        'rule VARCHAR, "day" DATE, until DATE, run_day DATE)'
    )
    rows = [
        [*asdict(mark).values(), run.as_of]
        for mark in store.warning_marks()
        if mark.mark_no > run.last_mark
    ]
    if rows:
        connection.executemany("INSERT INTO said VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


@contextmanager
def _connected(
    store: Store, state: BookState, reader: Reader
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the view `listed`."""
    import duckdb

    run = state.night
    with reading_errors(run), duckdb.connect() as connection:
        create_decisions(connection, "decisions", run, reader, state.states)
        rule_titles(store, run, connection)
        _said_since(store, run, connection)
        connection.execute(_LISTED)
        yield connection
