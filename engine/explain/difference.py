"""What differs between two decisions about one account, and why: frozen dataclasses.

`before` and `after` are two nights, or the night as it was and as it would have been.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from engine.errors import Location
from engine.explain.tree import Fact, PartNode, ScoreNode, TestNode, Value
from engine.model import Title

Factor = Literal["facts", "policy", "time", "tier"]
"""What a night's verdict depends on: the values of the account and of the population, the
policy as written, the date (parameters by date, days since), and for rules the effective tier."""

FACTORS: tuple[Factor, ...] = ("facts", "policy", "time", "tier")


@dataclass(frozen=True)
class Causes:
    """Why a verdict differs, found by putting old and new together in every way.

    Each of `sufficient` is a smallest set of factors that, taken from the later night and
    everything else from the earlier one, already gives the later verdict. `alone` says what
    each factor by itself comes to. `undetermined` names measures whose definition differs:
    their values under the other definition were not kept, so that some combinations cannot
    be told.
    """

    sufficient: tuple[tuple[Factor, ...], ...]
    alone: Mapping[Factor, str | None]
    undetermined: tuple[str, ...] = ()


@dataclass(frozen=True)
class TestChange:
    """One comparison on both sides; None where the rule has no such comparison."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    kind: str
    """What it belongs to: population, exclusion, tier, or the kind of a rule."""
    rule: str
    title: Title
    level: str
    before: TestNode | None
    after: TestNode | None

    @property
    def is_flipped(self) -> bool:
        """Whether the outcome differs, and not only the value or the threshold."""
        if self.before is None or self.after is None:
            return True
        return self.before.truth is not self.after.truth

    @property
    def is_rewritten(self) -> bool:
        """Whether what is asked for differs as the policy writes it."""
        if self.before is None or self.after is None:
            return True
        one, other = self.before, self.after
        return (one.operator, one.written) != (other.operator, other.written)


@dataclass(frozen=True)
class FactChange:
    """A value that differs."""

    before: Fact
    after: Fact


@dataclass(frozen=True)
class ScoreChange:
    """A scorecard whose value differs, with the parts that do."""

    title: Title
    before: ScoreNode | None
    after: ScoreNode | None
    parts: tuple[tuple[PartNode | None, PartNode | None], ...]
    causes: Causes | None


@dataclass(frozen=True)
class Reason:
    """A reason of the lifecycle, by its word; `about` holds what the word speaks of.

    `approver` and `note` are who decided it and the words that the person wrote.
    """

    word: str
    about: Mapping[str, Value] = field(default_factory=dict)
    location: Location | None = None
    approver: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class TierChange:
    """One of the three tiers on both sides: ``candidate``, ``computed`` or ``tier``."""

    which: Literal["candidate", "computed", "tier"]
    before: str | None
    after: str | None


@dataclass(frozen=True)
class ItemChange:
    """A warning, milestone, entitlement or obligation that stands differently.

    `before` and `after` are its states in the words of the lifecycle; None where there is
    none. `causes` are why its rule says something else, `reasons` what time and people did.
    """

    kind: str
    id: str
    title: Title
    before: str | None
    after: str | None
    causes: Causes | None
    reasons: tuple[Reason, ...]
    location: Location | None


@dataclass(frozen=True)
class PolicyChange:
    """A part of the policy that differs; `by_date` if only the date has chosen another value."""

    kind: str
    id: str
    title: Title | None
    then: str | None
    now: str | None
    location_then: Location | None
    location_now: Location | None
    by_date: bool = False


@dataclass(frozen=True)
class Moment:
    """A line of the log between the two nights."""

    on: date
    run: str
    kind: str
    rule: str | None
    before: str | None
    after: str | None
    reason: str | None
    place: str | None


@dataclass(frozen=True)
class NightRef:
    """One of the two nights. `in_population` None: the account was not decided about."""

    run: str
    as_of: date
    version: str | None
    in_population: bool | None
    is_set_aside: bool


@dataclass(frozen=True)
class Difference:
    """Everything that one pack decides differently about one account, and why."""

    account_id: str
    name: str | None
    pack: str
    title: Title
    currency: str
    before: NightRef
    after: NightRef
    tier_titles: Mapping[str, Title]
    tiers: tuple[TierChange, ...]
    tier_causes: Causes | None
    tier_reasons: tuple[Reason, ...]
    tests: tuple[TestChange, ...]
    facts: tuple[FactChange, ...]
    scores: tuple[ScoreChange, ...]
    items: tuple[ItemChange, ...]
    policy: tuple[PolicyChange, ...]
    log: tuple[Moment, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the two nights decide the same; values may differ all the same."""
        return not (self.tiers or self.items or self.scores)
