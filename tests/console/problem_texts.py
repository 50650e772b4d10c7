"""The texts of problems, read out of the engine's code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import count, product
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "engine"
FOR_PROGRAMS = {"service/app.py", "service/bodies.py"}
"""Files whose problems are answers to programs."""

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
_NO_PROBLEMS = {"decode", "encode", "getincrementaldecoder", "decodes", "is_text", "get",
                "ThreadPoolExecutor", "RefusalError"}  # fmt: skip
_NAMED = {"message", "hint"}
"""Variables, parameters and keywords that hold such a text."""
LETTERS = 4
"""A text with fewer of its own only joins others."""
MOST_FORMS = 8
"""Of one text, where what is put in depends."""


class Written(NamedTuple):
    """A text as it may be read: what is put in has become ``v1v``, ``v2v`` and so on."""

    place: str
    text: str

    @property
    def values(self) -> list[str]:
        return re.findall(r"v\d+v", self.text)


def problem_texts() -> Iterator[Written]:
    """Every message and every hint that is written out where it is used, or under its name."""
    for file in sorted(ENGINE.rglob("*.py")):
        within = file.relative_to(ENGINE)
        if "problem_words" in within.parts or within.as_posix() in FOR_PROGRAMS:
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in sorted(_texts(tree), key=lambda one: one.lineno):
            for text in _forms(node):
                if len(re.sub(r"v\d+v|[^a-z]", "", text)) >= LETTERS and " " in text.strip():
                    yield Written(f"{within.as_posix()}:{node.lineno}", text)


def _texts(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _has_code(node):
            yield from node.args
            yield from (one.value for one in node.keywords if one.arg in (None, *_NAMED))
        elif isinstance(node, ast.keyword) and node.arg in _NAMED:
            yield node.value
        elif isinstance(node, ast.Assign):
            names = {one.id for one in node.targets if isinstance(one, ast.Name)}
            if names & _NAMED:
                yield node.value


def _has_code(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name not in _NO_PROBLEMS and any(
        isinstance(one, ast.Constant)
        and isinstance(one.value, str)
        and _CODE.fullmatch(one.value) is not None
        for one in call.args
    )


def _forms(node: ast.expr) -> list[str]:
    """The texts that an expression can be; none where it does not say."""
    numbers = count(1)

    def forms(one: ast.expr) -> list[str]:
        if isinstance(one, ast.Constant):
            return [one.value] if isinstance(one.value, str) else []
        if isinstance(one, ast.IfExp):
            return [*forms(one.body), *forms(one.orelse)]
        if isinstance(one, ast.JoinedStr):
            return _joined([put_in(part) for part in one.values])
        if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Add):
            return _joined([known(one.left), known(one.right)])
        return []

    def put_in(part: ast.expr) -> list[str]:
        if isinstance(part, ast.FormattedValue):
            return known(part.value)
        return forms(part)

    def known(one: ast.expr) -> list[str]:
        is_known = isinstance(one, ast.IfExp | ast.Constant | ast.JoinedStr | ast.BinOp)
        return (forms(one) if is_known else []) or [f"v{next(numbers)}v"]

    return list(dict.fromkeys(forms(node)))


def _joined(parts: list[list[str]]) -> list[str]:
    return ["".join(one) for one in list(product(*parts))[:MOST_FORMS]]


def said_by_engine() -> str:
    """All texts of the engine's code, one after another."""
    found = []
    for file in sorted(ENGINE.rglob("*.py")):
        if "problem_words" not in file.parts:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.append(node.value)
    return "\n".join(found)
