"""What a run hands back, and how long each part of it took."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from engine.audit.records import SourceRecord
from engine.audit.store import Run
from engine.errors import Problem
from engine.language.workspace import Workspace
from engine.lifecycle.counts import Counts
from engine.plan.steps import PackPlan, Plan

Progress = Callable[[str], None]
"""Told what the run is about to do, in a few words."""


@dataclass(frozen=True)
class NightReport:
    """What `kam run` shows. `repeated` says that the store already held this night."""

    workspace: Workspace
    plan: Plan
    run_id: str
    repeated: bool
    counts: Counts
    previous: Run | None
    sources: tuple[SourceRecord, ...]
    notes: tuple[Problem, ...]
    """Warnings about what people wrote, the same on every night."""
    night_notes: tuple[Problem, ...]
    """Warnings about this night alone."""
    signed_by: str | None = None
    """The key that signed the run's checkpoint."""
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def packs(self) -> tuple[PackPlan, ...]:
        return self.plan.packs

    @property
    def as_of(self) -> str:
        return self.plan.as_of.isoformat()

    @property
    def workspace_name(self) -> str:
        return self.workspace.name

    @property
    def previous_counts(self) -> Counts | None:
        return None if self.previous is None else self.previous.counts

    @property
    def peak_memory(self) -> int:
        """Bytes that this process held at most."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


class Clock:
    """Seconds per part of the night."""

    def __init__(self) -> None:
        self.started_at = datetime.now(UTC)
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, part: str) -> None:
        now = time.perf_counter()
        self.seconds[part] = self.seconds.get(part, 0.0) + now - self._last
        self._last = now
