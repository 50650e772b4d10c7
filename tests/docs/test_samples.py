"""The READMEs show what kam prints: each line of a sample stands in the output of today."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from rich.console import Console

from engine.console.explanation import render
from engine.recall import recall
from tests.docs.blocks import Block, blocks
from tests.docs.conftest import Demo

NIGHTS = ("Night of", "夜间运行")
EXPLANATIONS = (
    "K0000092 南昌明昌水务集团有限公司  Key",
    "K0000092 南昌明昌水务集团有限公司  大客户",
)
CHANGES = ("yellow      37", "黄        37")
ACCOUNT, PACK = "K0000092", "key_account_rules"
TREE = re.compile(r"[│├└─\s]+")
"""White space and the lines of a tree: where the output breaks its lines has no meaning."""


def bare(text: str) -> str:
    return TREE.sub("", text)


def samples(*marks: str) -> list[object]:
    found = [
        block
        for block in blocks("text")
        if block.page.name.startswith("README") and any(mark in block.text for mark in marks)
    ]
    assert len(found) == len(marks), "a README has lost its sample"
    return [pytest.param(block, id=block.place) for block in found]


def assert_shown(lines: list[str], output: str) -> None:
    shown = bare(output)
    absent = [line for line in lines if bare(line) and "…" not in line and bare(line) not in shown]
    assert absent == []


def language_of(block: Block) -> str:
    return "zh" if block.page.name == "README.zh.md" else "en"


@pytest.mark.parametrize("block", samples(*NIGHTS))
def test_readme_shows_the_summary_of_the_demo(block: Block, demo: Demo) -> None:
    assert_shown(block.text.splitlines(), demo.first[language_of(block)])


@pytest.mark.parametrize(
    "block", samples("$ kam event events.jsonl\n", "$ kam event events.jsonl --")
)
def test_readme_shows_what_is_said_of_the_events_of_the_demo(block: Block, demo: Demo) -> None:
    assert_shown(block.text.splitlines()[1:], demo.day[language_of(block)])


@pytest.mark.parametrize("block", samples(*EXPLANATIONS))
def test_readme_shows_an_explanation_of_the_demo(block: Block, demo: Demo) -> None:
    console = Console(width=100, record=True, file=StringIO())
    for one in recall(demo.folder, ACCOUNT, PACK, "2026-06-30.1").explanations:
        console.print(render(one, "zh" if language_of(block) == "zh" else "en"))
    assert_shown(block.text.splitlines()[1:], console.export_text())


@pytest.mark.parametrize("block", samples(*CHANGES))
def test_readme_shows_what_a_changed_parameter_does(block: Block, demo: Demo) -> None:
    night = block.text.split("$ kam run")[1].split("$ kam log")[0]
    assert_shown(night.splitlines()[1:], demo.second[language_of(block)])
