"""Mixtures of two nights: the facts of one under the policy and on the date of the other.

An account is evaluated again from what its night kept: its columns and what was counted over its
records. Totals and cut-offs are those of that night; where the other policy takes them otherwise,
they are computed anew over everybody's kept facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from engine.errors import KamError
from engine.executors.protocol import Row, Value
from engine.executors.single import evaluate_account, kept
from engine.inquiry.definitions import Definitions, aligned
from engine.plan.sql.kept import base_query
from engine.plan.sql.stages import fact_statements
from engine.plan.steps import Plan
from engine.recall import KeptNight
from engine.recall_facts import account_facts, facts_query

World = tuple[int, int, int]
"""Which night (0 the earlier, 1 the later) the facts, the policy and the date are from."""


@dataclass(frozen=True)
class Evaluated:
    """An account in one world; `unknown` are columns whose values were not kept."""

    plan: Plan
    facts: Row
    statistics: Row
    unknown: frozenset[str]


@dataclass
class Worlds:
    """The account `account` in every mixture of two nights in which it has facts."""

    nights: tuple[KeptNight, KeptNight]
    rows: tuple[Row, Row]
    account: str
    _plans: dict[tuple[int, int], Plan] = field(default_factory=dict)
    _found: dict[World, Evaluated] = field(default_factory=dict)
    _definitions: dict[str, Definitions] = field(default_factory=dict)

    def plan(self, policy: int, time: int) -> Plan:
        """The policies of one night on the date of another. Raises `KamError` if they decide
        nothing then, as before the first value of a parameter."""
        if (policy, time) not in self._plans:
            day = self.nights[time].run.as_of
            self._plans[policy, time] = self.nights[policy].plan_on(day)
        return self._plans[policy, time]

    @property
    def factors(self) -> tuple[bool, bool, bool]:
        """Whether facts, policy and date differ at all."""
        early, late = self.nights
        moved = early.run.as_of != late.run.as_of
        try:
            edited = self.plan(0, 1).hash != late.plan.hash
        except KamError:
            edited = True
        facts = self.rows[0] != self.rows[1] or early.statistics != late.statistics
        return facts, edited, moved

    def definitions(self, plan: Plan) -> Definitions:
        if plan.hash not in self._definitions:
            self._definitions[plan.hash] = Definitions(plan)
        return self._definitions[plan.hash]

    def evaluate(self, world: World) -> Evaluated:
        """Raises `KamError` if the policy decides nothing on that date."""
        if world not in self._found:
            self._found[world] = self._evaluate(world)
        return self._found[world]

    def _evaluate(self, world: World) -> Evaluated:
        facts, policy, time = world
        night, row = self.nights[facts], self.rows[facts]
        plan = self.plan(policy, time)
        if plan.hash == night.plan.hash:
            return Evaluated(plan, row, night.statistics, frozenset())
        columns = aligned(night.plan, plan)
        unknown = frozenset(name for name, source in columns.items() if source is None)
        if self._counts_alike(night.plan, plan):
            base = {name: row.get(source or "") for name, source in columns.items()}
            base |= {name: row[name] for name in ("account_no", "account_id")}
            found = evaluate_account(plan, base, night.statistics, kept(row))
            return Evaluated(plan, found, night.statistics, unknown)
        return self._over_everybody(night, plan, columns, unknown)

    def _counts_alike(self, kept_plan: Plan, plan: Plan) -> bool:
        """Whether all that is taken over many accounts has been kept under the same name."""
        one, other = self.definitions(kept_plan), self.definitions(plan)
        known = frozenset(one.over_many)
        return all(
            name in known and one.signature(name) == other.signature(name)
            for name in other.over_many
        )

    def _over_everybody(
        self,
        night: KeptNight,
        plan: Plan,
        columns: Mapping[str, str | None],
        unknown: frozenset[str],
    ) -> Evaluated:
        with duckdb.connect() as connection:
            query = base_query(plan, facts_query(night.run, night.plan), columns)
            connection.execute(f"CREATE TABLE base AS {query.sql('duckdb')}")
            for statement in list(fact_statements(plan))[1:]:
                connection.execute(statement.sql())
                for drop in statement.drop_sql():
                    connection.execute(drop)
            row = account_facts(connection, self.account)
            assert row is not None
            cursor = connection.execute("SELECT * FROM statistics")
            names = [column[0] for column in cursor.description or ()]
            values: list[tuple[Value, ...]] = cursor.fetchall()
            return Evaluated(plan, row, dict(zip(names, values[0], strict=True)), unknown)
