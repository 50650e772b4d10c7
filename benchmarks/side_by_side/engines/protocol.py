"""What an engine must do to be measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from benchmarks.side_by_side.conditions import Rule

Hit = tuple[int, str]
"""Account number and rule."""


class Engine(Protocol):
    """Rules written for one engine. `prepare`, `load` and `evaluate` are timed apart."""

    def prepare(self, rules: Sequence[Rule]) -> None:
        """Write and compile the rules: what a service does once, when it starts."""

    def load(self, accounts: Path) -> None:
        """The accounts from Parquet into the form in memory that the engine likes best."""

    def forget(self) -> None:
        """Leave nothing of the last evaluation, if there was one, but what was loaded. Not
        timed: how much an engine leaves behind says nothing about how fast it evaluates."""

    def evaluate(self) -> None:
        """Facts in memory → hits in memory, after `forget`."""

    def write_hits(self, file: Path) -> None:
        """The hits as Parquet: ``account_no``, ``rule``."""


def rows(accounts: Path, *, decimals: bool = False) -> list[dict[str, Any]]:
    """Accounts as dictionaries, as a row engine is given them; None is missing.

    Amounts are floats, or exact with `decimals`.
    """
    import duckdb

    with duckdb.connect() as connection:
        cursor = connection.execute("SELECT * FROM read_parquet(?)", [str(accounts)])
        names = [column[0] for column in cursor.description or ()]
        money = [str(column[1]).startswith("DECIMAL") for column in cursor.description or ()]
        found = []
        for row in cursor.fetchall():
            values = zip(names, row, money, strict=True)
            found.append(
                {
                    name: float(value) if exact and value is not None and not decimals else value
                    for name, value, exact in values
                }
            )
        return found


def write_pairs(hits: Sequence[Hit], file: Path) -> None:
    """Hits that are in Python as Parquet."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE hits (account_no INTEGER, rule VARCHAR)")
        numbers = [account for account, _ in hits]
        names = [rule for _, rule in hits]
        connection.execute("INSERT INTO hits SELECT unnest(?), unnest(?)", [numbers, names])
        connection.table("hits").write_parquet(str(file))
