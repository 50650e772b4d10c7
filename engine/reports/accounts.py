"""The accounts of a run, from its decisions.parquet: who stands where, and what is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from engine.audit.data_files import reading_errors, require_data_files
from engine.audit.failures import store_errors
from engine.audit.opened_files import create_decisions, shown_names
from engine.audit.privacy import Classes, Reader, mark
from engine.model import DEFAULT_CLASS
from engine.reports.day import BookState, book_state
from engine.reports.listing import Listing, Row

if TYPE_CHECKING:
    import duckdb

    from engine.audit.store import Run, Store


@dataclass(frozen=True)
class AccountFilter:
    """What to list; everything that is set must hold.

    `tier` is an id, or else a title in any case. `text` is a part of the name or the id, in any
    case. `level` is the level of an open
    warning, `warned` any open warning, `moved` another tier than in the run before.
    Accounts outside the population of a pack are listed if `everyone` or `account` is set.
    """

    account: str | None = None
    tier: str | None = None
    pack: str | None = None
    level: str | None = None
    warned: bool = False
    moved: bool = False
    everyone: bool = False
    text: str | None = None


COLUMNS: tuple[str, ...] = (
    *("account", "name", "pack", "in_population", "tier", "tier_zh", "tier_en"),
    *("previous_tier", "tier_since", "candidate", "scores", "warnings", "milestones"),
    *("entitlements", "unknowns"),
)

_LISTED = """
CREATE TEMP VIEW listed AS
SELECT
  d.account_id AS account, d.name, d.pack, d.in_population,
  d.tier, ranks.title_zh AS tier_zh, ranks.title_en AS tier_en,
  previous.tier AS previous_tier, d.tier_since, d.candidate, d.scores,
  list_transform(d.warnings, lambda w: {'rule': w.rule, 'level': w.level, 'since': w.since})
    AS warnings,
  list_transform(d.milestones, lambda m: {'rule': m.rule, 'since': m.since}) AS milestones,
  d.entitlements, d.unknowns, ranks.rank, d.account_no,
  previous.pack IS NOT NULL AND previous.tier IS DISTINCT FROM d.tier AS moved
FROM decisions AS d
LEFT JOIN previous ON previous.pack = d.pack AND previous.account_id = d.account_id
LEFT JOIN ranks ON ranks.pack = d.pack AND ranks.tier = d.tier
"""
_MATCHING = """
FROM listed
WHERE (in_population OR $everyone OR $account IS NOT NULL)
  AND ($account::VARCHAR IS NULL OR account = $account)
  AND ($tier::VARCHAR IS NULL OR tier = $tier
       OR ($tier NOT IN (SELECT tier FROM ranks)
           AND lower($tier) IN (lower(tier_zh), lower(tier_en))))
  AND ($pack::VARCHAR IS NULL OR pack = $pack)
  AND ($level::VARCHAR IS NULL
       OR list_contains(list_transform(warnings, lambda w: w.level), $level))
  AND (NOT $warned OR len(warnings) > 0)
  AND (NOT $moved OR moved)
  AND ($text::VARCHAR IS NULL
       OR contains(lower(coalesce(name, '')), lower($text))
       OR contains(lower(account), lower($text)))
"""
_COUNT = f"SELECT count(*) {_MATCHING}"
_ROWS = f"""
SELECT {", ".join(COLUMNS)} {_MATCHING}
ORDER BY pack, rank NULLS LAST, account_no
LIMIT $limit
"""

_BATCH = 10_000
_DECISIONS = "decisions.parquet"


def accounts(
    store: Store,
    wanted: AccountFilter,
    *,
    run_id: str | None = None,
    limit: int | None = None,
    reader: Reader | None = None,
) -> Listing:
    """The decisions of a run, a row per account and pack; the best tiers first."""
    sees = reader or Reader.usual(store.connection)
    state = book_state(store, run_id)
    run = state.night
    before = None if run.previous_run is None else store.run(run.previous_run)
    for one in (run, before):
        if one is not None:
            require_data_files(one, _DECISIONS)

    def rows() -> Iterator[Row]:
        with _decisions(store, state, before, sees) as connection:
            cursor = connection.execute(_ROWS, {**asdict(wanted), "limit": limit})
            while batch := cursor.fetchmany(_BATCH):
                yield from (dict(zip(COLUMNS, row, strict=True)) for row in batch)

    def shown() -> Iterator[Row]:
        classes = sees.classes_by_pack(run.run_no)
        for row in shown_names(rows(), sees, run.run_no):
            row["scores"] = _scores(row["scores"], classes.get(row["pack"], {}), sees)
            yield row

    total = None if limit is None else _count_accounts(store, state, before, wanted, sees)
    return Listing(COLUMNS, shown(), total)


def _scores(scores: Mapping[str, Any] | None, classes: Classes, reader: Reader) -> Any:
    if not scores:
        return scores
    of = {name: classes.get(name, DEFAULT_CLASS) for name in scores}
    return {
        name: value if value is None or reader.may_read(of[name]) else mark(of[name])
        for name, value in scores.items()
    }


def _count_accounts(
    store: Store, state: BookState, before: Run | None, wanted: AccountFilter, reader: Reader
) -> int:
    with _decisions(store, state, before, reader) as connection:
        found = connection.execute(_COUNT, asdict(wanted)).fetchone()
    return int(found[0]) if found else 0


@contextmanager
def _decisions(
    store: Store, state: BookState, before: Run | None, reader: Reader
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the view `listed`; `before` is the night that this one followed."""
    import duckdb

    run = state.night
    runs = (run,) if before is None else (run, before)
    with reading_errors(*runs), duckdb.connect() as connection:
        create_decisions(connection, "decisions", run, reader, state.states)
        if before is None:
            connection.execute("CREATE TEMP VIEW previous AS FROM decisions LIMIT 0")
        else:
            connection.read_parquet(str(before.path / _DECISIONS)).create_view("previous")
        connection.execute(
            "CREATE TEMP TABLE ranks "
            "(pack VARCHAR, tier VARCHAR, title_zh VARCHAR, title_en VARCHAR, rank INTEGER)"
        )
        for row in _tiers(store, run):
            connection.execute("INSERT INTO ranks VALUES (?, ?, ?, ?, ?)", row)
        connection.execute(_LISTED)
        yield connection


def _tiers(store: Store, run: Run) -> list[tuple[str, str, str, str, int]]:
    """(pack, tier, titles, rank): numbered best first, as the policy lists them."""
    with store_errors(store.path):
        return list(
            store.connection.execute(
                "SELECT p.pack, u.rule_id, max(u.title_zh), max(u.title_en), min(u.rule_no) "
                "FROM run_policies AS x JOIN policy_versions AS p USING (policy_no) "
                "JOIN rules AS u USING (policy_no) "
                "WHERE x.run_no = ? AND u.kind = 'tier' GROUP BY p.pack, u.rule_id",
                [run.run_no],
            )
        )
