"""What an executor is given and what it hands back.

Executors read the same `Plan` and must return the same `Evaluation`; nothing in one of
them decides what a policy means. The types here are plain Python so that results can be
compared with ``==``; an executor for large books has a bulk interface of its own beside
`Executor`, over the same code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from engine.errors import Location
from engine.plan.steps import Plan

Value = Decimal | int | float | bool | str | date | None
"""A value of a row. `None` is missing.

Money is `Decimal` with the scale of the plan, `integer` and `days` are `int`, every other
number is `float`, a datetime is a `datetime` without a time zone (a subclass of `date`).
"""

Row = Mapping[str, Value]


@dataclass(frozen=True)
class FactTables:
    """Facts in memory, already typed.

    `accounts` rows hold ``account_no`` (0, 1, 2 … in order of the id), ``account_id`` and
    the columns of `Plan.accounts`; the rows of ``records[name]`` hold ``account_no`` and
    the columns of that `RecordStep`. A column that a row leaves out is missing.
    """

    accounts: Sequence[Row]
    records: Mapping[str, Sequence[Row]] = field(default_factory=dict)


Tiers = Mapping[str, Sequence[str | None]]
"""Pack id → tier of each account, by ``account_no``; None outside the population."""

TierChanges = Mapping[str, Mapping[str, str]]
"""Pack id → account id → effective tier, where it is not the candidate."""


@dataclass(frozen=True)
class Measured:
    """What is known before anything is decided about tiers over time.

    `facts` has one row per account, by ``account_no``: ``account_no``, ``account_id``,
    the account columns and every computed column.
    """

    facts: tuple[Row, ...]
    statistics: Row
    candidates: Tiers
    obligations: ObligationFacts


@dataclass(frozen=True, order=True)
class RuleKey:
    """One rule about one account."""

    pack: str
    kind: str
    rule: str
    account_no: int
    account_id: str


@dataclass(frozen=True)
class Hit:
    """A rule that is true: its worst level that holds, and the values that explain it.

    `level` is ``""`` for milestones and entitlements. `evidence` has the columns of
    `RuleStep.evidence`, in that order.
    """

    key: RuleKey
    level: str
    evidence: Row


@dataclass(frozen=True)
class Decisions:
    """`hits` and `unknowns` in order of `RuleKey`; what is in neither is false."""

    hits: tuple[Hit, ...]
    unknowns: tuple[RuleKey, ...]


@dataclass(frozen=True, order=True)
class CadenceCount:
    """How often an account had what a cadence asks for, in its period and in the one before."""

    pack: str
    rule_id: str
    account_no: int
    done: int
    done_before: int
    last_on: date


@dataclass(frozen=True)
class TimedRecord:
    """A record that must be answered, or done, in time. Moments have no time zone."""

    pack: str
    rule_id: str
    account_no: int
    record: str | None
    starts: datetime | None
    stops: datetime | None
    due: date | None


@dataclass(frozen=True, order=True)
class TeamCoverage:
    """How many different people hold a role of a team for an account."""

    pack: str
    rule_id: str
    role: str
    account_no: int
    people: int


@dataclass(frozen=True)
class ObligationFacts:
    """What the obligations of all packs are judged by, for every account that has records."""

    cadences: tuple[CadenceCount, ...] = ()
    timed: tuple[TimedRecord, ...] = ()
    teams: tuple[TeamCoverage, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """Everything that one evaluation of a plan says, before the lifecycle."""

    facts: tuple[Row, ...]
    statistics: Row
    candidates: Tiers
    hits: tuple[Hit, ...]
    unknowns: tuple[RuleKey, ...]
    obligations: ObligationFacts = ObligationFacts()


@dataclass(frozen=True)
class Unsupported:
    """A part of a plan that an executor cannot evaluate, and why."""

    what: str
    reason: str
    location: Location | None = None


class Executor(Protocol):
    """The one small interface of every executor."""

    @property
    def name(self) -> str: ...

    def unsupported(self, plan: Plan) -> tuple[Unsupported, ...]:
        """What the executor cannot do itself; empty means all of the plan."""

    def evaluate(
        self, plan: Plan, tables: FactTables, changes: TierChanges | None = None
    ) -> Evaluation:
        """Evaluate `plan` over `tables`.

        Rules see as the effective tier the candidate, except where `changes` names
        another. What is `unsupported` is answered by another executor, and never left out.
        """


def apply_changes(
    candidates: Tiers, accounts: Sequence[Row], changes: TierChanges | None
) -> dict[str, tuple[str | None, ...]]:
    """The effective tiers: candidates with `changes` laid over them.

    An account outside the population stays without a tier.
    """
    effective: dict[str, tuple[str | None, ...]] = {}
    for pack, tiers in candidates.items():
        overlay = (changes or {}).get(pack, {})
        effective[pack] = tuple(
            None if tier is None else overlay.get(str(row["account_id"]), tier)
            for row, tier in zip(accounts, tiers, strict=True)
        )
    return effective
