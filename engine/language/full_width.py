"""Finds punctuation that a Chinese keyboard writes where YAML needs that of ASCII.

YAML reads it as text, so that the parser stumbles later and over something else. Within
quotes, and within Chinese text, it is as it should be; so only what stands where YAML's own
punctuation would is named. All of it is written as escapes here, for most of it looks like
the ASCII that it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

_COLON, _COMMA = "\uff1a", "\uff0c"
_PARENTHESES = "\uff08\uff09"
_OPENING, _CLOSING = "\uff5b\uff3b\u201c\u2018", "\uff5d\uff3d"

MARKS: Mapping[str, tuple[str, str]] = {
    _COLON: (f"the full-width colon {_COLON}", "write : and a space"),
    _COMMA: (f"the full-width comma {_COMMA}", "write , and a space"),
    "\uff5b": ("the full-width brace \uff5b", "write {"),
    "\uff5d": ("the full-width brace \uff5d", "write }"),
    "\uff3b": ("the full-width bracket \uff3b", "write ["),
    "\uff3d": ("the full-width bracket \uff3d", "write ]"),
    "\u201c": ("the Chinese quotation mark \u201c", 'write "'),
    "\u201d": ("the Chinese quotation mark \u201d", 'write "'),
    "\u2018": ("the Chinese quotation mark \u2018", "write '"),
    "\u2019": ("the Chinese quotation mark \u2019", "write '"),
    "\uff08": ("the full-width parenthesis \uff08", "put quotes around the text"),
    "\uff09": ("the full-width parenthesis \uff09", "put quotes around the text"),
    "\u3000": ("a full-width space", "write a space"),
    "\u00a0": ("a no-break space", "write a space"),
    "\u202f": ("a narrow no-break space", "write a space"),
    "\u00ad": ("a soft hyphen", "remove it"),
    **{chr(code): ("a space of another width", "write a space") for code in range(0x2000, 0x200B)},
}
"""What a hint calls each, and what it says to write."""

ODD_SPACES = frozenset(mark for mark in MARKS if mark.isspace() or mark == "\u00ad")
"""Spaces that look like the one that YAML and quantities know, and are another character."""

_ANY = re.compile(f"[{''.join(MARKS)}]")
_QUOTED = re.compile(r"'(?:[^']|'')*(?:'|$)|\"(?:[^\"\\]|\\.)*(?:\"|$)")
_BEFORE_MARK = ":,[{-\uff3b\uff5b"
_BEFORE_QUOTE = f"{_BEFORE_MARK}{_COLON}{_COMMA}"
_AFTER_VALUE = ",]}\uff0c\uff3d\uff5d"
_BLOCK_TEXT = re.compile(r"\s*(?:- +)*[^\s:{}\[\],]+: +(?=\w)")
"""A line ``key: text``, where what follows the key is text up to the end of the line."""
_MEANT_AS_PARTS = re.compile("[\uff5b\uff3b]|[a-z][a-z0-9_]*\uff1a")
_BEFORE_ENTRY = re.compile("[,{[\uff5b\uff3b]")
_ENTRY = re.compile(rf"\s*[\w\"'$.-]+\s*[:{_COLON}]")


def full_width_on(lines: list[str], suspects: Iterable[int | None]) -> str | None:
    """A hint on the first line, of those suspected, that has a mark in YAML's place.

    Lines count from 0; None and what lies beyond the text are passed over.

    >>> full_width_on(["measures\\uff1a"], [0])
    'line 1, column 9 has the full-width colon \uff1a; write : and a space'
    """
    for line in suspects:
        if line is not None and line < len(lines):
            found = list(_marks_on(lines[line]))
            # Parentheses are nothing to YAML, so they are the last thing to suspect.
            found.sort(key=lambda column: lines[line][column] in _PARENTHESES)
            if found:
                return mark_hint(lines[line][found[0]], line + 1, found[0] + 1)
    return None


def full_width_in_text(text: str) -> str | None:
    """A hint on the first mark in YAML's place of a whole file."""
    lines = text.split("\n")
    return full_width_on(lines, range(len(lines)))


def full_width_in_name(name: str, line: int, column: int) -> str | None:
    """A hint on the first mark in a key, which begins at a line and column."""
    found = _ANY.search(name)
    return mark_hint(found[0], line, column + found.start()) if found else None


def full_width_in_value(text: str, line: int, column: int) -> str | None:
    """A hint on text that was meant to be entries or a list: ``［a, b］``, ``key： value``."""
    found = _MEANT_AS_PARTS.match(text)
    return mark_hint(found[0][-1], line, column + found.end() - 1) if found else None


def odd_space(text: str) -> str | None:
    """What stands in a text that looks like a space, or like nothing; None if it is clean.

    >>> odd_space("core\u3000"), odd_space("core")
    ('character 5 of it is a full-width space', None)
    """
    place = next((index for index, one in enumerate(text) if one in ODD_SPACES), None)
    return None if place is None else f"character {place + 1} of it is {MARKS[text[place]][0]}"


def odd_space_at(text: str, line: int, column: int) -> str | None:
    """The same as a hint, for a value that begins at a line and column."""
    place = next((index for index, one in enumerate(text) if one in ODD_SPACES), None)
    return None if place is None else mark_hint(text[place], line, column + place)


def with_spaces(text: str) -> str:
    """The text with the spaces that were probably meant."""
    return "".join(" " if one in ODD_SPACES and one.isspace() else one for one in text)


def mark_hint(mark: str, line: int, column: int) -> str:
    what, instead = MARKS[mark]
    return f"line {line}, column {column} has {what}; {instead}"


def _marks_on(line: str) -> Iterator[int]:
    """The columns, from 0, of the marks that stand where YAML's punctuation would."""
    if _ANY.search(line) is None:
        return
    text = _BLOCK_TEXT.match(line)
    visible = _without_quoted(line)[: text.end() if text else None]
    for found in _ANY.finditer(visible):
        if _is_in_place(visible, found.start()):
            yield found.start()


def _is_in_place(line: str, column: int) -> bool:
    mark = line[column]
    before, after = line[:column].rstrip(), line[column + 1 :].lstrip()
    if mark == _COLON:
        return ": " not in _BEFORE_ENTRY.split(before)[-1]
    if mark == _COMMA:
        return _ENTRY.match(after) is not None
    if mark in _CLOSING:
        return not after or after[0] in _AFTER_VALUE
    return not before or before[-1] in _BEFORE_MARK


def _without_quoted(line: str) -> str:
    """The line with letters for what stands in quotes, up to a comment."""
    visible, position, last = "", 0, ""
    while position < len(line):
        quoted = _QUOTED.match(line, position) if not last or last in _BEFORE_QUOTE else None
        if line[position] == "#" and (not visible or visible[-1].isspace()):
            break
        visible += "x" * len(quoted[0]) if quoted else line[position]
        position = len(visible)
        last = last if visible[-1].isspace() else visible[-1]
    return visible
