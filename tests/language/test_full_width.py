"""Chinese punctuation in YAML's place is named, with its line and column."""

from __future__ import annotations

import pytest

from engine.errors import KamError
from engine.language.full_width import full_width_on
from engine.language.load import load_pack
from engine.language.texts import KeptTexts
from tests.language.broken_files import HEAD

COLON, COMMA = "\uff1a", "\uff0c"
COLON_HINT = f"has the full-width colon {COLON}; write : and a space"
COMMA_HINT = f"has the full-width comma {COMMA}; write , and a space"


def hints(text: str) -> list[tuple[str, str | None]]:
    with pytest.raises(KamError) as caught:
        load_pack("pack", KeptTexts({"pack/pack.yaml": HEAD, "pack/x.yaml": text.encode()}))
    return [(problem.code, problem.hint) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (f"parameters{COLON}\n  a: {{value: 1}}\n", "line 1, column 11", COLON_HINT),
        (f"parameters:\n  a{COLON}\n\n    value: 1\n", "line 2, column 4", COLON_HINT),
        (f"parameters:\n  a:\n    value{COLON}1\n    note: x\n", "line 3, column 10", COLON_HINT),
        (f"parameters:\n  a:\n    value: 1\n    note{COLON}x\n", "line 4, column 9", COLON_HINT),
        (f"parameters:\n  a: {{value: 1{COMMA} note: x}}\n", "line 2, column 15", COMMA_HINT),
        ("parameters:\n  a: \uff5bvalue: 1}\n", "line 2, column 6", "brace \uff5b; write {"),
        ("parameters:\n  a: {value: 1\uff5d\n  b: {}\n", "line 2, column 15", "\uff5d; write }"),
        ("a: [x, y\uff3d\nb: {}\n", "line 1, column 9", "bracket \uff3d; write ]"),
        ("a: {b: \u201cx: y\u201d}\n", "line 1, column 8", 'mark \u201c; write "'),
        ("a: \u2018x\u2019: 1\n", "line 1, column 4", "mark \u2018; write '"),
        ("a: {b: \uff08x, y: [\uff09\n", "line 1, column 8", "put quotes around the text"),
        ("a:\u00a0b: 1: 2\n", "line 1, column 3", "has a no-break space; write a space"),
        ("a:\n\u3000b: 1: 2\n", "line 2, column 1", "has a full-width space; write a space"),
    ],
)
def test_mark_in_the_place_of_yaml_is_named(text: str, place: str, said: str) -> None:
    ((code, hint),) = hints(text)
    assert code == "yaml-syntax"
    assert hint is not None and hint.startswith(place) and hint.endswith(said)


@pytest.mark.parametrize(
    "text",
    [
        f'note: "a{COLON} b" c: d\n',
        f"note: '\u5ba2\u6237{COMMA} b' c: d\n",
        f"note: \u5ba2\u6237 90%{COMMA}b{COLON} c: d\n",
        f"note: x: y  # a{COLON} b\n",
        f"note: {{zh: \u5ba2{COLON}\u6237{COMMA}\uff08x\uff09\uff0c, en: x: [\n",
    ],
)
def test_mark_within_text_or_quotes_is_not_suspected(text: str) -> None:
    ((code, hint),) = hints(text)
    assert code == "yaml-syntax"
    assert hint is not None and "full-width" not in hint


def test_mark_in_a_key_is_named() -> None:
    assert hints(f"parameters:\n  a: {{value{COLON} 1}}\n") == [
        ("unknown-key", f"line 2, column 12 {COLON_HINT}")
    ]
    assert hints("parameters:\n  a:\u00a0{value: 1}\n") == [
        ("not-an-id", "line 2, column 5 has a no-break space; write a space")
    ]


def test_mark_of_what_should_be_entries_or_a_list_is_named() -> None:
    ((code, hint),) = hints(f"parameters:\n  a{COLON}1\n")
    assert (code, hint) == ("wrong-type", f"line 2, column 4 {COLON_HINT}")
    ((code, hint),) = hints("clauses: \uff5bD1: x\uff5d\n")[:1]
    assert code == "yaml-syntax" and hint is not None and "\uff5b" in hint


def test_mark_in_a_text_that_should_be_a_title_is_not_suspected() -> None:
    text = f"roles:\n  office: {{title: \u5ba2\u6237{COLON}x}}\n"
    ((code, hint),) = hints(text)
    assert code == "wrong-type"
    assert hint is None or "full-width" not in hint


def test_suspects_beyond_the_text_are_passed_over() -> None:
    assert full_width_on([f"a{COLON}"], [None, 5]) is None
    assert full_width_on(["", f"a{COLON}"], [0, 1]) == f"line 2, column 2 {COLON_HINT}"
