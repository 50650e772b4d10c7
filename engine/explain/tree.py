"""The explanation of one account under one pack: frozen dataclasses, ready to be shown.

A truth is true, false or None (unknown). Values are as the facts hold them (see
`engine.executors.protocol.Value`), each with the type that says how to read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from engine.errors import Location
from engine.model import Title, ValueType

Value = Decimal | int | float | bool | str | date | None
Truth = bool | None


@dataclass(frozen=True)
class Fact:
    """A column of the account: its id, its title, its value and how to read that."""

    column: str
    title: Title
    type: ValueType
    value: Value


@dataclass(frozen=True)
class Standing:
    """Where an account stands under `top` or `bottom`.

    The first `admitted` of `population` accounts qualify; `cutoff` is the value of the
    last of them. `place` counts from 1 in the direction of `side`, where it is known.
    """

    side: str
    share: Decimal
    population: int | None
    admitted: int | None
    cutoff: Value
    place: int | None


@dataclass(frozen=True)
class MissingFact:
    """What would have to be known, and why it is not.

    ``not_mapped``: the workspace has no such column or table; ``not_recorded``: the
    account has no value; ``no_records``: too few records of table `record` in the window;
    ``not_computable``: a formula without a result, such as a division by zero.
    """

    fact: Fact
    reason: Literal["not_mapped", "not_recorded", "no_records", "not_computable"]
    record: str | None = None


@dataclass(frozen=True)
class TestNode:
    """One comparison.

    `operator` is the one that the policy writes; `written` is the threshold as written and
    `thresholds` what it came to. `others` are the measures that the threshold names.
    """

    __test__ = False  # not a test case, whatever pytest thinks of the name

    truth: Truth
    subject: Fact
    operator: str
    symbol: Title
    written: str
    thresholds: tuple[Value, ...]
    others: tuple[Fact, ...]
    standing: Standing | None
    missing: tuple[MissingFact, ...]
    location: Location


@dataclass(frozen=True)
class GroupNode:
    """`all`, `any` or `none` of the parts."""

    truth: Truth
    kind: Literal["all", "any", "none"]
    parts: tuple[ConditionNode, ...]


ConditionNode = TestNode | GroupNode


@dataclass(frozen=True)
class TierNode:
    """One tier; `condition` is None for the default tier."""

    id: str
    title: Title
    truth: Truth
    is_candidate: bool
    is_effective: bool
    condition: ConditionNode | None
    location: Location


@dataclass(frozen=True)
class LevelNode:
    """One level of a rule; milestones and entitlements have the one level ``""``."""

    level: str
    truth: Truth
    condition: ConditionNode


@dataclass(frozen=True)
class RuleNode:
    """A warning, milestone or conditional entitlement. `level` is the one that holds."""

    kind: str
    id: str
    title: Title
    truth: Truth
    level: str | None
    levels: tuple[LevelNode, ...]
    location: Location


@dataclass(frozen=True)
class EntitlementNode:
    """What the effective tier is owed without further conditions."""

    id: str
    kind: str
    title: Title
    location: Location


@dataclass(frozen=True)
class PartNode:
    """A criterion of a scorecard: `points` of 100, and what they add to the score."""

    path: tuple[Title, ...]
    input: Fact
    points: float | None
    weight: Decimal
    contribution: float | None


@dataclass(frozen=True)
class ScoreNode:
    """A scorecard; `coverage` is the share of weight that had data."""

    score: Fact
    coverage: float | None
    missing: str
    parts: tuple[PartNode, ...]


@dataclass(frozen=True)
class Gap:
    """A test that stands between the account and a tier.

    ``raise`` and ``lower`` say by how much at least (`amount` in the unit of the subject,
    `relative` as a share of the threshold; `strict`: by more than that); ``change`` is for
    values without a distance, ``unknown`` for missing ones. With `avoid` the test holds
    and must not.
    """

    test: TestNode
    need: Literal["raise", "lower", "change", "unknown"]
    amount: Decimal | int | float | None
    relative: float | None
    strict: bool
    avoid: bool


@dataclass(frozen=True)
class Distance:
    """The way to the next tier up. Without `gaps` its conditions hold already."""

    tier: str
    title: Title
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class Explanation:
    """Everything that one pack says about one account on one day."""

    account_id: str
    name: str | None
    pack: str
    title: Title
    version: str
    policy_hash: str
    as_of: date
    currency: str
    in_population: bool
    population: ConditionNode | None
    exclusion: ConditionNode | None
    """What would give the account the default tier at once; None if the pack excludes nobody."""
    tier: str | None
    candidate: str | None
    tiers: tuple[TierNode, ...]
    distance: Distance | None
    scores: tuple[ScoreNode, ...]
    rules: tuple[RuleNode, ...]
    entitlements: tuple[EntitlementNode, ...]
