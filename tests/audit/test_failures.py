"""What goes wrong around the store: each has its message, and leaves the store as it was."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Database

from engine.audit.data_files import require_data_files
from engine.audit.failures import store_errors
from engine.audit.lock import HOLDER_FILE
from engine.audit.schema.migrations import MIGRATIONS
from engine.audit.schema.steps import OUTDATED_ID, STEPS, applied_steps
from engine.audit.store import open_store
from engine.errors import KamError
from tests.audit.sample import DAY, dump, publish, record_run, recorded, sample_policy
from tests.repository.files import ROOT

ROWS = [(f"A{number}", "data_rejected", None, None, None, "x" * 500) for number in range(5000)]


def problem_of(action: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(KamError) as error:
        action()
    (found,) = error.value.problems
    assert found.hint
    return found.code, found.message


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="session")
def one_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory, "one-run", record_run)


@pytest.fixture
def folder(one_run: Path, tmp_path: Path) -> Path:
    """A store with one run."""
    return shutil.copytree(one_run, tmp_path / "store")


def content(folder: Path) -> list[str]:
    with open_store(folder, read_only=True) as store:
        assert store.database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return dump(store)


# --- two runs at once ----------------------------------------------------------------------

HOLDER = """
    import sys
    from pathlib import Path
    from engine.audit.store import open_store
    with open_store(Path(sys.argv[1])) as store, store.lock():
        print("held", flush=True)
        sys.stdin.read()
"""


def test_second_run_is_refused_with_who_holds_the_store(folder: Path) -> None:
    holder = python(HOLDER, folder)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with open_store(folder) as store:
        code, message = problem_of(lambda: store.lock().__enter__())
        assert code == "store-busy"
        assert f"process {holder.pid} on " in message
        assert "since 20" in message
        holder.communicate("")
        with store.lock():
            pass


def test_lock_of_a_killed_run_is_free(folder: Path) -> None:
    holder = python(HOLDER, folder)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert (folder / HOLDER_FILE).exists()
    with open_store(folder) as store, store.lock():
        assert json.loads((folder / HOLDER_FILE).read_text())["pid"] == os.getpid()
    assert not (folder / HOLDER_FILE).exists()


def test_store_can_be_read_while_a_run_holds_it(folder: Path) -> None:
    with open_store(folder) as store, store.lock():
        assert content(folder)


# --- runs that die -------------------------------------------------------------------------

DYING = """
    import os, sys
    from pathlib import Path
    from engine.audit.store import open_store
    from tests.audit.sample import DAY, commit, publish, run_record, sample_policy
    step, folder = sys.argv[1], Path(sys.argv[2])
    store = open_store(folder)
    lock = store.lock(); lock.__enter__()
    run = store.begin("2026-06-30.2"); run.__enter__()
    if step == "before the rename":
        os._exit(9)
    publish(store, run, DAY, [sample_policy()])
    if step == "before the commit":
        os._exit(9)
    def rows():
        for number in range(50_000):
            yield (f"A{number}", "data_rejected", None, None, None, "x" * 500)
        os._exit(9)
    commit(store, run_record("2026-06-30.2", DAY), [sample_policy()], rows())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "left"),
    [
        ("before the rename", ".2026-06-30.2.partial"),
        ("before the commit", "2026-06-30.2"),
        ("in the commit", "2026-06-30.2"),
    ],
)
def test_run_that_dies_leaves_the_last_one_and_is_cleaned_up(
    folder: Path, step: str, left: str
) -> None:
    before = content(folder)
    dying = python(DYING, step, folder)
    assert (dying.communicate()[1], dying.returncode) == ("", 9)
    assert content(folder) == before
    with open_store(folder) as store:
        assert (store.path / "runs" / left).exists()
        with store.lock():
            assert store.clean_up() == (left,)
            assert store.clean_up() == ()
        assert [item.name for item in (folder / "runs").iterdir()] == ["2026-06-30.1"]
        record_run(store)
        last = store.last_run()
        assert last is not None
        assert last.run_id == "2026-06-30.2"


def test_runs_of_a_lost_database_are_not_removed(folder: Path) -> None:
    with open_store(folder) as store:
        record_run(store)
    (folder / "kam.db").unlink()
    code, message = problem_of(lambda: open_store(folder))
    assert code == "store-mismatch"
    assert "2 runs that kam.db does not know, from 2026-06-30.1 to 2026-06-30.2" in message
    assert len(list((folder / "runs").iterdir())) == 2


def test_runs_of_an_older_database_are_not_removed(folder: Path) -> None:
    older = (folder / "kam.db").read_bytes()
    with open_store(folder) as store:
        record_run(store)
        record_run(store)
    (folder / "kam.db").write_bytes(older)
    with open_store(folder) as store, store.lock():
        code, message = problem_of(store.clean_up)
    assert code == "store-mismatch"
    assert "2 runs that kam.db does not know, from 2026-06-30.2 to 2026-06-30.3" in message
    assert len(list((folder / "runs").iterdir())) == 3


