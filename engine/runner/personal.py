"""Personal values of a night: salts before it is decided, openings when it is written.

A plan without a personal column costs nothing here and leaves no file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import duckdb

from engine.audit.night_files import Rows
from engine.audit.parquet_files import write_parquet
from engine.audit.personal.files import PERSONAL_FILE
from engine.audit.personal.known_salts import add_salts, load_salts, salt_accounts
from engine.audit.personal.salts import BATCH, make_salts
from engine.audit.records import PersonalRecord
from engine.audit.store import Store
from engine.facts.sql import identifier
from engine.model import Classification
from engine.plan.classes import personal_inputs
from engine.plan.columns import column_types, token_column
from engine.plan.steps import Plan


def prepare_salts(connection: duckdb.DuckDBPyConnection, store: Store, plan: Plan) -> None:
    """``accounts`` → ``account_salts(account_no, salt)``, if the plan seals anything.

    Makes a salt for every account that has a personal value and none yet; where that cannot
    be told before the measures, for every account.
    """
    if not plan.sealed:
        return
    database = store.connection
    load_salts(database, connection)
    inputs = personal_inputs(plan)
    having = "true" if inputs is None else _any(inputs)
    wanted = connection.execute(
        f"SELECT account_id FROM accounts ANTI JOIN known_salts USING (account_id) "  # noqa: S608
        f"WHERE {having} ORDER BY account_no"
    )
    for salts in make_salts(database, list(_batches(wanted))):
        add_salts(connection, salts)
    salt_accounts(connection)


def _batches(accounts: duckdb.DuckDBPyConnection) -> Iterator[list[str]]:
    while rows := accounts.fetchmany(BATCH):
        yield [account for (account,) in rows]


def write_personal(connection: duckdb.DuckDBPyConnection, folder: Path, plan: Plan) -> None:
    """personal.parquet: the personal values themselves, of the accounts that have any.

    It is not among the files that the manifest names, because it shrinks when somebody is
    forgotten; every value in it can be checked against the token in facts.parquet.
    """
    if not plan.sealed:
        return
    named = _listed(plan.sealed)
    rows = (
        f"SELECT account_no, account_id, {named} FROM facts "  # noqa: S608
        f"WHERE {_any(plan.sealed)} ORDER BY account_no"
    )
    write_parquet(connection, rows, folder / PERSONAL_FILE)


def personal_record(
    connection: duckdb.DuckDBPyConnection, plan: Plan, retention: Mapping[Classification, int]
) -> PersonalRecord:
    """The tokens of the night's lines, decisions and actions, and what they stand for.

    Reads ``log_lines``, ``action_lines``, ``decisions`` and ``facts``.
    """
    if not plan.sealed:
        return PersonalRecord(retention=retention)
    connection.execute(_USED)
    return PersonalRecord(Rows(connection, "used_tokens"), _openings(connection, plan), retention)


def _openings(
    connection: duckdb.DuckDBPyConnection, plan: Plan
) -> Iterator[tuple[str, str, str, str, str]]:
    types = column_types(plan)
    for column in plan.sealed:
        name, token = identifier(column), identifier(token_column(column))
        cursor = connection.cursor().execute(
            f"SELECT {token}, account_id, CAST({name} AS VARCHAR) FROM facts "  # noqa: S608
            f"SEMI JOIN used_tokens ON used_tokens.token = facts.{token} ORDER BY account_no"
        )
        while batch := cursor.fetchmany(BATCH):
            for found, account, value in batch:
                yield found, account, column, types[column], value


_USED = """
CREATE TABLE used_tokens AS
WITH written AS (
    SELECT evidence::VARCHAR AS evidence FROM log_lines
    UNION ALL
    SELECT evidence::VARCHAR FROM action_lines
    UNION ALL
    SELECT account_name FROM action_lines
    UNION ALL
    SELECT unnest(list_transform(warnings, lambda one: one.evidence::VARCHAR)) FROM decisions
    UNION ALL
    SELECT unnest(list_transform(waiting, lambda one: one.evidence::VARCHAR)) FROM decisions
    UNION ALL
    SELECT unnest(list_transform(milestones, lambda one: one.evidence::VARCHAR)) FROM decisions
    UNION ALL
    SELECT name FROM decisions WHERE account_no IS NULL
)
SELECT DISTINCT unnest(regexp_extract_all(evidence, 'sealed:[0-9a-f]{64}')) AS token
FROM written
WHERE contains(evidence, 'sealed:')
ORDER BY token
"""


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(identifier(column) for column in columns)


def _any(columns: Iterable[str]) -> str:
    return " OR ".join(f"{identifier(column)} IS NOT NULL" for column in columns)
