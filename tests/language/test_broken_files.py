"""One broken file for each message; see `broken_files.py` for how it is announced."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.language.broken_files import LOADERS, broken_files, expected, problems


@pytest.mark.parametrize("path", broken_files(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_broken_file_gives_the_problems_that_it_announces(path: Path) -> None:
    announced = expected(path.read_bytes())
    assert announced
    assert problems(path) == announced


def test_broken_files_exist_for_every_kind_of_file() -> None:
    assert {path.parent.name for path in broken_files()} == set(LOADERS)
