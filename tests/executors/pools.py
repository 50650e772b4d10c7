"""What random policies and facts are made of: columns, pools of values, choices.

Values come from small pools with ties, boundaries and the day around each window's edge,
and thresholds from the same pools, so that equality is common rather than a miracle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import strategies as st

from engine.errors import Location
from engine.executors.protocol import FactTables
from engine.model import (
    AsOf,
    Call,
    Case,
    Column,
    Expression,
    Formula,
    Name,
    Number,
    Operation,
    RecordType,
    Title,
    Truth,
    ValueType,
    Vocabulary,
)

AS_OF = date(2026, 6, 30)
HERE = Location("policies/random/pack.yaml", 1, 1)
TITLE = Title("随机", "Random")

MONEY = [Decimal(text) for text in ("0.00", "0.01", "-5.25", "99.99", "100.00", "5000000.00")]
NUMBERS = [0.0, 0.1, 0.3, -0.5, 1.0, 2.5, 33.333333, 0.000001]
RATIOS = [0.0, 0.05, 0.2, 0.199999, 0.200001, -0.3, 1.0]
SCORES = [0.0, 59.999999, 60.0, 85.5, 100.0]
COUNTS = [0, 1, 2, 3, 6, 7, 9, 10]
TEXTS = ["北京", "上海", "", "O'Brien", '"引号"', "Ärger"]
KINDS = ["投诉", "routine", "urgent"]
RATINGS = ["D", "C", "B", "A"]
SHARES = [Decimal(text) for text in ("0.05", "0.2", "0.34", "0.5", "1")]
WINDOWS = [None, 1, 90, 365]
ENDINGS = [0, 0, 1, 365]
MINIMUM = 0
"""Of records, where a measure does not say `at_least`."""
DAYS = [
    AS_OF - timedelta(days=days) for days in (-1, 0, 1, 2, 89, 90, 91, 364, 365, 366, 455, 730, 731)
]
MOMENTS = [
    datetime.combine(day, datetime.min.time()) + timedelta(hours=hours)
    for day in DAYS[:9]
    for hours in (0, 9, 23)
]

POOLS: dict[str, Sequence[Any]] = {
    "money": MONEY,
    "number": NUMBERS,
    "ratio": RATIOS,
    "score": SCORES,
    "nps": [-100.0, 0.0, 50.0],
    "integer": COUNTS,
    "days": COUNTS,
    "text": TEXTS,
    "enum": KINDS,
    "ordinal": RATINGS,
    "boolean": [True, False],
    "date": DAYS,
    "datetime": MOMENTS,
}
NUMERIC: tuple[ValueType, ...] = ("money", "number", "ratio", "score", "integer", "days", "nps")

ACCOUNT_COLUMNS: dict[str, ValueType] = {
    "name": "text",
    "status": "enum",
    "rating": "ordinal",
    "vip": "boolean",
    "target": "number",
    "growth": "ratio",
    "balance": "money",
    "visits": "integer",
    "satisfied": "score",
    "since": "date",
    "seen_at": "datetime",
}
GROUPS = ("name", "status")
"""Columns that `group_total` groups by."""
RECORD_COLUMNS: dict[str, dict[str, ValueType]] = {
    "orders": {
        "ordered_on": "date",
        "amount": "money",
        "line": "text",
        "weight": "number",
        "pieces": "integer",
        "paid_on": "date",
        "closed_at": "datetime",
        "grade": "ordinal",
        "confirmed": "boolean",
        "margin": "ratio",
    },
    "events": {"happened_at": "datetime", "kind": "enum", "severity": "integer"},
    "notes": {"mark": "integer", "kind": "enum"},
}
TIMES = {"orders": "ordered_on", "events": "happened_at", "notes": None}


def _column(name: str, kind: ValueType, formula: Formula | None = None) -> Column:
    listed = {"enum": KINDS, "ordinal": RATINGS}.get(kind, [])
    return Column(name, kind, None, tuple(listed), None, "internal", formula, HERE)


def formula_of(tree: Expression) -> Formula:
    return Formula("", tree, (), HERE)


def name_of(name: str) -> Name:
    return Name(name, HERE)


RECORD_FORMULAS: dict[str, tuple[ValueType, Expression]] = {
    "open_amount": (
        "money",
        Operation(
            "-",
            (
                name_of("amount"),
                Case(
                    ((Operation("<=", (name_of("paid_on"), AsOf())), name_of("amount")),),
                    Number(Decimal(0)),
                ),
            ),
        ),
    ),
    "is_open": (
        "boolean",
        Call("coalesce", (Operation(">", (name_of("closed_at"), AsOf())), Truth(True))),
    ),
    "days_to_close": ("integer", Operation("-", (name_of("closed_at"), name_of("ordered_on")))),
}


def _vocabulary() -> Vocabulary:
    records = {}
    for table, columns in RECORD_COLUMNS.items():
        listed = {name: _column(name, kind) for name, kind in columns.items()}
        if table == "orders":
            for name, (kind, tree) in RECORD_FORMULAS.items():
                listed[name] = _column(name, kind, formula_of(tree))
        records[table] = RecordType(table, None, TIMES[table], listed, HERE)
    accounts = {name: _column(name, kind) for name, kind in ACCOUNT_COLUMNS.items()}
    return Vocabulary(accounts, records)


VOCABULARY = _vocabulary()

# --- choices -----------------------------------------------------------------------------

Thing = TypeVar("Thing")


class Choices:
    """Draws that shrink towards the first option of everything."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def number(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))

    def one(self, options: Sequence[Thing]) -> Thing:
        return options[self.number(0, len(options) - 1)]

    def chance(self, of: int) -> bool:
        """True once in `of` draws."""
        return self.number(0, of - 1) == of - 1

    def some(self, options: Sequence[Thing], low: int, high: int) -> list[Thing]:
        return [self.one(options) for _ in range(self.number(low, high))]


