"""From a Python value, as a workbook or a database holds it, to a cell."""

from __future__ import annotations

import datetime as dt
from typing import Any

from engine.facts.cells import TEXT_LIMIT
from engine.facts.sources.staging import Cell

EMPTY = Cell()


def to_cell(value: Any) -> Cell:
    """The cell for a value; a value of a kind that no column has becomes a fault.

    >>> to_cell(12), to_cell(0.5)
    (Cell(text='12', number=None, fault=None), Cell(text=None, number=0.5, fault=None))
    """
    if isinstance(value, str):
        # One letter more than a cell may have, so that the cell is refused for its length.
        return Cell(value if len(value) <= TEXT_LIMIT else value[: TEXT_LIMIT + 1])
    if isinstance(value, bool):
        return Cell("true" if value else "false")
    if isinstance(value, int):
        return Cell(str(value))
    if isinstance(value, float):
        return Cell(number=value)
    if isinstance(value, dt.date):  # a datetime is one
        return Cell(str(value))
    if isinstance(value, bytes):
        text = value[:TEXT_LIMIT].decode("utf-8", "replace")
        return Cell(text, fault="is binary data or text that is not UTF-8")
    if value is None:
        return EMPTY
    return Cell(str(value)[:TEXT_LIMIT], fault="is a time without a day, or a duration")