@pytest.mark.parametrize("emptied", [False, True])
def test_only_run_of_a_lost_database_is_not_removed(folder: Path, emptied: bool) -> None:
    (folder / "kam.db").unlink()
    if emptied:
        (folder / "kam.db").touch()
    before = sorted(folder.rglob("*"))
    # Twice: the first refusal makes no database in which the run would look like a leftover.
    for options in ({}, {}, {"create": False}, {"read_only": True}):
        code, message = problem_of(lambda o=options: open_store(folder, **o))
        assert code == "store-mismatch"
        assert "a run that kam.db does not know, 2026-06-30.1" in message
    assert sorted(folder.rglob("*")) == before
    shutil.rmtree(folder / "runs" / "2026-06-30.1")
    with open_store(folder) as store:
        record_run(store)


def test_first_run_that_died_before_its_commit_is_cleaned_up(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, store.lock(), store.begin("2026-06-30.1") as run:
        publish(store, run, DAY, [sample_policy()])
    with open_store(tmp_path) as store, store.lock():
        assert store.clean_up() == ("2026-06-30.1",)
        assert list((tmp_path / "runs").iterdir()) == []


def test_clean_up_leaves_what_is_not_a_run(folder: Path) -> None:
    (folder / "runs" / "notes").mkdir()
    (folder / "runs" / "2026-06-30.0").mkdir()
    with open_store(folder) as store, store.lock():
        assert store.clean_up() == ()


# --- stores that are not as expected -------------------------------------------------------


def test_store_of_a_newer_engine_is_refused(folder: Path) -> None:
    with open_store(folder) as store:
        store.database.table(MIGRATIONS.migrations_table).insert(
            {"migration_set": "kam", "name": "m999_later", "applied_at": "2030-01-01"}
        )
    for options in ({}, {"read_only": True}):
        code, message = problem_of(lambda o=options: open_store(folder, **o))
        assert code == "store-newer"
        assert "m999_later" in message


def test_steps_that_stores_are_compared_with_are_the_migrations() -> None:
    anew = Database(memory=True)
    assert [step.name for step in MIGRATIONS.pending(anew)] == list(STEPS)
    assert applied_steps(anew.conn) == set()
    MIGRATIONS.apply(anew)
    assert applied_steps(anew.conn) == set(STEPS)


def test_store_of_the_first_version_is_refused_as_it_is(folder: Path) -> None:
    with open_store(folder) as store:
        store.database.execute(f"PRAGMA application_id = {OUTDATED_ID}")
    before = (folder / "kam.db").read_bytes()
    for options in ({}, {"read_only": True}):
        code, message = problem_of(lambda o=options: open_store(folder, **o))
        assert code == "store-too-old"
        assert str(folder) in message
    assert (folder / "kam.db").read_bytes() == before


def test_store_of_an_older_engine_is_read_only_after_a_run(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    with open_store(folder) as store:
        store.database.table(MIGRATIONS.migrations_table).delete_where("migration_set = 'kam'")
    code, _ = problem_of(lambda: open_store(folder, read_only=True))
    assert code == "store-outdated"


def test_foreign_database_is_not_taken_for_a_store(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "kam.db")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    assert problem_of(lambda: open_store(tmp_path))[0] == "not-a-store"


@pytest.mark.parametrize("damage", ["no database at all, but a text", "cut", "overwritten"])
def test_damaged_store_says_so(folder: Path, damage: str) -> None:
    file = folder / "kam.db"
    if damage == "cut":
        os.truncate(file, file.stat().st_size // 2)
    elif damage == "overwritten":
        with file.open("r+b") as stream:
            stream.seek(100)
            stream.write(b"\xff" * 4000)
    else:
        file.write_bytes(damage.encode() * 100)
    code, message = problem_of(lambda: open_store(folder))
    assert code == "store-corrupt"
    assert str(folder) in message


def test_file_in_place_of_the_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")
    assert problem_of(lambda: open_store(tmp_path / "store"))[0] == "store-not-a-folder"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "runs").write_text("a file")
    assert problem_of(lambda: open_store(tmp_path / "other"))[0] == "store-not-a-folder"


# --- disks that are full or cannot be written ----------------------------------------------


def test_full_database_loses_nothing(folder: Path) -> None:
    before = content(folder)
    with open_store(folder) as store:
        pages = store.database.execute("PRAGMA page_count").fetchone()[0]
        store.database.execute(f"PRAGMA max_page_count = {pages + 20}")
        code, _ = problem_of(lambda: record_run(store, ROWS))
    assert code == "store-full"
    assert content(folder) == before
    assert [item.name for item in (folder / "runs").iterdir()] == ["2026-06-30.1"]


FULL = """
    import resource, sys
    from pathlib import Path
    from engine.audit.store import open_store
    from engine.errors import KamError
    from tests.audit.sample import record_run
    rows = [(f"A{n}", "data_rejected", None, None, None, "x" * 500) for n in range(50_000)]
    with open_store(Path(sys.argv[1])) as store:
        record_run(store)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        try:
            record_run(store, rows)
        except KamError as error:
            print(error.problems[0].code)
"""


@pytest.mark.slow
def test_file_size_limit_loses_nothing(tmp_path: Path) -> None:
    process = python(FULL, tmp_path / "store")
    out, err = process.communicate()
    assert out in ("store-io-error\n", "store-full\n"), err
    with open_store(tmp_path / "store") as store:
        assert [run.run_id for run in store.runs()] == ["2026-06-30.1"]
        assert store.database.table("decision_log").count == 2
        record_run(store, ROWS)
        assert store.database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


FULL_DATA = """
    import resource, sys
    from pathlib import Path
    import duckdb
    from engine.audit.data_files import data_file_errors
    from engine.audit.store import open_store
    from engine.errors import KamError
    with open_store(Path(sys.argv[1])) as store, store.lock(), duckdb.connect() as connection:
        connection.execute("CREATE TABLE facts AS SELECT random() AS x FROM range(1000000)")
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            with store.begin("2026-06-30.2") as run, data_file_errors(store.path):
                connection.table("facts").write_parquet(str(run.path / "facts.parquet"))
        except KamError as error:
            print(error.problems[0].code)
"""


def test_full_disk_while_data_files_are_written_loses_nothing(folder: Path) -> None:
    before = content(folder)
    out, err = python(FULL_DATA, folder).communicate()
    assert out == "store-full\n", err
    assert content(folder) == before
    assert [item.name for item in (folder / "runs").iterdir()] == ["2026-06-30.1"]


def test_store_that_sqlite_cannot_write_says_so(folder: Path) -> None:
    before = content(folder)
    with open_store(folder) as store:
        store.database.execute("PRAGMA query_only = 1")
        assert problem_of(lambda: record_run(store))[0] == "store-read-only"
    assert content(folder) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_folder_without_permission_says_so(folder: Path) -> None:
    (folder / "runs").chmod(0o500)
    try:
        with open_store(folder) as store:
            assert problem_of(lambda: record_run(store))[0] == "store-read-only"
    finally:
        (folder / "runs").chmod(0o700)


@pytest.mark.parametrize(
    ("number", "code"),
    [(28, "store-full"), (30, "store-read-only"), (13, "store-read-only"), (5, "store-io-error")],
)
def test_errors_of_the_system_have_codes(tmp_path: Path, number: int, code: str) -> None:
    def fail() -> None:
        with store_errors(tmp_path):
            raise OSError(number, os.strerror(number))

    assert problem_of(fail)[0] == code


# --- Ctrl-C around the commit --------------------------------------------------------------


class Interrupted:
    """A connection at which somebody presses Ctrl-C before or after a statement."""

    def __init__(self, connection: sqlite3.Connection, statement: str, after: bool) -> None:
        self._connection, self._statement, self._after = connection, statement, after

    def execute(self, sql: str, *arguments: object) -> sqlite3.Cursor:
        if sql == self._statement and not self._after:
            raise KeyboardInterrupt
        cursor = self._connection.execute(sql, *arguments)
        if sql == self._statement:
            raise KeyboardInterrupt
        return cursor

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


def interrupt(folder: Path, statement: str, *, after: bool) -> None:
    with open_store(folder) as store:
        store.connection = Interrupted(store.connection, statement, after)
        with pytest.raises(KeyboardInterrupt):
            record_run(store, ROWS)


def test_interrupt_after_the_commit_keeps_the_run_and_its_folder(folder: Path) -> None:
    interrupt(folder, "COMMIT", after=True)
    assert content(folder)
    with open_store(folder) as store:
        last = store.last_run()
        assert last is not None
        assert (last.run_id, last.last_seq - last.first_seq + 1) == ("2026-06-30.2", 5001)
        require_data_files(last, whole=True)
        with store.lock():
            assert store.clean_up() == ()
        record_run(store)
        assert next(run.run_id for run in store.runs()) == "2026-06-30.3"


@pytest.mark.parametrize(
    ("statement", "after", "left"),
    [("COMMIT", False, ()), ("BEGIN IMMEDIATE", True, ("2026-06-30.2",))],
)
def test_interrupt_before_the_commit_leaves_at_most_what_is_cleaned_up(
    folder: Path, statement: str, after: bool, left: tuple[str, ...]
) -> None:
    before = content(folder)
    interrupt(folder, statement, after=after)
    assert content(folder) == before
    with open_store(folder) as store:
        with store.lock():
            assert store.clean_up() == left
        assert [item.name for item in (folder / "runs").iterdir()] == ["2026-06-30.1"]
        record_run(store, ROWS)


def test_run_that_fails_before_it_is_published_takes_its_folder_away(folder: Path) -> None:
    with open_store(folder) as store, store.lock():
        with pytest.raises(ZeroDivisionError), store.begin("2026-06-30.2"):
            raise ZeroDivisionError
        assert store.clean_up() == ()


def test_run_that_fails_after_it_is_published_is_cleaned_up(folder: Path) -> None:
    with open_store(folder) as store, store.lock():
        with pytest.raises(ZeroDivisionError), store.begin("2026-06-30.2") as run:  # noqa: PT012
            publish(store, run, DAY, [sample_policy()])
            raise ZeroDivisionError
        assert store.clean_up() == ("2026-06-30.2",)
