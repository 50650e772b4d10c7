"""Problems for people (with the line and a caret under the place), programs and GitHub.

People read them in their language; programs in English, whoever starts them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from engine.console.problem_words.problem_text import problem_text
from engine.errors import Location, Problem
from engine.resources import policies_folder

EXCERPT_LIMIT = 4 * 1024 * 1024
"""Bytes; no excerpt is taken from a bigger file."""
EXCERPT_WIDTH = 110
"""Cells; a longer line is cut around the place."""
PACKAGED = "packaged:"
"""Begins the names of files in the packs that come with kam."""
_COLOURS = {"error": "bold red", "warning": "bold yellow"}
_WORDS = {
    "en": {
        "error": "1 error",
        "errors": "{} errors",
        "warning": "1 warning",
        "warnings": "{} warnings",
        "comma": ", ",
        "none": "no problems",
        "mild": " (warning)",
        "colon": ": ",
        "then": "; ",
        "hint": "hint: ",
    },
    "zh": {
        "error": "1 个错误",
        "errors": "{} 个错误",
        "warning": "1 个警告",
        "warnings": "{} 个警告",
        "comma": "，",
        "none": "没有问题",
        "mild": "（警告）",
        "colon": "：",
        "then": "；",
        "hint": "提示：",
    },
}

Contents = Mapping[str, bytes]
"""Files by the name that locations give them, where they are not to be read from disk."""


def render(
    problems: Iterable[Problem], contents: Contents | None = None, language: str = "en"
) -> str:
    """Plain text: a paragraph per problem, sorted, then how many there are."""
    return as_text(problems, contents, language).plain


def show(
    problems: Iterable[Problem],
    stream: TextIO,
    contents: Contents | None = None,
    language: str = "en",
) -> None:
    """Print to a stream; in colour if it is a terminal."""
    text = as_text(problems, contents, language)
    if stream.isatty():
        Console(file=stream, highlight=False).print(text, soft_wrap=True)
    else:
        stream.write(text.plain + "\n")


def as_text(
    problems: Iterable[Problem], contents: Contents | None = None, language: str = "en"
) -> Text:
    """The same text with styles; without a line break at its end."""
    listed = in_order(problems)
    excerpts = _Excerpts(contents or {})
    parts = [_paragraph(problem, excerpts, language) for problem in listed]
    if listed:
        parts.append(Text(counted(listed, language), style="bold"))
    return Text("\n").join(parts)


def in_a_line(problem: Problem, language: str) -> str:
    """Without its place, for what is said in passing."""
    return f"{problem.code}{_WORDS[language]['colon']}{told(problem, language)}"


def told(problem: Problem, language: str) -> str:
    """What is wrong, and what to do."""
    said = [problem.message, *([problem.hint] if problem.hint else [])]
    return _WORDS[language]["then"].join(problem_text(text, language) for text in said)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By file, line, column, code; each once."""
    return sorted(dict.fromkeys(problems), key=lambda problem: problem.sort_key)


def counted(problems: Iterable[Problem], language: str = "en") -> str:
    """
    >>> found = [Problem("gap", "…", severity="warning"), Problem("never-true", "…")]
    >>> counted(found), counted(found, "zh")
    ('1 error, 1 warning', '1 个错误，1 个警告')
    """
    words = _WORDS[language]
    severities: list[str] = [problem.severity for problem in problems]
    parts = []
    for severity in _COLOURS:
        if count := severities.count(severity):
            parts.append(words[severity if count == 1 else f"{severity}s"].format(count))
    return words["comma"].join(parts) or words["none"]


def _paragraph(problem: Problem, excerpts: _Excerpts, language: str) -> Text:
    words = _WORDS[language]
    text = Text()
    if problem.location is not None:
        text.append(f"{_clean(str(problem.location))}: ", style="bold")
    label = "" if problem.severity == "error" else words["mild"]
    text.append(f"{problem.code}{label}", style=_COLOURS[problem.severity])
    text.append(f"{words['colon']}{_clean(problem_text(problem.message, language))}\n")
    if problem.location is not None:
        line, caret = excerpts.at(problem.location)
        if line:
            text.append(f"    {line}\n", style="cyan")
            text.append(f"    {caret}\n", style=_COLOURS[problem.severity])
    if problem.hint:
        hint = _clean(problem_text(problem.hint, language))
        text.append(f"    {words['hint']}{hint}\n", style="green")
    return text


