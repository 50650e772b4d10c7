"""A run folder holds the files that its run wrote, as files, and nothing beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.verification.store import RUNS, SignedStore


def found(store: SignedStore) -> list[tuple[str, str | None]]:
    return [(one.code, one.run) for one in store.verify().findings]


def move_away(store: SignedStore, path: Path) -> None:
    """Puts a link in the place of a file or folder, to the same content."""
    away = store.folder.parent / "elsewhere"
    path.rename(away)
    path.symlink_to(away, target_is_directory=away.is_dir())


@pytest.mark.parametrize("name", ["", "facts.parquet", "inputs", "inputs/owners.parquet"])
def test_link_in_the_place_of_a_folder_or_file_of_a_run_is_named(
    signed: SignedStore, name: str
) -> None:
    move_away(signed, signed.run_folder() / name if name else signed.run_folder())
    assert ("run-folder-link", RUNS[1]) in found(signed)


def test_link_that_leads_nowhere_is_named(signed: SignedStore) -> None:
    (signed.run_folder() / "personal.parquet").symlink_to(signed.folder / "nothing")
    assert found(signed) == [("run-folder-link", RUNS[1])]


def write(name: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")

    return make


@pytest.mark.parametrize("name", [
    "evil.txt", "inputs/extra.parquet", "inputs/facts.parquet", "more/decisions.parquet", ".x.part",
    "records/run.sh", "decisions.parquet.bak",
])  # fmt: skip
def test_file_that_no_run_has_written_is_named(signed: SignedStore, name: str) -> None:
    write(name)(signed.run_folder())
    assert found(signed) == [("stranger-file", RUNS[1])]
    message = signed.verify().findings[0].message
    assert name.partition("/")[0] in message


@pytest.mark.parametrize("name", [
    ".personal.parquet.part", ".records.part/orders.parquet", ".records.part/hashes.json",
    "records/.hashes.json.part", "records/.orders.parquet.part",
])  # fmt: skip
def test_what_a_process_that_died_leaves_in_a_run_folder_is_no_fault(
    signed: SignedStore, name: str
) -> None:
    write(name)(signed.run_folder())
    assert found(signed) == []


def test_folder_that_kam_db_names_otherwise_than_the_run_is_named(signed: SignedStore) -> None:
    other = signed.folder.parent / "other"
    signed.run_folder().rename(other)
    signed.execute("UPDATE runs SET folder = '../other' WHERE run_no = 2")
    verdict = signed.verify()
    assert "'folder' is '../other'" in verdict.findings[0].message
    assert (verdict.findings[0].code, verdict.findings[0].run) == ("run-altered", RUNS[1])
    assert ("file-missing", RUNS[1]) in found(signed)
