"""Whether personal.parquet of a run holds the values that were sealed: each by its token.

The file is not among those that the manifest hashes, because it shrinks when somebody is
forgotten. What is left in it must still be what the tokens in facts.parquet commit to; and whose
token stands there has a value in it, unless somebody has said to forget the account, or the time
of the file is over.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence, Set
from pathlib import Path

import duckdb

from engine.audit.personal.files import KEYS, PERSONAL_FILE
from engine.model.tokens import PREFIX
from engine.plan.sql import values
from engine.plan.sql.sealing import token_of

FACTS = "facts.parquet"
NAMED_AT_MOST = 5
AT_ONCE = 4
"""Columns of one pass: their tokens are held in memory while they are joined."""


def is_whole(
    connection: sqlite3.Connection,
    files: duckdb.DuckDBPyConnection,
    folder: Path,
    run_no: int,
    before: Path | None = None,
) -> bool:
    """Whether there is neither any of `misfits` nor of `losses`, in one pass over the files.

    False also where that cannot be told so; what is wrong, and whether anything is, those two say.
    `before` is the folder of a night without `misfits`: a value that had its token there already
    is not hashed again. Reads ``known_salts``.
    """
    file = folder / PERSONAL_FILE
    if not file.exists():
        return False
    columns = _values_in(files, file)
    sealed = _sealed_columns(connection, files, folder, run_no, columns)
    if not set(sealed) <= set(columns):
        return False
    paths: dict[str, object] = {
        "personal": os.fspath(file),
        "facts": os.fspath(folder / FACTS),
        "forgotten": _forgotten(connection, run_no),
    }
    known: set[str] = set()
    paths_before: dict[str, object] = {}
    if before is not None and (before / PERSONAL_FILE).exists():
        known.update(_values_in(files, before / PERSONAL_FILE))
        paths_before = {
            "personal_before": os.fspath(before / PERSONAL_FILE),
            "facts_before": os.fspath(before / FACTS),
        }
    for start in range(0, len(columns), AT_ONCE):
        some = columns[start : start + AT_ONCE]
        proven = known.intersection(some)
        read = paths | paths_before if proven else paths
        if files.execute(_any_fault(some, sealed, proven), read).fetchall():
            return False
    return True


def misfits(files: duckdb.DuckDBPyConnection, folder: Path) -> list[tuple[str, str]]:
    """(account, column) of values that are not those which the run sealed; at most five.

    Reads ``known_salts``, which `engine.audit.personal.known_salts` loads for all runs. A value
    whose account has no salt any more cannot have been left by a forgetting, and is one of them
    too. Nothing, if the run has no such file.
    """
    file = folder / PERSONAL_FILE
    if not file.exists():
        return []
    found: list[tuple[str, str]] = []
    for column in _values_in(files, file):
        paths = {"personal": os.fspath(file), "facts": os.fspath(folder / FACTS)}
        rows = files.execute(_query(column), paths).fetchall()
        found += [(account, column) for (account,) in rows]
    return sorted(found)[:NAMED_AT_MOST]


def losses(
    connection: sqlite3.Connection, files: duckdb.DuckDBPyConnection, folder: Path, run_no: int
) -> list[tuple[str, list[str]]]:
    """(account, columns) of values that the run sealed and that are gone, although the account has
    not been forgotten since; at most five accounts. Not to be asked of a file whose time is over.
    """
    file, facts = folder / PERSONAL_FILE, os.fspath(folder / FACTS)
    there = _values_in(files, file) if file.exists() else []
    sealed = _sealed_columns(connection, files, folder, run_no, there)
    if not sealed:
        return []
    forgotten = _forgotten(connection, run_no)
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


def _values_in(files: duckdb.DuckDBPyConnection, file: Path) -> list[str]:
    """The columns of personal.parquet that hold values."""
    return [one for one in files.read_parquet(os.fspath(file)).columns if one not in KEYS]


def _forgotten(connection: sqlite3.Connection, run_no: int) -> list[str]:
    """The accounts that were forgotten after a run."""
    return [account for (account,) in connection.execute(_FORGOTTEN, (run_no,))]


def _sealed_columns(
    connection: sqlite3.Connection,
    files: duckdb.DuckDBPyConnection,
    folder: Path,
    run_no: int,
    there: Iterable[str],
) -> list[str]:
    """The columns of tokens in the facts of a run whose values personal.parquet holds, which are
    those that are `there`, or should hold."""
    named = {column for (column,) in connection.execute(_PERSONAL, (run_no,))}
    return [one for one in _sealed(files, os.fspath(folder / FACTS)) if one in {*there, *named}]


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
    return (
        f"SELECT personal.account_id FROM read_parquet($personal) AS personal "  # noqa: S608
        "LEFT JOIN read_parquet($facts) AS facts USING (account_id) "
        "LEFT JOIN known_salts USING (account_id) "
        f"WHERE personal.{name} IS NOT NULL AND {_misfit(column)} "
        f"ORDER BY personal.account_id LIMIT {NAMED_AT_MOST}"
    )


def _misfit(column: str) -> str:
    """Of a value that is there."""
    name = values.column(column).sql(dialect="duckdb")
    salt, value = values.column("salt", "known_salts"), values.column(column, "personal")
    token = token_of(column, salt, value).sql(dialect="duckdb")
    return f"facts.{name}::VARCHAR IS DISTINCT FROM {token}"


def _any_fault(columns: Sequence[str], sealed: Sequence[str], proven: Set[str]) -> str:
    """A row if anything is wrong with any of `columns`, of which those `sealed` must be complete,
    and values of those `proven` may have had their tokens before."""
    faults = []
    for one in columns:
        name = values.column(one).sql(dialect="duckdb")
        # A CASE, so that nothing is hashed that need not be. Values are the same if their texts
        # are, which is what was hashed: there are two zeros.
        is_proven = (
            f"WHEN personal.{name}::VARCHAR = personal_before.{name}::VARCHAR "
            f"AND facts.{name}::VARCHAR = facts_before.{name}::VARCHAR THEN false "
            if one in proven
            else ""
        )
        is_lost = f"facts.{name} IS NOT NULL AND NOT is_forgotten" if one in sealed else "false"
        faults.append(
            f"CASE WHEN personal.{name} IS NULL THEN {is_lost} {is_proven}ELSE {_misfit(one)} END"
        )
    joined = (
        "LEFT JOIN read_parquet($personal_before) AS personal_before "
        "ON personal_before.account_id = personal.account_id "
        "LEFT JOIN read_parquet($facts_before) AS facts_before "
        "ON facts_before.account_id = personal.account_id "
    )
    return (
        "SELECT 1 FROM read_parquet($personal) AS personal "  # noqa: S608
        "FULL JOIN (SELECT *, list_contains($forgotten, account_id) AS is_forgotten "
        "FROM read_parquet($facts)) AS facts ON facts.account_id = personal.account_id "
        "LEFT JOIN known_salts ON known_salts.account_id = personal.account_id "
        f"{joined if proven else ''}"
        f"WHERE {' OR '.join(faults)} LIMIT 1"
    )
