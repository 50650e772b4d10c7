"""What a verification finds, in words that name the place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

NAMED = 20
"""Places of one kind that are named one by one; the rest are counted."""


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was recorded. `run` is None for the store as a whole."""

    code: str
    run: str | None
    message: str


@dataclass
class Findings:
    """Collects findings; `note` takes what is no fault but what a reader must know."""

    found: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, code: str, run: str | None, message: str) -> None:
        self.found.append(Finding(code, run, message))

    def add_each(
        self, code: str, run: str | None, numbers: list[int], describe: Callable[[int], str]
    ) -> None:
        """A finding per number, the first `NAMED` of them by name."""
        for number in numbers[:NAMED]:
            self.add(code, run, describe(number))
        if len(numbers) > NAMED:
            self.add(code, run, f"and {len(numbers) - NAMED:,} more")
