"""Sentences are found by what is fixed in them, and keep what is not."""

from __future__ import annotations

import pytest

from engine.console.catalogue import Catalogue

KNOWN = Catalogue(
    {
        "{name} is missing": "缺少{name}",
        "{name} of {table} is missing": "{table}缺少{name}",
        "{one} is not {two}, is not {three}, is not {four}": "{one}{two}{three}{four}",
        "{name} and again {name}": "两次{name}",
        "it cannot be read: {why}": "读不出：{why}",
        "no row '{key}'": "没有行“{key}”",
        "write in its place {value}": "请写 {value}",
    },
    within={"a number": "数"},
)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("x is missing", "缺少x"),
        ("x of y is missing", "y缺少x"),  # more of it is fixed
        ("x\ny is missing", "缺少x\ny"),
        ("a is not b, is not c, is not d, is not e", "abcd, is not e"),  # each as short as can be
        ("x and again x", "两次x"),
        ("x and again y", "x and again y"),
        ("a is not b, is not c", "a is not b, is not c"),
        ("it cannot be read: x is missing", "读不出：缺少x"),  # a sentence within
        ("it cannot be read: nobody knows", "读不出：nobody knows"),
        ("write in its place a number", "请写 数"),
        ("write in its place x is missing", "请写 x is missing"),  # a value is not a sentence
        ("'x' is missing", "缺少“x”"),
        ("write in its place 'x'", "请写“x”"),
        ("write in its place '{a: 1}'", "请写 '{a: 1}'"),  # to be copied as it is
        (" is missing", " is missing"),  # of nothing
        ("no row ''", "没有行“”"),
    ],
)
def test_a_sentence_is_said_in_chinese(english: str, chinese: str) -> None:
    assert KNOWN.said(english, "zh") == chinese
    assert KNOWN.said(english, "en") == english


@pytest.mark.parametrize("part", ["is not x, ", "it cannot be read: ", "x is missing"])
def test_no_text_keeps_a_catalogue_busy_or_sends_it_too_deep(part: str) -> None:
    assert KNOWN.said(part * 20_000, "zh")
    assert KNOWN.said(f"{part * 20_000}!", "zh")
