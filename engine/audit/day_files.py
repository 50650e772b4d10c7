"""The records of the last night, one file for each table, in which one account is found fast.

They are a working copy for the day and no evidence: what a night was decided by stands in its
other files. So only the last night keeps them, no backup holds them, and a night that is
repeated writes them again if they are gone.

``records/hashes.json`` names every file with its SHA-256, so that one that was cut or swapped is
noticed. While somebody is taken out of a file, both its old and its new hash are admitted.
"""

# ruff: noqa: S608 - engine.facts.sql quotes every name

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.audit.durable import sync
from engine.audit.failures import store_errors
from engine.audit.manifest import canonical_json, sha256_of_file
from engine.audit.parquet_files import write_parquet
from engine.errors import KamError, problem
from engine.facts.sql import identifier

if TYPE_CHECKING:
    import duckdb

RECORDS_FOLDER = "records"
HASHES_FILE = "hashes.json"
RECORD_ROWS = 32_768
"""Rows of a row group: who asks for one account reads one or two of them."""

_FORM = 1


@dataclass
class Hashes:
    """hashes.json. `files` has the admitted hashes of each file, `personal` the columns of class
    personal of each table; `forgotten` are the numbers of accounts that were taken out."""

    run: str
    files: dict[str, list[str]] = field(default_factory=dict)
    personal: dict[str, list[str]] = field(default_factory=dict)
    forgotten: list[int] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Replaces the file, and never changes it in place."""
        part = folder / f".{HASHES_FILE}.part"
        said = {"form": _FORM, "run": self.run, "files": self.files}
        said |= {"personal": self.personal, "forgotten": sorted(self.forgotten)}
        part.write_text(canonical_json(said) + "\n", encoding="utf-8")
        sync(part)
        part.replace(folder / HASHES_FILE)
        sync(folder)


@dataclass(frozen=True)
class RecordFiles:
    """Record table → its file, each as it was written; and who has been taken out of them."""

    files: Mapping[str, Path]
    forgotten: frozenset[int]


# --- the night ---------------------------------------------------------------------------


def write_records(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    run_id: str,
    tables: Mapping[str, Collection[str]],
) -> None:
    """``record_<name>`` of each of `tables` as ``records/<name>.parquet`` below `folder`, in
    order of the accounts; `tables` says which of their columns are of class personal.

    Every file is complete before the folder has its name.
    """
    part = folder / f".{RECORDS_FOLDER}.part"
    with store_errors(folder):
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        hashes = Hashes(run_id)
        for name in sorted(tables):
            file = part / f"{name}.parquet"
            rows = f"SELECT * FROM {identifier(f'record_{name}')}"
            if not _ascends(connection, rows):
                rows += " ORDER BY account_no"
            write_parquet(connection, rows, file, RECORD_ROWS)
            hashes.files[file.name] = [sha256_of_file(file)]
            hashes.personal[name] = sorted(tables[name])
        hashes.write(part)
        part.rename(folder / RECORDS_FOLDER)


def has_records(folder: Path) -> bool:
    """Whether the run in `folder` has its records still."""
    return (folder / RECORDS_FOLDER / HASHES_FILE).is_file()


def remove_earlier_records(runs: Path, last: str) -> None:
    """Removes the records of every run but the `last`; what cannot be removed now, the next
    run removes."""
    for folder in runs.iterdir():
        if folder.is_dir() and not folder.is_symlink() and folder.name != last:
            shutil.rmtree(folder / RECORDS_FOLDER, ignore_errors=True)


def _ascends(connection: duckdb.DuckDBPyConnection, rows: str) -> bool:
    """Whether the rows stand in order of their accounts: to look is cheaper than to sort."""
    pairs = f"SELECT account_no, lag(account_no) OVER () AS before FROM ({rows})"
    query = f"SELECT 1 FROM ({pairs}) WHERE before > account_no LIMIT 1"
    return connection.execute(query).fetchone() is None


# --- the day -----------------------------------------------------------------------------


def open_records(folder: Path) -> RecordFiles:
    """The record files of the run in `folder`, after a look at every byte of them.

    Raises: `KamError` ``day-records-missing`` or ``day-records-altered``.
    """
    records = folder / RECORDS_FOLDER
    with store_errors(folder):
        hashes = _read(folder)
        for name, admitted in hashes.files.items():
            file = records / name
            if not file.is_file():
                raise _missing(file)
            if sha256_of_file(file) not in admitted:
                raise _altered(file)
    files = {name.removesuffix(".parquet"): records / name for name in hashes.files}
    return RecordFiles(files, frozenset(hashes.forgotten))


def _read(folder: Path) -> Hashes:
    file = folder / RECORDS_FOLDER / HASHES_FILE
    if not file.is_file():
        raise _missing(file)
    try:
        said: dict[str, Any] = json.loads(file.read_bytes())
        found = Hashes(said["run"], said["files"], said["personal"], said["forgotten"])
    except (ValueError, KeyError, TypeError) as error:
        raise _altered(file) from error
    names = [*found.files, *(f"{table}.parquet" for table in found.personal)]
    if said.get("form") != _FORM or found.run != folder.name or not all(map(_is_plain, names)):
        raise _altered(file)
    return found


def _is_plain(name: str) -> bool:
    """Files are removed and replaced by these names: none leads out of the folder."""
    return Path(name).name == name and name.endswith(".parquet")


def _missing(file: Path) -> KamError:
    return problem(
        "day-records-missing",
        f"there is no {file}: the records of the night, which the day starts from, are gone",
        hint="run the night, which writes them again: kam run (a backup does not hold them)",
    )


def _altered(file: Path) -> KamError:
    return problem(
        "day-records-altered",
        f"{file} is not as the night wrote it",
        hint=f"remove {file.parent} and say kam run, which writes it again",
    )


# --- forgetting --------------------------------------------------------------------------


def personal_record_values(
    connection: duckdb.DuckDBPyConnection, folder: Path, account: str
) -> int:
    """How many personal values the records of the run in `folder` hold of an account."""
    if not has_records(folder):
        return 0
    number, count = _number(connection, folder, account), 0
    for name, columns in _read(folder).personal.items():
        file = folder / RECORDS_FOLDER / f"{name}.parquet"
        if columns and file.is_file() and number is not None:
            rows = connection.read_parquet(os.fspath(file)).filter(_is(number))
            counts = ", ".join(f"count({identifier(one)})" for one in columns)
            count += sum(rows.aggregate(counts).fetchall()[0])
    return count


def forget_records(connection: duckdb.DuckDBPyConnection, folder: Path, account: str) -> None:
    """Takes an account out of the records of the run in `folder`.

    Whoever dies in between leaves files whose hashes are admitted, and doing it twice is as
    good as once. Without facts nobody can be found in the records: then all of them go.
    """
    records = folder / RECORDS_FOLDER
    with store_errors(folder):
        if not has_records(folder):
            shutil.rmtree(records, ignore_errors=True)
            return
        if not (folder / "facts.parquet").exists():
            shutil.rmtree(records)
            return
        number = _number(connection, folder, account)
        if number is not None:
            _rewrite(connection, records, _read(folder), number)


def _rewrite(
    connection: duckdb.DuckDBPyConnection, records: Path, hashes: Hashes, number: int
) -> None:
    parts: list[tuple[Path, Path]] = []
    for name, admitted in hashes.files.items():
        file, part = records / name, records / f".{name}.part"
        part.unlink(missing_ok=True)
        relation = connection.read_parquet(os.fspath(file))
        if relation.filter(_is(number)).limit(1).fetchall():
            _write(relation.filter(~_is(number)), part)
            sync(part)
            parts.append((part, file))
            admitted.append(sha256_of_file(part))
    if number not in hashes.forgotten:
        hashes.forgotten.append(number)
    hashes.write(records)
    for part, file in parts:
        part.replace(file)
    sync(records)
    for name, admitted in hashes.files.items():
        if len(admitted) > 1:  # of an earlier attempt, too
            found = sha256_of_file(records / name)
            hashes.files[name] = [found] if found in admitted else admitted
    hashes.write(records)


def _number(connection: duckdb.DuckDBPyConnection, folder: Path, account: str) -> int | None:
    import duckdb

    file = folder / "facts.parquet"
    if not file.exists():
        return None
    named = duckdb.ColumnExpression("account_id") == duckdb.ConstantExpression(account)
    rows = connection.read_parquet(os.fspath(file)).filter(named).project("account_no").fetchall()
    return int(rows[0][0]) if rows else None


def _is(number: int) -> duckdb.Expression:
    import duckdb

    return duckdb.ColumnExpression("account_no") == duckdb.ConstantExpression(number)


def _write(relation: duckdb.DuckDBPyRelation, file: Path) -> None:
    relation.write_parquet(os.fspath(file), compression="zstd", row_group_size=RECORD_ROWS)
