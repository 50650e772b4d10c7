"""What a report of a night says: frozen dataclasses, the same in every language.

Lists that could grow with the book are cut; `Cut.total` says how long they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from engine.model import Title, ValueType

Row = TypeVar("Row")


@dataclass(frozen=True)
class Cut(Generic[Row]):
    """The first rows of a list, and how many there are."""

    rows: tuple[Row, ...]
    total: int

    @property
    def hidden(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Account:
    id: str
    name: str | None


@dataclass(frozen=True)
class TierCount:
    """`before` is the number on the previous night; None without one."""

    id: str
    title: Title
    accounts: int
    before: int | None


@dataclass(frozen=True)
class Matrix:
    """Accounts by tier on an earlier night and on this one; None stands for outside."""

    since: date
    cells: Mapping[tuple[str | None, str | None], int]

    @property
    def moved(self) -> int:
        return sum(count for (before, after), count in self.cells.items() if before != after)


@dataclass(frozen=True)
class TierMove:
    """`reason` is a word of the lifecycle."""

    on: date
    account: Account
    before: Title | None
    after: Title | None
    reason: str | None
    went_up: bool | None


@dataclass(frozen=True)
class Measured:
    """A column of the facts: how to call and how to read it."""

    column: str
    title: Title
    type: ValueType


@dataclass(frozen=True)
class Spot:
    """One account, or `accounts` of them in one place."""

    x: float
    y: float
    tier: str
    account: Account | None
    accounts: int


@dataclass(frozen=True)
class Scatter:
    """`kept` is ``all``, ``key`` (the default tier is left out) or ``cells`` (added up).

    `bounds` are the first and last hundredth: (x low, x high, y low, y high).
    """

    x: Measured
    y: Measured
    spots: tuple[Spot, ...]
    kept: str
    accounts: int
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True)
class PackNight:
    """Tiers stand best first; the last is the default."""

    id: str
    title: Title
    version: str
    policy_hash: str
    accounts: int
    tiers: tuple[TierCount, ...]
    night: Matrix | None
    quarter: Matrix | None
    moves: Cut[TierMove]
    scatter: Scatter | None


@dataclass(frozen=True)
class WarningCount:
    pack: Title
    layer: str
    level: str
    warnings: int


@dataclass(frozen=True)
class WarningRow:
    """`scope` is ``account``, ``customer_manager`` or ``portfolio``."""

    account: Account
    scope: str
    pack: Title
    title: Title
    level: str
    since: date
    owner: str | None
    role: Title | None
    acknowledged: date | None
    escalated: date | None
    silenced_until: date | None


@dataclass(frozen=True)
class OwnerCount:
    """What lies with a person, or with a role that nobody holds; neither: nobody was asked."""

    owner: str | None
    role: Title | None
    count: int
    oldest: date | None


@dataclass(frozen=True)
class RuleCount:
    pack: Title
    title: Title
    count: int
    oldest: date | None


@dataclass(frozen=True)
class ObligationRow:
    account: Account
    pack: Title
    title: Title
    part: Title | None
    """The role or the record that it is about, where there is one."""
    state: str
    since: date | None
    due_on: date | None
    owner: str | None
    role: Title | None


@dataclass(frozen=True)
class Obligations:
    """`states` counts all; a fortnight is 14 days from tonight."""

    states: Mapping[str, int]
    by_owner: Cut[OwnerCount]
    by_rule: Cut[RuleCount]
    oldest: Cut[ObligationRow]
    fortnight: Cut[ObligationRow]


@dataclass(frozen=True)
class Concentration:
    """Shares of the sum of one measure over the accounts where it is above zero.

    `curve` runs from (0, 0) to (1, 1): the share of the accounts, largest first, and of the sum.
    `index` is the Herfindahl-Hirschman index, from 0 to 1.
    """

    measure: Measured
    accounts: int
    largest: float
    largest_account: Account
    top_five: float
    top_fifth: float
    index: float
    for_four_fifths: int
    curve: tuple[tuple[float, float], ...]
    key_shares: tuple[tuple[Title, float, int], ...]
    """For each pack: its title, and the share and number of the accounts above its default tier."""


@dataclass(frozen=True)
class ScopeValue:
    """A measure of the whole book; `before` is its value a quarter ago, where it was kept."""

    pack: Title
    title: Title
    type: ValueType
    value: float | None
    before: float | None


@dataclass(frozen=True)
class Managers:
    """A row per customer manager, values in the order of `measures`."""

    pack: Title
    measures: tuple[Measured, ...]
    rows: Cut[tuple[str, tuple[float | None, ...]]]


@dataclass(frozen=True)
class Proposal:
    account: Account
    pack: Title
    title: Title
    tier: Title | None
    to: Title | None
    since: date


@dataclass(frozen=True)
class OverrideRow:
    account: Account
    pack: Title
    tier: Title
    computed: Title | None
    approver: str | None
    reason: str | None
    until: date


@dataclass(frozen=True)
class SourceRow:
    name: str
    file: str
    read: int
    used: int
    quarantined: int


@dataclass(frozen=True)
class UnknownRule:
    """A rule that could not be judged for so many accounts, for lack of facts."""

    pack: Title
    kind: str
    title: Title | None
    accounts: int


@dataclass(frozen=True)
class Quality:
    sources: tuple[SourceRow, ...]
    unknowns: Cut[UnknownRule]
    set_aside: Cut[Account]


@dataclass(frozen=True)
class Overview:
    """A night of a workspace. `previous` and `quarter` are the earlier nights compared with."""

    workspace: str
    run: str
    as_of: date
    previous: date | None
    quarter: date | None
    engine_version: str
    plan_hash: str
    currency: str
    accounts: int
    packs: tuple[PackNight, ...]
    warning_counts: tuple[WarningCount, ...]
    warnings: Cut[WarningRow]
    obligations: Obligations
    concentration: Concentration | None
    portfolio: tuple[ScopeValue, ...]
    managers: tuple[Managers, ...]
    proposals: Cut[Proposal]
    overrides: Cut[OverrideRow]
    overdue_actions: Cut[OwnerCount]
    late_actions: int
    open_actions: int
    quality: Quality
