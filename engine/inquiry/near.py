"""Who is near a tier, and what is missing: for all accounts of a pack.

SQL counts what is in the way of every account; the exact distance, condition by condition, is
then computed for the accounts that are listed, by what also explains one account.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb

from engine.audit.data_files import reading_errors
from engine.audit.privacy import Reader
from engine.errors import KamError, Problem, problem
from engine.explain.build import explain_distance
from engine.explain.distance import Nearness, nearness
from engine.explain.masking import masked
from engine.explain.tree import Gap
from engine.language.checks.words import meant_or_known
from engine.model import Title
from engine.plan.sql.near import near_query, statistics_query
from engine.plan.steps import PackPlan, TierStep
from engine.recall import KeptNight, chosen_packs
from engine.recall_facts import accounts_facts, open_facts
from engine.reports.veil import AccountVeil

LIMIT = 50
"""So many accounts are listed if nothing else is said."""

ALL = 2**62
"""A limit that nothing reaches."""

_TOLERANCE = 1e-9
"""Of sums of doubles in another order; who is that near the last one listed is asked exactly."""


@dataclass(frozen=True)
class NearAccount:
    """An account that is not in the tier; without `gaps` its conditions hold, and it waits for
    a review or for the end of an override."""

    account_id: str
    name: str | None
    tier_id: str
    tier: Title
    gaps: tuple[Gap, ...]

    @property
    def nearness(self) -> Nearness:
        return nearness(self.gaps)


@dataclass(frozen=True)
class Near:
    """The nearest accounts of one pack, the nearest first; `total` counts all that qualify."""

    pack: str
    title: Title
    tier: str
    tier_title: Title
    run: str
    as_of: date
    currency: str
    accounts: tuple[NearAccount, ...]
    total: int


def near_tier(
    night: KeptNight,
    tier: str,
    pack: str | None = None,
    within: int | None = None,
    limit: int | None = LIMIT,
) -> list[Near]:
    """The accounts in a worse tier than `tier`, of every pack that has such a tier.

    In order of `nearness`, then of the account's id; `within` leaves out those with more
    conditions in the way. Raises `KamError`: no such pack, no such tier, a tier that every
    account may be in.
    """
    packs = chosen_packs(night, pack)
    found = [(one, step) for one in packs for step in one.tiers if step.id == tier]
    if not found:
        names = [step.id for one in packs for step in one.tiers]
        message = f"no pack of run {night.run.run_id} has a tier '{tier}'"
        hint = meant_or_known(tier, names) or f"tiers are: {', '.join(dict.fromkeys(names))}"
        raise KamError(Problem("unknown-tier", message, hint=hint))
    aimed = [(one, step) for one, step in found if step.predicate is not None]
    if not aimed:
        raise problem(
            "default-tier",
            f"'{tier}' is the tier of everyone else: it asks for nothing",
            hint="name a tier with conditions",
        )
    with reading_errors(night.run), duckdb.connect() as connection:
        search = _Search(night, connection, within, limit)
        return [search.near(one, step) for one, step in aimed]


def masked_near(near: Near, night: KeptNight, reader: Reader) -> Near:
    """The same list as the reader may see it."""
    pack = next(one for one in night.plan.packs if one.id == near.pack)
    classes = reader.classes_by_pack(night.run.run_no).get(pack.id, {})
    return masked(near, AccountVeil(reader, pack, classes))


@dataclass
class _Search:
    night: KeptNight
    connection: duckdb.DuckDBPyConnection
    within: int | None
    limit: int | None

    def near(self, pack: PackPlan, tier: TierStep) -> Near:
        self._prepare(pack, tier)
        ((total,),) = self.connection.execute("SELECT count(*) FROM near").fetchall()
        accounts = sorted(
            self._accounts(pack, tier), key=lambda one: (one.nearness, one.account_id)
        )
        return Near(
            pack=pack.id,
            title=pack.title,
            tier=tier.id,
            tier_title=tier.title,
            run=self.night.run.run_id,
            as_of=self.night.run.as_of,
            currency=self.night.plan.currency,
            accounts=tuple(accounts[: self.limit]),
            total=total,
        )

    def _prepare(self, pack: PackPlan, tier: TierStep) -> None:
        plan, connection = self.night.plan, self.connection
        file = self.night.run.path / "decisions.parquet"
        decided = connection.read_parquet(os.fspath(file))
        of_pack = (duckdb.ColumnExpression("pack") == duckdb.ConstantExpression(pack.id)) & (
            duckdb.ColumnExpression("scope") == duckdb.ConstantExpression("account")
        )
        decided = decided.filter(of_pack & duckdb.ColumnExpression("in_population"))
        decided.select("account_no", "tier").create_view("decisions")
        open_facts(connection, self.night.run, plan)
        numbers = statistics_query(plan, self.night.statistics).sql("duckdb", identify=True)
        connection.execute(f"CREATE OR REPLACE TABLE statistics AS {numbers}")
        query = near_query(plan, pack, tier).sql("duckdb", identify=True)
        connection.execute(f"CREATE OR REPLACE TABLE near AS {query}")
        if self.within is not None:
            connection.execute("DELETE FROM near WHERE conditions > ?", [self.within])

    def _accounts(self, pack: PackPlan, tier: TierStep) -> Iterator[NearAccount]:
        """Those that may be among the first: the listed ones, and who is as near as the last."""
        titles = {step.id: step.title for step in pack.tiers}
        statistics = self.night.statistics
        limit = {"limit": ALL if self.limit is None else self.limit, "tolerance": _TOLERANCE}
        tiers = dict(self.connection.execute(_NEAREST, limit).fetchall())
        known = accounts_facts(self.connection, list(tiers))
        for account, effective in tiers.items():
            facts = known[account]
            distance = explain_distance(self.night.plan, pack, facts, statistics, tier.id)
            name = facts.get("name")
            yield NearAccount(
                account_id=account,
                name=name if isinstance(name, str) else None,
                tier_id=effective,
                tier=titles[effective],
                gaps=distance.gaps,
            )


_NEAREST = """
WITH placed AS (
    SELECT *, row_number() OVER (ORDER BY conditions, unmeasured, relative, account_id) AS place
    FROM near
),
last AS (SELECT * FROM placed WHERE place <= $limit ORDER BY place DESC LIMIT 1)
SELECT placed.account_id, placed.tier
FROM placed, last
WHERE placed.place <= $limit
   OR (placed.conditions = last.conditions
       AND placed.unmeasured = last.unmeasured
       AND placed.relative <= last.relative + $tolerance)
"""
