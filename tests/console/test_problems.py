"""Problems as people, programs and GitHub see them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from engine.console.problems import (
    EXCERPT_LIMIT,
    EXCERPT_WIDTH,
    as_github,
    as_json,
    counted,
    excerpt,
    in_a_line,
    render,
    show,
)
from engine.errors import Location, Problem

TEXT = "tiers:\n  核心级: {shar: {gte: 8%}}\n"
UNKNOWN = Problem(
    "unknown-measure",
    "'shar' is not a measure",
    Location("tiers.yaml", 2, 9),
    "did you mean 'share'?",
)
UNUSED = Problem("unused-parameter", "not used", Location("a.yaml", 1, 1), severity="warning")
CONTENTS = {"tiers.yaml": TEXT.encode()}


def test_text_shows_the_line_with_a_caret_right_under_the_place() -> None:
    assert render([UNKNOWN], CONTENTS) == (
        "tiers.yaml:2:9: unknown-measure: 'shar' is not a measure\n"
        "      核心级: {shar: {gte: 8%}}\n"
        "               ^\n"
        "    hint: did you mean 'share'?\n"
        "\n"
        "1 error"
    )


def test_text_is_sorted_counted_and_says_each_problem_once() -> None:
    text = render([UNKNOWN, UNUSED, UNKNOWN], CONTENTS)
    assert text.index("a.yaml:1:1: unused-parameter (warning): not used") < text.index("tiers")
    assert text.count("unknown-measure") == 1
    assert text.endswith("\n1 error, 1 warning")


def test_nothing_to_show_is_empty() -> None:
    assert render([]) == ""
    assert as_json([]) == "[]"
    assert as_github([]) == ""


def test_excerpt_comes_from_the_disk(tmp_path: Path) -> None:
    file = tmp_path / "tiers.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    text = render([Problem("x-y", "no", Location(str(file), 2, 9))])
    assert "      核心级: {shar: {gte: 8%}}\n               ^\n" in text


@pytest.mark.parametrize("line", [0, 4, 99])
def test_place_outside_the_file_has_no_excerpt(line: int) -> None:
    text = render([Problem("x-y", "no", Location("tiers.yaml", line, 1))], CONTENTS)
    assert text == f"tiers.yaml:{line}:1: x-y: no\n\n1 error"


def test_file_that_is_gone_a_folder_or_too_big_has_no_excerpt(tmp_path: Path) -> None:
    big = tmp_path / "big.yaml"
    big.write_bytes(b"x" * (EXCERPT_LIMIT + 1))
    for file in (tmp_path / "gone.yaml", tmp_path, big):
        assert "^" not in render([Problem("x-y", "no", Location(str(file)))])
    big.write_bytes(b"x" * EXCERPT_LIMIT)
    assert "^" in render([Problem("x-y", "no", Location(str(big)))])


def test_long_line_is_cut_around_the_place() -> None:
    line = "前" * 100 + "here" + "后" * 100
    shown, caret = excerpt(line, 101)
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert cell_len(shown) <= EXCERPT_WIDTH + 2
    before = shown[: shown.index("here")]
    assert cell_len(before) == len(caret) - 1


def test_caret_after_the_end_of_a_line_stands_behind_it() -> None:
    assert excerpt("ab", 99) == ("ab", "  ^")


def test_tabs_and_control_characters_do_not_reach_the_terminal() -> None:
    contents = {"t.yaml": b"\ta\x1b[31m: 1\n"}
    text = render([Problem("x-y", "bad\x07\nnews", Location("t.yaml", 1, 2))], contents)
    assert "\x1b" not in text
    assert "x-y: bad  news\n" in text
    assert "     a [31m: 1\n     ^\n" in text


def test_file_in_another_encoding_is_shown_as_well_as_can_be() -> None:
    contents = {"t.yaml": "名称: 甲".encode("gbk")}
    assert "t.yaml:1:1: x-y: no" in render([Problem("x-y", "no", Location("t.yaml"))], contents)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_is_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal, plain = Terminal(), io.StringIO()
    show([UNKNOWN], terminal, CONTENTS)
    show([UNKNOWN], plain, CONTENTS)
    assert "\x1b[" in terminal.getvalue()
    assert plain.getvalue() == render([UNKNOWN], CONTENTS) + "\n"


def test_json_has_every_field() -> None:
    assert json.loads(as_json([UNKNOWN, Problem("defect", "没有位置")])) == [
        {
            "severity": "error",
            "code": "defect",
            "message": "没有位置",
            "file": None,
            "line": None,
            "column": None,
            "hint": None,
        },
        {
            "severity": "error",
            "code": "unknown-measure",
            "message": "'shar' is not a measure",
            "file": "tiers.yaml",
            "line": 2,
            "column": 9,
            "hint": "did you mean 'share'?",
        },
    ]


def test_github_escapes_what_would_end_a_command() -> None:
    problem = Problem("x-y", "5%\r\nof a: b, c", Location("a,b:c.yaml", 3, 7), "why", "warning")
    assert as_github([problem]) == (
        "::warning file=a%2Cb%3Ac.yaml,line=3,col=7,title=x-y::5%25%0D%0Aof a: b, c%0Ahint: why"
    )
    assert as_github([Problem("x-y", "no place")]) == "::error title=x-y::no place"


def test_people_read_problems_in_their_language() -> None:
    assert render([UNKNOWN, UNUSED], CONTENTS, "zh") == (
        "a.yaml:1:1: unused-parameter（警告）：not used\n"
        "\n"
        "tiers.yaml:2:9: unknown-measure：“shar”不是指标\n"
        "      核心级: {shar: {gte: 8%}}\n"
        "               ^\n"
        "    提示：是不是想写“share”？\n"
        "\n"
        "1 个错误，1 个警告"
    )
    assert "是不是想写“share”？" in as_github([UNKNOWN], "zh")
    assert in_a_line(UNKNOWN, "zh") == "unknown-measure：“shar”不是指标；是不是想写“share”？"
    assert in_a_line(UNKNOWN, "en") == (
        "unknown-measure: 'shar' is not a measure; did you mean 'share'?"
    )


@pytest.mark.parametrize(("errors", "said"), [(0, "没有问题"), (1, "1 个错误"), (2, "2 个错误")])
def test_problems_are_counted_in_chinese(errors: int, said: str) -> None:
    found = [Problem("gap", str(number)) for number in range(errors)]
    assert counted(found, "zh") == said
