"""The story of one account under one pack: frozen dataclasses, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from engine.explain.tree import ScoreNode
from engine.model import Title


@dataclass(frozen=True)
class Override:
    """What people decided about the account; `until` is the last day."""

    tier: Title
    approver: str
    reason: str
    starts: date | None
    until: date


@dataclass(frozen=True)
class Standing:
    """The tiers of tonight. `tier` is the effective one; `worse_reviews` of `reviews_allowed`
    count towards a demotion; reviews are held by number or up to a day."""

    tier: Title | None
    since: date | None
    computed: Title | None
    candidate: Title | None
    worse_reviews: int
    reviews_allowed: int | None
    held_reviews: int
    held_until: date | None
    override: Override | None


@dataclass(frozen=True)
class Move:
    """A line of the log about the account's tier. `reason` is a word of the lifecycle."""

    on: date
    kind: str
    before: Title | None
    after: Title | None
    reason: str | None
    rule: Title | None
    place: str | None


@dataclass(frozen=True)
class ScoreStory:
    """A scorecard with its parts as of tonight, and its value on recorded nights."""

    now: ScoreNode
    nights: tuple[tuple[date, float | None], ...]


@dataclass(frozen=True)
class Owed:
    """An entitlement. `rate` is that of a pricing; of a budget `approver` may approve, and
    `approved_by` did, until a day where one is named."""

    id: str
    kind: str
    title: Title
    rate: float | None
    approver: Title | None
    approved_by: str | None
    approved_until: date | None


@dataclass(frozen=True)
class Obligation:
    """`part` is the record or the role that it is about, where there is one."""

    id: str
    kind: str
    title: Title
    part: str | None
    state: str
    since: date | None
    due_on: date | None
    limit_at: datetime | None
    done: int | None
    needed: int | None
    last_on: date | None


@dataclass(frozen=True)
class OpenWarning:
    id: str
    title: Title
    layer: str | None
    level: str
    since: date
    raised: date | None
    acknowledged: date | None
    escalated: date | None
    silenced_until: date | None
    is_inhibited: bool


@dataclass(frozen=True)
class WaitingWarning:
    """``pending`` until it has held long enough, or ``cooling`` before it may fire again."""

    id: str
    title: Title
    state: str
    level: str | None
    since: date
    until: date | None


@dataclass(frozen=True)
class OpenMilestone:
    id: str
    title: Title
    effect: str
    since: date


@dataclass(frozen=True)
class Action:
    """`status` is ``open``, ``snoozed``, ``overdue``, ``done`` or ``expired``."""

    id: str
    title: Title
    rule: Title
    owner: str | None
    owner_role: Title
    priority: str
    opened_on: str
    due_on: str | None
    status: str
    snoozed_until: str | None


@dataclass(frozen=True)
class Said:
    """What a person said about an action or a warning; `about` is its title."""

    on: str
    by: str
    kind: str
    about: Title | None
    until: str | None
    person: str | None
    note: str | None


@dataclass(frozen=True)
class AccountStory:
    """One account under one pack, as of the night of a run."""

    account_id: str
    name: str | None
    pack: str
    title: Title
    version: str
    run: str
    as_of: date
    currency: str
    in_population: bool
    is_set_aside: bool
    """Its row could not be used tonight: it keeps what was decided last."""
    standing: Standing
    moves: tuple[Move, ...]
    scores: tuple[ScoreStory, ...]
    entitlements: tuple[Owed, ...]
    obligations: tuple[Obligation, ...]
    warnings: tuple[OpenWarning, ...]
    waiting: tuple[WaitingWarning, ...]
    milestones: tuple[OpenMilestone, ...]
    actions: tuple[Action, ...]
    closed: tuple[Action, ...]
    said: tuple[Said, ...]
