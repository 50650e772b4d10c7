"""What goes wrong can be read in Chinese, and nothing is lost on the way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.console.problem_words.problem_text import every_word, problem_text
from tests.console.problem_texts import Written, problem_texts, said_by_engine
from tests.language.broken_files import broken_files, raised

EVERY_TEXT = list(dict.fromkeys(problem_texts()))
EVERY_WORD = [(file, *words) for file, listed in every_word().items() for words in listed.items()]
NAME = re.compile(r"\{([a-z]+)\}")
COUNTED = {"comma", "s", "plural", "verb"}
"""Names of what English needs for numbers, and Chinese does not."""
OF_OTHERS = "passed_on"
"""What libraries and the system say, and no code of the engine."""


def test_the_texts_are_found() -> None:
    assert len(EVERY_TEXT) > 500


@pytest.mark.parametrize("written", EVERY_TEXT, ids=lambda one: f"{one.place} {one.text[:40]}")
def test_every_problem_is_said_in_chinese_with_all_that_it_names(written: Written) -> None:
    said = problem_text(written.text, "zh")
    assert re.search("[\u4e00-\u9fff]", said), f"{written.place}: {written.text!r}"
    lost = [value for value in written.values if value not in said]
    assert not lost, f"{written.place}: {written.text!r} became {said!r}"


@pytest.mark.parametrize(("stage", "english", "chinese"), EVERY_WORD)
def test_the_chinese_names_what_the_english_names(stage: str, english: str, chinese: str) -> None:
    names = NAME.findall(english)
    assert set(names) - COUNTED == set(NAME.findall(chinese)), stage
    assert re.search("[\u4e00-\u9fff]", chinese)


def test_there_are_no_words_for_what_nobody_says() -> None:
    said = said_by_engine()
    stale = [
        english
        for stage, english, _ in EVERY_WORD
        if stage != OF_OTHERS
        and not all(piece.strip() in said for piece in NAME.split(english)[::2])
    ]
    assert not stale


def test_no_text_has_two_translations() -> None:
    texts = [english for _, english, _ in EVERY_WORD]
    assert sorted(texts) == sorted(set(texts))


@pytest.mark.parametrize("path", broken_files(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_wrong_with_a_broken_file_is_said_in_chinese(path: Path) -> None:
    for problem in raised(path):
        for text in filter(None, (problem.message, problem.hint)):
            said = problem_text(text, "zh")
            assert re.search("[\u4e00-\u9fff]", said), text
            quoted_away = re.sub(r"[“'\"{][^”'\"}]*[”'\"}]|`[^`]*`", "", said)
            assert not re.search(r"\b(?:the|are|must|needs|has|with)\b", quoted_away), said
