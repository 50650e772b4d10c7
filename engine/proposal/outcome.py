"""What policies decide over the facts of a night, as small relations that can be compared.

Each outcome is a folder of its own::

    effects.parquet   pack, kind, rule, scope, account_id, value: all that is decided
    accounts.parquet  pack, account_id, name, is_key: who is in the population, and above its
                      default tier; a name of class personal is missing
    owners.parquet    account_id, role, person
    actions.parquet   action_id, pack, owner_role
"""

# ruff: noqa: S608 - the names of columns are quoted by the one helper, and values are bound

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from engine.model import Entitlement, Policy
from engine.plan.sql import values
from engine.plan.steps import PackPlan, Plan

RELATIONS = ("effects", "accounts", "owners", "actions")

_EFFECTS = """
CREATE TABLE plan_effects AS
SELECT pack, 'tier' AS kind, '' AS rule, scope, account_id, tier AS value
FROM decisions
WHERE scope = 'account' AND in_population AND tier IS NOT NULL
UNION ALL
SELECT pack, 'candidate', '', scope, account_id, candidate
FROM decisions
WHERE scope = 'account' AND in_population AND candidate IS NOT NULL
UNION ALL
-- A warning that fires, or will if it lasts: which of the two is a matter of nights.
SELECT pack, 'warning', rule, scope, account_id, min_by(level, grade)
FROM (
    SELECT pack, scope, account_id, one.rule, one.level,
        list_position(['red', 'orange', 'yellow', 'blue'], one.level) AS grade
    FROM (
        SELECT pack, scope, account_id, unnest(list_concat(
            list_transform(warnings, lambda w: {'rule': w.rule, 'level': w.level}),
            list_transform(
                list_filter(waiting, lambda w: w.state = 'pending'),
                lambda w: {'rule': w.rule, 'level': w.level}
            )
        )) AS one
        FROM decisions
    )
)
GROUP BY ALL
UNION ALL
SELECT pack, 'entitlement', rule, scope, account_id, 'owed'
FROM (SELECT pack, scope, account_id, unnest(entitlements) AS rule FROM decisions)
UNION ALL
SELECT pack, 'milestone', one.rule, scope, account_id, one.effect
FROM (SELECT pack, scope, account_id, unnest(milestones) AS one FROM decisions)
"""

_ACCOUNTS = """
CREATE TABLE plan_accounts AS
SELECT
    decisions.pack, account_id,
    CASE WHEN NOT starts_with(name, 'sealed:') THEN name END AS name,
    coalesce(NOT policy.is_default, FALSE) AS is_key
FROM decisions
LEFT JOIN tier_policy AS policy ON policy.pack = decisions.pack AND policy.tier = decisions.tier
WHERE scope = 'account' AND in_population
"""

_OWNERS = """
CREATE TABLE plan_owners AS
SELECT account_id, role, person FROM owners JOIN accounts USING (account_no)
"""

_ACTIONS = """
CREATE TABLE plan_actions AS SELECT action_id, pack, owner_role FROM emitted_actions
"""

