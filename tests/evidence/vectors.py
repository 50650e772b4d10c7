"""Published vectors: found through KAM_VECTORS, or beside the checkout; without them tests skip."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VECTORS = Path(
    os.environ.get("KAM_VECTORS") or ROOT.parent / "shared" / "data" / "vectors"
).resolve()

needs_vectors = pytest.mark.skipif(
    not (VECTORS / "README.md").is_file(),
    reason="the published vectors are not here; KAM_VECTORS names their folder",
)


def vector_files(pattern: str) -> list[object]:
    """The files as parameters; a parameter that is skipped where there are none."""
    found = sorted(VECTORS.glob(pattern))
    return [pytest.param(path, id=str(path.relative_to(VECTORS))) for path in found] or [
        pytest.param(VECTORS / pattern, id="absent")
    ]
