"""The files of a night and of those before it, as relations of one DuckDB connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from engine.audit.data_files import read_manifest, reading_errors, require_data_files
from engine.audit.opened_files import create_decisions
from engine.audit.privacy import Reader
from engine.errors import KamError
from engine.language.overrides import Overrides
from engine.model import DEFAULT_CLASS, Title
from engine.plan.steps import PackPlan, Plan
from engine.reports.overview.model import Account
from engine.reports.standing import standing_actions

if TYPE_CHECKING:
    import duckdb

    from engine.audit.store import Run, Store

QUARTER = timedelta(days=91)
DECISIONS = "decisions.parquet"

_BATCH = 20_000
_STANDING = (
    *("pack", "rule_kind", "rule_id", "account_id", "owner", "owner_role"),
    *("opened_on", "due_on", "snoozed_until"),
)


@dataclass(frozen=True)
class Night:
    """What the questions of a report read.

    Relations: ``decisions`` (accounts alone), ``scoped`` (what is decided beyond accounts),
    ``facts``, ``obligations``, ``standing`` (actions that stood open), ``owners`` (one per
    pack, rule and account), ``ranks(pack, tier, rank, is_key)``; and ``previous`` and
    ``quarter``, the decisions of earlier nights, where those are.
    """

    store: Store
    run: Run
    plan: Plan
    manifest: Mapping[str, Any]
    overrides: Overrides
    connection: duckdb.DuckDBPyConnection
    previous: Run | None
    quarter: Run | None
    reader: Reader

    def shows(self, pack: PackPlan, column: str) -> bool:
        """Whether the reader may see the column; nobody sees those of single persons drawn."""
        classification = pack.classes.get(column, DEFAULT_CLASS)
        return classification != "personal" and self.reader.may_read(classification)

    def rows(self, sql: str, **values: object) -> list[dict[str, Any]]:
        """The answer to a constant question, as mappings."""
        cursor = self.connection.execute(sql, values or None)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def count(self, question: str, **values: object) -> int:
        """How many rows a constant question has."""
        sql = f"SELECT count(*) FROM ({question})"  # noqa: S608
        ((number,),) = self.connection.execute(sql, values or None).fetchall()
        return int(number)

    def pack(self, name: str) -> PackPlan | None:
        return next((pack for pack in self.plan.packs if pack.id == name), None)

    def pack_title(self, name: str) -> Title:
        pack = self.pack(name)
        return Title(name, name) if pack is None else pack.title

    def rule_title(self, pack: str, kind: str, rule: str) -> Title:
        """The title of a warning, milestone, entitlement or tier; its id if it has gone."""
        known = self.pack(pack)
        if known is None:
            return Title(rule, rule)
        named: Mapping[str, Any] = {
            "warning": {one.id: one for one in self.plan.warnings_of(known)},
            "milestone": known.milestones,
            "entitlement": known.entitlements,
            "tier": {one.id: one for one in known.tiers},
        }.get(kind, {})
        found = named.get(rule)
        return Title(rule, rule) if found is None else found.title

    def tier_title(self, pack: str, tier: str | None) -> Title | None:
        return None if tier is None else self.rule_title(pack, "tier", tier)

    def role_title(self, pack: str | None, role: str | None) -> Title | None:
        if role is None:
            return None
        packs = [one for one in self.plan.packs if pack in (None, one.id)]
        return next((one.roles[role] for one in packs if role in one.roles), Title(role, role))


def account_of(row: Mapping[str, Any]) -> Account:
    return Account(row["account_id"], row["name"])


@contextmanager
def opened_night(
    store: Store,
    run: Run,
    plan: Plan,
    manifest: Mapping[str, Any],
    overrides: Overrides,
    reader: Reader,
) -> Iterator[Night]:
    """The relations of a night, for as long as the block lasts."""
    import duckdb

    require_data_files(run)
    previous = _last_before(store, run, run.as_of)
    quarter = _last_before(store, run, run.as_of - QUARTER + timedelta(days=1))
    if quarter is None:
        quarter = _first(store, run)
    files = [one for one in (run, previous, quarter) if one is not None]
    with reading_errors(*files), duckdb.connect() as connection:
        kept = (store, run, plan, manifest, overrides)
        night = Night(*kept, connection, previous, quarter, reader)
        _make_relations(night)
        yield night


def _last_before(store: Store, run: Run, day: date) -> Run | None:
    """The last run of an earlier day that was there when `run` was, and whose files are."""
    earlier = (one for one in store.runs() if one.run_no < run.run_no and one.as_of < day)
    return next((one for one in earlier if _is_whole(one)), None)


def _first(store: Store, run: Run) -> Run | None:
    """The first night, where there are nights before `run` but none as old as a quarter."""
    earlier = [one for one in store.runs() if one.run_no < run.run_no and one.as_of < run.as_of]
    return next((one for one in reversed(earlier) if _is_whole(one)), None)


def _is_whole(run: Run) -> bool:
    try:
        require_data_files(run, DECISIONS)
    except KamError:  # history that was moved away does not stop tonight's report
        return False
    return True


def earlier_scopes(run: Run | None) -> Mapping[str, Any]:
    """What an earlier night measured beyond the account."""
    if run is None:
        return {}
    try:
        return dict(read_manifest(run).get("scopes", {}))
    except KamError:
        return {}


def _make_relations(night: Night) -> None:
    connection, run = night.connection, night.run
    for name in ("facts", "obligations"):
        connection.read_parquet(str(run.path / f"{name}.parquet")).create_view(name)
    create_decisions(connection, "decided", run, night.reader)
    connection.execute("CREATE VIEW decisions AS FROM decided WHERE scope = 'account'")
    connection.execute("CREATE VIEW scoped AS FROM decided WHERE scope <> 'account'")
    for name, earlier in (("previous", night.previous), ("quarter", night.quarter)):
        if earlier is not None:
            create_decisions(connection, f"{name}_decided", earlier, night.reader)
            connection.execute(f"CREATE VIEW {name} AS FROM {name}_decided WHERE scope = 'account'")
    connection.execute(
        "CREATE TABLE ranks (pack VARCHAR, tier VARCHAR, rank INTEGER, is_key BOOLEAN)"
    )
    for pack in night.plan.packs:
        for rank, tier in enumerate(pack.tiers):
            is_key = tier.predicate is not None
            connection.execute(
                "INSERT INTO ranks VALUES (?, ?, ?, ?)", [pack.id, tier.id, rank, is_key]
            )
    _load_standing(night)


def _load_standing(night: Night) -> None:
    columns = ", ".join(f"{name} VARCHAR" for name in _STANDING)
    night.connection.execute(f"CREATE TABLE standing_texts ({columns})")
    listed = ", ".join(_STANDING)
    rows = standing_actions(night.store, night.run, f"SELECT {listed} FROM standing")  # noqa: S608
    marks = ", ".join("unnest(?)" for _ in _STANDING)
    while batch := list(islice(rows, _BATCH)):
        for row in batch:
            row["owner"] = night.reader.staff(row["owner"])
        values: Sequence[list[Any]] = [[row[name] for row in batch] for name in _STANDING]
        night.connection.execute(f"INSERT INTO standing_texts SELECT {marks}", values)
    night.connection.execute(_STANDING_VIEWS)


_STANDING_VIEWS = """
CREATE VIEW standing AS
SELECT * REPLACE (opened_on::DATE AS opened_on, due_on::DATE AS due_on) FROM standing_texts;
CREATE TABLE owners AS
SELECT pack, rule_kind, rule_id, account_id,
    arg_max(owner, (opened_on, owner)) AS owner,
    arg_max(owner_role, (opened_on, owner)) AS owner_role
FROM standing
GROUP BY ALL
"""
