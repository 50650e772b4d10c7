"""What a test expects, read and checked against the names of its pack."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.errors import Problem
from engine.executors.protocol import Value
from engine.language.checks.names import unknown
from engine.language.documents import Node
from engine.model import SCOPES, Policy
from engine.nearest import did_you_mean
from engine.plan.obligations import OBLIGATION_KINDS
from engine.policy_tests.model import NO_TIER, Expectation, Listed, Rank, States

OBLIGATION_STATES = ("open", "due", "overdue", "met", "exceeded", "late")
LISTS = ("entitlements", "warnings", "milestones", "obligations", "actions", *SCOPES)
"""The keys of what is expected as a list."""

Known = Mapping[str, Collection[str]]
"""Id → its levels or states."""


@dataclass(frozen=True)
class Expecting:
    """Reads ``expect:``; `value` reads what a column or a measure should come to."""

    policy: Policy
    problems: list[Problem]
    value: Callable[[Node], Sequence[Value | Rank]]

    def read(self, node: Node) -> Expectation:
        return Expectation(
            tier=self.tier(node.get("tier")),
            candidate=self.tier(node.get("candidate")),
            lists={key: self.listed(node[key]) for key in LISTS if key in node},
            values={
                entry.key: value
                for entry in node.entries("values")
                for value in self.value(entry)
                if not isinstance(value, Rank)
            },
            places={entry.key: entry.location for entry in node.entries()},
        )

    def tier(self, node: Node | None) -> str | None:
        if node is None:
            return None
        scheme = self.policy.tiers
        known = [] if scheme is None else [one.id for one in (*scheme.levels, scheme.default)]
        if node.value not in (*known, NO_TIER):
            what = "a tier of this pack"
            self.problems.append(unknown("tier", node.value, known, node.value_location, what))
        return str(node.value)

    def listed(self, node: Node) -> Listed:
        """A list of ids, states by id, or what is included and excluded."""
        known = self.known(node.key)
        is_partial = isinstance(node.value, dict) and {"includes", "excludes"} & set(node.value)
        if not is_partial:
            return Listed(self.states(node, known), (), True, node.location)
        for entry in node.entries():
            if entry.key not in ("includes", "excludes"):
                message = f"'{entry.key}' stands beside 'includes' and 'excludes'"
                found = Problem("misplaced", message, entry.location, "put it under 'includes'")
                self.problems.append(found)
        included = self.states(node["includes"], known) if "includes" in node else {}
        excluded = self.states(node["excludes"], known) if "excludes" in node else {}
        return Listed(included, tuple(excluded), False, node.location)

    def states(self, node: Node, known: Known) -> dict[str, States]:
        by_id = isinstance(node.value, dict)
        named = (
            [(one, one.key) for one in node.entries()]
            if by_id
            else [(one, str(one.value)) for one in node.elements()]
        )
        found: dict[str, States] = {}
        for place, name in named:
            if name not in known:
                what = "anything that this pack can decide here"
                self.problems.append(unknown("name", name, known, place.location, what))
            else:
                found[name] = self.state(place, known[name]) if by_id else ()
        return found

    def state(self, node: Node, admitted: Collection[str]) -> States:
        listed = node.elements() if isinstance(node.value, list) else (node,)
        for one in listed:
            if one.value not in admitted:
                hint = did_you_mean(one.value, admitted)
                if hint is None:
                    hint = f"write one of {', '.join(admitted)}" if admitted else "write a list"
                message = f"'{one.value}' is no level or state of '{node.key}'"
                self.problems.append(Problem("not-one-of", message, one.value_location, hint))
        return tuple(sorted(one.value for one in listed))

    def known(self, key: str) -> Known:
        policy = self.policy
        if key == "entitlements":
            return dict.fromkeys(policy.entitlements, ())
        if key == "milestones":
            return dict.fromkeys(policy.milestones, ())
        if key == "actions":
            return dict.fromkeys(policy.actions, ())
        if key == "obligations":
            owed = (one.id for one in policy.entitlements.values() if one.kind in OBLIGATION_KINDS)
            return dict.fromkeys(owed, OBLIGATION_STATES)
        scope = "account" if key == "warnings" else key
        return {
            one.id: tuple(level.level for level in one.levels)
            for one in policy.warnings.values()
            if one.scope == scope
        }
