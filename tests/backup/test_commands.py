from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kam import main
from tests.night.book import Book
from tests.verification.store import SignedStore


@pytest.fixture(scope="module")
def workspace(original: SignedStore) -> Path:
    """That of the signed store; its kam.yaml names no key."""
    return original.folder.parent


def kam(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


def test_backup_and_restore_say_what_they_did(workspace: Path, tmp_path: Path) -> None:
    file, place = tmp_path / "one.tar", tmp_path / "store"
    done = kam("backup", file, "-w", workspace, "--lang", "en")
    assert done.exit_code == 0
    assert done.stdout == f"{file}: 3 runs up to 2026-07-02.1, {file.stat().st_size:,} bytes.\n"
    done = kam("restore", file, "--to", place, "-w", workspace, "--lang", "en")
    assert done.exit_code == 0
    assert "Sound: 3 runs" in done.stdout
    *_, restored, night = done.stdout.splitlines()
    assert restored == f"Restored into {place}."
    assert "kam run" in night
    done = kam("restore", file, "--to", place, "-w", workspace, "--lang", "en", "--force")
    aside = next(one for one in tmp_path.iterdir() if one.name.startswith("store.replaced-"))
    assert f"What was there before is now {aside}.\n" in done.stdout
    done = kam("restore", file, "--to", place, "-w", workspace)
    assert done.exit_code == 1
    assert "store-exists" in done.stderr


def test_backup_is_restored_to_where_the_workspace_says(workspace: Path, tmp_path: Path) -> None:
    book = Book(tmp_path / "other")
    assert kam("backup", tmp_path / "one.tar", "-w", workspace).exit_code == 0
    done = kam("restore", tmp_path / "one.tar", "-w", book.root, "--lang", "zh")
    assert done.exit_code == 0
    assert f"已恢复到 {book.root / 'store'}。" in done.stdout
    assert kam("verify", book.root).exit_code == 0


def test_check_restores_nothing_and_needs_no_workspace(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = kam("restore", backup, "--check", "--lang", "en")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1].startswith("Sound: 3 runs")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "cut.tar").write_bytes(backup.read_bytes()[:5000])
    done = kam("restore", "cut.tar", "--check")
    assert done.exit_code == 1
    assert "backup-damaged" in done.stderr
