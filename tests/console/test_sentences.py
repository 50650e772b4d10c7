"""Whatever the stages say to people in sentences is said in Chinese too."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from engine.console.sentences import sentence
from tests.repository.files import ROOT

STAGES = ("verification", "replay", "runner", "proposal", "day", "actions/sinks")


def said_in(source: str) -> Iterator[str]:
    """The sentences of notes and steps, with a word in the place of what is filled in."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called in {"progress", "self.progress"} or called.endswith(".notes.append"):
            text = node.args[0]
        elif called in {"note", "Outcome"} and len(node.args) > 1:
            text = node.args[1]
        else:
            continue
        if isinstance(text, ast.Constant) and text.value:
            yield str(text.value)
        elif isinstance(text, ast.JoinedStr):
            parts = (str(one.value) if isinstance(one, ast.Constant) else "2026-06-30.1"
                     for one in text.values)  # fmt: skip
            yield "".join(parts)


SAID = sorted(
    {
        one
        for stage in STAGES
        for file in (ROOT / "engine" / stage).glob("*.py")
        for one in said_in(file.read_text(encoding="utf-8"))
    }
)


def test_the_stages_say_something() -> None:
    assert any(one.startswith("no key was given") for one in SAID)
    assert "computing measures, scores and tiers" in SAID
    assert "the receiver has had it before" in SAID


@pytest.mark.parametrize("english", SAID)
def test_every_note_and_every_step_has_chinese_words(english: str) -> None:
    if english == "2026-06-30.1, which is the as-of date of no night":
        english = f"mark 1 was made at x and stands under {english}"
    chinese = sentence(english, "zh")
    assert chinese != english
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    assert sentence(english, "en") == english


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("tier: expected gold, got none", "tier\uff1a应为 gold\uff0c实为 none"),
        ("revenue_share is 7.9%, not >= 8%", "revenue_share 为 7.9%\uff0c不满足 >= 8%"),
        ("excluded: a is 1, and so = 1", "被排除\uff1aa 为 1\uff0c满足 = 1"),
        ("rating is missing, compared with >= B", "rating 缺失\uff0c无法与 >= B 比较"),
        (
            "warnings: expected slow red, which is not there",
            "warnings\uff1a应有 slow red\uff0c却没有",
        ),
    ],
)
def test_what_a_failed_test_says_has_chinese_words(english: str, chinese: str) -> None:
    assert sentence(english, "zh") == chinese


def test_a_sentence_that_is_not_known_stands_as_it_is() -> None:
    assert sentence("something else", "zh") == "something else"
