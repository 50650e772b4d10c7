"""What a run kept of one account, read from its Parquet files.

Whoever reads the facts of a past night reads them through `facts_query`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import duckdb

from engine.audit.personal.files import PERSONAL_FILE
from engine.audit.store import Run
from engine.errors import KamError, Problem, problem
from engine.executors.protocol import Row, Value
from engine.executors.values import exact_sum
from engine.explain.context import Places
from engine.facts.json_values import from_json
from engine.facts.sql import identifier, literal
from engine.model import ValueType
from engine.model.tokens import is_token
from engine.nearest import did_you_mean_first
from engine.plan.classes import sealed_columns
from engine.plan.columns import TOKEN_SUFFIX, column_types, token_column
from engine.plan.kept import KeptFacts, opened_facts
from engine.plan.predicates import leaves
from engine.plan.steps import GroupTotal, PackPlan, Plan, Ranked, Ranking

Found = dict[str, Any]
"""A row of a file, by column."""

Place = tuple[str, str, str | None]
"""Column, side and population of a ranking."""


def facts_query(run: Run, plan: Plan) -> KeptFacts:
    """facts.parquet of a run, with the personal values that still stand in it.

    Everything that evaluates the facts of a past night again reads them by this query.
    """
    personal = run.path / PERSONAL_FILE if keeps_personal(run) else None
    return opened_facts(plan, run.path / "facts.parquet", personal)


def keeps_personal(run: Run) -> bool:
    """Whether the run kept personal values apart, and still does."""
    return (run.path / PERSONAL_FILE).is_file()


def open_facts(connection: duckdb.DuckDBPyConnection, run: Run, plan: Plan) -> None:
    """Makes the view ``facts`` of `facts_query`."""
    query = facts_query(run, plan)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW facts AS {query}")


def accounts_facts(
    connection: duckdb.DuckDBPyConnection, accounts: Sequence[str]
) -> dict[str, Row]:
    """The rows of those of `accounts` that the run knows, by id; reads ``facts``."""
    found = _select(
        connection,
        "SELECT * FROM facts WHERE account_id IN (SELECT unnest($accounts))",
        {"accounts": list(accounts)},
    )
    return {row["account_id"]: row for row in found}


def account_facts(connection: duckdb.DuckDBPyConnection, account: str) -> Row | None:
    """The account's row of ``facts``; None if the run knows none."""
    found = _select(
        connection, "SELECT * FROM facts WHERE account_id = $account", {"account": account}
    )
    return found[0] if found else None


def tokens_in(row: Row) -> dict[str, str]:
    """Column → token of the personal values of an account, of its row of ``facts``."""
    return {
        name.removesuffix(TOKEN_SUFFIX): value
        for name, value in row.items()
        if isinstance(value, str) and is_token(value)
    }


def facts_left(plan: Plan, night: Row, said: Mapping[str, Any]) -> Row:
    """The account's row of ``facts`` as an event left it: `said` is what was kept of it, `night`
    its row of the night.

    Of a personal value the token alone was kept; the value is the night's where the token is.
    """
    types, row = column_types(plan), dict(night)
    sealed = sealed_columns(plan)
    for name, value in said.items():
        if name in sealed:
            token = token_column(name)
            if night.get(token) != value:
                row[name], row[token] = None, value
        elif name in types:
            row[name] = _typed(value, types[name], plan.precision.money)
    return row


def typed_statistics(plan: Plan, said: Mapping[str, Any]) -> Row:
    """The statistics that a manifest says, with the types of the columns that they are about.

    JSON knows no decimals and no dates, and a long amount stands in it as a text.
    """
    types = column_types(plan)
    typed: dict[str, Value] = dict(said)
    for stage in plan.stages:
        for one in stage.statistics:
            if one.kind == "cutoff_value" and one.column is not None:
                value = said.get(one.name)
                typed[one.name] = _typed(value, types[one.column], plan.precision.money)
    return typed


