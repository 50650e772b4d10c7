from __future__ import annotations

from pathlib import Path

import pytest

from tests.privacy.book import FIRST, Persons


@pytest.fixture
def persons(tmp_path: Path) -> Persons:
    return Persons(tmp_path / "workspace")


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Persons:
    """A store with one night, which tests read and leave as it is."""
    persons = Persons(tmp_path_factory.mktemp("kept") / "workspace")
    persons.run(FIRST)
    return persons


@pytest.fixture
def night(kept: Persons, tmp_path: Path) -> Persons:
    """A store with one night, to go on from."""
    return kept.copy(tmp_path / "workspace")
