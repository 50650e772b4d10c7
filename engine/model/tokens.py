"""Tokens: what is stored in place of a personal value; `engine.plan.sql.sealing` has their SQL."""

from __future__ import annotations

import re
from hashlib import sha256

PREFIX = "sealed:"

TOKEN = re.compile(rf"{PREFIX}[0-9a-f]{{64}}")

DOTS = "••••"
"""What people see in place of something that they may not see."""


def sealed_token(salt: bytes, column: bytes, value: bytes) -> str:
    """The token of a value of a column under the salt of its account, all as text in UTF-8."""
    inner = sha256(salt + column + b"|" + value).hexdigest().encode()
    return PREFIX + sha256(inner + value).hexdigest()


def is_token(value: object) -> bool:
    return isinstance(value, str) and TOKEN.fullmatch(value) is not None


def cut_short(text: str) -> str:
    """A text for people: of each token enough to see which are the same.

    >>> cut_short("sealed:" + "0123456789abcdef" * 4)
    '•••• 01234567'
    """
    return TOKEN.sub(lambda found: f"{DOTS} {found[0].removeprefix(PREFIX)[:8]}", text)
