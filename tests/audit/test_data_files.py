"""The files of earlier runs: gone, cut or damaged ones are named, with what to do."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb
import pytest

from engine.audit.data_files import read_manifest, reading_errors, require_data_files
from engine.audit.store import Run, open_store
from engine.errors import KamError
from tests.audit.sample import Decision, record_run, recorded

FILES = (
    *("decisions.parquet", "facts.parquet", "obligations.parquet", "manifest.json"),
    *("inputs/owners.parquet", "inputs/timed_records.parquet"),
)


@pytest.fixture(scope="session")
def one_decision(tmp_path_factory: pytest.TempPathFactory) -> Path:
    decisions: list[Decision] = [("A1", "华东重工", "d", "strategic")]
    record = partial(record_run, decisions=decisions)
    return recorded(tmp_path_factory, "one-decision", record)


@pytest.fixture
def run(one_decision: Path, tmp_path: Path) -> Run:
    shutil.copytree(one_decision, tmp_path, dirs_exist_ok=True)
    with open_store(tmp_path, read_only=True) as store:
        found = store.last_run()
    assert found is not None
    return found


def problem_of(action: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(KamError) as error:
        action()
    (found,) = error.value.problems
    assert "restore the folder of the run from a backup" in (found.hint or "")
    return found.code, found.message


def flip(file: Path, position: int) -> None:
    content = bytearray(file.read_bytes())
    content[position] ^= 0xFF
    file.write_bytes(content)


def test_files_as_recorded_are_accepted(run: Run) -> None:
    require_data_files(run)
    require_data_files(run, whole=True)
    assert read_manifest(run)["run"] == run.run_id


@pytest.mark.parametrize("name", FILES)
def test_missing_file_is_named(run: Run, name: str) -> None:
    (run.path / name).unlink()
    code, message = problem_of(lambda: require_data_files(run))
    assert code == "missing-run-file"
    assert message == f"{name} of run 2026-06-30.1 is missing: there is no {run.path / name}"


def test_missing_folder_is_named(run: Run) -> None:
    run.path.rename(run.path.with_name("elsewhere"))
    assert problem_of(lambda: require_data_files(run))[0] == "missing-run-file"
    run.path.write_text("a file")
    assert problem_of(lambda: require_data_files(run))[0] == "missing-run-file"


@pytest.mark.parametrize("name", FILES)
def test_folder_in_place_of_a_file_is_named(run: Run, name: str) -> None:
    (run.path / name).unlink()
    (run.path / name).mkdir()
    code, message = problem_of(lambda: require_data_files(run))
    assert code == "unreadable-run-file"
    assert message.startswith(f"{name} of run 2026-06-30.1 cannot be read: ")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("change", [-1, 1])
def test_file_of_another_size_is_refused(run: Run, name: str, change: int) -> None:
    content = (run.path / name).read_bytes()
    (run.path / name).write_bytes(content[:-1] if change < 0 else content + b"1")
    code, message = problem_of(lambda: require_data_files(run))
    assert code == "unreadable-run-file"
    assert name in message
    if name != "manifest.json":
        assert f"it has {len(content) + change:,} bytes instead of {len(content):,}" in message


def test_empty_file_is_refused(run: Run) -> None:
    (run.path / "facts.parquet").write_bytes(b"")
    _, message = problem_of(lambda: require_data_files(run))
    assert "it has 0 bytes instead of" in message


@pytest.mark.parametrize("position", [0, 3, -4, -1])
def test_file_that_is_no_parquet_is_refused(run: Run, position: int) -> None:
    flip(run.path / "decisions.parquet", position)
    assert problem_of(lambda: require_data_files(run))[0] == "unreadable-run-file"


def test_damage_in_the_middle_is_found_where_the_whole_file_is_asked_for(run: Run) -> None:
    flip(run.path / "decisions.parquet", 100)
    require_data_files(run)
    code, message = problem_of(lambda: require_data_files(run, whole=True))
    assert code == "unreadable-run-file"
    assert "decisions.parquet of run 2026-06-30.1" in message


def test_only_the_files_asked_for_are_required(run: Run) -> None:
    (run.path / "facts.parquet").unlink()
    require_data_files(run, "decisions.parquet", whole=True)
    assert problem_of(lambda: require_data_files(run, "facts.parquet"))[0] == "missing-run-file"


def test_manifest_that_somebody_edited_is_refused(run: Run) -> None:
    file = run.path / "manifest.json"
    file.write_bytes(file.read_bytes().replace(b'"accounts":2', b'"accounts":3'))
    code, message = problem_of(lambda: read_manifest(run))
    assert (code, "manifest.json" in message) == ("unreadable-run-file", True)


def test_error_of_duckdb_is_said_as_that_of_the_damaged_file(run: Run) -> None:
    file = run.path / "decisions.parquet"
    flip(file, -5)  # in the length of the footer

    def read() -> None:
        with reading_errors(run), duckdb.connect() as connection:
            connection.read_parquet(str(file)).fetchall()

    code, message = problem_of(read)
    assert code == "unreadable-run-file"
    assert str(file) in message


def test_error_that_no_file_explains_stays_as_it_is(run: Run) -> None:
    with pytest.raises(duckdb.CatalogException), reading_errors(run):
        duckdb.sql("FROM nothing")


def test_inputs_of_a_run_that_kept_none_are_passed_over(run: Run) -> None:
    """As of a run of version 0.2, whose manifest names no inputs."""
    manifest = json.loads((run.path / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = {name: one for name, one in manifest["files"].items() if "/" not in name}
    content = json.dumps(manifest).encode()
    (run.path / "manifest.json").write_bytes(content)
    older = replace(run, manifest_sha256=hashlib.sha256(content).hexdigest())
    shutil.rmtree(run.path / "inputs")
    require_data_files(older, whole=True)
    require_data_files(older, "decisions.parquet", "inputs/owners.parquet", whole=True)
