"""What to do about text that is not YAML, or not the YAML of this language."""

from __future__ import annotations

import yaml

from engine.errors import Location, Problem


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
    return Problem("yaml-syntax", said, place, syntax_hint(said, line))


def colon_hint(text: str) -> str:
    """A word on the full-width colon, which a Chinese keyboard writes by itself."""
    return "; write the colon ':' and not '：'" if "：" in text else ""


def number_hint(text: str) -> str:
    body = text.lstrip("+-")
    if body.lower() in (".inf", ".nan"):
        return "write a number, or leave the entry out"
    if "e" in body.lower() or "x" in body.lower():
        return "write all digits, or put it in quotes if it is text"
    clean = body.replace("_", "").lstrip("0")
    clean = clean.rstrip(".") if clean.endswith(".") else clean
    clean = f"0{clean}" if clean.startswith(".") or not clean else clean
    sign = "-" if text.startswith("-") else ""
    return f"write {sign}{clean}, or put it in quotes if it is text"


def syntax_hint(said: str, line: str) -> str | None:
    if "：" in line:
        return "write the colon ':' and not '：'"
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
