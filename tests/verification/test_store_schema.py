"""Whoever plants a trigger, or puts another view in the place of one, is found by the schema."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from engine.verification.verify import verify_store
from tests.verification.store import SignedStore

PLANTED = (
    "CREATE TRIGGER tidy AFTER INSERT ON decision_log "
    "BEGIN UPDATE decision_log SET to_value = 'FORGED' WHERE seq = new.seq; END"
)
HIDING = (
    "DROP VIEW decision_log_lines",
    ("CREATE VIEW decision_log_lines AS SELECT * FROM decision_log WHERE account_id <> 'a1'"),
)


@contextmanager
def raw(store: SignedStore) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(store.folder / "kam.db", isolation_level=None)) as connection:
        yield connection


def schema_findings(store: SignedStore) -> list[tuple[str, str]]:
    return [(one.code, one.message) for one in store.verify().findings]


@pytest.mark.parametrize(("statements", "code", "named"), [
    ((PLANTED,), "schema-inserted", "trigger tidy on decision_log"),
    (("DROP TRIGGER decision_log_no_update",), "schema-missing", "trigger decision_log_no_update"),
    (HIDING, "schema-altered", "view decision_log_lines"),
    (("DROP VIEW action_lines",), "schema-missing", "view action_lines"),
    (("DROP INDEX actions_id",), "schema-missing", "index actions_id"),
    (("CREATE INDEX mine ON runs (as_of)",), "schema-inserted", "index mine on runs"),
    (("CREATE TABLE notes (x)",), "schema-inserted", "table notes"),
    (("DROP TRIGGER runs_no_delete",
      "CREATE TRIGGER runs_no_delete BEFORE DELETE ON runs BEGIN SELECT 1; END"),
     "schema-altered", "trigger runs_no_delete"),
    (("ALTER TABLE marks ADD COLUMN extra TEXT",), "schema-altered", "table marks"),
    (("DROP TABLE forgettings_unfinished",), "schema-missing", "table forgettings_unfinished"),
])  # fmt: skip
def test_everything_in_kam_db_that_is_not_as_kam_makes_it_is_named(
    signed: SignedStore, statements: tuple[str, ...], code: str, named: str
) -> None:
    with raw(signed) as connection:
        for statement in statements:
            connection.execute(statement)
    found = schema_findings(signed)
    assert [one for one, message in found if named in message] == [code]
    assert {one for one, _ in found if one.startswith("schema-")} == {code}


def test_statistics_and_a_compacted_file_are_no_fault(signed: SignedStore) -> None:
    with raw(signed) as connection:
        connection.execute("ANALYZE")
        connection.execute("VACUUM")
    assert signed.verify().findings == ()


def test_store_that_an_operator_dumped_and_loaded_again_is_sound(
    signed: SignedStore, tmp_path: Path
) -> None:
    with raw(signed) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        script = "\n".join(connection.iterdump())
        mark = connection.execute("PRAGMA application_id").fetchone()[0]
    (signed.folder / "kam.db").unlink()
    with raw(signed) as connection:
        connection.executescript(script)
        connection.execute(f"PRAGMA application_id = {mark}")
    assert signed.verify().findings == ()
    shutil.rmtree(tmp_path / "store")


def test_schema_is_checked_without_a_key_and_for_a_single_run(signed: SignedStore) -> None:
    with raw(signed) as connection:
        connection.execute(PLANTED)
    verdict = verify_store(signed.folder, runs=["2026-06-30.1"])
    assert [one.code for one in verdict.findings] == ["schema-inserted"]
