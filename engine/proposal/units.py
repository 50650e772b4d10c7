"""Edits → the units that can be tried on their own.

A new parameter and the tier that names it stand or fall together. Edits of one warning or of one
entitlement touch nothing but itself, so all of those are tried at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.model import Policy
from engine.proposal.elements import bare, elements, words_of
from engine.proposal.model import Edit

LEAVES = {"warnings": "warning", "entitlements": "entitlement"}
"""Section → the kind of effect that its elements alone have, each on itself."""
ORDER = (
    *("parameters", "tiers", "measures", "scorecards", "vocabulary.accounts"),
    *("vocabulary.records", "milestones", "warnings", "entitlements"),
)
"""The most telling first, for when there are too many to try them all."""


@dataclass(frozen=True)
class Unit:
    """Edits that are tried together; of `leaves` each explains the effects on its own rule."""

    edits: tuple[Edit, ...]
    leaves: bool = False

    @property
    def keys(self) -> frozenset[tuple[str, str]]:
        return frozenset(one.key for one in self.edits)

    def named(self, kind: str, rule: str) -> tuple[int, ...]:
        """The numbers of the edits that explain an effect if this unit does."""
        if not self.leaves:
            return tuple(one.number for one in self.edits)
        return tuple(
            one.number for one in self.edits if LEAVES[one.section] == kind and one.element == rule
        )


def units_of(old: Policy, new: Policy, edits: Sequence[Edit]) -> list[Unit]:
    """The units of one pack, in the order in which they are tried."""
    moving = [one for one in edits if not one.inert and one.section in ORDER]
    groups = _joined(moving, old, new)
    leaves = [group[0] for group in groups if len(group) == 1 and group[0].section in LEAVES]
    found = [Unit(tuple(group)) for group in groups if group[0] not in leaves]
    found.sort(key=lambda unit: min(ORDER.index(one.section) for one in unit.edits))
    return [*found, *([Unit(tuple(leaves), leaves=True)] if leaves else [])]


def _joined(edits: Sequence[Edit], old: Policy, new: Policy) -> list[list[Edit]]:
    """Edits, together with those that add or remove an element which they name."""
    before, after = elements(old), elements(new)
    words = {
        one.number: words_of(bare(before.get(one.key))) | words_of(bare(after.get(one.key)))
        for one in edits
    }
    groups = [[one] for one in edits]
    for one in edits:
        if one.change == "changed":
            continue
        name = one.element.removeprefix("levels.")
        touching = [
            group
            for group in groups
            if one in group or any(name in words[each.number] for each in group)
        ]
        groups = [group for group in groups if group not in touching] + [_sorted(touching)]
    return sorted(groups, key=lambda group: group[0].number)


def _sorted(groups: Iterable[list[Edit]]) -> list[Edit]:
    return sorted((one for group in groups for one in group), key=lambda one: one.number)
