"""The small workspace after its first night."""

from __future__ import annotations

from tests.night.fixtures import decided

__all__ = ["decided"]
