"""Where people read: a console as wide as the terminal, or wide enough for a file."""

from __future__ import annotations

import os
import sys
import unicodedata

from rich.console import Console

from engine.model.tokens import PREFIX, cut_short

LEVEL_STYLES = {"red": "red", "orange": "dark_orange", "yellow": "yellow", "blue": "blue"}
"""How rich shows a warning's level."""

FILE_WIDTH = 160
"""Columns of output that goes into a file or a pipe, where nothing needs to be folded at 80."""


def output() -> Console:
    """Standard output for people; COLUMNS, where it is set, says how wide it is."""
    fits = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(width=None if fits else FILE_WIDTH)


def visible(text: str) -> str:
    """Control characters and changes of writing direction as escapes: data, not commands.

    A token that stands for a personal value is cut short: enough to see which are the same.

    >>> visible("a\\x1b[31mb"), visible("sealed:" + "0123456789abcdef" * 4)
    ('a\\\\x1b[31mb', '•••• 01234567')
    """
    if PREFIX in text:
        text = cut_short(text)
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in ("Cc", "Cf", "Cs")
        else character
        for character in text
    )
