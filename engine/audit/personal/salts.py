"""The salts of accounts, which make their tokens; see `engine.plan.sql.sealing`."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.audit.transactions import transaction

BATCH = 50_000
SALT = 32
"""Bytes."""

# SQLite writes and reads the JSON itself: rows between it and Python cost more than all the rest.
# No account is called by nothing, nor has a NUL byte in its id, which JSON would hold for SQLite.
_BATCH = f"""
SELECT json_group_array(account_id), json_group_array(lower(hex(salt))), max(account_id)
FROM (SELECT account_id, salt FROM salts WHERE account_id > ? ORDER BY account_id LIMIT {BATCH})
"""  # noqa: S608
_INSERT = """
INSERT INTO salts
SELECT value, substr(:drawn, key * :bytes + 1, :bytes) FROM json_each(:accounts)
"""


@dataclass(frozen=True)
class Salts:
    """Accounts and their salts, one after another, both as arrays of JSON: DuckDB reads them
    several times as fast as lists of Python's. A salt is 64 hexadecimal digits."""

    accounts: str
    salts: str


def all_salts(connection: sqlite3.Connection) -> Iterator[Salts]:
    """Every salt of the store, batch by batch."""
    last = ""
    while last is not None:
        accounts, salts, last = connection.execute(_BATCH, (last,)).fetchone()
        if last is not None:
            yield Salts(accounts, salts)


def salt_of(connection: sqlite3.Connection, account: str) -> str | None:
    """The salt of an account; None if it has none."""
    query = "SELECT lower(hex(salt)) FROM salts WHERE account_id = ?"
    row = connection.execute(query, (account,)).fetchone()
    return None if row is None else str(row[0])


def make_salts(connection: sqlite3.Connection, batches: Sequence[Sequence[str]]) -> list[Salts]:
    """Salts for accounts that have none, all in a transaction of their own.

    They must stand before anything that is made with them: a salt that a night has used and
    lost would give the same value another token on the next.
    """
    if not batches:
        return []
    with transaction(connection):
        return [_insert(connection, accounts) for accounts in batches]


def _insert(connection: sqlite3.Connection, accounts: Sequence[str]) -> Salts:
    drawn = os.urandom(SALT * len(accounts))  # at once: each call of the system costs a microsecond
    named = json.dumps(accounts, ensure_ascii=False)
    connection.execute(_INSERT, {"drawn": drawn, "bytes": SALT, "accounts": named})
    return Salts(named, json.dumps(drawn.hex(",", SALT).split(",")))
