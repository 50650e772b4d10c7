"""A whole pack, with its clauses and the files that it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine.errors import Location
from engine.model.measures import Measure, Scorecard
from engine.model.rules import (
    ActionTemplate,
    Entitlement,
    Milestone,
    Parameter,
    Role,
    TierScheme,
    WarningRule,
)
from engine.model.values import Title
from engine.model.vocabulary import Vocabulary


@dataclass(frozen=True)
class Clause:
    """A requirement of the pack's source document."""

    id: str
    text: str
    location: Location


@dataclass(frozen=True)
class Excuse:
    """A clause that no rule implements, and why; `engine` if the engine itself does."""

    clause: str
    reason: str
    engine: bool
    location: Location


@dataclass(frozen=True)
class PolicyFile:
    """A file that the pack was read from; `sha256` is of its bytes."""

    path: str
    sha256: str
    content: bytes


@dataclass(frozen=True)
class Policy:
    """A whole pack, every include merged, in the order in which it was read."""

    id: str
    title: Title
    version: str
    effective_from: date
    effective_to: date | None
    owner: str
    document: str | None
    """The letter of the source document, which begins the ids of its clauses."""
    location: Location
    parameters: Mapping[str, Parameter]
    roles: Mapping[str, Role]
    vocabulary: Vocabulary
    measures: Mapping[str, Measure]
    scorecards: Mapping[str, Scorecard]
    tiers: TierScheme | None
    entitlements: Mapping[str, Entitlement]
    milestones: Mapping[str, Milestone]
    warnings: Mapping[str, WarningRule]
    actions: Mapping[str, ActionTemplate]
    clauses: Mapping[str, Clause]
    excuses: Mapping[str, Excuse]
    files: tuple[PolicyFile, ...]
    hash: str
    """SHA-256 over the paths and hashes of the files, in order of path."""
