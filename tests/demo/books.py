"""What the tests of the demo share: its last day, and its history as an auditor sees it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

AS_OF = date(2026, 6, 30)
"""The default of the command, whose seed is 7."""


@dataclass(frozen=True)
class History:
    """What `kam demo` wrote with its defaults, and what it printed."""

    folder: Path
    printed: str

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Asks the store."""
        with sqlite3.connect(f"file:{self.folder}/store/kam.db?mode=ro", uri=True) as store:
            return store.execute(query, values).fetchall()
