"""Whatever stands in a row of kam.db: `kam verify` ends with a verdict, and never stops."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.audit.leaves import store_salt
from engine.audit.store import open_store
from engine.errors import KamError
from engine.verification.verify import verify_store
from kam import main
from tests.books.triggers import without_triggers
from tests.night.book import Book
from tests.often import seldom
from tests.verification.store import RUNS, SignedStore, signed_store

WRONG = {
    "TEXT": ("'zz'", "CAST(x'ff' AS TEXT)", "NULL", "'[]'", "CAST(x'00' AS TEXT)"),
    "INTEGER": ("-1", "9223372036854775807", "NULL", "1099511627776"),
    "BLOB": ("x'00'", "NULL"),
}
"""By the type of a column: what nobody writes, and what breaks most readers."""


PARTS = 6
"""Of all statements, so that none takes longer than a test may."""


@dataclass
class Column:
    table: str
    name: str
    type: str


def columns(connection: sqlite3.Connection) -> Iterator[Column]:
    rows = connection.execute(
        "SELECT m.name, c.name, c.type FROM sqlite_master AS m, pragma_table_info(m.name) AS c "
        "WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY 1, c.cid"
    )
    for table, name, kind in rows.fetchall():
        yield Column(table, name, kind)


def damages(store: SignedStore, tables: Sequence[str] | None = None) -> Iterator[str]:
    """Statements that each damage one row: of all tables, with every wrong value; or of some
    tables, with one wrong value for each column, in turn."""
    with closing(sqlite3.connect(store.folder / "kam.db")) as connection:
        every = list(columns(connection))
        last = {table: _a_row(connection, table) for table in {one.table for one in every}}
    for table in sorted(last) if tables is None else tables:
        yield f"DELETE FROM {table} WHERE {last[table]}"
    for number, one in enumerate(every):
        if tables is None or one.table in tables:
            wrong = WRONG[one.type]
            for value in wrong if tables is None else (wrong[number % len(wrong)],):
                where = last[one.table]
                yield f"UPDATE {one.table} SET {one.name} = {value} WHERE {where}"


def _a_row(connection: sqlite3.Connection, table: str) -> str:
    """A condition that holds of one row in the middle."""
    info = connection.execute(f"PRAGMA table_info({table})").fetchall()
    keys = [name for _, name, _, _, _, place in info if place]
    listed = ", ".join(keys)
    middle = f"(SELECT count(*) / 2 FROM {table})"
    return f"({listed}) = (SELECT {listed} FROM {table} LIMIT 1 OFFSET {middle})"


def crashes(store: SignedStore, statements: Iterator[str]) -> list[str]:
    """The statements after which there was no verdict; a refusal that says why is none either,
    but for a reader it is an answer."""
    file = store.folder / "kam.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    sound, failed, tried = file.read_bytes(), [], 0
    for statement in statements:
        file.write_bytes(sound)
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            for setting in ("ignore_check_constraints = ON", "synchronous = OFF"):
                connection.execute(f"PRAGMA {setting}")
            try:
                with without_triggers(connection):
                    connection.execute(statement)
            except sqlite3.IntegrityError:  # NULL or a text, where the table takes none
                continue
        tried += 1
        try:
            verify_store(store.folder, (store.verifier,))
        except Exception as error:  # noqa: BLE001 - of any kind: that is the claim
            failed.append(f"{statement}: {error!r}")
    assert tried
    return failed


@pytest.mark.parametrize("table", [
    "runs", "checkpoints", "commitment_salt", "leaf_marks", "event_runs", "events",
])  # fmt: skip
def test_verify_ends_with_a_verdict_whatever_a_row_says(told_again: Book, table: str) -> None:
    store = signed_store(told_again.root)
    assert crashes(store, damages(store, [table])) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_verify_ends_with_a_verdict_whatever_any_row_of_any_table_says(
    told_again: Book, part: int
) -> None:
    store = signed_store(told_again.root)
    assert crashes(store, islice(damages(store), part, None, PARTS)) == []


@pytest.mark.parametrize(("column", "value", "said"), [
    ("as_of", "zz", "'as_of' is 'zz', which is not a day"),
    ("as_of", "20260701", "'as_of' is '20260701', which is not a day"),
    ("started_at", "2026-07-01", "'started_at' is '2026-07-01', which is not a time of UTC"),
    ("finished_at", "zz", "'finished_at' is 'zz', which is not a time of UTC"),
    ("counts", "x", "'counts' is 'x', which is not an object of JSON"),
    ("counts", "[]", "'counts' is '[]', which is not an object of JSON"),
    ("folder", "../../w/store/runs/2026-07-01.1", "'folder' is '../../w/store/runs/2026-07-01.1'"),
    ("folder", "", "'folder' is ''"),
])  # fmt: skip
def test_row_of_a_run_that_cannot_be_read_is_named_by_verify_and_refused_by_everybody_else(
    signed: SignedStore, column: str, value: str, said: str
) -> None:
    signed.execute(f"UPDATE runs SET {column} = ? WHERE run_no = 2", value)
    named = [one for one in signed.verify().findings if said in one.message]
    assert [(one.code, one.run) for one in named] == [("run-altered", RUNS[1])]
    with (
        open_store(signed.folder, read_only=True) as store,
        pytest.raises(KamError, match="store-altered") as error,
    ):
        list(store.runs())
    assert said in error.value.problems[0].message


def test_day_that_cannot_be_read_is_said_once(signed: SignedStore) -> None:
    """The rest of the run is checked by what its checkpoint says."""
    signed.execute("UPDATE runs SET as_of = 'zz' WHERE run_no = 3")
    assert [one.code for one in signed.verify().findings] == ["run-altered"]


def test_lost_secret_of_the_commitments_is_a_finding(signed: SignedStore) -> None:
    with signed.database() as connection:
        connection.execute("DELETE FROM commitment_salt")
        with pytest.raises(KamError, match="store-altered"):
            store_salt(connection)
    verdict = signed.verify()
    assert [one.code for one in verdict.findings] == ["salt-missing"]
    assert (verdict.decisions, verdict.leaves) == (0, 0)


def test_store_whose_checkpoints_are_all_gone_is_not_sound_for_whoever_has_a_key(
    signed: SignedStore,
) -> None:
    with signed.database() as connection:
        connection.execute("DELETE FROM checkpoints")
        connection.execute("DELETE FROM leaf_marks")
    assert "checkpoint-unsigned" in signed.codes()


def test_line_slipped_in_behind_the_last_run_does_not_become_one_of_it(
    signed: SignedStore,
) -> None:
    signed.execute("INSERT INTO decision_log (run_no, account_id, kind) "
                   "VALUES (3, 'a1', 'tier_moved')")  # fmt: skip
    signed.execute("UPDATE runs SET last_seq = last_seq + 1 WHERE run_no = 3")
    (found,) = [one for one in signed.verify().findings if "its last line is" in one.message]
    assert (found.code, found.run) == ("run-altered", RUNS[2])


@pytest.mark.parametrize("file", ["../../victim.txt", "decisions.parquet", "", "facts.parquet/.."])
def test_file_that_expires_is_one_of_a_known_few(signed: SignedStore, file: str) -> None:
    signed.execute("INSERT INTO expired_files VALUES (1, ?, '2026-07-02')", file)
    assert "expiry-altered" in signed.codes()


def test_expiry_on_no_day_is_named(signed: SignedStore) -> None:
    signed.execute("INSERT INTO expired_files VALUES (1, 'facts.parquet', 'zz')")
    assert "expiry-altered" in signed.codes()


@pytest.mark.parametrize(("command", "column"), [
    (["runs"], "counts"), (["status"], "as_of"), (["accounts"], "folder"),
    *seldom(
        (["runs"], "as_of"), (["status"], "folder"), (["accounts"], "counts"),
        (["runs"], "folder"), (["status"], "counts"), (["accounts"], "as_of"),
    ),
])  # fmt: skip
def test_commands_refuse_a_row_that_cannot_be_read_and_say_what_to_do(
    told_again: Book, command: list[str], column: str
) -> None:
    signed_store(told_again.root).execute(f"UPDATE runs SET {column} = 'x' WHERE run_no = 4")
    result = CliRunner().invoke(main, [*command, "-w", str(told_again.root)])
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code != 70
    assert "store-altered" in result.stderr
    assert "kam verify" in result.stderr


def test_verify_says_it_with_exit_code_1(told_again: Book) -> None:
    signed_store(told_again.root).execute("UPDATE runs SET counts = 'x' WHERE run_no = 4")
    result = CliRunner().invoke(main, ["verify", str(told_again.root)])
    assert result.exit_code == 1
    assert "'counts' is 'x'" in result.stdout


def test_numbers_beyond_all_bounds_take_no_time(signed: SignedStore, tmp_path: Path) -> None:
    """A checkpoint that claims a billion lines is answered without counting them."""
    for column in ("decisions", "log_lines", "actions"):
        copy = tmp_path / column
        shutil.copytree(signed.folder, copy)
        SignedStore(copy, signed.verifier).execute(
            f"UPDATE checkpoints SET {column} = 1000000000000 WHERE run_no = 2"
        )
        assert not verify_store(copy).is_sound
