"""Why a cell cannot be used, in words that tell what to do about it, as SQL.

Only looked up for rows that are already known to be bad, so clarity wins over speed.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from engine.facts import patterns
from engine.facts.cells import TEXT_LIMIT, Rules, limits_of
from engine.facts.sql import literal
from engine.model import NUMERIC_TYPES, Column

Reason = tuple[str, str]
"""A condition over the cell's text and the reason that it gives."""


def reason(column: Column, form: str | None, rules: Rules, index: int, typed: bool = True) -> str:
    """The reason for a cell that is not `valid`, over ``g<index>`` and ``v<index>``.

    `typed` says that the value is of the column's type, so that it can be compared.
    """
    cell = f"CAST(g{index} AS VARCHAR)"
    cases: list[Reason] = [
        (f"contains({cell}, chr(0))", "contains a NUL byte"),
        (f"length({cell}) > {TEXT_LIMIT}", f"is longer than {TEXT_LIMIT} characters"),
    ]
    if column.type in ("enum", "ordinal"):
        cases.append(("true", f"is not one of {_listed(column.values)}"))
    elif column.type == "boolean":
        cases.append(("true", "is not a boolean; write true or false, 1 or 0, 是 or 否"))
    elif column.type in ("date", "datetime"):
        cases += _of_days(column.type, cell, form)
    elif column.type in NUMERIC_TYPES:
        limits = limits_of(column)
        if limits:
            low, high = (_plain(limit) for limit in limits)
            cases.append((f"v{index} IS NOT NULL", f"is outside {low} to {high}"))
        cases += _of_numbers(column, cell, rules)
    else:
        cases.append(("true", "cannot be used as text"))
    body = " ".join(f"WHEN {condition} THEN {literal(text)}" for condition, text in cases)
    return f"CASE {body} END"


def _of_numbers(column: Column, cell: str, rules: Rules) -> Iterable[Reason]:
    def matches(pattern: str) -> str:
        return f"regexp_full_match({cell}, {literal(pattern)})"

    yield matches(patterns.NOT_A_NUMBER), "NaN is not a number; leave the cell empty if unknown"
    yield matches(patterns.INFINITE), "Infinity is not a number; leave the cell empty if unknown"
    yield matches(patterns.BIG_UNIT), "is written with 万 or 亿; write all the digits"
    yield (
        matches(patterns.CURRENCY),
        "has a currency sign; write the number alone, in the workspace's currency",
    )
    yield matches(patterns.THOUSANDS), "has thousands separators; write 1234.50, not 1,234.50"
    yield matches(patterns.DECIMAL_COMMA), "has a decimal comma; write 1234.50"
    yield matches(patterns.EXPONENT), "is in exponent notation; write all the digits"
    yield matches(patterns.FULL_WIDTH), "has full-width digits; write 0 to 9"
    if column.type != "ratio":
        yield matches(patterns.PERCENTAGE), "is a percentage; give the column the type ratio"
    number = matches(patterns.NUMBER)
    if column.type == "money":
        digits = rules.decimals.money
        large = f"abs(TRY_CAST({cell} AS DOUBLE)) >= 1e{18 - digits}"
        yield f"{number} AND {large}", f"is too large; money has {18 - digits} digits at most"
        advice = f"; round it at the source, or raise `precision: {{money: {digits}}}` in kam.yaml"
        yield number, f"has more than {digits} decimals{advice}"
    elif column.type in ("integer", "days"):
        yield f"{number} AND TRY_CAST({cell} AS DOUBLE) % 1 <> 0", "is not a whole number"
        yield number, "is too large for a whole number of 64 bits"
    else:
        yield number, "is too large"
    yield "true", "is not a number"


def _of_days(kind: str, cell: str, form: str | None) -> Iterable[Reason]:
    def matches(pattern: str) -> str:
        return f"regexp_full_match({cell}, {literal(pattern)})"

    yield (
        matches(patterns.ZERO_DAY),
        "0000-00-00 is not a date; leave the cell empty if the date is not known",
    )
    if form:
        yield "true", f"does not match the column's format {form}, or is no day of the calendar"
        return
    yield (
        matches(patterns.AMBIGUOUS_DAY),
        "day and month are ambiguous; give the column a format, such as format: '%d/%m/%Y'",
    )
    days = f"({patterns.DAY}|{patterns.COMPACT_DAY}|{patterns.CHINESE_DAY})"
    yield matches(days), "is no day of the calendar"
    timed = f"{patterns.DAY}{patterns.TIME}({patterns.OFFSET})?"
    if kind == "date":
        yield matches(timed), "has a time of day; give the column the type datetime"
    yield matches(timed), "is no time of the calendar and the clock"
    yield matches(patterns.SERIAL_DAY), "is a spreadsheet's number of a day; store it as a date"
    yield (
        r"regexp_matches(" + cell + r", '^-?[0-9]+-[0-9]{2}-[0-9]{2}|infinity')",
        "is not between the years 1000 and 9999",
    )
    example = "2026-01-31" if kind == "date" else "2026-01-31 14:30"
    yield "true", f"is not a {kind}; write it as {example}, or give the column a format"


def _listed(values: tuple[str, ...]) -> str:
    shown = ", ".join(values[:12])
    return shown if len(values) <= 12 else f"{shown} and {len(values) - 12} more"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
