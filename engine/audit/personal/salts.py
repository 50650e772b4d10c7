"""The salts of accounts, which make their tokens; see `engine.plan.sql.sealing`."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from engine.audit.transactions import transaction

BATCH = 50_000
SALT = 32
"""Bytes."""

Salt = tuple[str, str]
"""(account_id, 64 hexadecimal digits)."""


def all_salts(connection: sqlite3.Connection) -> Iterator[list[Salt]]:
    """Every salt of the store, batch by batch."""
    cursor = connection.execute("SELECT account_id, lower(hex(salt)) FROM salts")
    while rows := cursor.fetchmany(BATCH):
        yield rows


def salt_of(connection: sqlite3.Connection, account: str) -> str | None:
    """The salt of an account; None if it has none."""
    query = "SELECT lower(hex(salt)) FROM salts WHERE account_id = ?"
    row = connection.execute(query, (account,)).fetchone()
    return None if row is None else str(row[0])


def make_salts(connection: sqlite3.Connection, accounts: Iterable[str]) -> list[Salt]:
    """Salts for accounts that have none, in a transaction of their own.

    They must stand before anything that is made with them: a salt that a night has used and
    lost would give the same value another token on the next.
    """
    made = _random(list(accounts))
    if made:
        with transaction(connection):
            connection.executemany(
                "INSERT INTO salts VALUES (?, ?)",
                ((account, bytes.fromhex(salt)) for account, salt in made),
            )
    return made


def _random(accounts: Sequence[str]) -> list[Salt]:
    """One call of the system for all of them: each costs a microsecond."""
    drawn = os.urandom(SALT * len(accounts)).hex()
    return [
        (account, drawn[2 * SALT * place : 2 * SALT * (place + 1)])
        for place, account in enumerate(accounts)
    ]
