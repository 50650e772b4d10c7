"""Every executor, for tests that all of them must pass."""

from __future__ import annotations

import pytest

from engine.executors.columnar import ColumnarExecutor
from engine.executors.protocol import Executor
from engine.executors.reference import ReferenceExecutor
from tests.executors.rete import NEEDS_RETE, RETE

EXECUTORS = (
    pytest.param(ReferenceExecutor(), id="reference"),
    pytest.param(ColumnarExecutor(), id="columnar"),
    pytest.param(RETE, id="rete", marks=NEEDS_RETE),
)


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> Executor:
    found: Executor = request.param
    return found
