"""What one night leaves to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

Key = tuple[str, str, str]
"""(pack, scope, account or entity)."""


@dataclass
class Firing:
    level: str
    since: date
    raised: date
    clear_since: date | None = None
    acknowledged: date | None = None
    escalated: date | None = None
    silenced_until: date | None = None
    is_inhibited: bool = False
    called: frozenset[str] = frozenset()


@dataclass
class Waiting:
    """`state` is pending (since `since`) or cooling (until `until`)."""

    state: str
    since: date | None = None
    until: date | None = None


@dataclass
class Open:
    effect: str
    since: date
    said_on: date | None = None


@dataclass
class Duty:
    """What is owed; `about` is the period, the record or the gap that an action is about."""

    kind: str
    state: str
    owed_since: date
    about: object = None
    asked_on: date | None = None
    limit_at: datetime | None = None
    due_on: date | None = None
    done: int | None = None


@dataclass
class State:
    """`tier` is None outside the population and for what is no account."""

    candidate: str | None = None
    computed: str | None = None
    tier: str | None = None
    tier_since: date | None = None
    worse_reviews: int = 0
    held_reviews: int = 0
    held_until: date | None = None
    override_until: date | None = None
    warnings: dict[str, Firing] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    milestones: dict[str, Open] = field(default_factory=dict)
    duties: dict[tuple[str, str], Duty] = field(default_factory=dict)
    entitlements: frozenset[str] = frozenset()
    events: frozenset[tuple[str, ...]] = frozenset()
    """What happened tonight and leaves no trace in the state: log kind, rule, to."""


@dataclass(frozen=True)
class Action:
    """`about` is what makes it the only one: the same never asks twice."""

    pack: str
    account: str
    rule: str
    level: str | None
    template: str
    owner_role: str
    owner: str
    due_on: date | None
    priority: str
    opened_on: date
    about: tuple[object, ...] = field(compare=False, default=())


Line = tuple[str, str, str, str | None, str | None, str | None]
"""(kind, pack, account, rule, from, to)."""


@dataclass
class Book:
    """A whole night: the states, what the log says of it, and what is to be done."""

    as_of: date
    states: dict[Key, State]
    log: set[Line]
    actions: list[Action]
    open_actions: dict[tuple[object, ...], Action]
    known: frozenset[tuple[object, ...]]
    """What has been asked for on this and every earlier night."""
    standing: dict[tuple[object, ...], Action] = field(default_factory=dict)
    """What was open at any time of this night, also before an attempt at it let it expire."""
