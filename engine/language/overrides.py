"""`overrides.yaml`: what people decide about single accounts, as they wrote it.

Whether the packs, tiers, milestones and people that it names exist is for
`engine.language.checks.overrides`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.errors import KamError, Location, Problem
from engine.language.build_pack import read_day
from engine.language.conditions import Report
from engine.language.documents import Node
from engine.language.reading import parse_yaml
from engine.language.schema import validate
from engine.language.texts import Texts
from engine.language.workspace import Workspace
from engine.model import PolicyFile


@dataclass(frozen=True)
class TierOverride:
    """The effective tier of an account from `starts` (None: at once) to `until`, both included."""

    account: str
    pack: str
    tier: str
    reason: str
    approver: str
    starts: date | None
    until: date
    location: Location


@dataclass(frozen=True)
class Approval:
    """A yes to what a milestone proposed, or to a budget; exactly one of the two is named.

    `until` is the last day of a budget's approval; None for one without end and for that of
    a milestone, which is used once.
    """

    account: str
    pack: str
    milestone: str | None
    entitlement: str | None
    approver: str
    on: date
    until: date | None
    note: str | None
    location: Location


Entry = TierOverride | Approval


@dataclass(frozen=True)
class Overrides:
    """Everything that the file says, in the order written; empty without a file."""

    tiers: tuple[TierOverride, ...] = ()
    approvals: tuple[Approval, ...] = ()
    file: PolicyFile | None = None

    @property
    def entries(self) -> tuple[Entry, ...]:
        return (*self.tiers, *self.approvals)


def read_overrides(workspace: Workspace, texts: Texts, packs: Sequence[str]) -> Overrides:
    """The overrides of a workspace, from the bytes that were read with its kam.yaml.

    `texts` says how locations name the file; `packs` are the ids of the packs that could be
    loaded: where the workspace has a single one, entries may leave it out. Raises `KamError`
    with everything that is wrong with the form of the file, and days that do not exist.
    """
    if workspace.overrides is None:
        return Overrides()
    file = next(one for one in workspace.files if one.path == workspace.overrides)
    document = parse_yaml(file.content, file.path, texts.shown(file.path))
    problems = [*document.problems, *validate(document, "overrides")]
    if problems:
        raise KamError(problems)
    reader = _Reader(len(workspace.policies) == 1, packs, problems.append)
    tiers = tuple(reader.override(node) for node in _entries(document.root, "overrides"))
    approvals = tuple(reader.approval(node) for node in _entries(document.root, "approvals"))
    if problems:
        raise KamError(problems)
    return Overrides(tiers, approvals, file)


def _entries(root: Node, section: str) -> Sequence[Node]:
    return root[section].elements() if section in root else ()


@dataclass(frozen=True)
class _Reader:
    """Builds the entries of a file that has the right form."""

    single: bool
    """Whether the workspace has one pack, which need not be named."""
    packs: Sequence[str]
    report: Report

    def override(self, node: Node) -> TierOverride:
        starts = read_day(node["from"], self.report) if "from" in node else None
        until = read_day(node["until"], self.report)
        self.check_order(node, "override begins", starts, until)
        return TierOverride(
            account=str(node.value["account"]),
            pack=self.pack(node),
            tier=node.value["tier"],
            reason=node.value["reason"],
            approver=node.value["approver"],
            starts=starts,
            until=until,
            location=node.location,
        )

    def approval(self, node: Node) -> Approval:
        on = read_day(node["on"], self.report)
        until = read_day(node["until"], self.report) if "until" in node else None
        self.check_order(node, "approval is given", on, until)
        return Approval(
            account=str(node.value["account"]),
            pack=self.pack(node),
            milestone=node.read("milestone"),
            entitlement=node.read("entitlement"),
            approver=node.value["approver"],
            on=on,
            until=until,
            note=node.read("note"),
            location=node.location,
        )

    def check_order(self, node: Node, begins: str, first: date | None, until: date | None) -> None:
        # A day that does not exist has been reported, and stands as the first of all days.
        if first is None or until is None or date.min in (first, until) or first <= until:
            return
        message = f"the {begins} on {first} and ends before that, on {until}"
        hint = "until is the last day, that day included"
        self.report(Problem("not-rising", message, node["until"].value_location, hint))

    def pack(self, node: Node) -> str:
        if "pack" in node:
            return str(node.value["pack"])
        if not self.single:
            hint = f"add 'pack': one of {', '.join(self.packs)}" if self.packs else None
            message = "the entry must name its pack, for the workspace has several"
            self.report(Problem("missing-key", message, node.location, hint))
        # The single pack of a workspace is not known if it cannot be loaded.
        return self.packs[0] if self.single and self.packs else ""
