"""Each admitted way to write a value, and each refused one with the reason it gets."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.plan.steps import Precision
from tests.facts.book import Book

FACTS = """
accounts:
  source: a.csv
  key: id
  columns:
    x: {spec}
"""


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def load_one(book: Book, spec: str, text: str, **options: Any) -> Any:
    """The typed value of a cell, or the reason why it has none."""
    book.write("a.csv", f"id,x\n1,{quoted(text)}\n2,\n")
    book.load(FACTS.format(spec=spec), **options)
    bad = book.bad()
    if bad:
        assert book.counts() == (2, 1, 1)
        assert bad[0][:2] == (2, "x")
        return bad[0][3]
    assert book.counts() == (2, 2, 0)
    return book.rows("accounts", "x", "account_no")[0][0]


GOOD: list[tuple[str, str, Any]] = [
    ("text", " 华东 Öst ", "华东 Öst"),
    ("text", "\u3000全角\u00a0", "全角"),
    ("text", "\u3000", None),
    ("text", 'a "quoted", b', 'a "quoted", b'),
    ("text", "two\nlines", "two\nlines"),
    ("text", "NULL", "NULL"),
    ("text", "x" * 10_000, "x" * 10_000),
    ("{type: enum, values: [a, 乙]}", " 乙", "乙"),
    ("{type: ordinal, values: [D, AA]}", "AA", "AA"),
    ("boolean", "TRUE", True),
    ("boolean", "0", False),
    ("boolean", "是", True),
    ("boolean", "否", False),
    ("integer", "-12", -12),
    ("integer", " +007 ", 7),
    ("integer", "12.0", 12),
    ("integer", "9223372036854775807", 2**63 - 1),
    ("days", "45", 45),
    ("money", "1234.5", Decimal("1234.50")),
    ("money", "-.5", Decimal("-0.50")),
    ("money", "12.3400", Decimal("12.34")),
    ("money", "9999999999999999.99", Decimal("9999999999999999.99")),
    ("money", "-9999999999999999.99", Decimal("-9999999999999999.99")),
    ("number", "0.1234565", 0.123456),
    ("number", "0.1234575", 0.123458),
    ("number", "5", 5.0),
    ("{type: number, range: [0, 100]}", "0", 0.0),
    ("{type: number, range: [0, 100]}", "100", 100.0),
    ("ratio", "0.35", 0.35),
    ("ratio", "35%", 0.35),
    ("ratio", "-12.5 %", -0.125),
    ("score", "100", 100.0),
    ("nps", "-100", -100.0),
    ("date", "2026-01-31", date(2026, 1, 31)),
    ("date", "2026/1/31", date(2026, 1, 31)),
    ("date", "20260131", date(2026, 1, 31)),
    ("date", "2026年1月31日", date(2026, 1, 31)),
    ("date", "2026-01-31 00:00:00", date(2026, 1, 31)),
    ("date", "2024-02-29", date(2024, 2, 29)),
    ("date", "9999-12-31", date(9999, 12, 31)),
    ("date", "2199-01-01", date(2199, 1, 1)),
    ("{type: date, format: '%d/%m/%Y'}", "03/02/2026", date(2026, 2, 3)),
    ("{type: date, format: '%m/%d/%Y'}", "03/02/2026", date(2026, 3, 2)),
    ("datetime", "2026-01-31T14:30", datetime(2026, 1, 31, 14, 30)),
    ("datetime", "2026-01-31 14:30:05.5", datetime(2026, 1, 31, 14, 30, 5, 500_000)),
    ("datetime", "2026/1/31 9:05", datetime(2026, 1, 31, 9, 5)),
    ("datetime", "2026-01-31", datetime(2026, 1, 31)),
    ("datetime", "2026-01-31T20:30:00Z", datetime(2026, 2, 1, 4, 30)),
    ("datetime", "2026-01-31T14:30:00+08:00", datetime(2026, 1, 31, 14, 30)),
    ("datetime", "2026-01-31 14:30-0500", datetime(2026, 2, 1, 3, 30)),
    ("{type: datetime, format: '%d.%m.%y %H:%M'}", "31.01.26 04:30", datetime(2026, 1, 31, 4, 30)),
]  # fmt: skip


def by_spec(cases: list[tuple[str, str, Any]]) -> list[tuple[str, list[tuple[str, Any]]]]:
    """One file for each type: as many rows as it has cases."""
    specs = dict.fromkeys(spec for spec, *_ in cases)
    return [(one, [(text, end) for spec, text, end in cases if spec == one]) for one in specs]


def load_many(book: Book, spec: str, texts: list[str]) -> None:
    lines = ["id,x"] + [f"{n:03},{quoted(text)}" for n, text in enumerate(texts)]
    book.write("a.csv", "\n".join(lines))
    book.load(FACTS.format(spec=spec))


@pytest.mark.parametrize(("spec", "cases"), by_spec(GOOD))
def test_cell_is_typed(book: Book, spec: str, cases: list[tuple[str, Any]]) -> None:
    load_many(book, spec, [text for text, _ in cases])
    assert book.bad() == []
    found = [value for (value,) in book.rows("accounts", "x", "account_no")]
    texts = [text for text, _ in cases]
    assert dict(zip(texts, found, strict=True)) == dict(cases)


BAD: list[tuple[str, str, str]] = [
    ("text", "x" * 10_001, "longer than 10000 characters"),
    ("{type: enum, values: [a, 乙]}", "A", "is not one of a, 乙"),
    ("{type: ordinal, values: [D, AA]}", "A", "is not one of D, AA"),
    ("boolean", "yes", "write true or false"),
    ("integer", "12.5", "is not a whole number"),
    ("integer", "9223372036854775808", "is too large"),
    ("integer", "0x10", "is not a number"),
    ("integer", "1_000", "thousands separators"),
    ("integer", "一", "is not a number"),
    ("money", "1,234.50", "thousands separators; write 1234.50"),
    ("money", "1 234 567", "thousands separators"),
    ("money", "1,234", "thousands separators"),
    ("money", "12,50", "decimal comma"),
    ("money", "1.234.567,89", "decimal comma"),
    ("money", "¥1234.50", "currency sign"),
    ("money", "-$5", "currency sign"),
    ("money", "1234.50元", "currency sign"),
    ("money", "CNY 12", "currency sign"),
    ("money", "500万", "万 or 亿"),
    ("money", "Infinity", "Infinity is not a number"),
    ("money", "-inf", "Infinity is not a number"),
    ("money", "NaN", "NaN is not a number"),
    ("money", "1e3", "exponent notation"),
    ("money", "\uff11\uff12", "full-width digits"),
    ("money", "\uffe512", "currency sign"),
    ("money", "12.345", "more than 2 decimals; round it at the source, or raise `precision:"),
    ("money", "10000000000000000", "too large; money has 16 digits"),
    ("money", "-10000000000000000.00", "too large; money has 16 digits"),
    ("money", "35%", "is a percentage"),
    ("money", "--5", "is not a number"),
    ("number", "1e3", "exponent notation"),
    ("number", "9999999999999999", "is too large"),
    ("{type: number, range: [0, 100]}", "-0.000001", "is outside 0 to 100"),
    ("{type: number, range: [0, 100]}", "100.000001", "is outside 0 to 100"),
    ("{type: integer, range: [1, 5]}", "6", "is outside 1 to 5"),
    ("score", "100.5", "is outside 0 to 100"),
    ("nps", "-101", "is outside -100 to 100"),
    ("ratio", "35%%", "is not a number"),
    ("date", "31/01/2026", "day and month are ambiguous; give the column a format"),
    ("date", "1.2.26", "day and month are ambiguous"),
    ("date", "0000-00-00", "0000-00-00 is not a date"),
    ("date", "0000-00-00 00:00:00", "0000-00-00 is not a date"),
    ("date", "2026-02-29", "no day of the calendar"),
    ("date", "2026-13-01", "no day of the calendar"),
    ("date", "20260230", "no day of the calendar"),
    ("date", "0026-01-31", "years 1000 and 9999"),
    ("date", "12026-01-31", "years 1000 and 9999"),
    ("date", "infinity", "years 1000 and 9999"),
    ("date", "2026-01-31 14:30", "has a time of day; give the column the type datetime"),
    ("date", "46053", "spreadsheet's number of a day"),
    ("date", "next Friday", "is not a date; write it as 2026-01-31"),
    ("{type: date, format: '%d/%m/%Y'}", "2026-01-31", "match the column's format %d/%m/%Y"),
    ("{type: date, format: '%d/%m/%Y'}", "31/02/2026", "does not match the column's format"),
    ("datetime", "2026-01-31 25:00", "no time of the calendar and the clock"),
    ("datetime", "01/02/2026 10:00", "day and month are ambiguous"),
    ("datetime", "noon", "is not a datetime; write it as 2026-01-31 14:30"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "cases"), by_spec(BAD))
def test_bad_cell_is_quarantined_with_a_reason(
    book: Book, spec: str, cases: list[tuple[str, str]]
) -> None:
    load_many(book, spec, [text for text, _ in cases])
    assert book.counts() == (len(cases), 0, len(cases))
    for (row, column, value, reason), (text, expected) in zip(book.bad(), cases, strict=True):
        assert (column, value) == ("x", text[:200]), row
        assert expected in reason, text


@pytest.mark.parametrize(
    ("digits", "text", "value"),
    [
        (4, "1.2345", Decimal("1.2345")),
        (4, "1.23456", "more than 4 decimals"),
        (4, "99999999999999.9999", Decimal("99999999999999.9999")),
        (4, "100000000000000", "too large; money has 14 digits"),
        (0, "12", Decimal("12")),
        (0, "12.0", Decimal("12")),
        (0, "12.5", "more than 0 decimals"),
        (0, "999999999999999999", Decimal("999999999999999999")),
    ],
)
def test_money_keeps_the_decimals_of_the_workspace(
    book: Book, digits: int, text: str, value: Any
) -> None:
    found = load_one(book, "money", text, precision=Precision(money=digits))
    if isinstance(value, str):
        assert value in found
    else:
        assert (found, found.as_tuple().exponent) == (value, -digits)


def test_derived_precision_rounds_numbers_half_even(book: Book) -> None:
    assert load_one(book, "ratio", "0.125", precision=Precision(derived=2)) == 0.12
    assert load_one(book, "ratio", "0.375", precision=Precision(derived=2)) == 0.38


def test_offset_is_converted_to_the_time_zone_of_the_workspace(book: Book) -> None:
    found = load_one(book, "datetime", "2026-07-01T00:30:00Z", zone="America/New_York")
    assert found == datetime(2026, 6, 30, 20, 30)
    assert load_one(book, "datetime", "2026-07-01T00:30", zone="UTC") == datetime(2026, 7, 1, 0, 30)
