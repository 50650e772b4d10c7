"""What one night leaves to the next about an account, as rows of the files of a run.

The rows are dicts with the columns of decisions.parquet and obligations.parquet: what was kept is
read as it is, and what is decided is kept as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypedDict

from engine.executors.obligations import LazyObligations
from engine.executors.protocol import ObligationFacts, Row


class WarningRow(TypedDict):
    """A warning that fires."""

    rule: str
    level: str
    since: date
    raised: date
    clear_since: date | None
    acknowledged: date | None
    escalated: date | None
    silenced_until: date | None
    is_inhibited: bool
    called: list[str]
    evidence: str


class WaitingRow(TypedDict):
    """A warning that is ``pending`` since a day, or ``cooling`` until one."""

    rule: str
    state: str
    level: str
    since: date
    until: date | None
    evidence: str


class MilestoneRow(TypedDict):
    """A milestone that is reached and holds (``report``), or proposed (``propose``)."""

    rule: str
    effect: str
    since: date
    said_on: date | None
    evidence: str


class DecisionRow(TypedDict):
    """What one pack has decided about the account."""

    account_no: int | None
    account_id: str
    name: str | None
    pack: str
    scope: str
    in_population: bool
    candidate: str | None
    computed: str | None
    tier: str | None
    tier_since: date | None
    worse_reviews: int
    held_reviews: int
    held_until: date | None
    override_until: date | None
    scores: dict[str, float | None]
    warnings: list[WarningRow]
    waiting: list[WaitingRow]
    milestones: list[MilestoneRow]
    entitlements: list[str]
    unknowns: int


class ObligationRow(TypedDict):
    """What an entitlement makes us owe the account."""

    pack: str
    account_no: int | None
    account_id: str
    rule_id: str
    kind: str
    part: str
    state: str
    owed_since: date
    since: date
    asked_on: date | None
    starts: datetime | None
    limit_at: datetime | None
    due_on: date | None
    done: int
    needed: int
    last_on: date | None


class ActionRow(TypedDict):
    """An action that is called for, as the relation ``emitted_actions``."""

    action_id: str
    cause_id: str
    pack: str
    scope: str
    account_no: int
    account_id: str
    kind: str
    asked_as: str
    rule_id: str
    level: str
    template: str
    owner_role: str
    owner: str
    due_on: date | None
    priority: str
    opened_on: date
    evidence: str


@dataclass(frozen=True, order=True)
class Change:
    """A line for the log, as the relation ``changes``; they sort as the log has them."""

    pack: str
    kind_order: int
    rule_id: str
    kind: str
    from_value: str | None
    to_value: str | None
    evidence: str | None
    account_no: int | None
    account_id: str


@dataclass(frozen=True)
class Standing:
    """What was decided about the account last; by pack, and what it was owed."""

    as_of: date
    decisions: Mapping[str, DecisionRow] = field(default_factory=dict)
    obligations: tuple[ObligationRow, ...] = ()


@dataclass(frozen=True)
class AccountDay:
    """One account on one day.

    `facts` is its row of ``facts``, personal values with their tokens beside them. `name` is as
    decisions.parquet has it: a token where the plan seals it. `previous` is the state that the day
    starts from, decided on `previous_night`; `recorded` is what the log has said last. Without
    `takes_reviews` the day is no night, and no review takes place.
    """

    account_no: int
    account_id: str
    name: str | None
    as_of: date
    previous_night: date | None
    takes_reviews: bool
    facts: Row
    statistics: Row
    obligations: ObligationFacts | LazyObligations = field(default_factory=ObligationFacts)
    owners: Mapping[str, str] = field(default_factory=dict)
    previous: Standing | None = None
    recorded: Standing | None = None

    def decided_before(self, pack: str) -> DecisionRow | None:
        """What the pack had decided when the day began."""
        return None if self.previous is None else self.previous.decisions.get(pack)

    def recorded_of(self, pack: str) -> DecisionRow | None:
        """What the log has said last of what the pack decides."""
        return None if self.recorded is None else self.recorded.decisions.get(pack)


@dataclass(frozen=True)
class AccountDecided:
    """What a day came to. `ended` are causes whose open actions have expired; where a day stands
    beside one, those alone that were opened before it."""

    decisions: tuple[DecisionRow, ...]
    obligations: tuple[ObligationRow, ...]
    changes: tuple[Change, ...]
    actions: tuple[ActionRow, ...]
    ended: tuple[tuple[str, str | None], ...]
