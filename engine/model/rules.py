"""Tiers and what follows from them: entitlements, milestones, warnings, actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from engine.errors import Location
from engine.model.conditions import Condition
from engine.model.measures import Scope
from engine.model.values import Quantity, Title


@dataclass(frozen=True)
class Period:
    """A length of time in its own unit: `3 workdays`, `1 night`, `2 reviews`."""

    count: int
    unit: Literal["hour", "day", "night", "week", "month", "quarter", "year", "workday", "review"]
    text: str


@dataclass(frozen=True)
class Tier:
    """One level; `when` is None only for the default tier."""

    id: str
    title: Title
    source: tuple[str, ...]
    when: Condition | None
    location: Location


@dataclass(frozen=True)
class Demotion:
    after: Period
    steps: int


@dataclass(frozen=True)
class Exclusion:
    """Accounts that get the default tier at once while `when` holds."""

    when: Condition
    source: tuple[str, ...]
    location: Location


@dataclass(frozen=True)
class TierScheme:
    """Levels best first; the first that holds is the candidate, else the default."""

    population: Condition | None
    review: str | None
    demotion: Demotion | None
    levels: tuple[Tier, ...]
    default: Tier
    location: Location
    exclude: Exclusion | None = None
    approvers: tuple[str, ...] = ()
    """The roles whose holders may approve overrides, proposals and budgets."""


@dataclass(frozen=True)
class Entitlement:
    """What a tier is owed. `terms` holds what only its kind has, already typed."""

    id: str
    kind: str
    title: Title
    source: tuple[str, ...]
    tiers: tuple[str, ...]
    when: Condition | None
    terms: Mapping[str, object]
    action: str | None
    location: Location


@dataclass(frozen=True)
class Milestone:
    id: str
    title: Title
    source: tuple[str, ...]
    from_tier: str | None
    to_tier: str | None
    when: Condition
    effect: Literal["promote", "propose", "report"]
    hold: Period | None
    progress: str | None
    action: str | None
    location: Location


WARNING_LEVELS: tuple[str, ...] = ("blue", "yellow", "orange", "red")
"""Mildest first."""


@dataclass(frozen=True)
class WarningLevel:
    level: str
    when: Condition
    location: Location


@dataclass(frozen=True)
class Escalation:
    after: Period
    to: str


@dataclass(frozen=True)
class WarningRule:
    """A warning; the worst level that holds counts. `levels` are worst first."""

    id: str
    title: Title
    source: tuple[str, ...]
    layer: Literal["frontline", "data", "management"]
    levels: tuple[WarningLevel, ...]
    pending_for: Period | None
    keep_firing_for: Period | None
    escalate: Escalation | None
    actions: Mapping[str, str]
    location: Location
    cool_down: Period | None = None
    scope: Scope = "account"


@dataclass(frozen=True)
class ActionTemplate:
    """What to do, by whom, by when; `text` may name measures in braces."""

    id: str
    title: Title
    source: tuple[str, ...]
    owner: str
    due: Period | None
    priority: Literal["low", "normal", "high", "urgent"]
    text: Title
    location: Location


@dataclass(frozen=True)
class Parameter:
    """A named threshold: `values` are (from date, value), earliest first.

    A parameter with a single value has the date `date.min`. `judgement` marks a number
    that the source document does not name; such a parameter must have an owner.
    """

    id: str
    values: tuple[tuple[date, Quantity], ...]
    title: Title | None
    source: tuple[str, ...]
    owner: str | None
    judgement: bool
    note: str | None
    location: Location


@dataclass(frozen=True)
class Role:
    id: str
    title: Title
    location: Location
