"""What came of a verification."""

from __future__ import annotations

from dataclasses import dataclass

from engine.verification.findings import Finding


@dataclass(frozen=True)
class Verdict:
    """What was checked and what was found. The store is sound if nothing was found.

    `signed_by` are the trusted keys that signed the last checkpoint; `decisions` and `leaves`
    are counted over all runs that were looked at.
    """

    runs: tuple[str, ...]
    origin: str | None
    checkpoint: str | None
    signed_by: tuple[str, ...]
    decisions: int
    leaves: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    seconds: float

    @property
    def is_sound(self) -> bool:
        return not self.findings