_OWED = """
SELECT pack, rule_id, state, count(*) FROM obligations GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True)
class Outcome:
    """A folder with what was decided, and what could only be counted beside the facts.

    `costs` are money a year by (pack, entitlement), `owed` the obligations by state.
    """

    plan: Plan
    policies: Mapping[str, Policy]
    folder: Path
    costs: Mapping[tuple[str, str], Decimal]
    owed: Mapping[tuple[str, str], Mapping[str, int]]

    def pack(self, name: str) -> PackPlan | None:
        return next((one for one in self.plan.packs if one.id == name), None)

    def file(self, relation: str) -> str:
        return os.fspath(self.folder / f"{relation}.parquet")


def keep_outcome(
    connection: duckdb.DuckDBPyConnection, plan: Plan, policies: Iterable[Policy], folder: Path
) -> Outcome:
    """Writes down a night that has been decided on the connection."""
    for statement in (_EFFECTS, _ACCOUNTS, _OWNERS, _ACTIONS):
        connection.execute(statement)
    for name in RELATIONS:
        file = os.fspath(folder / f"{name}.parquet")
        connection.table(f"plan_{name}").write_parquet(file, compression="zstd")
    owed: dict[tuple[str, str], dict[str, int]] = {}
    for pack, rule, state, number in connection.execute(_OWED).fetchall():
        owed.setdefault((pack, rule), {})[state] = number
    known = {policy.id: policy for policy in policies}
    return Outcome(plan, known, folder, dict(_costs(connection, plan)), owed)


def keep_nothing(plan: Plan, folder: Path) -> Outcome:
    """The outcome of no policy at all, which the first one is compared with."""
    with duckdb.connect() as connection:
        for name, columns in _EMPTY.items():
            connection.execute(f"CREATE TABLE {name} ({columns})")
            connection.table(name).write_parquet(os.fspath(folder / f"{name}.parquet"))
    return Outcome(plan, {}, folder, {}, {})


_EMPTY = {
    "effects": "pack VARCHAR, kind VARCHAR, rule VARCHAR, scope VARCHAR, account_id VARCHAR, "
    "value VARCHAR",
    "accounts": "pack VARCHAR, account_id VARCHAR, name VARCHAR, is_key BOOLEAN",
    "owners": "account_id VARCHAR, role VARCHAR, person VARCHAR",
    "actions": "action_id VARCHAR, pack VARCHAR, owner_role VARCHAR",
}


def _costs(
    connection: duckdb.DuckDBPyConnection, plan: Plan
) -> Iterator[tuple[tuple[str, str], Decimal]]:
    """Of every pricing whose measure is money: the sum over the accounts that are owed it of
    rate times measure, rounded to cents account by account."""
    columns = set(connection.table("facts").columns)
    for pack in plan.packs:
        for one in pack.entitlements.values():
            base = pack.columns.get(str(one.terms.get("measure")))
            rate = _rate(pack, one, columns)
            if one.kind != "pricing" or rate is None or base is None:
                continue
            if pack.types.get(base) != "money":
                continue
            yield (pack.id, one.id), _sum(connection, pack.id, one.id, rate, base)


def _rate(pack: PackPlan, one: Entitlement, columns: set[str]) -> str | None:
    names = (f"{pack.id}__{one.id}__rate", f"{one.id}__rate")
    return next((name for name in names if name in columns), None)


def _sum(
    connection: duckdb.DuckDBPyConnection, pack: str, rule: str, rate: str, base: str
) -> Decimal:
    rate_sql, base_sql = (values.column(name).sql(dialect="duckdb") for name in (rate, base))
    ((total,),) = connection.execute(
        "SELECT sum(CAST(round(CAST(coalesce("
        f"{rate_sql}, 0) AS DECIMAL(18, 8)) * coalesce({base_sql}, 0), 2) AS DECIMAL(38, 2))) "
        "FROM facts JOIN plan_effects AS owed USING (account_id) "
        "WHERE owed.pack = $pack AND owed.kind = 'entitlement' AND owed.rule = $rule",
        {"pack": pack, "rule": rule},
    ).fetchall()
    return Decimal(0) if total is None else Decimal(total)


@contextmanager
def side_by_side(before: Outcome, after: Outcome) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the relations of two outcomes, ``old_effects``, ``new_effects`` …, and
    ``effects(pack, kind, rule, scope, account_id, before, after)``: what is other."""
    with duckdb.connect() as connection:
        for name in RELATIONS:
            connection.read_parquet(before.file(name)).create_view(f"old_{name}")
            connection.read_parquet(after.file(name)).create_view(f"new_{name}")
        connection.execute(f"CREATE TABLE effects AS {difference('old_effects', 'new_effects')}")
        yield connection


def difference(old: str, new: str) -> str:
    """The query for what two relations of effects do not agree on; the names are constants."""
    return (
        "SELECT pack, kind, rule, scope, account_id, old.value AS before, new.value AS after "
        f"FROM {old} AS old FULL JOIN {new} AS new "
        "USING (pack, kind, rule, scope, account_id) "
        "WHERE old.value IS DISTINCT FROM new.value"
    )
