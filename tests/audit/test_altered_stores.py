"""Nothing is written to a store whose triggers or views are not those that kam makes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from engine.audit.leaves import store_salt
from engine.audit.run_folder import folder_of, own_folder_of
from engine.audit.schema.known import altered_triggers_and_views, known_triggers_and_views
from engine.audit.schema.migrations import MIGRATIONS
from engine.audit.store import open_store
from engine.errors import KamError
from tests.books.triggers import without_triggers

PLANTED = (
    "CREATE TRIGGER tidy AFTER INSERT ON decision_log "
    "BEGIN UPDATE decision_log SET to_value = 'FORGED' WHERE seq = new.seq; END"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with open_store(tmp_path / "store"):
        pass
    return tmp_path / "store"


def execute(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "kam.db", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_known_triggers_and_views_are_those_of_a_new_store() -> None:
    database = Database(memory=True)
    MIGRATIONS.apply(database)
    rows = database.execute("SELECT type, name, sql FROM sqlite_master WHERE type <> 'table'")
    made = {(kind, name): sql for kind, name, sql in rows.fetchall() if kind != "index"}
    assert made == known_triggers_and_views()
    assert list(altered_triggers_and_views(database.conn)) == []
    database.close()


@pytest.mark.parametrize(("statements", "said"), [
    ((PLANTED,), "trigger tidy is foreign"),
    (("DROP TRIGGER runs_no_update",), "trigger runs_no_update is missing"),
    (("CREATE VIEW theirs AS SELECT 1",), "view theirs is foreign"),
    (("DROP VIEW decision_log_lines",), "view decision_log_lines is missing"),
    (("DROP VIEW event_lines", "CREATE VIEW event_lines AS SELECT 1"),
     "view event_lines is altered"),
])  # fmt: skip
def test_store_with_other_triggers_or_views_is_not_opened_for_writing(
    folder: Path, statements: tuple[str, ...], said: str
) -> None:
    execute(folder, *statements)
    with pytest.raises(KamError) as error:
        open_store(folder)
    (found,) = error.value.problems
    assert found.code == "store-altered"
    assert said in found.message
    assert str(folder) in found.message
    assert found.hint is not None and "kam verify" in found.hint
    with open_store(folder, read_only=True, as_it_is=True) as store:  # so that it can be verified
        assert store.last_run() is None


@pytest.mark.parametrize("statements", [
    ("CREATE VIEW theirs AS SELECT 1",),
    ("DROP VIEW decision_log_lines",),
    ("DROP VIEW event_lines", "CREATE VIEW event_lines AS SELECT 1"),
])  # fmt: skip
def test_store_with_other_views_is_not_read_through_them(
    folder: Path, statements: tuple[str, ...]
) -> None:
    execute(folder, *statements)
    with pytest.raises(KamError, match="it is not read") as error:
        open_store(folder, read_only=True)
    assert [one.code for one in error.value.problems] == ["store-altered"]


def test_store_without_a_trigger_is_read(folder: Path) -> None:
    """Nothing that is there already changes for it; `kam verify` names it."""
    execute(folder, "DROP TRIGGER runs_no_update")
    with open_store(folder, read_only=True) as store:
        assert store.last_run() is None


def test_many_differences_are_counted(folder: Path) -> None:
    with (
        closing(sqlite3.connect(folder / "kam.db", isolation_level=None)) as connection,
        pytest.raises(KamError, match=r"and \d+ more"),
        without_triggers(connection),
    ):
        open_store(folder)


def test_store_that_stays_open_is_looked_at_again_when_its_schema_changes(folder: Path) -> None:
    with open_store(folder) as store:
        with store.lock():
            pass
        execute(folder, PLANTED)
        with pytest.raises(KamError, match="trigger tidy is foreign"), store.lock():
            pytest.fail("the lock must not be given")
        execute(folder, "DROP TRIGGER tidy")
        with store.lock():
            pass


def test_store_of_an_older_version_with_a_foreign_trigger_is_not_brought_up_to_date(
    folder: Path,
) -> None:
    last = "m008_roles"
    execute(
        folder,
        "DROP TABLE policy_roles",
        f"DELETE FROM _sqlite_migrations WHERE name = '{last}'",
        PLANTED,
    )
    with pytest.raises(KamError, match="trigger tidy is foreign"):
        open_store(folder)
    execute(folder, "DROP TRIGGER tidy")
    with open_store(folder) as store:
        assert store.database.table("policy_roles").exists()


# --- folders of runs ------------------------------------------------------------------------


@pytest.mark.parametrize("run_id", ["", "..", "../2026-06-30.1", "2026-06-30.1/..", "/etc", "x"])
def test_no_id_of_a_run_leads_out_of_the_store(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(KamError, match="store-altered"):
        folder_of(tmp_path, run_id)


def test_folder_that_is_a_link_is_not_written_to(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "2026-06-30.1").symlink_to(elsewhere)
    assert folder_of(tmp_path, "2026-06-30.1").is_dir()
    with pytest.raises(KamError, match="is a link to another place"):
        own_folder_of(tmp_path, "2026-06-30.1")


def test_lost_secret_is_said(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "kam.db", isolation_level=None)) as connection:
        with without_triggers(connection):
            connection.execute("DELETE FROM commitment_salt")
        with pytest.raises(KamError, match="commitment_salt"):
            store_salt(connection)
