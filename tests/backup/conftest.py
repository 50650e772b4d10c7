from __future__ import annotations

from pathlib import Path

import pytest

from engine.backup.taking import take_backup
from tests.verification.store import SignedStore, copy_of, make_store


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> SignedStore:
    """Never changed; tests take a copy."""
    return make_store(tmp_path_factory.mktemp("signed") / "workspace")


@pytest.fixture
def signed(original: SignedStore, tmp_path: Path) -> SignedStore:
    return copy_of(original, tmp_path / "store")


@pytest.fixture(scope="session")
def backup(original: SignedStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the original; never changed."""
    file = tmp_path_factory.mktemp("backup") / "good.tar"
    take_backup(original.folder, file)
    return file
