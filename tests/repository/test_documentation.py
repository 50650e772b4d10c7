"""No command without documentation, and no documentation of what does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import kam
from tests.repository.files import ROOT

READMES = ("README.md", "README.zh.md")
# `kam NAME` where a person would type it: in code, or at the start of a shell line.
CALL = re.compile(r"(?:`|^\s*\$?\s*|&& |\.venv/bin/)kam ([a-z][a-z-]*)", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def commands() -> dict[str, click.Command]:
    context = click.Context(kam.main)
    found = {name: kam.main.get_command(context, name) for name in kam.COMMANDS}
    return {name: command for name, command in found.items() if command is not None}


def pages() -> list[Path]:
    return [*(ROOT / name for name in READMES), *sorted((ROOT / "docs").rglob("*.md"))]


def guides() -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in pages())


def calls(text: str) -> Iterator[str]:
    """The commands named in code: `kam run`, or a line of a fenced block."""
    for code in (*FENCE.findall(text), *CODE.findall(text)):
        yield from CALL.findall(code)


@pytest.mark.parametrize("page", READMES)
def test_readme_names_every_command(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert set(kam.COMMANDS) - set(calls(text)) == set()


@pytest.mark.parametrize("name", kam.COMMANDS)
def test_every_option_of_a_command_is_documented(name: str) -> None:
    text = guides()
    options = [option for option in commands()[name].params if isinstance(option, click.Option)]
    long = [flag for option in options for flag in option.opts if flag.startswith("--")]
    assert [flag for flag in long if not re.search(rf"{re.escape(flag)}\b", text)] == []


@pytest.mark.parametrize("name", kam.COMMANDS)
def test_every_option_of_a_command_has_help(name: str) -> None:
    options = [option for option in commands()[name].params if isinstance(option, click.Option)]
    assert [option.opts for option in options if not option.help and not option.hidden] == []


def test_pages_name_no_command_that_does_not_exist() -> None:
    assert {
        (page.name, name)
        for page in pages()
        for name in calls(page.read_text(encoding="utf-8"))
        if name not in kam.COMMANDS
    } == set()


def test_links_lead_to_files_that_exist() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages()
        if page.parent.name != "language"  # parts of language.md, which stands here itself
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken


def test_pages_name_no_make_target_that_does_not_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {
        name for code in CODE.findall(guides()) for name in re.findall(r"make ([a-z-]+)", code)
    }
    assert named <= targets