def _typed(value: Any, value_type: ValueType, decimals: int) -> Value:
    typed = from_json(value, value_type)
    return typed.quantize(Decimal(1).scaleb(-decimals)) if isinstance(typed, Decimal) else typed


@dataclass
class KeptFiles:
    """The files of one run, for one account at a time."""

    connection: duckdb.DuckDBPyConnection
    run: Run
    plan: Plan

    def __post_init__(self) -> None:
        # Of a million accounts the metadata alone is a hundred row groups times a hundred
        # columns, and would be parsed again by every statement.
        self.connection.execute("SET parquet_metadata_cache = true")

    def _path(self, name: str) -> str:
        return os.fspath(self.run.path / name)

    @cached_property
    def _everybody(self) -> str:
        """The facts of all accounts, to select from."""
        return f"({facts_query(self.run, self.plan)}) AS facts"

    def _source(self, columns: Collection[str]) -> str:
        """What to select `columns` of all accounts from: the file alone where none is personal,
        because the join to what is personal reads every account."""
        if self._sealed.isdisjoint(columns):
            return f"read_parquet({literal(self._path('facts.parquet'))}) AS facts"
        return self._everybody

    @cached_property
    def _sealed(self) -> frozenset[str]:
        return frozenset(sealed_columns(self.plan))

    def facts(self, account: str) -> Row:
        """The account's row of facts.parquet. Raises `KamError`: an unknown account."""
        row = self.facts_or_none(account)
        if row is None:
            raise self._unknown(account)
        return row

    def facts_or_none(self, account: str) -> Row | None:
        """The account's row of facts.parquet, if it has one."""
        rows = self.connection.execute(
            f"SELECT account_no FROM {self._source(())} WHERE account_id = $account",  # noqa: S608
            {"account": account},
        ).fetchall()
        if not rows:
            return None
        # By its number: that is what the personal values stand under, and both files are in its
        # order, so that one row group of each is read.
        found = _select(
            self.connection,
            f"SELECT * FROM {self._everybody} WHERE account_no = $number",  # noqa: S608
            {"number": rows[0][0]},
        )
        return found[0]

    def _unknown(self, account: str) -> KamError:
        if self.decisions(account):
            return problem(
                "account-set-aside",
                f"the row of account '{account}' could not be used in run {self.run.run_id}: what "
                "was decided last stands",
                hint="kam log --kind data_rejected says why; --run asks for an earlier night",
            )
        ids = self.connection.execute(
            f"SELECT account_id FROM {self._source(())} "  # noqa: S608
            "ORDER BY levenshtein(account_id, $account), account_id LIMIT 5",
            {"account": account},
        ).fetchall()
        return KamError(
            Problem(
                "unknown-account",
                f"run {self.run.run_id} knows no account '{account}'",
                hint=did_you_mean_first(
                    account, [one for (one,) in ids], "kam accounts TEXT finds one by name"
                ),
            )
        )

    def decisions(self, account: str) -> dict[str, Found]:
        """What was decided about the account, by pack."""
        found = _select(
            self.connection,
            "SELECT * FROM read_parquet($path) WHERE account_id = $account AND scope = 'account'",
            {"path": self._path("decisions.parquet"), "account": account},
        )
        return {row["pack"]: row for row in found}

    def obligations(self, account: str) -> list[Found]:
        """What the account was owed, in order of pack, rule and part."""
        return _select(
            self.connection,
            "SELECT * FROM read_parquet($path) WHERE account_id = $account "
            "ORDER BY pack, rule_id, part",
            {"path": self._path("obligations.parquet"), "account": account},
        )

    def tiers(self, account: str) -> dict[str, str | None]:
        """The effective tier by pack; None outside the population, where no row stands either."""
        rows = self.connection.execute(
            "SELECT pack, tier FROM read_parquet($path) "
            "WHERE account_id = $account AND scope = 'account'",
            {"path": self._path("decisions.parquet"), "account": account},
        ).fetchall()
        return dict(rows)

    def tier(self, pack: str, account: str) -> str | None:
        """The effective tier; None outside the population."""
        return self.tiers(account).get(pack)

    # --- the account among the others ----------------------------------------------------

    def places(self, pack: PackPlan, facts: Row) -> Places:
        """The account's place in every ranking that the pack's conditions use.

        The others stand as they were kept; `facts` may be other than what was kept.
        """
        return self.places_in([pack], facts)[pack.id]

    def places_in(self, packs: Sequence[PackPlan], facts: Row) -> dict[str, Places]:
        """As `places`, by pack, in one pass over the others."""
        wanted: dict[str, dict[tuple[str, str], str | None]] = {pack.id: {} for pack in packs}
        for pack in packs:
            for ranked in _rankings(pack):
                if facts.get(ranked.column) is not None:
                    key = (ranked.column, ranked.side)
                    wanted[pack.id].setdefault(key, ranked.population)
        every = {(*key, one) for asked in wanted.values() for key, one in asked.items()}
        found = self._places(every, facts)
        return {
            pack: {key: found[*key, population] for key, population in asked.items()}
            for pack, asked in wanted.items()
        }

    def _places(self, wanted: Collection[Place], facts: Row) -> dict[Place, int]:
        """The places among the others, in one pass over them."""
        if not wanted:
            return {}
        values: dict[str, object] = {"number": facts["account_no"]}
        counts = []
        read = {"account_no"}
        for index, (column, side, population) in enumerate(wanted):
            own, value = f"$own_{index}", identifier(column)
            values[own[1:]] = facts[column]
            before = ">" if side == "top" else "<"
            inside = "true" if population is None else identifier(population)
            read |= {column} if population is None else {column, population}
            counts.append(
                f"count(*) FILTER ({inside} AND "
                f"({value} {before} {own} OR ({value} = {own} AND account_no < $number)))"
            )
        others = (
            f"SELECT {', '.join(counts)} FROM {self._source(read)} "  # noqa: S608
            "WHERE account_no <> $number"
        )
        (ahead,) = self.connection.execute(others, values).fetchall()
        return {key: int(count) + 1 for key, count in zip(wanted, ahead, strict=True)}

    def _others(self, facts: Row, population: str | None) -> duckdb.DuckDBPyRelation:
        relation = self.connection.query(f"SELECT * FROM {self._everybody}")  # noqa: S608
        number = duckdb.ColumnExpression("account_no")
        relation = relation.filter(number != duckdb.ConstantExpression(facts["account_no"]))
        if population is None:
            return relation
        return relation.filter(duckdb.ColumnExpression(population))

    def beside(self, step: Ranking | GroupTotal, facts: Row) -> Value:
        """A rank or the total of a group for `facts`, among the others as they were kept."""
        value = facts[step.column]
        inside = step.population is None or facts.get(step.population) is True
        if isinstance(step, Ranking):
            ranked = inside and value is not None
            key = (step.column, "top", step.population)
            return self._places([key], facts)[key] if ranked else None
        assert value is None or isinstance(value, Decimal | int | float)
        if not inside or facts[step.group] is None:
            return None if value is None else float(value)
        group = duckdb.ColumnExpression(step.group) == duckdb.ConstantExpression(facts[step.group])
        others = self._others(facts, step.population).filter(group).select(step.column).fetchall()
        values = [one for (one,) in [*others, (value,)] if one is not None]
        return float(exact_sum(values, self.plan.precision.derived)) if values else None


def _select(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, object]
) -> list[Found]:
    cursor = connection.execute(sql, dict(values))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _rankings(pack: PackPlan) -> Iterator[Ranked]:
    predicates = [tier.predicate for tier in pack.tiers if tier.predicate is not None]
    predicates += [] if pack.exclude is None else [pack.exclude]
    predicates += [predicate for rule in pack.rules for _, predicate in rule.levels]
    for predicate in predicates:
        for leaf in leaves(predicate):
            if isinstance(leaf, Ranked):
                yield leaf
