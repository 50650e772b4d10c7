"""Values as people read them: amounts with separators, shares in percent, days as days."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

Number = Decimal | int | float

_UNITS = {
    ("days", "zh"): "天",
    ("days", "en"): " days",
    ("score", "zh"): "分",
    ("score", "en"): " points",
    ("nps", "zh"): "分",
    ("nps", "en"): " points",
    ("change", "zh"): "个百分点",
    ("change", "en"): " percentage points",
}

_TRUTHS = {(True, "zh"): "是", (False, "zh"): "否", (True, "en"): "yes", (False, "en"): "no"}


def show_value(
    value: object, value_type: str, currency: str, language: str, *, exact: bool = False
) -> str | None:
    """A value of a policy's type; None if it is missing. `exact` keeps every decimal.

    >>> show_value(Decimal("5230000.00"), "money", "CNY", "en")
    '5,230,000.00 CNY'
    >>> show_value(0.213456, "ratio", "CNY", "zh")
    '21.3%'
    >>> show_value(0.213456, "ratio", "CNY", "zh", exact=True)
    '21.3456%'
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return _TRUTHS[value, language]
    if isinstance(value, Decimal | int | float):
        return show_number(value, value_type, currency, language, exact=exact)
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)


def show_number(
    value: Number, value_type: str, currency: str, language: str, *, exact: bool = False
) -> str:
    """A number in the notation of its type.

    >>> show_number(61.3, "score", "CNY", "en")
    '61.3 points'
    """
    if value_type == "money":
        return f"{_money(value)} {currency}"
    if value_type == "ratio":
        return f"{_short(_exact(value) * 100, None if exact else 1)}%"
    if value_type in ("integer", "days"):
        return f"{value:,}{_UNITS.get((value_type, language), '')}"
    return f"{_short(_exact(value), None if exact else 2)}{_UNITS.get((value_type, language), '')}"


def _money(value: Number) -> str:
    """With two decimals or none, and more only where there are more.

    >>> _money(103690500.0), _money(Decimal("5230000.00")), _money(80)
    ('103,690,500.00', '5,230,000.00', '80')
    """
    amount = _exact(value)
    exponent = int(amount.as_tuple().exponent)
    return f"{amount:,.{max(2, -exponent)}f}" if exponent < 0 else f"{amount:,f}"


def show_change(value: Number, value_type: str, currency: str, language: str) -> str:
    """A difference of two values: of ratios, percentage points.

    >>> show_change(0.058, "ratio", "CNY", "en")
    '5.8 percentage points'
    """
    if value_type == "ratio":
        points = _exact(value) * 100
        return f"{_short(points, 1 if points >= 1 else None)}{_UNITS['change', language]}"
    return show_number(value, value_type, currency, language, exact=abs(_exact(value)) < 1)


def _exact(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _short(value: Decimal, decimals: int | None) -> str:
    """At most so many decimals (None: all), without trailing zeros.

    >>> _short(Decimal("21.340000"), 1), _short(Decimal("20.00000"), None)
    ('21.3', '20')
    """
    if decimals is not None:
        value = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    text = f"{value:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def bare_value(value: object, value_type: str, language: str) -> str:
    """A value within a sentence that says the unit itself; a missing one is said to be so.

    >>> bare_value(Decimal("5230000.5"), "money", "en"), bare_value(45, "days", "zh")
    ('5,230,000.50', '45')
    >>> bare_value(0.213, "ratio", "en"), bare_value(None, "money", "zh")
    ('21.3%', '不详')
    """
    if value is None:
        return {"zh": "不详", "en": "unknown"}[language]
    if value_type == "money" and isinstance(value, Decimal | int | float):
        amount = _exact(value)
        decimals = max(2, -int(amount.as_tuple().exponent))
        return f"{amount:,.{decimals}f}"
    shown = show_value(value, value_type, "", language) or ""
    return shown.removesuffix(_UNITS.get((value_type, language), ""))
