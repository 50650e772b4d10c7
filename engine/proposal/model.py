"""What a changed policy would do: plain values, from which text, JSON and the page are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from engine.errors import Problem
from engine.model import DEFAULT_CLASS, Classification, Title

Cells = Mapping[tuple[str | None, str | None], int]
"""(tier before, tier after) → accounts; None is outside the population."""


@dataclass(frozen=True)
class Written:
    """A place in a policy and the lines that stand there."""

    file: str
    line: int
    text: str


@dataclass(frozen=True)
class Edit:
    """An element of a pack that was added, removed or changed.

    `section` is ``parameters``, ``tiers``, ``warnings`` …, `element` the id in it. An edit that is
    `inert` (a title, a note) cannot move anything.
    """

    number: int
    pack: str
    section: str
    element: str
    change: Literal["added", "removed", "changed"]
    old: Written | None
    new: Written | None
    inert: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.section, self.element


class Effect(NamedTuple):
    """Something that is decided otherwise about one account (or portfolio, or manager).

    `kind` is ``tier``, ``candidate``, ``warning``, ``entitlement`` or ``milestone``; `before` and
    `after` are tiers or levels, and None where there is nothing.
    """

    pack: str
    kind: str
    rule: str
    scope: str
    account: str
    before: str | None
    after: str | None


class Cause(NamedTuple):
    """The numbers of the edits that bring an effect about, each alone, or only `together`."""

    edits: tuple[int, ...] = ()
    together: bool = False


UNKNOWN_CAUSE = Cause()
STATES = ("overdue", "due", "exceeded", "open", "late", "met")
"""Of obligations, the gravest first."""


@dataclass(frozen=True)
class Move:
    """An account whose tier tonight, or whose candidate, is another."""

    account: str
    name: str | None
    before: str | None
    after: str | None
    candidate_before: str | None
    candidate_after: str | None
    cause: Cause


@dataclass(frozen=True)
class Touched:
    """An account that a rule is decided otherwise about."""

    account: str
    name: str | None
    scope: str
    before: str | None
    after: str | None
    cause: Cause


@dataclass(frozen=True)
class RuleChange:
    """A warning, entitlement or milestone: for how many it holds, before and after."""

    kind: str
    rule: str
    title: Title
    before: int
    after: int
    levels_before: Mapping[str, int]
    levels_after: Mapping[str, int]
    touched: tuple[Touched, ...]

    @property
    def appears(self) -> int:
        return sum(one.before is None for one in self.touched)

    @property
    def vanishes(self) -> int:
        return sum(one.after is None for one in self.touched)


@dataclass(frozen=True)
class Duty:
    """A duty of a role: how many accounts are owed it, and for a cadence how often a quarter.

    `times_before` and `times_after` are per account and quarter; None for what has no rhythm.
    """

    role: str
    role_title: Title
    rule: str
    kind: str
    title: Title
    accounts_before: int
    accounts_after: int
    times_before: Decimal | None
    times_after: Decimal | None

    @property
    def meetings(self) -> tuple[Decimal, Decimal]:
        """A quarter, before and after."""
        before = self.accounts_before * (self.times_before or Decimal(0))
        return before, self.accounts_after * (self.times_after or Decimal(0))


@dataclass(frozen=True)
class RoleLoad:
    """What a role has to do a quarter, over all packs."""

    role: str
    title: Title
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class Load:
    """Accounts above the default tier in the hands of people."""

    people: int = 0
    accounts: int = 0
    largest: int = 0

    @property
    def average(self) -> Decimal:
        """Accounts a person, to one decimal."""
        if not self.people:
            return Decimal(0)
        return (Decimal(self.accounts) / self.people).quantize(Decimal("0.1"))


@dataclass(frozen=True)
class Assigned:
    """Accounts per person of an assigned role."""

    role: str
    title: Title
    before: Load
    after: Load


@dataclass(frozen=True)
class Cost:
    """A pricing or a budget. `before` and `after` are money a year; None where it is not money."""

    rule: str
    kind: str
    title: Title
    accounts_before: int
    accounts_after: int
    before: Decimal | None
    after: Decimal | None
    measure: str | None = None
    approved_by: str | None = None
    approver: Title | None = None
    """The title of that role."""
    classification: Classification = DEFAULT_CLASS
    """Of the measure: who may read the sums."""
    is_hidden: bool = False
    """Whether the sums were taken out for a reader."""
    hides_change: bool = False

    @property
    def is_other(self) -> bool:
        """Whether the sum is another, even if it may not be seen."""
        return self.hides_change or self.before != self.after


@dataclass(frozen=True)
class Owed:
    """The obligations of an entitlement by their state tonight, before and after."""

    rule: str
    kind: str
    title: Title
    before: Mapping[str, int]
    after: Mapping[str, int]

    @property
    def others(self) -> tuple[tuple[str, int, int], ...]:
        """(state, before, after) of the states in which there are more or fewer."""
        states = [one for one in STATES if self.before.get(one, 0) != self.after.get(one, 0)]
        return tuple((one, self.before.get(one, 0), self.after.get(one, 0)) for one in states)


@dataclass(frozen=True)
class PackChange:
    """All that is other in one pack. Tiers stand best first."""

    id: str
    title: Title
    tiers: Mapping[str, Title]
    accounts_before: int
    accounts_after: int
    tonight: Cells
    candidates: Cells
    moves: tuple[Move, ...]
    rules: tuple[RuleChange, ...]
    duties: tuple[Duty, ...]
    assigned: tuple[Assigned, ...]
    costs: tuple[Cost, ...]
    owed: tuple[Owed, ...]

    def rules_of(self, kind: str) -> tuple[RuleChange, ...]:
        """Those of a kind that are decided otherwise about somebody."""
        return tuple(one for one in self.rules if one.kind == kind and one.touched)

    @property
    def moved_tonight(self) -> int:
        return sum(one.before != one.after for one in self.moves)

    @property
    def moved_candidates(self) -> int:
        return sum(one.candidate_before != one.candidate_after for one in self.moves)

    @property
    def changes_anything(self) -> bool:
        """Whether a decision, a duty or a cost is other."""
        return bool(
            self.moves
            or any(one.touched for one in self.rules)
            or any(one.meetings[0] != one.meetings[1] for one in self.duties)
            or any(one.is_other for one in self.costs)
        )


@dataclass(frozen=True)
class PackVersion:
    """A pack as it stands: `files` by path, with the hash of each."""

    id: str
    version: str
    hash: str
    files: Mapping[str, str]


@dataclass(frozen=True)
class PolicyState:
    """All packs of a workspace, and the one hash over them."""

    packs: tuple[PackVersion, ...]
    hash: str


@dataclass(frozen=True)
class FactsState:
    """The facts that were decided about. Without a run (`run` None) they are the sources."""

    run: str | None
    as_of: date
    fingerprint: str
    manifest: str | None


@dataclass(frozen=True)
class ActionChange:
    """Actions that would be asked for tonight, and that would not, by role."""

    role: str
    title: Title
    appear: int
    vanish: int


@dataclass(frozen=True)
class Proposal:
    """A changed policy over the facts of the last night."""

    workspace: str
    currency: str
    engine: str
    facts: FactsState
    before: PolicyState | None
    after: PolicyState
    edits: tuple[Edit, ...]
    packs: tuple[PackChange, ...]
    roles: tuple[RoleLoad, ...]
    actions: tuple[ActionChange, ...]
    trials: int = 0
    """How many nights were decided to find out which edit moves whom."""
    is_cut_off: bool = False
    """Whether some edits were not tried, because they are too many."""
    notes: tuple[Problem, ...] = field(default=())
    name_class: Classification = DEFAULT_CLASS
    """Who may read the names of accounts."""

    @property
    def is_first(self) -> bool:
        return self.facts.run is None

    @property
    def changes_anything(self) -> bool:
        """Whether anything at all would happen otherwise."""
        actions = any(one.appear or one.vanish for one in self.actions)
        return actions or any(pack.changes_anything for pack in self.packs)
