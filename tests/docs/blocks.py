"""The fenced blocks of the pages, by what they say they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.repository.files import ROOT

FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: the page, the line of its fence, what stands after the fence."""

    page: Path
    line: int
    mark: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """Every page that people read; the parts that a page is made of are not."""
    return [*ROOT.glob("*.md"), *sorted((ROOT / "docs").glob("*.md"))]


def blocks(*marks: str) -> Iterator[Block]:
    """The blocks of all pages with one of these marks; all blocks if none is given."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            if not marks or match[1] in marks:
                line = text.count("\n", 0, match.start()) + 1
                yield Block(page, line, match[1], match[2])
