"""Leaves are put together by hand, by SQLite and by DuckDB; what comes out is RFC 8785."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from hashlib import sha256
from itertools import chain
from pathlib import Path

import duckdb
import pytest

from engine.audit.leaves import (
    Leaf,
    LineLeaves,
    Salt,
    store_salt,
)
from engine.audit.parquet_leaves import decision_hashes, decision_leaves, line_hashes
from engine.evidence.canonical import canonical
from engine.evidence.merkle import leaf_hash
from tests.verification.store import RUNS, SignedStore

HOSTILE = "".join(map(chr, range(1, 0x21))) + '"\\/\x7f\u2028 重点客户 \U0001f600'
LOG_COLUMNS = ("account_id", "kind", "rule_no", "from_value", "to_value", "evidence")
ACTION_COLUMNS = (
    *("action_id", "cause_id", "account_id", "account_name", "rule_no", "template_no", "level"),
    *("owner_role", "owner", "priority", "opened_on", "due_on", "evidence"),
)
SECRET = Salt(b"s" * 32, RUNS[0])


def require_sound(leaves: Iterable[Leaf], *, opened: bool) -> None:
    """Canonical, and each commitment is to what opens it."""
    for leaf in leaves:
        said = json.loads(leaf.content)
        assert canonical(said) == leaf.content
        if leaf.opened is None:
            assert said["sealed"] == {} and not opened
            continue
        salt, text = leaf.opened
        assert [*said["sealed"].values()] == [sha256(salt + text.encode()).hexdigest()]


@pytest.mark.parametrize("hostile", ["", HOSTILE])
def test_lines_and_actions_are_canonical(signed: SignedStore, hostile: str) -> None:
    with signed.database() as connection:
        if hostile:
            connection.execute(
                "UPDATE decision_log SET account_id = ?, from_value = ?, to_value = ?, "
                "evidence = ? WHERE seq % 2 = 0",
                (hostile, hostile, None, hostile),
            )
            connection.execute(
                "UPDATE actions SET account_id = ?, account_name = ?, level = ?, evidence = ?",
                (hostile, hostile, hostile, json.dumps({"name": hostile})),
            )
        lines = LineLeaves(connection, Salt(store_salt(connection), RUNS[0]))
        spans: list[tuple[str, Callable[[int, int], Iterable[Leaf]], bool]] = [
            ("decision_log", lines.log_leaves, False),
            ("actions", lines.action_leaves, True),
        ]
        for table, leaves_of, opened in spans:
            ((count,),) = connection.execute(f"SELECT count(*) FROM {table}")
            leaves = list(leaves_of(1, count))
            assert len(leaves) == count > 0
            require_sound(leaves, opened=opened)
            hashes = lines.log if table == "decision_log" else lines.actions
            assert [*chain.from_iterable(hashes(1, count))] == [
                leaf_hash(leaf.content) for leaf in leaves
            ]
        assert lines.log_leaf(2) == list(lines.log_leaves(1, 3))[1]
        assert lines.action_leaf(1) == next(iter(lines.action_leaves(1, 1)))


def test_a_line_has_the_same_leaf_on_its_way_into_the_store_and_there(
    signed: SignedStore, tmp_path: Path
) -> None:
    with signed.database() as connection, duckdb.connect() as database:
        lines = LineLeaves(connection, Salt(store_salt(connection), RUNS[0]))
        for part, table, columns, hashes in (
            ("log", "decision_log", LOG_COLUMNS, lines.log),
            ("actions", "actions", ACTION_COLUMNS, lines.actions),
        ):
            key = "seq" if part == "log" else "action_no"
            ((count,),) = connection.execute(f"SELECT count(*) FROM {table}")
            for column in ("account_id", "evidence", "from_value", "account_name"):
                if column in columns:
                    connection.execute(
                        f"UPDATE {table} SET {column} = ? WHERE {key} % 2 = 0", (HOSTILE,)
                    )
            rows = connection.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {key}")
            types = [f"{one} {'INTEGER' if one.endswith('_no') else 'VARCHAR'}" for one in columns]
            database.execute(f"CREATE TABLE {part} ({', '.join(types)})")
            database.executemany(
                f"INSERT INTO {part} VALUES ({', '.join('?' * len(columns))})", rows.fetchall()
            )
            file = tmp_path / f"{part}.parquet"
            database.table(part).write_parquet(os.fspath(file))
            passing = line_hashes(database, file, lines.texts, part, 1, range(count))
            assert count > 1
            assert [*chain.from_iterable(passing)] == [*chain.from_iterable(hashes(1, count))]


def test_an_action_opens_to_its_name_and_what_it_saw(signed: SignedStore) -> None:
    with signed.database() as connection:
        connection.execute("UPDATE actions SET account_name = NULL, evidence = ?", (HOSTILE,))
        leaf = LineLeaves(connection, Salt(store_salt(connection), RUNS[0])).action_leaf(1)
    assert leaf.opened is not None
    assert leaf.opened[1].encode() == canonical({"evidence": HOSTILE, "name": None})


def test_a_line_of_an_unknown_rule_still_has_a_leaf(signed: SignedStore) -> None:
    with signed.database() as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("UPDATE decision_log SET rule_no = 987654 WHERE seq = 2")
        leaf = LineLeaves(connection, Salt(store_salt(connection), RUNS[0])).log_leaf(2)
    assert json.loads(leaf.content)["rule"] == 987654


@pytest.mark.parametrize("account", ["a1", HOSTILE, "\x1f", "\x0b\x1b"])
def test_decisions_are_canonical(signed: SignedStore, tmp_path: Path, account: str) -> None:
    kept, file = signed.run_folder() / "decisions.parquet", tmp_path / "decisions.parquet"
    with duckdb.connect() as database:
        database.execute("CREATE TABLE given AS SELECT $account AS account", {"account": account})
        database.read_parquet(os.fspath(kept)).create("kept")
        database.sql(
            "SELECT kept.* REPLACE (CASE WHEN account_id IS NOT NULL THEN account END "
            "AS account_id) FROM kept, given"
        ).write_parquet(os.fspath(file))
        ((count,),) = database.sql("SELECT count(*) FROM kept").fetchall()
        leaves = decision_leaves(database, file, SECRET, range(count))
        hashes = [*chain.from_iterable(decision_hashes(database, file, SECRET))]
    require_sound(leaves, opened=True)
    assert hashes == [leaf_hash(leaf.content) for leaf in leaves]
    assert {json.loads(leaf.content)["account"] for leaf in leaves} <= {account, None}
