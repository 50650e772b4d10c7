"""Figures go where the document has a place for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.measure import ROOT
from benchmarks.options import PARTS
from benchmarks.tables import Table, aligned, markdown, write_between_markers

TABLE = Table(("engine", "accounts/s"), [["客户", "1,000"], ["kam", "7"]])


@pytest.mark.parametrize("part", PARTS)
def test_the_document_has_a_place_for_every_part(part: str, tmp_path: Path) -> None:
    copy = tmp_path / "benchmarks.md"
    written = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    copy.write_text(written, encoding="utf-8")
    write_between_markers(copy, part, "the figures")
    text = copy.read_text(encoding="utf-8")
    assert text.count("the figures") == written.count("the figures") + 1
    head, _, tail = written.partition(f"<!-- benchmarks: {part} -->")
    assert text.startswith(head)
    assert text.endswith(tail.partition(f"<!-- benchmarks: end of {part} -->")[2])


def test_a_document_without_a_place_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("<!-- benchmarks: nights -->\n", encoding="utf-8")
    with pytest.raises(ValueError, match="end of nights"):
        write_between_markers(file, "nights", "figures")
    assert file.read_text(encoding="utf-8") == "<!-- benchmarks: nights -->\n"


def test_tables_are_aligned_by_the_width_of_their_characters() -> None:
    assert aligned(TABLE).splitlines() == [
        "engine  accounts/s",
        "客户         1,000",
        "kam              7",
    ]
    assert markdown(TABLE).splitlines()[1:3] == ["| --- | ---: |", "| 客户 | 1,000 |"]
