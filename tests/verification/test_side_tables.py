"""What says how the log is to be read is under the checkpoints, and cannot be changed unseen."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from engine.audit.side_tables import SIDE_TABLES, seen_in
from tests.often import seldom
from tests.verification.store import RUNS, SignedStore

FIRST, SECOND, LAST = RUNS
COLUMN = "(SELECT min(name) FROM policy_columns)"


def found(store: SignedStore) -> set[tuple[str, str | None, str]]:
    """Code, run and table of what is wrong with the tables."""
    return {
        (one.code, one.run, one.message.removeprefix("the table ").split()[0])
        for one in store.verify().findings
        if one.code == "table-altered"
    }


@pytest.mark.parametrize(
    ("tampering", "table", "run"),
    [
        ("UPDATE rules SET title_en = 'Harmless' WHERE rule_no = 1", "rules", FIRST),
        (f"UPDATE policy_columns SET title_zh = 'x' WHERE name = {COLUMN}",
         "policy_columns", FIRST),
        ("UPDATE policy_versions SET title_zh = 'x'", "policy_versions", FIRST),
        ("INSERT INTO policy_roles VALUES (1, 'x', 'x', 'x')", "policy_roles", FIRST),
        ("INSERT INTO policy_approvals (plan_id, policy_hash, result_hash, role, said_by, said_at, "
         "note) VALUES ('x', 'x', 'x', 'x', 'x', 'x', 'x')", "policy_approvals", None),
        ("INSERT INTO column_classes VALUES (2, 1, 'annual_purchase', 'public')", "column_classes",
         SECOND),
        ("INSERT INTO settled_events VALUES (3, 1, '')", "settled_events", LAST),
        ("UPDATE log_kinds SET title_en = 'All is well' WHERE kind = 'warning_opened'",
         "log_kinds", None),
        *seldom(
            ("UPDATE rules SET template = replace(template, 'text_zh', 'text_en') "
             "WHERE template IS NOT NULL", "rules", FIRST),
            ("UPDATE rules SET layer = 'management' WHERE kind = 'warning'", "rules", FIRST),
            ("DELETE FROM rules WHERE rule_no = (SELECT max(rule_no) FROM rules)", "rules", FIRST),
            ("UPDATE policy_columns SET type = 'ratio' WHERE type = 'money'",
             "policy_columns", FIRST),
            (f"UPDATE policy_columns SET fact_column = 'other' WHERE name = {COLUMN}",
             "policy_columns", FIRST),
            (f"DELETE FROM policy_columns WHERE name = {COLUMN}", "policy_columns", FIRST),
            ("UPDATE policy_versions SET effective_from = '2001-01-01'", "policy_versions", FIRST),
            ("DELETE FROM log_kinds WHERE kind = 'warning_opened'", "log_kinds", None),
        ),
    ],
)  # fmt: skip
def test_a_changed_row_is_found_with_the_first_night_that_saw_it(
    signed: SignedStore, tampering: str, table: str, run: str | None
) -> None:
    with signed.database() as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(tampering)
    if table == "policy_approvals":  # it came after the last night, and hangs in the air
        assert "plan-missing" in signed.codes()
        return
    assert {(one, where) for _, where, one in found(signed)} == {(table, run)}


def test_rows_that_come_after_a_night_are_covered_by_the_next(signed: SignedStore) -> None:
    """A policy that changes has rows of its own; the hash of an earlier night leaves them out."""
    with signed.database() as connection:
        (table,) = [one for one in SIDE_TABLES if one.name == "rules"]
        before = seen_in(connection, table, 5)
        connection.execute("DELETE FROM rules WHERE rule_no = 6")
        assert seen_in(connection, table, 5) == before
        connection.execute("UPDATE rules SET title_zh = 'x' WHERE rule_no = 5")
        assert seen_in(connection, table, 5) != before


def test_the_entry_of_a_night_says_what_it_has_seen(original: SignedStore) -> None:
    with closing(sqlite3.connect(original.folder / "kam.db")) as connection:
        entries = [
            json.loads(one) for (one,) in connection.execute("SELECT entry FROM checkpoints")
        ]
        assert [one["tables"].keys() for one in entries] == [
            {table.name for table in SIDE_TABLES}
        ] * 3
        rules = connection.execute("SELECT count(*) FROM rules").fetchone()[0]
        assert entries[-1]["tables"]["rules"]["rows"] == rules


def without_tables(entry: str) -> str:
    said = json.loads(entry)
    del said["tables"]
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_an_entry_of_an_earlier_version_says_nothing_and_is_no_fault(signed: SignedStore) -> None:
    """Only that its hash differs is found, since this one was made here."""
    change(signed, without_tables)
    assert found(signed) == set()


def change(store: SignedStore, of: Callable[[str], str]) -> None:
    with store.database() as connection:
        rows = connection.execute("SELECT run_no, entry FROM checkpoints").fetchall()
        for run_no, entry in rows:
            connection.execute(
                "UPDATE checkpoints SET entry = ? WHERE run_no = ?", (of(entry), run_no)
            )
