"""Every executor, for tests that all of them must pass."""

from __future__ import annotations

import pytest

from engine.executors.columnar import ColumnarExecutor
from engine.executors.protocol import Executor
from engine.executors.reference import ReferenceExecutor

EXECUTORS: tuple[Executor, ...] = (ReferenceExecutor(), ColumnarExecutor())


@pytest.fixture(params=EXECUTORS, ids=lambda executor: executor.name)
def executor(request: pytest.FixtureRequest) -> Executor:
    found: Executor = request.param
    return found
