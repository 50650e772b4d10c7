"""What to write in place of a symbol of comparison: the language has words for them.

``lines: ≥3`` is text to YAML, and ``lines: >= 3`` is no YAML at all. All of it is written as
escapes where it looks like the ASCII that it is not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

SYMBOLS: Mapping[str, str] = {
    **dict.fromkeys(("≥", "≧", ">=", "=>", "\uff1e=", "\uff1e\uff1d"), "gte"),
    **dict.fromkeys(("≤", "≦", "<=", "=<", "\uff1c=", "\uff1c\uff1d"), "lte"),
    **dict.fromkeys((">", "\uff1e"), "gt"),
    **dict.fromkeys(("<", "\uff1c"), "lt"),
    **dict.fromkeys(("=", "==", "\uff1d", "\uff1d\uff1d"), "eq"),
    **dict.fromkeys(("≠", "!=", "<>", "\uff01=", "\uff01\uff1d"), "ne"),
}
"""Symbol → the operator of the language."""

_SYMBOL = "|".join(re.escape(one) for one in sorted(SYMBOLS, key=len, reverse=True))
_BEGINS = re.compile(rf"\s*({_SYMBOL})\s*(\S.*)", re.DOTALL)
_SENTENCE = re.compile(rf"\s*([a-z][a-z0-9_.]*)\s*({_SYMBOL})\s*(\S.*)", re.DOTALL)
_AFTER_KEY = re.compile(rf"(?:^\s*|[:,\[{{-] *)({_SYMBOL})\s*([^\s,}}\]#][^,}}\]#]*)")


def symbol_hint(text: str) -> str | None:
    """A hint on text that begins with a symbol, or that is a whole comparison; None for others.

    >>> symbol_hint("≥3"), symbol_hint("<= 180 days"), symbol_hint("core")
    ('write {gte: 3}', 'write {lte: 180 days}', None)
    >>> symbol_hint("business_lines >= 3")
    'write {business_lines: {gte: 3}}'
    """
    if begins := _BEGINS.fullmatch(text):
        return f"write {_comparison(begins[1], begins[2])}"
    if sentence := _SENTENCE.fullmatch(text):
        return f"write {{{sentence[1]}: {_comparison(sentence[2], sentence[3])}}}"
    return None


def symbol_hint_on(line: str, column: int) -> str | None:
    """A hint on the comparison that a line has where a value would begin.

    `column` is where the parser stopped, from 0.

    >>> symbol_hint_on("  share: {gt: 1, lines: >= 3}", 24)
    'write {gte: 3}'
    """
    for found in _AFTER_KEY.finditer(line):
        if found.start(1) <= column <= found.end(2):
            return f"write {_comparison(found[1], found[2])}"
    return None


def _comparison(symbol: str, value: str) -> str:
    written = unicodedata.normalize("NFKC", value).strip()
    return f"{{{SYMBOLS[symbol]}: {written}}}"
