"""What to do about text that is not YAML, or not the YAML of this language."""

from __future__ import annotations

import re

import yaml

from engine.errors import Location, Problem
from engine.language.documents import Path
from engine.language.full_width import full_width_on
from engine.language.symbols import symbol_hint_on

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?")
"""The digits that a number may have. More are a mistake; beside a sum of money or a count
they would also take more than the 38 digits in which a database compares exactly."""
WHOLE_OR_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
DIGITS_LIMIT = "a number has at most 18 digits before the point and 18 after it"
LONGEST = 40
"""Characters of a number that a message repeats."""
TEXT_KEYS = frozenset(
    {"account", "approver", "by", "en", "id", "manager", "note", "owner", "person", "reason",
     "record", "zh"}
)  # fmt: skip
"""Keys whose values are ids or other text wherever the language has them."""
IF_TEXT = ", or put it in quotes if it is text"


def syntax_problem(error: yaml.YAMLError, file: str, text: str) -> Problem:
    """Where the parser gave up, in its words, and what is usually the matter there."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = getattr(error, "problem", None) or "the text is not YAML"
    if mark is None:
        return Problem("yaml-syntax", said, Location(file))
    lines = text.split("\n")
    line = lines[min(mark.line, len(lines) - 1)]
    indentation = line[: len(line) - len(line.lstrip())]
    at_tab = line[mark.column : mark.column + 1] == "\t"
    if "\t" in indentation or "tab character" in said or at_tab:
        column = line.find("\t") + 1 or mark.column + 1
        place = Location(file, mark.line + 1, column)
        message = "there is a tab in the indentation"
        return Problem("tab-indentation", message, place, "indent with spaces")
    place = Location(file, mark.line + 1, mark.column + 1)
    context = getattr(error, "context_mark", None)
    suspects = [mark.line, line_above(lines, mark.line), context.line if context else None]
    hint = symbol_hint_on(line, mark.column) or full_width_on(lines, suspects) or syntax_hint(said)
    return Problem("yaml-syntax", said, place, hint)


def line_above(lines: list[str], line: int) -> int | None:
    """The line before that has text in it; lines count from 0."""
    return next(
        (one for one in range(min(line, len(lines)) - 1, -1, -1) if lines[one].strip()), None
    )


def unclear_number(text: str, path: Path = ()) -> tuple[str, str]:
    """Message and hint for what looks like a number and is none of the language.

    Of an id, at whose `path` only text can stand, the number that it would be is another one.

    >>> unclear_number("010", ("overrides", 0, "account")), unclear_number("010")[1]
    (("'010' is not a clear number", 'write "010"'), 'write 10, or put it in quotes if it is text')
    """
    quoted = f'write "{text}"' if len(text) <= LONGEST else "put it in quotes"
    if len(text) > LONGEST or (WHOLE_OR_DECIMAL.fullmatch(text) and not NUMBER.fullmatch(text)):
        hint = quoted if is_text(path) else f"{DIGITS_LIMIT}{IF_TEXT}"
        return "the number has too many digits", hint
    return f"'{text}' is not a clear number", quoted if is_text(path) else number_hint(text)


def is_text(path: Path) -> bool:
    """Whether the value at a path is an id, a name or another text, and never a number."""
    names = [part for part in path if isinstance(part, str)]
    return bool(names) and (
        names[0] == "people" or names[-1] in TEXT_KEYS or names[-1].endswith("_id")
    )


def number_hint(text: str) -> str:
    body = text.lstrip("+-").lower()
    if body in (".inf", ".nan"):
        return "write a number, or leave the entry out"
    if "e" in body or "x" in body or body.startswith(("0o", "0b")):
        return f"write all digits{IF_TEXT}"
    clean = clear_number(text)
    return f"{f'write {clean}' if NUMBER.fullmatch(clean) else DIGITS_LIMIT}{IF_TEXT}"


def clear_number(near: str) -> str:
    """A number as the language writes it: no separators, no plus, no needless zeros.

    >>> clear_number("+01,000."), clear_number("-.50")
    ('1000', '-0.50')
    """
    sign = "-" if near.startswith("-") else ""
    whole, _, decimals = re.sub(r"[-+,_\s]", "", near).partition(".")
    digits = whole.lstrip("0") or "0"
    return f"{sign}{digits}.{decimals}" if decimals else f"{sign}{digits}"


def syntax_hint(said: str) -> str | None:
    if "mapping values are not allowed" in said:
        return "put quotes around text with ': ' in it, and check the indentation of the line above"
    if "expected <block end>" in said or "did not find expected key" in said:
        return "check the indentation; entries of one section begin in the same column"
    if "could not find expected ':'" in said:
        return "a key needs a colon and a space after it"
    if "cannot start any token" in said:
        return "put quotes around text that begins with @, ` or %"
    if "found unexpected end of stream" in said:
        return "a quotation mark is not closed"
    if "',' or" in said:
        return "a bracket or a comma is missing, or quotes around text with { or , in it"
    return None
