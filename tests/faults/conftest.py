from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.nursery import Nursery
from tests.faults.trial import Trial, prepare_book


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    one = Nursery(tmp_path_factory.mktemp("nursery") / "log")
    yield one
    one.close()


@pytest.fixture(scope="session")
def trial(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    folder = tmp_path_factory.mktemp("trial")
    return Trial(nursery, prepare_book(folder / "prepared"), folder)
