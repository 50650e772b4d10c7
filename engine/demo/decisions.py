"""What people of the demo book decided: who holds which role, overrides and approvals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.demo.workspace import yaml_text
from engine.language.checks.references import ASSIGNMENTS, ROLE, role_uses
from engine.model import Policy

PEOPLE: Mapping[str, tuple[str, ...]] = {
    "general_manager": ("王建国",),
    "key_account_office": ("陈静", "李娜"),
    "key_account_committee": ("王建国", "赵明远", "孙丽娟"),
    "finance": ("周敏",),
    "marketing": ("林晓燕",),
    "research": ("高志强",),
}
"""Who holds a role for the whole company; every role that no assignment of an account has."""


@dataclass(frozen=True)
class Override:
    """Another tier for the customer of a story, from and until days before the book ends."""

    story: str
    tier: str
    reason: str
    approver: str
    from_days_ago: int
    until_days_ago: int


@dataclass(frozen=True)
class Approval:
    """A yes to a milestone or a budget of the customer of a story."""

    story: str
    of: str
    """The key and the id of what is approved."""
    approver: str
    days_ago: int
    note: str
    until_days_ago: int | None = None


Decision = Override | Approval

OVER = (150, 30)
IN_FORCE = (60, -184)
"""From and until: an override that has ended, and one that lasts to the end of the year."""

PILOT = "联合试点期间按上一级服务"
FRAMEWORK = "集团采购框架协议已签，待明年考核"


def _decisions(
    raised: tuple[str, str], kept: tuple[str, str], approved: tuple[str, str], approver: str
) -> tuple[Decision, ...]:
    """A tier that was raised for a while, one that is, and an approved milestone."""
    return (
        Override(*raised, PILOT, approver, *OVER),
        Override(*kept, FRAMEWORK, approver, *IN_FORCE),
        Approval(approved[0], f"milestone: {approved[1]}", approver, 46, "评审会通过"),
    )


DECISIONS: Mapping[str, tuple[Decision, ...]] = {
    "key_account_rules": (
        *_decisions(
            ("expanding_plant", "core"),
            ("large_but_distant", "potential"),
            ("new_star", "rising_account"),
            "陈静",
        ),
        Approval("anchor", "entitlement: strategic_budget", "王建国", 83, "年度专项预算", -184),
    ),
    "engineering": _decisions(
        ("expanding_plant", "class_a"),
        ("second_phase", "class_a"),
        ("nearly_class_a", "rise_to_class_a"),
        "陈静",
    ),
    "systems_engineering": _decisions(
        ("expanding_plant", "class_a"),
        ("crisis", "class_b"),
        ("nearly_class_a_in_b", "rise_to_class_a"),
        "赵明远",
    ),
    "manufacturing": _decisions(
        ("shaky_plant", "core"),
        ("crisis", "key"),
        ("outgrew_its_level", "rise_to_core"),
        "陈静",
    ),
    "value_segments": _decisions(
        ("shaky_plant", "strategic_partner"),
        ("second_phase", "strategic_partner"),
        ("rising_name", "partner_candidate"),
        "陈静",
    ),
}
"""By pack. A workspace has those of its first pack: the packs decide each on its own, but the
people who override them are the same."""


def people_of(policies: Iterable[Policy]) -> dict[str, tuple[str, ...]]:
    """Role → who holds it, for the roles that these packs ask for and no assignment gives."""
    wanted: set[str] = set()
    for policy in policies:
        record = policy.vocabulary.records.get(ASSIGNMENTS)
        column = record.columns.get(ROLE) if record is not None else None
        assigned = column.values if column is not None else ()
        wanted |= {use.role for use in role_uses(policy)} & set(policy.roles) - set(assigned)
    return {role: names for role, names in PEOPLE.items() if role in wanted}


def people_text(people: Mapping[str, Sequence[str]]) -> str:
    """The roles as `people:` of kam.yaml lists them."""
    return "\n".join(
        f"  {role}: {yaml_text(names[0]) if len(names) == 1 else _listed(names)}"
        for role, names in people.items()
    )


def _listed(names: Sequence[str]) -> str:
    return f"[{', '.join(yaml_text(name) for name in names)}]"


def overrides_text(pack: str, cast: Mapping[str, str], as_of: date) -> str:
    """`overrides.yaml` of a pack. `cast` says which account plays in a story; in a small book
    some stories have none.
    """
    played = [one for one in DECISIONS.get(pack, ()) if one.story in cast]
    lines = [
        "# yaml-language-server: $schema=schemas/overrides.schema.json",
        "# What people decided about single accounts, with who approved it. An override always",
        "# has an end; the log keeps what the policy would have said.",
    ]
    for section, kind in (("overrides", Override), ("approvals", Approval)):
        entries = [one for one in played if isinstance(one, kind)]
        lines.append(f"{section}:" if entries else f"{section}: []")
        for one in entries:
            first, *others = _entry(one, pack, cast[one.story], as_of)
            lines += [f"  - {first}", *(f"    {line}" for line in others)]
    return "\n".join(lines) + "\n"


def _entry(one: Decision, pack: str, account: str, as_of: date) -> Iterator[str]:
    def day(days_ago: int) -> date:
        return as_of - timedelta(days=days_ago)

    yield f"account: {account}"
    yield f"pack: {pack}"
    if isinstance(one, Override):
        yield f"tier: {one.tier}"
        yield f"reason: {one.reason}"
        yield f"approver: {one.approver}"
        yield f"from: {day(one.from_days_ago)}"
        yield f"until: {day(one.until_days_ago)}"
        return
    yield one.of
    yield f"approver: {one.approver}"
    yield f"on: {day(one.days_ago)}"
    if one.until_days_ago is not None:
        yield f"until: {day(one.until_days_ago)}"
    yield f"note: {one.note}"
