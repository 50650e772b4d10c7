"""The rows and columns of a migration matrix."""

from __future__ import annotations

from engine.proposal.model import Cells, PackChange

Axis = list[str | None]


def axes(pack: PackChange, cells: Cells) -> tuple[Axis, Axis]:
    """The tiers of the rows and of the columns, best first; what is outside stands last."""
    known: Axis = list(pack.tiers)
    rows = known + ([None] if any(old is None for old, _ in cells) else [])
    columns = known + ([None] if any(new is None for _, new in cells) else [])
    return rows, columns
