"""A proposal as somebody may see it who may not read every column."""

from __future__ import annotations

from dataclasses import replace

from engine.model import CLASSES, Classification
from engine.proposal.model import Cost, PackChange, Proposal


def for_reader(proposal: Proposal, level: Classification) -> Proposal:
    """Without the names of accounts and the sums of money that are of a class above `level`."""

    def may_read(one: Classification) -> bool:
        return CLASSES.index(one) <= CLASSES.index(level)

    def cost(one: Cost) -> Cost:
        if may_read(one.classification):
            return one
        return replace(one, before=None, after=None, is_hidden=True, hides_change=one.is_other)

    def pack(one: PackChange) -> PackChange:
        masked = replace(one, costs=tuple(cost(each) for each in one.costs))
        return masked if may_read(proposal.name_class) else _nameless(masked)

    return replace(proposal, packs=tuple(pack(one) for one in proposal.packs))


def _nameless(pack: PackChange) -> PackChange:
    return replace(
        pack,
        moves=tuple(replace(one, name=None) for one in pack.moves),
        rules=tuple(
            replace(one, touched=tuple(replace(each, name=None) for each in one.touched))
            for one in pack.rules
        ),
    )
