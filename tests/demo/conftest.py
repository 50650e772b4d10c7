"""The demo books that several tests look at, each made once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from filelock import FileLock

from engine.demo.book import Book
from engine.demo.build import write_demo
from engine.demo.workspace import packaged_packs
from kam import main
from tests.demo.books import AS_OF, History


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Six nights take half a minute, so that processes that test side by side share them."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, printed = root / "history" / "workspace", root / "history.txt"
    with FileLock(root / "history.lock"):
        if not printed.exists():
            result = CliRunner().invoke(main, ["demo", str(folder), "--lang", "en"])
            assert result.exit_code == 0, result.output
            printed.write_text(result.stdout, "utf-8")
    return History(folder, printed.read_text("utf-8"))


@pytest.fixture(scope="session")
def five_packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default book, decided by every pack that comes with kam; no night was run."""
    folder = tmp_path_factory.mktemp("packs") / "workspace"
    write_demo(folder, Book(300, 7, AS_OF), lambda step: None, packaged_packs())
    return folder
