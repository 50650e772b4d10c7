"""The records that the last night leaves for the day."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from engine.audit import day_files
from engine.audit.day_files import (
    forget_records,
    open_records,
    remove_earlier_records,
    write_records,
)
from engine.audit.personal.forgetting import finish_forgettings, forget
from engine.audit.store import open_store
from engine.backup.restoring import restore_backup
from engine.backup.taking import take_backup
from engine.day.reading import NightAccounts
from engine.errors import KamError
from engine.runner import run_night
from engine.verification.verify import verify_store
from tests.books.shared import shared
from tests.day.conftest import small_night
from tests.day.nights import last_night
from tests.day.small import NIGHT

AT = datetime(2026, 7, 1, 8, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """The workspace of a few accounts after its night: a copy of one's own."""
    shutil.copytree(shared(tmp_path_factory, "few", small_night), tmp_path / "workspace")
    return tmp_path / "workspace"


def folder(workspace: Path, run: str = f"{NIGHT}.1") -> Path:
    return workspace / "store" / "runs" / run


def rows(file: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        return connection.read_parquet(str(file)).fetchall()


def forgotten(workspace: Path, account: str) -> int:
    with open_store(workspace / "store") as store, store.lock():
        said = forget(store.connection, store.path, account, "Ning", "asked", AT)
    return said.values


def test_a_night_leaves_what_it_reads_of_records_in_order(workspace: Path) -> None:
    records = open_records(folder(workspace))
    assert sorted(records.files) == ["issues", "orders"]  # nobody reads notes
    assert [row[0] for row in rows(records.files["orders"])] == [0, 0, 1]
    said = json.loads((folder(workspace) / "records" / "hashes.json").read_bytes())
    assert said["personal"] == {"issues": ["person"], "orders": []}


def test_rows_stand_in_order_of_accounts_wherever_they_stood(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE record_x AS SELECT (7919 * i) % 1000 AS account_no FROM range(5000) t(i)"
        )
        write_records(connection, tmp_path, tmp_path.name, {"x": ()})
    numbers = [row[0] for row in rows(tmp_path / "records" / "x.parquet")]
    assert numbers == sorted(numbers)


def test_only_the_last_night_keeps_records(workspace: Path) -> None:
    later = NIGHT + timedelta(days=1)
    run_night(workspace, later)
    assert not (folder(workspace) / "records").exists()
    assert open_records(folder(workspace, f"{later}.1")).files


def test_a_night_that_is_repeated_writes_them_again(workspace: Path) -> None:
    before = {path.name: path.read_bytes() for path in (folder(workspace) / "records").iterdir()}
    for path in (folder(workspace) / "records").iterdir():
        path.unlink()
    assert run_night(workspace, NIGHT).repeated
    after = {path.name: path.read_bytes() for path in (folder(workspace) / "records").iterdir()}
    assert after == before


def test_they_are_no_evidence_and_in_no_backup(workspace: Path, tmp_path: Path) -> None:
    assert verify_store(workspace / "store", ()).is_sound
    take_backup(workspace / "store", tmp_path / "backup.tar")
    restored = restore_backup(tmp_path / "backup.tar", tmp_path / "restored")
    assert restored.verdict.is_sound
    with pytest.raises(KamError, match="are gone"):
        open_records(tmp_path / "restored" / "runs" / f"{NIGHT}.1")


def test_an_account_that_is_forgotten_is_in_them_no_more(workspace: Path) -> None:
    assert forgotten(workspace, "A1") >= 2  # its contact, and who called
    records = open_records(folder(workspace))
    assert [row[0] for row in rows(records.files["orders"])] == [1]
    assert [row[0] for row in rows(records.files["issues"])] == [1]
    with last_night(workspace) as (night, _), NightAccounts(night) as accounts:
        found = accounts.read(["A1", "A2"])
    assert (found["A1"].is_forgotten, found["A2"].is_forgotten) == (True, False)
    assert found["A1"].records == {"issues": (), "orders": ()}
    assert found["A1"].facts["contact"] is None
    assert verify_store(workspace / "store", ()).is_sound


def test_who_dies_while_forgetting_leaves_files_that_can_be_read(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = list(range(8))
    replace = Path.replace
    for last in steps:
        left = [last]

        def dies(self: Path, target: Path, left: list[int] = left) -> Path:
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", dies)
        try:
            with duckdb.connect() as connection:
                forget_records(connection, folder(workspace), "A1")
        except KeyboardInterrupt:
            assert open_records(folder(workspace)).files
        else:
            break
    assert 0 < last < max(steps)
    monkeypatch.undo()
    records = open_records(folder(workspace))
    assert records.forgotten == {0}
    assert [row[0] for row in rows(records.files["orders"])] == [1]


def test_a_run_goes_on_with_a_forgetting_that_died(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(day_files, "_rewrite", dies)
        with pytest.raises(KeyboardInterrupt):
            forgotten(workspace, "A1")
    with open_store(workspace / "store") as store, store.lock():
        finish_forgettings(store.connection, store.path)
    assert open_records(folder(workspace)).forgotten == {0}


def test_records_of_another_run_are_not_taken(workspace: Path) -> None:
    other = folder(workspace).with_name("2026-06-30.2")
    folder(workspace).rename(other)
    with pytest.raises(KamError, match="not as the night wrote it"):
        open_records(other)


@pytest.mark.parametrize("name", ["../../../victim.parquet", "orders.parquet/../x.parquet"])
def test_records_outside_their_folder_are_neither_read_nor_rewritten(
    workspace: Path, name: str
) -> None:
    """hashes.json says which files there are; who is forgotten is taken out of them."""
    run = folder(workspace)
    victim = workspace / "victim.parquet"
    victim.write_bytes((run / "records" / "orders.parquet").read_bytes())
    before = victim.read_bytes()
    file = run / "records" / "hashes.json"
    said = json.loads(file.read_text(encoding="utf-8"))
    said["files"][name] = said["files"]["orders.parquet"]
    file.write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(KamError, match="not as the night wrote it"):
        open_records(run)
    with duckdb.connect() as files, pytest.raises(KamError, match="not as the night wrote it"):
        forget_records(files, run, "A1")
    assert victim.read_bytes() == before


def test_no_records_are_removed_through_a_link(workspace: Path) -> None:
    elsewhere = workspace / "elsewhere"
    (elsewhere / "records").mkdir(parents=True)
    folder(workspace).with_name("2026-06-30.2").symlink_to(elsewhere, target_is_directory=True)
    remove_earlier_records(folder(workspace).parent, folder(workspace).name)
    assert (elsewhere / "records").is_dir()
