"""Streams that lack a character: something like it stands there instead, never a failure.

Windows writes Chinese in GBK, which has ``√`` and ``×`` but neither ``✓`` nor ``✗``; a service may
run with ASCII. What has nothing alike is written as JSON escapes it, so that what is JSON stays
so, and nobody has to guess what stood there.
"""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Mapping
from io import TextIOWrapper

HANDLER = "kam-alike"
"""The name under which Python's streams know `stand_in`."""

_USUAL = ("strict", "backslashreplace")
"""How Python opens its streams; other ways were asked for, as in PYTHONIOENCODING=gbk:replace."""

_ALIKE: Mapping[str, str] = {
    "✓": "√v",
    "✗": "×x",
    "√": "v",
    "×": "x",
    "›": ">",
    "→": ">",
    "–": "-",
    "—": "-",
    "…": "~",
    "•": "·*",
    "·": "*",
    **dict.fromkeys("▁▂", "_"),
    **dict.fromkeys("▃▄▅", "="),
    **dict.fromkeys("▆▇█", "#"),
}
"""Character → what may stand for it, one cell wide, the likest first."""


def write_what_can_be_shown() -> None:
    """Let standard output and standard error never fail for want of a character."""
    codecs.register_error(HANDLER, stand_in)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors in _USUAL:
            stream.reconfigure(errors=HANDLER)


def stand_in(error: UnicodeError) -> tuple[str, int]:
    """What is written for characters that an encoding lacks, and where to go on.

    >>> codecs.register_error(HANDLER, stand_in)
    >>> "✓ ✗ 等级 ›".encode("gbk", HANDLER).decode("gbk"), "✓ 客".encode("ascii", HANDLER)
    ('√ × 等级 >', b'v \\\\u5ba2')
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_shown(one, error.encoding) for one in lacking), error.end


def _shown(character: str, encoding: str) -> str:
    for other in _ALIKE.get(character, ""):
        if other.isascii() or _has(encoding, other):
            return other
    return json.dumps(character)[1:-1]


def _has(encoding: str, character: str) -> bool:
    """Whether an encoding has a character; of a family of code pages (``charmap``) nobody knows."""
    try:
        character.encode(encoding)
    except UnicodeError:
        return False
    return encoding != "charmap"
