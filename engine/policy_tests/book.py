"""One night of a test → facts of its account, and the accounts that it is ranked among."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from engine.executors.protocol import FactTables, Row, Value
from engine.executors.reference import Assumptions
from engine.facts.catalog import RECORD_ID
from engine.plan.steps import PackPlan
from engine.policy_tests.model import Facts, Given, Rank

ACCOUNT_NO = 0
"""Of the account that a test is about."""


class _Filler(dict[str, Value]):
    """An account of which nothing is known but its ranks; it is of the population."""

    def __missing__(self, key: str) -> Value:
        return None


def fact_tables(account_id: str, facts: Facts) -> FactTables:
    """The account, with the columns that are given, and its records."""
    given = {name: value for name, value in facts.account.items() if not isinstance(value, Rank)}
    account: Row = {**given, "account_no": ACCOUNT_NO, "account_id": account_id}
    records = {
        name: [
            {**row, "account_no": ACCOUNT_NO, RECORD_ID: f"{name} {number}"}
            for number, row in enumerate(rows, start=1)
        ]
        for name, rows in facts.records.items()
    }
    return FactTables([account], records)


def assumptions(pack: PackPlan, facts: Facts) -> Assumptions:
    """The given values under the columns of the plan, and the accounts beside."""
    values = _columns(pack, facts.account)
    ranks = {
        pack.columns[name]: value
        for name, value in facts.account.items()
        if isinstance(value, Rank)
    }
    others = list(_fillers(pack.population, ranks))
    return Assumptions({ACCOUNT_NO: values}, others)


def scope_assumptions(pack: PackPlan, given: Given) -> Assumptions:
    """The same for the one entity of a scope beyond the account."""
    return Assumptions({0: _columns(pack, given)})


def _columns(pack: PackPlan, given: Given) -> dict[str, Value]:
    return {
        pack.columns[name]: value.value if isinstance(value, Rank) else value
        for name, value in given.items()
    }


def _fillers(population: str | None, ranks: Mapping[str, Rank]) -> Iterable[Row]:
    """As many as the greatest `of` asks for; those of a rank above have more, the rest less."""
    for number in range(1, max((rank.of for rank in ranks.values()), default=1)):
        row = _Filler(account_no=number)
        if population is not None:
            row[population] = True
        for column, rank in ranks.items():
            if number < rank.of:
                row[column] = _beside(rank.value, 1 if number < rank.place else -1)
        yield row


def _beside(value: Value, step: int) -> Value:
    assert isinstance(value, Decimal | int | float)
    return value + step
