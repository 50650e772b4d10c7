"""How text may write a value: the regular expressions of typing and of its reasons.

They must match the whole text. DuckDB's own casts are wider than what people mean (``1e3``,
``1_000``, ``0x10``, silent rounding), so every cast stands behind one of these.
"""

from __future__ import annotations

NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"
INTEGER = r"[+-]?0*[0-9]{1,19}(\.0*)?"
PERCENTAGE = NUMBER + r" ?%"
EXPONENT = r"[+-]?[0-9]*\.?[0-9]+[eE][+-]?[0-9]+"
NOT_A_NUMBER = r"(?i)[+-]?nan"
INFINITE = r"(?i)[+-]?(inf|infinity|∞)"
THOUSANDS = r"[+-]?[0-9]{1,3}([,\x{ff0c} '_\x{00a0}][0-9]{3})+(\.[0-9]*)?"
DECIMAL_COMMA = r"[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+),[0-9]+"
SIGN = r"([\x{00a5}\x{ffe5}$€£元]|cny|rmb|usd|eur)"
CURRENCY = rf"(?i)[+-]?\s*{SIGN}.*|.*{SIGN}"
BIG_UNIT = r"[+-]?[0-9.,]+\s*[万亿]元?"
FULL_WIDTH = r".*[\x{ff10}-\x{ff19}\x{ff0e}\x{ff0d}].*"

DAY = r"[1-9][0-9]{3}(-[0-9]{1,2}-|/[0-9]{1,2}/)[0-9]{1,2}"
COMPACT_DAY = r"[1-9][0-9]{7}"
CHINESE_DAY = r"[1-9][0-9]{3}年[0-9]{1,2}月[0-9]{1,2}日"
MIDNIGHT = r"[T ]0?0:00(:00(\.0+)?)?"
TIME = r"[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6}0*)?)?"
OFFSET = r" ?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)"
ZERO_DAY = r"0000[-/]?00[-/]?00.*"
AMBIGUOUS_DAY = r"[0-9]{1,2}([/.-])[0-9]{1,2}[/.-]([0-9]{2}|[0-9]{4})([T ].*)?"
SERIAL_DAY = r"[0-9]{5}(\.[0-9]+)?"


def money(precision: int) -> str:
    """At most 18 digits of which `precision` are decimals; zeros beyond them do no harm."""
    return rf"[+-]?0*[0-9]{{0,{18 - precision}}}(\.[0-9]{{0,{precision}}}0*)?"
