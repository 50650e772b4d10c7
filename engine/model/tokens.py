"""Tokens: what is stored in place of a personal value; `engine.plan.sql.sealing` makes them."""

from __future__ import annotations

import re

PREFIX = "sealed:"

TOKEN = re.compile(rf"{PREFIX}[0-9a-f]{{64}}")

DOTS = "••••"
"""What people see in place of something that they may not see."""


def is_token(value: object) -> bool:
    return isinstance(value, str) and TOKEN.fullmatch(value) is not None


def cut_short(text: str) -> str:
    """A text for people: of each token enough to see which are the same.

    >>> cut_short("sealed:" + "0123456789abcdef" * 4)
    '•••• 01234567'
    """
    return TOKEN.sub(lambda found: f"{DOTS} {found[0].removeprefix(PREFIX)[:8]}", text)
