from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.books.shared import shared
from tests.events.ledger import NIGHT, Ledger, write_ledger


@pytest.fixture(scope="session")
def after_night(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A small workspace after its night; never changed."""

    def make(root: Path) -> None:
        write_ledger(root, Random(26))[0].night(NIGHT)

    return Ledger(shared(tmp_path_factory, "ledger", make))


@pytest.fixture
def ledger(after_night: Ledger, tmp_path: Path) -> Ledger:
    """A copy of it."""
    return after_night.copy(tmp_path / "book")
