"""Whether personal.parquet of a run holds the values that were sealed: each by its token.

The file is not among those that the manifest hashes, because it shrinks when somebody is
forgotten. What is left in it must still be what the tokens in facts.parquet commit to; and whose
token stands there has a value in it, unless somebody has said to forget the account, or the time
of the file is over.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import duckdb

from engine.audit.personal.files import KEYS, PERSONAL_FILE
from engine.model.tokens import PREFIX
from engine.plan.sql import values
from engine.plan.sql.sealing import token_of

NAMED_AT_MOST = 5


def misfits(files: duckdb.DuckDBPyConnection, folder: Path) -> list[tuple[str, str]]:
    """(account, column) of values that are not those which the run sealed; at most five.

    Reads ``known_salts``, which `engine.audit.personal.known_salts` loads for all runs. A value
    whose account has no salt any more cannot have been left by a forgetting, and is one of them
    too. Nothing, if the run has no such file.
    """
    file = folder / PERSONAL_FILE
    if not file.exists():
        return []
    personal = files.read_parquet(os.fspath(file))
    found: list[tuple[str, str]] = []
    for column in personal.columns:
        if column not in KEYS:
            paths = {"personal": os.fspath(file), "facts": os.fspath(folder / "facts.parquet")}
            rows = files.execute(_query(column), paths).fetchall()
            found += [(account, column) for (account,) in rows]
    return sorted(found)[:NAMED_AT_MOST]


def losses(
    connection: sqlite3.Connection, files: duckdb.DuckDBPyConnection, folder: Path, run_no: int
) -> list[tuple[str, list[str]]]:
    """(account, columns) of values that the run sealed and that are gone, although the account has
    not been forgotten since; at most five accounts. Not to be asked of a file whose time is over.
    """
    file, facts = folder / PERSONAL_FILE, os.fspath(folder / "facts.parquet")
    there = files.read_parquet(os.fspath(file)).columns if file.exists() else []
    named = {column for (column,) in connection.execute(_PERSONAL, (run_no,))}
    sealed = [one for one in _sealed(files, facts) if one in {*there, *named}]
    if not sealed:
        return []
    forgotten = [account for (account,) in connection.execute(_FORGOTTEN, (run_no,))]
    found: dict[str, list[str]] = {}
    for columns, is_there in (
        ([one for one in sealed if one in there], True),
        ([one for one in sealed if one not in there], False),
    ):
        if columns:
            values_by_name: dict[str, object] = {"facts": facts, "forgotten": forgotten}
            if is_there:
                values_by_name["personal"] = os.fspath(file)
            rows = files.execute(_losses(columns, is_there), values_by_name).fetchall()
            for account, *gone in rows:
                here = [one for one, is_gone in zip(columns, gone, strict=True) if is_gone]
                found.setdefault(account, []).extend(here)
    return sorted(found.items())[:NAMED_AT_MOST]


_PERSONAL = """
SELECT DISTINCT p.fact_column
FROM column_classes AS c JOIN policy_columns AS p USING (policy_no, name)
WHERE c.run_no = ? AND c.class = 'personal'
"""
_FORGOTTEN = "SELECT account_id FROM forgettings WHERE last_run_no >= ?"
_SEALED = """
SELECT path_in_schema FROM parquet_metadata(?)
WHERE stats_min_value IS NOT NULL
GROUP BY path_in_schema
HAVING bool_and(starts_with(stats_min_value, ?) AND starts_with(stats_max_value, ?))
ORDER BY path_in_schema
"""


def _sealed(files: duckdb.DuckDBPyConnection, facts: str) -> list[str]:
    """The columns of facts.parquet that hold tokens alone, as its statistics say; none of a file
    that is damaged, which is named as such."""
    try:
        rows = files.execute(_SEALED, [facts, PREFIX, PREFIX]).fetchall()
    except duckdb.Error:
        return []
    return [column for (column,) in rows]


def _losses(columns: list[str], is_there: bool) -> str:
    gone = []
    for one in columns:
        name = values.column(one).sql(dialect="duckdb")
        is_missing = f" AND personal.{name} IS NULL" if is_there else ""
        gone.append(f"(facts.{name} IS NOT NULL{is_missing})")
    joined = "LEFT JOIN read_parquet($personal) AS personal USING (account_id) " if is_there else ""
    return (
        f"SELECT account_id, {', '.join(gone)} FROM read_parquet($facts) AS facts {joined}"  # noqa: S608
        f"WHERE ({' OR '.join(gone)}) AND NOT list_contains($forgotten, account_id) "
        f"ORDER BY account_id LIMIT {NAMED_AT_MOST}"
    )


def _query(column: str) -> str:
    name = values.column(column).sql(dialect="duckdb")
    token = token_of(
        column, values.column("salt", "known_salts"), values.column(column, "personal")
    ).sql(dialect="duckdb")
    return (
        f"SELECT personal.account_id FROM read_parquet($personal) AS personal "  # noqa: S608
        "LEFT JOIN read_parquet($facts) AS facts USING (account_id) "
        "LEFT JOIN known_salts USING (account_id) "
        f"WHERE personal.{name} IS NOT NULL AND facts.{name}::VARCHAR IS DISTINCT FROM {token} "
        f"ORDER BY personal.account_id LIMIT {NAMED_AT_MOST}"
    )