# --- facts -------------------------------------------------------------------------------


def _row(choose: Choices, columns: Mapping[str, ValueType]) -> dict[str, Any]:
    return {
        name: None if choose.chance(6) else choose.one(POOLS[kind])
        for name, kind in columns.items()
    }


def fact_tables(choose: Choices) -> FactTables:
    size = choose.number(0, 6)
    accounts = [
        {"account_no": number, "account_id": f"客户{number:03d}", **_row(choose, ACCOUNT_COLUMNS)}
        for number in range(size)
    ]
    records: dict[str, list[dict[str, Any]]] = {}
    for table, columns in RECORD_COLUMNS.items():
        count = choose.number(0, 9) if size else 0
        records[table] = [
            {"account_no": choose.number(0, size - 1), **_row(choose, columns)}
            for _ in range(count)
        ]
    return FactTables(accounts, records)


def mapped_columns(choose: Choices) -> Vocabulary:
    """Mostly everything; sometimes a table or a column is not mapped."""
    left_out = choose.one([None, None, None, "column", "table"])
    records = {name: _as_mapped(record) for name, record in VOCABULARY.records.items()}
    accounts = dict(VOCABULARY.accounts)
    if left_out == "table":
        del records[choose.one(sorted(records))]
    if left_out == "column":
        del accounts[choose.one(sorted(accounts))]
        dropped = choose.one(["amount", "line", "paid_on", "confirmed"])
        records["orders"] = _as_mapped(VOCABULARY.records["orders"], dropped)
    return Vocabulary(accounts, records)


def _as_mapped(record: RecordType, dropped: str | None = None) -> RecordType:
    """A workspace maps what stands in its files: no computed column."""
    columns = {
        name: column
        for name, column in record.columns.items()
        if column.formula is None and name != dropped
    }
    return RecordType(record.name, None, record.time, columns, HERE)
