"""Do the overrides and approvals name what exists, and people who may approve?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from engine.errors import Location, Problem
from engine.language.checks.facts import tier_ids
from engine.language.checks.names import unknown
from engine.language.documents import Node
from engine.language.overrides import Approval, Entry, Overrides, TierOverride
from engine.language.reading import parse_yaml
from engine.model import Policy, PolicyFile

People = Mapping[str, tuple[str, ...]]
"""Role → who holds it for the whole company."""

_NAMED_AT_MOST = 8


def check_overrides(
    overrides: Overrides, policies: Sequence[Policy], people: People
) -> tuple[Problem, ...]:
    """What is wrong between the overrides, all packs of the workspace, and its people."""
    places, known = Places(overrides.file), {policy.id: policy for policy in policies}
    found: dict[Problem, None] = {}
    unchecked: dict[str, Entry] = {}
    for entry in overrides.entries:
        policy = known.get(entry.pack)
        if policy is None:
            what = "a pack of this workspace"
            place = places.of(entry, "pack")
            found[unknown("pack", entry.pack, known, place, what)] = None
            continue
        found.update(dict.fromkeys(_name_problems(entry, policy, places)))
        if roles_that_approve(policy, entry) or people:
            found.update(dict.fromkeys(_approver_problems(entry, policy, people, places)))
        else:
            unchecked.setdefault(policy.id, entry)
    found.update((_unchecked(entry, places), None) for entry in unchecked.values())
    found.update(dict.fromkeys(_overlaps(overrides.tiers, places)))
    return tuple(sorted(found, key=lambda problem: problem.sort_key))


def unknown_accounts(overrides: Overrides, known: Collection[str]) -> tuple[Problem, ...]:
    """A warning for each entry about an account that the sources do not have.

    No error: an account may have left, and what was decided about it is history.
    """
    places = Places(overrides.file)
    return tuple(
        Problem(
            "override-unknown-account",
            f"the sources have no account '{entry.account}'",
            places.of(entry, "account"),
            "correct the id, or remove the entry if the account has left",
            "warning",
        )
        for entry in overrides.entries
        if entry.account not in known
    )


def idle_approvals(
    overrides: Overrides, idle: Mapping[Approval, date | None], as_of: date
) -> tuple[Problem, ...]:
    """A warning for each approval of `idle`, which approves nothing: its proposal opened only
    on the day that is given, or there is none (None).

    No error: what is proposed depends on the facts of a night, and may have been decided.
    """
    places = Places(overrides.file)
    return tuple(_idle(entry, opened, as_of, places) for entry, opened in idle.items())


def _idle(entry: Approval, opened: date | None, as_of: date, places: Places) -> Problem:
    what = f"the approval of '{entry.milestone}' for account '{entry.account}' ({entry.pack})"
    if opened is None:
        message = f"{what} has no effect: as of {as_of} nothing of that name is proposed for it"
        hint = (
            f"correct the account, the milestone or the pack (kam explain {entry.account} says "
            "what is proposed); or remove the entry if it is of another time"
        )
        return Problem(_IDLE, message, places.of(entry, "milestone"), hint, "warning")
    message = (
        f"{what} has no effect: it is of {entry.on}, and the proposal was made on {opened} only"
    )
    hint = f"if this proposal is what was approved, write 'on: {opened}' or a later day"
    return Problem(_IDLE, message, places.of(entry, "on"), hint, "warning")


_IDLE = "approval-without-effect"


class Places:
    """Where the values of an entry stand. The file is read again, but only for a problem."""

    def __init__(self, file: PolicyFile | None) -> None:
        self.file = file
        self.nodes: dict[Location, Node] | None = None

    def of(self, entry: Entry, key: str) -> Location:
        """Of the value under a key; of the whole entry if it has no such key."""
        if self.nodes is None:
            self.nodes = self._read(entry.location.file)
        node = self.nodes.get(entry.location)
        value = None if node is None else node.get(key)
        return entry.location if value is None else value.value_location

    def _read(self, shown: str) -> dict[Location, Node]:
        if self.file is None:
            return {}
        root = parse_yaml(self.file.content, self.file.path, shown).root
        return {node.location: node for section in root.entries() for node in section.elements()}


# --- names ---------------------------------------------------------------------------------


def _name_problems(entry: Entry, policy: Policy, places: Places) -> Iterator[Problem]:
    if isinstance(entry, TierOverride):
        known = tier_ids(policy)
        if entry.tier not in known:
            what = f"a tier of {policy.id}" if known else f"a tier: {policy.id} has none"
            yield unknown("tier", entry.tier, known, places.of(entry, "tier"), what)
    elif entry.milestone is not None:
        yield from _milestone_problems(entry, entry.milestone, policy, places)
    elif entry.entitlement is not None:
        yield from _budget_problems(entry, entry.entitlement, policy, places)


_OTHER_EFFECTS = {"promote": "promotes by itself", "report": "is only reported"}


def _milestone_problems(
    entry: Approval, name: str, policy: Policy, places: Places
) -> Iterator[Problem]:
    proposing = [one.id for one in policy.milestones.values() if one.effect == "propose"]
    milestone, place = policy.milestones.get(name), places.of(entry, "milestone")
    if milestone is None:
        yield unknown("milestone", name, proposing, place, f"a milestone of {policy.id}")
    elif milestone.effect != "propose":
        message = f"milestone '{name}' {_OTHER_EFFECTS[milestone.effect]}, and needs no approval"
        yield Problem("milestone-not-proposed", message, place, _those("proposed are", proposing))


def _budget_problems(
    entry: Approval, name: str, policy: Policy, places: Places
) -> Iterator[Problem]:
    budgets = [one.id for one in policy.entitlements.values() if one.kind == "budget"]
    entitlement, place = policy.entitlements.get(name), places.of(entry, "entitlement")
    if entitlement is None:
        yield unknown("entitlement", name, budgets, place, f"an entitlement of {policy.id}")
    elif entitlement.kind != "budget":
        message = f"entitlement '{name}' is of kind {entitlement.kind}; only budgets are approved"
        yield Problem("not-a-budget", message, place, _those("budgets are", budgets))


def _those(what: str, names: Iterable[str]) -> str | None:
    listed = list(dict.fromkeys(names))
    shown = ", ".join(listed[:_NAMED_AT_MOST])
    more = len(listed) - _NAMED_AT_MOST
    return f"{what}: {shown}" + (f" and {more} more" if more > 0 else "") if listed else None


# --- people --------------------------------------------------------------------------------


def roles_that_approve(policy: Policy, entry: Entry) -> tuple[str, ...]:
    """The roles whose holders may approve an entry; empty where the pack names none.

    The role that a budget asks for may approve it, beside those that approve everything.
    """
    approvers = () if policy.tiers is None else policy.tiers.approvers
    budget = isinstance(entry, Approval) and policy.entitlements.get(entry.entitlement or "")
    asked = budget.terms.get("needs_approval_by") if budget else None
    return (*approvers, asked) if approvers and isinstance(asked, str) else approvers


def _approver_problems(
    entry: Entry, policy: Policy, people: People, places: Places
) -> Iterator[Problem]:
    roles = roles_that_approve(policy, entry)
    may = [name for role in roles or people for name in people.get(role, ())]
    if entry.approver in may:
        return
    named = " or ".join(f"'{role}'" for role in dict.fromkeys(roles))
    why = f"holds no role {named}" if roles else "is not among the people of kam.yaml"
    message = f"'{entry.approver}' may not approve this for {policy.id}: {why}"
    hint = _those("these may", may) or "name who holds the role under 'people:' in kam.yaml"
    yield Problem("may-not-approve", message, places.of(entry, "approver"), hint)


def _unchecked(entry: Entry, places: Places) -> Problem:
    message = f"nobody checks who approves for {entry.pack}"
    hint = (
        "name roles under 'approvers:' of its tiers, and who holds them under 'people:' in kam.yaml"
    )
    place = places.of(entry, "approver")
    return Problem("approver-not-checked", message, place, hint, "warning")


# --- days ----------------------------------------------------------------------------------


def _overlaps(entries: Sequence[TierOverride], places: Places) -> Iterator[Problem]:
    """Overrides of one account and pack that share a day, the later one against the earlier."""
    groups: dict[tuple[str, str], list[TierOverride]] = {}
    for entry in entries:
        groups.setdefault((entry.account, entry.pack), []).append(entry)
    for group in groups.values():
        lasting = None
        for entry in sorted(group, key=lambda one: (one.starts or date.min, one.location)):
            if lasting is not None and (entry.starts or date.min) <= lasting.until:
                first, second = sorted((lasting, entry), key=lambda one: one.location)
                yield _overlap(first, second, places)
            if lasting is None or entry.until > lasting.until:
                lasting = entry


def _overlap(first: TierOverride, second: TierOverride, places: Places) -> Problem:
    message = (
        f"two overrides of account '{second.account}' in {second.pack} overlap: "
        f"{_days(second)} here, and {_days(first)} at {first.location}"
    )
    hint = "let one end before the other begins, or remove one"
    return Problem("overlapping-overrides", message, places.of(second, "account"), hint)


def _days(entry: TierOverride) -> str:
    return f"from {entry.starts} to {entry.until}" if entry.starts else f"until {entry.until}"
