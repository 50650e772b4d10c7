"""The Rete executor for tests, which are skipped where its library is not installed."""

from __future__ import annotations

import pytest

from engine.executors.rete import ReteExecutor
from engine.executors.rete_host import is_installed

NEEDS_RETE = pytest.mark.skipif(
    not is_installed(), reason="durable-rules is not installed: run 'make events'"
)
RETE = ReteExecutor()
