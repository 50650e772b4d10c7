"""Figures as tables: aligned for a terminal, or in Markdown."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Table:
    """Cells as text; the first column stands to the left, figures to the right."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def aligned(table: Table) -> str:
    """Columns side by side; the first to the left, figures to the right."""
    lines = [table.head, *table.rows]
    widths = [max(_width(row[place]) for row in lines) for place in range(len(table.head))]
    written = []
    for row in lines:
        cells = [
            _pad(cell, width, place == 0)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        written.append("  ".join(cells).rstrip())
    return "\n".join(written)


def markdown(table: Table) -> str:
    """A table of Markdown; the first column to the left, figures to the right."""
    rule = ["---", *["---:"] * (len(table.head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [table.head, rule, *table.rows])


def write_between_markers(file: Path, part: str, text: str) -> None:
    """Replace what stands between the two markers of a part. Raises `ValueError` without them."""
    begin, end = f"<!-- benchmarks: {part} -->", f"<!-- benchmarks: end of {part} -->"
    content = file.read_text(encoding="utf-8")
    before, found_begin, rest = content.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise ValueError(f"{file} has no place for the figures: {begin} … {end}")
    file.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _pad(text: str, width: int, left: bool) -> str:
    space = " " * (width - _width(text))
    return text + space if left else space + text
