"""A pack as the model knows it: what the page speaks of and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.lifecycle.model.days import Length

LEVELS = ("blue", "yellow", "orange", "red")


@dataclass(frozen=True)
class Milestone:
    effect: str
    to: str | None = None
    hold: Length | None = None
    action: str | None = None


@dataclass(frozen=True)
class Warn:
    """`pending`, `keep` and `cool` are days; `escalate` is a length and the role it goes to."""

    pending: int = 0
    keep: int = 0
    cool: int = 0
    escalate: tuple[Length, str] | None = None
    actions: Mapping[str, str] = field(default_factory=dict)
    scope: str = "account"


@dataclass(frozen=True)
class Entitlement:
    """`kind` is service, cadence, response, deadline or team; only its own keys count."""

    kind: str = "service"
    tiers: tuple[str, ...] = ()
    conditional: bool = False
    every: Length = (1, "month")
    at_least: int = 1
    at_most: int | None = None
    remind: Length | None = None
    within: Length = (24, "hour")
    clock: str = "calendar"
    roles: Mapping[str, int] = field(default_factory=dict)
    action: str | None = None
    owner: str | None = None


@dataclass(frozen=True)
class Template:
    owner: str
    due: Length | None = None
    priority: str = "normal"


@dataclass(frozen=True)
class Pack:
    """Tiers stand best first; the last is the default. `demotion` is (after, steps)."""

    id: str
    tiers: tuple[str, ...]
    owner: str = "sponsor"
    review: str | None = None
    demotion: tuple[int, int] | None = None
    milestones: Mapping[str, Milestone] = field(default_factory=dict)
    warnings: Mapping[str, Warn] = field(default_factory=dict)
    entitlements: Mapping[str, Entitlement] = field(default_factory=dict)
    actions: Mapping[str, Template] = field(default_factory=dict)

    def rank(self, tier: str) -> int:
        """0 is the best."""
        return self.tiers.index(tier)

    def is_better(self, tier: str, other: str) -> bool:
        return self.rank(tier) < self.rank(other)
