"""What one night is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from tests.lifecycle.model.days import Almanac

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Facts:
    """What tonight's facts say about one account (or entity) to one pack.

    `milestones` and `entitlements` map an id to the tiers in which the condition holds;
    `warnings` maps an id to the level by tier, where `None` stands for every tier and the
    level ``unknown`` for not knowing. A rule that is not named does not hold.
    """

    in_population: bool = True
    excluded: bool = False
    candidate: str = ""
    milestones: Mapping[str, frozenset[str]] = field(default_factory=dict)
    warnings: Mapping[str, Mapping[str | None, str]] = field(default_factory=dict)
    entitlements: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def level(self, rule: str, tier: str | None) -> str | None:
        by_tier = self.warnings.get(rule, {})
        return by_tier.get(tier, by_tier.get(None))


@dataclass(frozen=True)
class Record:
    """A record that matches an entitlement's `where`; times are local."""

    pack: str
    rule: str
    account: str
    id: str
    day: date
    starts: datetime | None = None
    stops: datetime | None = None
    due: date | None = None


@dataclass(frozen=True)
class Assignment:
    """`unfit_for` are the teams, as (pack, rule), whose conditions on a person it does not meet."""

    account: str
    role: str
    person: str
    assigned_on: date
    ended_on: date | None = None
    unfit_for: frozenset[tuple[str, str]] = frozenset()

    def is_current(self, day: date) -> bool:
        return self.assigned_on <= day and (self.ended_on is None or day < self.ended_on)


@dataclass(frozen=True)
class Override:
    account: str
    pack: str
    tier: str
    starts: date | None
    until: date


@dataclass(frozen=True)
class Approval:
    account: str
    pack: str
    milestone: str
    on: date


@dataclass(frozen=True)
class Mark:
    """`kind` is ack or silence."""

    kind: str
    pack: str
    account: str
    rule: str
    day: date
    until: date | None = None


@dataclass(frozen=True)
class Inputs:
    """`accounts` maps account → pack → facts, for every account that has a row; `set_aside`
    are those whose row is in quarantine. `entities` maps (pack, scope) → entity → facts."""

    as_of: date
    accounts: Mapping[str, Mapping[str, Facts]]
    set_aside: frozenset[str] = frozenset()
    entities: Mapping[tuple[str, str], Mapping[str, Facts]] = field(default_factory=dict)
    records: tuple[Record, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    overrides: tuple[Override, ...] = ()
    approvals: tuple[Approval, ...] = ()
    marks: tuple[Mark, ...] = ()
    people: Mapping[str, str] = field(default_factory=dict)
    almanac: Almanac = field(default_factory=Almanac)

    def records_of(self, pack: str, rule: str, account: str) -> list[Record]:
        return self._records_by_owner.get((pack, rule, account), [])

    @cached_property
    def _records_by_owner(self) -> dict[tuple[str, str, str], list[Record]]:
        found: dict[tuple[str, str, str], list[Record]] = {}
        for one in self.records:
            found.setdefault((one.pack, one.rule, one.account), []).append(one)
        return found
