from __future__ import annotations

from pathlib import Path

import pytest

from engine.backup.taking import take_backup
from tests.verification.event_store import told, told_again
from tests.verification.store import SignedStore, original, signed

__all__ = ["backup", "original", "signed", "told", "told_again"]


@pytest.fixture(scope="session")
def backup(original: SignedStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the original; never changed."""
    file = tmp_path_factory.mktemp("backup") / "good.tar"
    take_backup(original.folder, file)
    return file
