"""A policy test as it was written, with every value typed and every name known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from engine.errors import Location
from engine.executors.protocol import Row, Value

NO_TIER = "none"
"""How a test says that the pack does not decide about the account."""


@dataclass(frozen=True)
class Rank:
    """The place of an account (1: the greatest value) among `of`, itself included."""

    place: int
    of: int
    value: Value


Given = Mapping[str, Value | Rank]
"""Account column, measure or scorecard → its value; None is missing."""


@dataclass(frozen=True)
class Facts:
    """What is supposed about the account on one night."""

    account: Given = field(default_factory=dict)
    records: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    scopes: Mapping[str, Given] = field(default_factory=dict)
    """Scope beyond the account → its measures."""

    def changed_by(self, later: Facts) -> Facts:
        """These facts with what `later` says laid over them."""
        scopes = dict(self.scopes)
        for scope, given in later.scopes.items():
            scopes[scope] = {**scopes.get(scope, {}), **given}
        return Facts({**self.account, **later.account}, {**self.records, **later.records}, scopes)


States = tuple[str, ...]
"""Levels or states in order; empty where any will do."""


@dataclass(frozen=True)
class Listed:
    """Ids that are expected with their states; `only`: and no others."""

    included: Mapping[str, States]
    excluded: tuple[str, ...]
    only: bool
    location: Location

    def speaks_of(self, name: str) -> bool:
        """Whether the expectation would notice if `name` came or went."""
        return self.only or name in self.included or name in self.excluded


@dataclass(frozen=True)
class Expectation:
    """`tier` and `candidate`: None if nothing is asked, else a tier or `NO_TIER`.

    `lists` are what is expected of entitlements, warnings, milestones, obligations, actions
    and the warnings of scopes, by the key under which they were written.
    """

    tier: str | None
    candidate: str | None
    lists: Mapping[str, Listed]
    values: Mapping[str, Value]
    places: Mapping[str, Location]
    """Of every key."""


@dataclass(frozen=True)
class Night:
    on: date
    facts: Facts
    expect: Expectation | None


@dataclass(frozen=True)
class TierGiven:
    """A tier that somebody gave the account, from `starts` (None: at once) to `until`."""

    tier: str
    starts: date | None
    until: date


@dataclass(frozen=True)
class PolicyTest:
    """One account on its nights, in order; it had `tier` since `since`, or was not there."""

    name: str
    location: Location
    nights: tuple[Night, ...]
    tier: str | None = None
    since: date | None = None
    overrides: tuple[TierGiven, ...] = ()
    approvals: tuple[tuple[str, date], ...] = ()
    """Milestone and the day of the approval."""

    @property
    def dates(self) -> tuple[date, ...]:
        return tuple(night.on for night in self.nights)
