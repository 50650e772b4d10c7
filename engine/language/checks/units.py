"""What may be compared with what: units, scales and lists of values.

Types fall into families. A plain `number` goes with every number; money, ratios, days and
the two scales go with themselves only. `20%` is a ratio, `500万` an amount, `90 days` days.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from engine.errors import Location, Problem
from engine.language.checks.facts import SCALES, Fact
from engine.language.checks.words import meant_or_known
from engine.language.full_width import odd_space
from engine.language.symbols import symbol_hint
from engine.model import NUMERIC_TYPES, Quantity

DATES = frozenset({"date", "datetime"})
NAMES = frozenset({"text", "enum", "ordinal"})
_FREE = frozenset({"number", "integer"})
UNITS: Mapping[str, frozenset[str]] = {
    "ratio": frozenset({"ratio", "number"}),
    "amount": frozenset({"money"}) | _FREE,
    "days": frozenset({"days"}) | _FREE,
    "hours": _FREE,
    "workdays": _FREE,
}
"""Unit of a quantity → types that it can be compared with."""
_UNIT_NAMES = {
    "ratio": "a percentage",
    "amount": "an amount",
    "days": "a number of days",
    "hours": "a number of hours",
    "workdays": "a number of workdays",
}
_WRITE: Mapping[str, str] = {
    "money": "write an amount such as 500万",
    "ratio": "write a percentage such as 30%",
    "days": "write days such as 90 days",
    "score": "write a number from 0 to 100",
    "nps": "write a number from -100 to 100",
    "integer": "write a whole number",
}
_A: Mapping[str, str] = {
    "text": "text",
    "enum": "an enumeration",
    "ordinal": "an ordinal",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "days": "a number of days",
    "ratio": "a ratio",
    "money": "money",
    "score": "a score from 0 to 100",
    "nps": "an NPS from -100 to 100",
    "date": "a date",
    "datetime": "a date with a time",
}


def described(value_type: str) -> str:
    """A type in the words of a message."""
    return _A[value_type]


def literal_problem(
    fact: Fact, value: Quantity, place: Location, written: str | None = None
) -> Problem | None:
    """Why a literal cannot be compared with a fact; None if it can.

    >>> here = Location("tiers.yaml", 3, 7)
    >>> share = Quantity(Decimal("0.20"), "20%", here, "ratio")
    >>> literal_problem(Fact("annual_purchase", "money", here), share, here).code
    'unit-mismatch'
    """
    text = written or f"'{value.text}'"
    if isinstance(value.value, Decimal):
        return _number_problem(fact, value, place, text)
    if isinstance(value.value, bool):
        fits = fact.type == "boolean"
    elif isinstance(value.value, date):
        fits = fact.type in DATES
    else:
        return _word_problem(fact, value.value, place, text)
    return None if fits else _mismatch(fact, text, place)


def _mismatch(fact: Fact, text: str, place: Location, hint: str | None = None) -> Problem:
    message = f"'{fact.name}' is {described(fact.type)}, {text} is not"
    return Problem("type-mismatch", message, place, hint or _hint(fact))


def _hint(fact: Fact) -> str | None:
    if fact.type == "boolean":
        return "write true or false"
    if fact.type in DATES:
        return "write a date such as 2026-01-01"
    if fact.values:
        return f"its values are: {', '.join(fact.values)}"
    return _WRITE.get(fact.type)


def _word_problem(fact: Fact, word: str, place: Location, text: str) -> Problem | None:
    if fact.type not in NAMES:
        odd = odd_space(word)
        better = symbol_hint(word) or (None if odd is None else f"{odd}; write a space")
        return _mismatch(fact, text, place, better)
    if fact.values and word not in fact.values:
        message = f"{text} is not a value of '{fact.name}'"
        hint = symbol_hint(word) or meant_or_known(word, fact.values)
        return Problem("unknown-value", message, place, hint)
    return None


def _number_problem(fact: Fact, value: Quantity, place: Location, text: str) -> Problem | None:
    number = value.value
    if not isinstance(number, Decimal) or fact.type not in NUMERIC_TYPES:
        hint = f"put it in quotes: '{value.text}'" if fact.type == "text" else None
        return _mismatch(fact, text, place, hint)
    if value.unit is not None and fact.type not in UNITS[value.unit]:
        message = f"'{fact.name}' is {described(fact.type)}, {text} is {_UNIT_NAMES[value.unit]}"
        return Problem("unit-mismatch", message, place, _hint(fact))
    if value.unit is None and fact.type == "ratio" and abs(number) >= 2:
        message = f"'{fact.name}' is a ratio, where {text} would mean {_percent(number * 100)}"
        hint = f"write {_percent(number)}, or {_percent(number * 100)} if that is meant"
        return Problem("unit-mismatch", message, place, hint)
    low, high = SCALES.get(fact.type, (number, number))
    if not low <= number <= high:
        message = f"'{fact.name}' is {described(fact.type)}; {text} lies outside"
        return Problem("scale-mismatch", message, place, _hint(fact))
    return None


def _percent(number: Decimal) -> str:
    return f"{number.normalize():f}%"


def facts_problem(fact: Fact, other: Fact, place: Location) -> Problem | None:
    """Why two facts cannot be compared with each other; None if they can.

    >>> here = Location("warnings.yaml", 1, 1)
    >>> nps, share = Fact("nps_now", "nps", here), Fact("satisfaction", "score", here)
    >>> facts_problem(nps, share, here).code
    'scale-mismatch'
    """
    if not _comparable(fact.type, other.type):
        scales = {fact.type, other.type} == set(SCALES)
        code = "scale-mismatch" if scales else "type-mismatch"
        if fact.type in NUMERIC_TYPES and other.type in NUMERIC_TYPES and not scales:
            code = "unit-mismatch"
        message = (
            f"'{fact.name}' is {described(fact.type)}, '{other.name}' is {described(other.type)}"
        )
        return Problem(code, message, place, "compare values of one kind")
    if fact.values and other.values and not set(fact.values) & set(other.values):
        message = f"'{fact.name}' and '{other.name}' have no value in common"
        return Problem("unknown-value", message, place, _hint(fact))
    return None


_WITH: Mapping[str, frozenset[str]] = {
    "number": NUMERIC_TYPES,
    "integer": frozenset({"days", "score"}),
}


def _comparable(one: str, other: str) -> bool:
    if one == other or {one, other} <= DATES or {one, other} <= NAMES:
        return True
    return other in _WITH.get(one, ()) or one in _WITH.get(other, ())
