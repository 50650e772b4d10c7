"""What the packs and people say, looked up by rule and by account instead of joined.

The values are those of the parameter tables of `engine.lifecycle.parameters`, which the night's
machines read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from engine.language.overrides import TierOverride
from engine.lifecycle.account.evidence import Evidence
from engine.lifecycle.inputs import Mark, NightInputs
from engine.lifecycle.parameters import parameter_rows, ranks, review_days
from engine.lifecycle.workdays import Calendar
from engine.plan.predicates import columns_of
from engine.plan.steps import PackPlan, Plan


class MilestoneTerms(NamedTuple):
    """`to_rank` 0 is the best tier; None where a milestone moves nobody."""

    effect: str
    to_tier: str | None
    to_rank: int | None
    hold_reviews: int
    hold_until: date | None


class WarningTerms(NamedTuple):
    """Days; a warning that was raised up to `escalate_before` escalates."""

    pending_days: int
    keep_days: int
    cool_days: int
    escalate_before: date | None
    escalate_to: str | None


class ObligationTerms(NamedTuple):
    """A cadence has a period; a response its clock, and seconds or workdays."""

    kind: str
    at_least: int
    at_most: int | None
    period_start: date
    period_end: date
    period_before: date
    remind_from: date
    clock: str | None
    limit_seconds: int | None
    limit_workdays: int | None


class ActionTerms(NamedTuple):
    template: str
    owner_role: str
    pack_owner: str
    due_on: date | None
    priority: str


@dataclass(frozen=True)
class PackPolicy:
    """One pack on one day. Tiers stand best first; `default` is the last."""

    pack: PackPlan
    as_of: date
    evidence: Evidence
    ranks: Mapping[str, int]
    default: str | None
    entitlements: Mapping[str, tuple[str, ...]]
    """Tier → what it is owed without further conditions."""
    owing: Mapping[str, tuple[str, ...]]
    """Of these, the ones that are met over time."""
    demote_after: int | None
    demote_steps: int | None
    milestones: Mapping[str, MilestoneTerms]
    warnings: Mapping[str, WarningTerms]
    obligations: Mapping[str, ObligationTerms]
    teams: Mapping[str, tuple[tuple[str, int], ...]]
    """Entitlement → the roles of its team, and how many people each needs."""
    actions: Mapping[tuple[str, str, str], ActionTerms]
    """(what asks, rule, level) → what is to be done."""
    milestones_read_tier: bool
    rules_read_tier: bool

    @property
    def id(self) -> str:
        return self.pack.id

    def tier(self, rank: int | None) -> str | None:
        return None if rank is None else self.pack.tiers[rank].id

    def reviews(self, previous: date | None) -> tuple[date, ...]:
        """The days of the reviews after the previous night, up to and including this day."""
        return review_days(self.pack, previous, self.as_of)


def read_policies(plan: Plan, calendar: Calendar) -> tuple[PackPolicy, ...]:
    """Every pack of the plan, in its order."""
    tables = parameter_rows(plan, calendar, NightInputs())

    def rows(table: str, pack: PackPlan) -> Iterator[tuple[object, ...]]:
        return (row[1:] for row in tables[table] if row[0] == pack.id)

    return tuple(_policy(plan, pack, {name: [*rows(name, pack)] for name in _USED})
                 for pack in plan.packs)  # fmt: skip


_USED = (
    *("tier_policy", "review_policy", "milestone_policy", "warning_policy"),
    *("obligation_policy", "owing_tiers", "team_policy", "rule_actions"),
)


def _policy(
    plan: Plan, pack: PackPlan, tables: Mapping[str, list[tuple[object, ...]]]
) -> PackPolicy:
    owing: dict[str, list[str]] = defaultdict(list)
    for tier, rule in tables["owing_tiers"]:
        owing[str(tier)].append(str(rule))
    teams: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for rule, role, at_least in tables["team_policy"]:
        assert isinstance(at_least, int)
        teams[str(rule)].append((str(role), at_least))
    ((_, after, steps),) = tables["review_policy"]
    assert after is None or isinstance(after, int)
    assert steps is None or isinstance(steps, int)
    return PackPolicy(
        pack=pack,
        as_of=plan.as_of,
        evidence=Evidence(plan, pack),
        ranks=ranks(pack),
        default=next((one.id for one in pack.tiers if one.predicate is None), None),
        entitlements={str(tier): _ids(owed) for tier, _, _, owed in tables["tier_policy"]},
        owing={tier: tuple(rules) for tier, rules in owing.items()},
        demote_after=after,
        demote_steps=steps,
        milestones={
            str(rule): MilestoneTerms._make(rest) for rule, *rest in tables["milestone_policy"]
        },
        warnings={str(rule): WarningTerms._make(rest) for rule, *rest in tables["warning_policy"]},
        obligations={
            str(rule): ObligationTerms._make(rest) for rule, *rest in tables["obligation_policy"]
        },
        teams={rule: tuple(roles) for rule, roles in teams.items()},
        actions={
            (str(asks), str(rule), str(level)): ActionTerms._make(rest)
            for asks, rule, level, *rest in tables["rule_actions"]
        },
        milestones_read_tier=_reads_tier(pack, ("milestone",)),
        rules_read_tier=_reads_tier(pack, ("warning", "entitlement")),
    )


def _ids(listed: object) -> tuple[str, ...]:
    assert isinstance(listed, list)
    return tuple(listed)


def _reads_tier(pack: PackPlan, kinds: tuple[str, ...]) -> bool:
    return any(
        pack.tier_column in columns_of(predicate)
        for rule in pack.rules
        if rule.kind in kinds
        for _, predicate in rule.levels
    )


# --- what people say ---------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What people have decided and said, by account."""

    overrides: Mapping[tuple[str, str], TierOverride] = field(default_factory=dict)
    """(account, pack) → the override that is in force."""
    approvals: Mapping[tuple[str, str, str], tuple[date, str]] = field(default_factory=dict)
    """(account, pack, milestone) → the day of the last approval up to today, and who gave it."""
    marks: Mapping[tuple[str, str, str], tuple[Mark, ...]] = field(default_factory=dict)
    """(account, pack, rule) → what was said about a warning up to today, in that order."""
    people: Mapping[str, str] = field(default_factory=dict)
    """Role → who holds it for the company."""


def read_said(inputs: NightInputs, as_of: date) -> Said:
    """What holds on a day."""
    overrides: dict[tuple[str, str], TierOverride] = {}
    for one in inputs.overrides.tiers:
        if (one.starts is None or one.starts <= as_of) and as_of <= one.until:
            overrides.setdefault((one.account, one.pack), one)
    approvals: dict[tuple[str, str, str], tuple[date, str]] = {}
    for yes in inputs.overrides.approvals:
        if yes.milestone is not None and yes.on <= as_of:
            key = (yes.account, yes.pack, yes.milestone)
            if key not in approvals or approvals[key][0] < yes.on:
                approvals[key] = (yes.on, yes.approver)
    marks: dict[tuple[str, str, str], list[Mark]] = defaultdict(list)
    for mark in sorted(inputs.marks, key=lambda one: one.mark_no):
        if mark.day <= as_of:
            marks[mark.account, mark.pack, mark.rule].append(mark)
    people = {role: names[0] for role, names in inputs.people.items() if names}
    return Said(overrides, approvals, {key: tuple(one) for key, one in marks.items()}, people)
