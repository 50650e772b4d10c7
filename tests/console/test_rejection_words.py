"""Every reason for which a cell is not used can be said in Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.console.rejection_words import rejection_reason

FACTS = Path(__file__).parents[2] / "engine" / "facts"
FIRST_WORDS = ("is", "has", "holds", "contains", "opens", "does not", "repeats", "names", "cannot")
A_REASON = re.compile(rf"(?:{'|'.join(FIRST_WORDS)}) .*|.+ is not a (?:number|date); .*|day and .*")
NAMES = ("fault", "reason", "missing", "OF_BAD_ACCOUNT", "OF_NO_ACCOUNT")


def reasons() -> Iterator[str]:
    """Of the texts in `engine.facts` those that become the reason of a cell: what is called so,
    what `engine.facts.reasons` yields, and what SQL gives as one."""
    for file in sorted(FACTS.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Assign):
                targets = [one for target in node.targets for one in ast.walk(target)]
                if any(isinstance(one, ast.Name) and one.id in NAMES for one in targets):
                    yield from texts(node.value)
            elif (isinstance(node, ast.keyword) and node.arg in NAMES) or (
                file.name == "reasons.py" and isinstance(node, ast.Yield | ast.List | ast.Call)
            ):
                yield from texts(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from re.findall(r"(?:THEN|ELSE) '([^']+)'", node.value)


def texts(node: ast.AST) -> Iterator[str]:
    """The texts within, with a number for everything that is put in."""
    for one in ast.walk(node):
        text = ""
        if isinstance(one, ast.JoinedStr):
            text = "".join(
                part.value if isinstance(part, ast.Constant) else "7" for part in one.values
            )
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            text = one.value
        if A_REASON.fullmatch(text):
            yield text
        yield from re.findall(r"(?:THEN|ELSE) '([^']+)'", text)


NOT_WHOLE = re.compile(r".*[ `]|has more than 7 decimals7|is not a 7; .*|\(personal\)")
"""Parts of texts that are looked at as a whole; two whose words are given below; a value."""
EVERY_REASON = sorted(one for one in set(reasons()) if not NOT_WHOLE.fullmatch(one))


def test_the_reasons_are_found() -> None:
    assert len(EVERY_REASON) > 40
    assert {
        "is not a number",
        "has 7 cells where 7 are expected",
        "is outside 7 to 7",
        "names an account that does not exist",
        "is not JSON",
    } <= set(EVERY_REASON)


@pytest.mark.parametrize("reason", EVERY_REASON)
def test_every_reason_is_said_in_chinese(reason: str) -> None:
    said = rejection_reason(reason, "zh")
    assert re.search("[\u4e00-\u9fff]", said), said
    assert not re.search(r"\b(?:is|the|a|of|not|it)\b", said), said


@pytest.mark.parametrize(
    ("reason", "chinese"),
    [
        ("is outside 0 to 100", "不在 0 至 100 之间"),
        ("is not one of a, b", "不是允许的取值：a, b"),
        ("is not one of a, b and 3 more", "不是允许的取值：a, b 等（另有 3 个）"),
        ("is not a date; write it as 2026-01-31, or give the column a format",
         "不是日期；请写成 2026-01-31，或为该列写明格式"),
        ("is not a datetime; write it as 2026-01-31 14:30, or give the column a format",
         "不是日期时刻；请写成 2026-01-31 14:30，或为该列写明格式"),
        ("has more than 2 decimals; round it at the source, or raise `precision: {money: 2}` in "
         "kam.yaml", "小数多于 2 位；请在来源处取舍，或调大 kam.yaml 中的 `precision: {money: 2}`"),
        ("repeats the key of row 7, which is used", "与第 7 行主键重复，已采用第 7 行"),
        ("names an account that is itself in quarantine", "所属客户自身的数据行被拒"),
        ("has the key a\nb more than once", "键 a\nb 不止一次"),
    ],
)  # fmt: skip
def test_what_a_reason_names_stands_in_the_chinese_too(reason: str, chinese: str) -> None:
    assert rejection_reason(reason, "zh") == chinese
    assert rejection_reason(reason, "en") == reason


def test_a_reason_of_another_version_is_shown_as_it_is() -> None:
    assert rejection_reason("is too green", "zh") == "is too green"
