"""Books that take seconds to make, each made once in a run of the tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """This process's copy of a folder that `make` fills in whichever process of the run asks
    for it first. `make` is given a folder that is there and empty."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    made, copy = root / "shared" / name, factory.mktemp(name) / "copy"
    made.parent.mkdir(exist_ok=True)
    with FileLock(made.with_suffix(".lock")):
        if not made.exists():
            part = made.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)  # of a process that failed
            part.mkdir()
            make(part)
            part.rename(made)
    shutil.copytree(made, copy)
    return copy