def _clean(text: str) -> str:
    """One line without control characters: files may hold anything, terminals obey it.

    >>> _clean("a\\x1b[31m\\nb")
    'a [31m b'
    """
    return "".join(letter if letter.isprintable() else " " for letter in text)


class _Excerpts:
    """Lines of files, each file read once."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self.lines: dict[str, list[str]] = {}

    def at(self, place: Location) -> tuple[str, str]:
        """The line and the caret under the place; two empty texts if there is no such line."""
        lines = self._of(place.file)
        if not 0 < place.line <= len(lines):
            return "", ""
        return excerpt(lines[place.line - 1], place.column)

    def _of(self, file: str) -> list[str]:
        if file not in self.lines:
            content = self.contents.get(file)
            text = (_read(file) if content is None else content).decode("utf-8-sig", "replace")
            self.lines[file] = text.replace("\r\n", "\n").split("\n")
        return self.lines[file]


def _read(file: str) -> bytes:
    """The bytes of a text file; nothing if it has gone or is too big for an excerpt."""
    try:
        packaged = file.startswith(PACKAGED)
        path = policies_folder() / file.removeprefix(PACKAGED) if packaged else Path(file)
        if not path.is_file() or path.stat().st_size > EXCERPT_LIMIT:
            return b""
        return path.read_bytes()
    except OSError:  # the problem is reported all the same, only without its line
        return b""


def excerpt(line: str, column: int) -> tuple[str, str]:
    """A line, cut if it is long, and a caret under its column; Chinese takes two cells.

    >>> print(*excerpt("title: {zh: 大客户, em: x}", 18), sep="\\n")
    title: {zh: 大客户, em: x}
                        ^
    """
    place = min(max(column - 1, 0), len(line))
    skipped = max(0, place - EXCERPT_WIDTH)  # no line is too long to be shown
    text = _clean(line[skipped : place + EXCERPT_WIDTH])
    place, start = place - skipped, 0
    while cell_len(text[start:place]) > EXCERPT_WIDTH // 2 and cell_len(text) > EXCERPT_WIDTH:
        start += 1
    end = len(text)
    while cell_len(text[start:end]) > EXCERPT_WIDTH:
        end -= 1
    before = "…" if start + skipped else ""
    after = "…" if skipped + end < len(line) else ""
    caret = " " * cell_len(before + text[start:place]) + "^"
    return f"{before}{text[start:end]}{after}".rstrip(), caret


def as_json(problems: Iterable[Problem]) -> str:
    """A JSON list of objects; `file`, `line`, `column` and `hint` are null where unknown."""
    return json.dumps([_fields(one) for one in in_order(problems)], ensure_ascii=False, indent=2)


def _fields(problem: Problem) -> dict[str, object]:
    place = problem.location
    return {
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "hint": problem.hint,
    }


def as_github(problems: Iterable[Problem], language: str = "en") -> str:
    """Workflow commands, one a line, which GitHub shows beside the lines of a change.

    >>> print(as_github([Problem("gap", "15% to 20%", Location("a,b.yaml", 3, 7))]))
    ::error file=a%2Cb.yaml,line=3,col=7,title=gap::15%25 to 20%25
    """
    return "\n".join(_command(one, language) for one in in_order(problems))


def _command(problem: Problem, language: str) -> str:
    place = problem.location
    properties = {} if place is None else _place_properties(place)
    properties["title"] = problem.code
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    message = problem_text(problem.message, language)
    if problem.hint:
        message += f"\n{_WORDS[language]['hint']}{problem_text(problem.hint, language)}"
    return f"::{problem.severity} {listed}::{_data(message)}"


def _place_properties(place: Location) -> dict[str, str]:
    return {"file": place.file, "line": str(place.line), "col": str(place.column)}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
