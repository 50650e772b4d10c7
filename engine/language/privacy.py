"""``privacy:`` in kam.yaml: who reads without saying so, and how long values are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.language.documents import Document
from engine.model import CLASSES, Classification


@dataclass(frozen=True)
class Privacy:
    """As written. `reader` is the most that commands show where they are not told who reads."""

    reader: Classification | None = None
    retention: Mapping[Classification, int] = field(default_factory=dict)
    """Class → days for which a run keeps the values of that class, where something is said."""


def read_privacy(document: Document) -> Privacy:
    """The section of a document that its schema admits."""
    written: Mapping[str, Any] = document.data.get("privacy", {})
    return Privacy(
        reader=written.get("reader"),
        retention={
            name: _days(text)
            for name in CLASSES
            if (text := written.get("retention", {}).get(name)) is not None
        },
    )


def _days(text: str) -> int:
    """
    >>> _days("730 days"), _days("1 day")
    (730, 1)
    """
    found = re.match(r"[0-9]+", text)
    assert found is not None  # the schema has seen to it
    return int(found[0])
