from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.events.ledger import NIGHT, Ledger, write_ledger


@pytest.fixture(scope="session")
def after_night(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A small workspace after its night; never changed."""
    ledger, _ = write_ledger(tmp_path_factory.mktemp("ledger") / "book", Random(26))
    ledger.night(NIGHT)
    return ledger


@pytest.fixture
def ledger(after_night: Ledger, tmp_path: Path) -> Ledger:
    """A copy of it."""
    return after_night.copy(tmp_path / "book")
