"""What the guide for operations types is tried in the demo, in its order."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import kam
from tests.books.history import History
from tests.docs.blocks import Block, blocks
from tests.repository.files import ROOT

GUIDE = ROOT / "docs" / "operations.md"
SECTIONS = (
    "What people say",
    "What we owe",
    "One account, and the whole book",
    "Lists",
)
"""Of the guide: what is typed there is typed in the demo."""

MAY_BE_EMPTY = ("kam accounts --moved",)
"""The last run of the demo moves nobody."""


def section_of(block: Block) -> str:
    lines = block.page.read_text(encoding="utf-8").splitlines()[: block.line]
    return next(line[3:] for line in reversed(lines) if line.startswith("## "))


def commands(block: Block) -> Iterator[str]:
    for line in block.text.splitlines():
        command = line.split("  #")[0].strip()
        if command.startswith("kam "):
            yield command


def of_the_demo() -> list[Block]:
    return [one for one in blocks("sh") if one.page == GUIDE and section_of(one) in SECTIONS]


@pytest.fixture
def demo(history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo as `kam demo` leaves it, in which one stands."""
    folder = tmp_path / "demo"
    shutil.copytree(history.folder, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("KAM_USER", "陈静")
    return folder


def test_the_guide_has_a_block_in_every_section() -> None:
    assert sorted({section_of(one) for one in of_the_demo()}) == sorted(SECTIONS)


@pytest.mark.parametrize("block", [pytest.param(one, id=one.place) for one in of_the_demo()])
@pytest.mark.usefixtures("demo")
def test_what_the_guide_types_works_in_the_demo(block: Block) -> None:
    typed = list(commands(block))
    assert typed
    for command in typed:
        line = [*shlex.split(command)[1:], "--lang", "en"]
        result = CliRunner().invoke(kam.main, line)
        assert result.exit_code == 0, f"{command}: {result.output}"
        assert command in MAY_BE_EMPTY or "Nothing to list" not in result.stdout, command


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
@pytest.mark.usefixtures("demo")
def test_what_the_readme_says_of_an_action_and_a_warning_works_in_the_demo(page: str) -> None:
    said = [
        command
        for block in blocks("sh")
        if block.page.name == page
        for command in commands(block)
        if command.startswith(("kam actions done", "kam warnings ack"))
    ]
    assert len(said) == 2
    for command in said:
        result = CliRunner().invoke(kam.main, shlex.split(command)[1:])
        assert result.exit_code == 0, f"{command}: {result.output}"
