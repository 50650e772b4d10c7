"""Limits on the repository's own files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.repository.files import ROOT, kept_files

LINES_AT_MOST = 500
WRITTEN_BY_HAND = (".py", ".sql", ".yaml", ".yml", ".toml", ".sh")
TEXT = (*WRITTEN_BY_HAND, ".md", ".json", ".txt", ".cfg", ".service", ".timer", ".csv", "")

# Folders that any machine may have, and that examples may therefore name.
USUAL = {"/", "/etc", "/home", "/mnt", "/opt", "/srv", "/tmp", "/usr", "/usr/local", "/var"}


def personal_paths() -> re.Pattern[str]:
    """What betrays one machine: a home folder, or the folder that this checkout lies in."""
    here = [str(folder) for folder in (ROOT.parent, Path.home()) if str(folder) not in USUAL]
    generic = [r"/home/[a-z]", r"/Users/[A-Za-z]", r"[A-Z]:\\\\?Users", r"/root/"]
    return re.compile("|".join([*(re.escape(folder) + r"\b" for folder in here), *generic]))


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    this = Path(__file__).resolve()
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in kept_files(*TEXT)
        if path != this
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_files_stay_short_enough_to_read() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in kept_files(*WRITTEN_BY_HAND)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LINES_AT_MOST
    }
    assert not long


def test_files_name_no_path_of_a_machine() -> None:
    assert lines_with(personal_paths()) == []


def test_files_name_no_package_host() -> None:
    host = re.compile(r"--(extra-)?index-url|--find-links|\bindex-url\s*=|/simple/", re.IGNORECASE)
    assert lines_with(host) == []


@pytest.mark.parametrize("name", [".ci/run", ".ci/installed-wheel"])
def test_scripts_can_be_executed(name: str) -> None:
    assert (ROOT / name).stat().st_mode & 0o111


def test_folders_of_modules_are_packages() -> None:
    folders = {path.parent for path in (ROOT / "engine").rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []
