"""All kinds of source give the same typed tables for the same data."""

from __future__ import annotations

import datetime as dt
import json
import math
import sqlite3
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from tests.facts.book import Book
from tests.often import seldom

Row = tuple[Any, ...]

COLUMNS = ("id", "名称", "ownership", "amount", "share", "visits", "core", "since", "met_at")

FACTS = """
accounts:
  source: {source}
  key: id
  columns:
    name: {{type: text, from: 名称}}
    ownership: {{type: enum, values: [国企, private]}}
    amount: money
    share: ratio
    visits: integer
    core: boolean
    since: date
    met_at: datetime
"""

DATA: list[Row] = [
    ("K10", "大连重工", "国企", Decimal("1234.50"), 0.35, 12, True,
     dt.date(2024, 2, 29), dt.datetime(2026, 1, 31, 14, 30, 5)),
    ("K2", "O'Neill, \"Ö\" & Söhne", "private", Decimal("-0.01"), -0.125, 0, False,
     dt.date(1999, 12, 31), dt.datetime(2026, 2, 1)),
    ("K3", None, None, None, None, None, None, None, None),
]  # fmt: skip

TYPED = [
    (0, "K10", *DATA[0][1:]),
    (1, "K2", *DATA[1][1:]),
    (2, "K3", *DATA[2][1:]),
]


def write_csv(path: Path, rows: Sequence[Row]) -> str:
    def cell(value: Any) -> str:
        text = "" if value is None else str(value)
        return '"' + text.replace('"', '""') + '"'

    lines = [",".join(COLUMNS), *(",".join(cell(value) for value in row) for row in rows)]
    path.with_suffix(".csv").write_text("\n".join(lines), encoding="utf-8")
    return "a.csv"


def write_xlsx(path: Path, rows: Sequence[Row]) -> str:
    workbook = openpyxl.Workbook()
    workbook.create_sheet("客户")
    sheet = workbook["客户"]
    for row in [COLUMNS, *rows]:
        sheet.append([float(value) if isinstance(value, Decimal) else value for value in row])
    workbook.save(path.with_suffix(".xlsx"))
    return "{path: a.xlsx, sheet: 客户}"


def write_jsonl(path: Path, rows: Sequence[Row]) -> str:
    def plain(value: Any) -> Any:
        if isinstance(value, Decimal):
            return float(value)
        return value.isoformat() if isinstance(value, dt.date) else value

    lines = [
        json.dumps({name: plain(value) for name, value in zip(COLUMNS, row, strict=True)})
        for row in rows
    ]
    path.with_suffix(".jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return "a.jsonl"


def write_parquet(path: Path, rows: Sequence[Row]) -> str:
    types = ["VARCHAR", "VARCHAR", "VARCHAR", "DECIMAL(18,2)", "DOUBLE", "INTEGER", "BOOLEAN",
             "DATE", "TIMESTAMP"]  # fmt: skip
    with duckdb.connect() as connection:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in zip(COLUMNS, types, strict=True))
        connection.execute(f"CREATE TABLE t({columns})")
        marks = ", ".join("?" * len(COLUMNS))
        connection.executemany(f"INSERT INTO t VALUES ({marks})", [list(row) for row in rows])
        connection.execute(f"COPY t TO '{path.with_suffix('.parquet')}' (FORMAT parquet)")
    return "a.parquet"


def write_sqlite(path: Path, rows: Sequence[Row]) -> str:
    def plain(value: Any) -> Any:
        if isinstance(value, Decimal):
            return float(value)
        return str(value) if isinstance(value, dt.date) else value

    database = sqlite3.connect(path.with_suffix(".db"))
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    database.execute(f'CREATE TABLE "客户 表"({names})')
    marks = ", ".join("?" * len(COLUMNS))
    values = [[plain(value) for value in row] for row in rows]
    database.executemany(f'INSERT INTO "客户 表" VALUES ({marks})', values)
    database.commit()
    database.close()
    return "{path: a.db, table: 客户 表}"


WRITERS: dict[str, Callable[[Path, Sequence[Row]], str]] = {
    "csv": write_csv,
    "xlsx": write_xlsx,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
    "sqlite": write_sqlite,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_source_kind_gives_the_same_typed_table(book: Book, kind: str) -> None:
    source = WRITERS[kind](book.root / "a", DATA)
    book.load(FACTS.format(source=source))
    assert book.bad() == []
    assert book.rows("accounts", order="account_no") == TYPED
    described = book.connection.execute("SELECT typeof(COLUMNS(*)) FROM accounts LIMIT 1")
    assert described.fetchone() == (
        "INTEGER", "VARCHAR", "VARCHAR", "VARCHAR", "DECIMAL(18,2)", "DOUBLE", "BIGINT",
        "BOOLEAN", "DATE", "TIMESTAMP",
    )  # fmt: skip


FIRST_ROWS = {"csv": 2, "xlsx": 2, "jsonl": 1, "parquet": 1, "sqlite": 1}


@pytest.mark.parametrize("kind", WRITERS)
def test_source_kind_quarantines_by_the_rows_that_a_person_counts(book: Book, kind: str) -> None:
    bad = ("K4", "x", "foreign", None, None, None, None, None, None)
    repeated = ("K2", "again", "private", None, None, None, None, None, None)
    source = WRITERS[kind](book.root / "a", [DATA[0], bad, DATA[1], repeated, DATA[2]])
    book.load(FACTS.format(source=source))
    first = FIRST_ROWS[kind]
    assert book.bad() == [
        (first + 1, "ownership", "foreign", "is not one of 国企, private"),
        (first + 3, "id", "K2", f"repeats the key of row {first + 2}, which is used"),
    ]
    assert book.counts() == (5, 3, 2)
    assert book.rows("accounts", order="account_no") == TYPED


@pytest.mark.parametrize("kind", ["xlsx", "jsonl", "parquet", "sqlite"])
def test_binary_floating_point_is_rounded_half_even(book: Book, kind: str) -> None:
    row = ("K1", "a", None, 0.1 + 0.2, 1 / 3, None, None, None, None)
    if kind == "parquet":
        with duckdb.connect() as connection:
            connection.execute(
                f"COPY (SELECT 'K1' AS id, 'a' AS \"名称\", NULL::VARCHAR AS ownership,"
                f" 0.30000000000000004::DOUBLE AS amount, 1/3 AS share, NULL::BIGINT AS visits,"
                f" NULL::BOOLEAN AS core, NULL::DATE AS since, NULL::TIMESTAMP AS met_at)"
                f" TO '{book.root}/a.parquet' (FORMAT parquet)"
            )
        source = "a.parquet"
    else:
        source = WRITERS[kind](book.root / "a", [row])
    book.load(FACTS.format(source=source))
    assert book.rows("accounts", "amount, share") == [(Decimal("0.30"), 0.333333)]


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        (kind, value, reason)
        for kind in ("jsonl", "parquet", "sqlite")
        for value, reason in (
            (math.inf, "Infinity is not"),
            (math.nan, "NaN is not"),
            (1e17, "too large"),
        )
        if kind != "sqlite" or not math.isnan(value)  # SQLite stores NaN as NULL
    ],
)
def test_binary_floating_point_that_is_no_amount_is_quarantined(
    book: Book, kind: str, value: float, reason: str
) -> None:
    if kind == "parquet":
        with duckdb.connect() as connection:
            connection.execute("CREATE TABLE t AS SELECT 'K1' AS id, ?::DOUBLE AS amount", [value])
            connection.execute(f"COPY t TO '{book.root}/a.parquet' (FORMAT parquet)")
        source = "a.parquet"
    elif kind == "sqlite":
        database = sqlite3.connect(book.root / "a.db")
        database.execute("CREATE TABLE t(id, amount)")
        database.execute("INSERT INTO t VALUES ('K1', ?)", [value])
        database.commit()
        database.close()
        source = "{path: a.db, table: t}"
    else:
        book.write("a.jsonl", json.dumps({"id": "K1", "amount": value}) + "\n")
        source = "a.jsonl"
    book.load(f"accounts: {{source: {source}, key: id, columns: {{amount: money}}}}")
    ((row, column, _, found),) = book.bad()
    assert (row, column) == (1, "amount")
    assert reason in found


AMOUNTS: list[tuple[float, str | None]] = [
    (1.005, None), (0.125, None), (1 / 3, None), (12345678901.005, None), (1e-8, None),
    (1.005 - 0.005, "1.00"), (1000000.1 - 1000000, "0.10"),
    (9876543210.1 + 0.2, "9876543210.30"),
    (5.7e-14, "0.00"), (-1.005, None), (-(0.1 + 0.2), "-0.30"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value", "amount"),
    [
        *(("jsonl", *one) for one in AMOUNTS),
        ("xlsx", *AMOUNTS[0]),
        ("sqlite", *AMOUNTS[0]),
        *seldom(*((kind, *one) for kind in ("xlsx", "sqlite") for one in AMOUNTS[1:])),
    ],
)
def test_binary_floating_point_with_more_decimals_is_refused_as_in_text(
    book: Book, kind: str, value: float, amount: str | None
) -> None:
    row = ("K1", "a", None, value, None, None, None, None, None)
    source = WRITERS[kind](book.root / "a", [row])
    book.load(FACTS.format(source=source))
    if amount is not None:
        assert book.rows("accounts", "amount") == [(Decimal(amount),)]
        return
    ((_, column, _, reason),) = book.bad()
    assert column == "amount"
    assert "has more than 2 decimals" in reason or "is in exponent notation" in reason


# --- JSON Lines --------------------------------------------------------------------------

JSON = "accounts: {source: a.jsonl, key: id, columns: {name: text, amount: money}}"


def test_jsonl_bad_lines_are_quarantined_by_line(book: Book) -> None:
    lines = [
        b'\xef\xbb\xbf{"id": "K1", "name": "a", "amount": 1}',
        b"",
        b'{"id": "K2", "name": ',
        b"[1, 2]",
        b'{"id": "K3", "name": {"zh": "a"}, "amount": [1]}',
        b'{"id": "K4", "name": "\\u0000", "amount": "12.50"}',
        b"   ",
        b'{"id": 5}',
    ]
    book.write("a.jsonl", b"\n".join(lines))
    book.load(JSON)
    assert book.rows("accounts", "account_id, name, amount") == [
        ("5", None, None), ("K1", "a", Decimal("1.00")),
    ]  # fmt: skip
    assert book.bad() == [
        (3, "", '{"id": "K2", "name": ', "is not JSON"),
        (4, "", "[1, 2]", "is not a JSON object"),
        (5, "name", '{"zh":"a"}', "is nested; a plain value is needed"),
        (5, "amount", "[1]", "is nested; a plain value is needed"),
        (6, "name", "␀", "contains a NUL byte"),
    ]
    assert book.counts() == (6, 2, 4)


def test_jsonl_bytes_that_are_not_text_spoil_their_line_only(book: Book) -> None:
    lines = [b'{"id":"K1","name":"\xff"}', b"", b'{"id":"K2","name":1,"amount":1}', b'{"id":"K\0"}']
    book.write("a.jsonl", b"\n".join(lines))
    book.load(JSON)
    assert [(row, reason) for row, _, _, reason in book.bad()] == [
        (1, "holds bytes that are not UTF-8"),
        (4, "is not JSON; it holds a control character"),
    ]
    assert book.rows("accounts", "account_id") == [("K2",)]
    assert book.counts() == (3, 1, 2)


def test_jsonl_key_that_no_object_has_is_refused(book: Book) -> None:
    book.write("a.jsonl", '{"id": "K1", "nme": "a", "amount": 1}\n')
    (found,) = book.refuse(JSON).problems
    assert (found.code, found.hint) == ("missing-source-column", "did you mean 'nme'?")


def test_jsonl_exact_amounts_may_be_written_as_text(book: Book) -> None:
    book.write("a.jsonl", '{"id": "K1", "name": "a", "amount": "9999999999999999.99"}\n')
    book.load(JSON)
    assert book.rows("accounts", "amount") == [(Decimal("9999999999999999.99"),)]


# --- XLSX --------------------------------------------------------------------------------

SHEET = "accounts: {source: a.xlsx, key: id, columns: {name: text, amount: money, met_on: date}}"


def test_xlsx_rows_count_as_excel_counts_them(book: Book) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for place, value in {
        "B3": "id", "C3": "name", "D3": "amount", "E3": "met_on",
        "B4": 10023, "C4": 5.5, "D4": 0.1, "E4": dt.datetime(2026, 1, 31),
        "B6": "K2", "C6": "x", "D6": "1,5", "E6": dt.time(3, 4),
        "B7": "K3", "C7": "#N/A", "D7": "#REF!", "E7": dt.datetime(2026, 1, 31, 9),
    }.items():  # fmt: skip
        sheet[place] = value
    sheet["C7"].data_type = sheet["D7"].data_type = "e"
    workbook.save(book.root / "a.xlsx")
    book.load(SHEET)
    assert book.rows("accounts", "account_id, name, amount, met_on") == [
        ("10023", "5.5", Decimal("0.10"), dt.date(2026, 1, 31))
    ]
    assert [one[:3] for one in book.bad()] == [
        (6, "amount", "1,5"), (6, "met_on", "03:04:00"),
        (7, "name", "#N/A"), (7, "amount", "#REF!"), (7, "met_on", "2026-01-31 09:00:00"),
    ]  # fmt: skip
    assert [one[3].split(";")[0] for one in book.bad()] == [
        "has a decimal comma", "is a time without a day, or a duration",
        "is the error #N/A of a formula", "is the error #REF! of a formula", "has a time of day",
    ]  # fmt: skip
    assert book.counts() == (3, 1, 2)


def test_xlsx_missing_sheet_is_refused(book: Book) -> None:
    WRITERS["xlsx"](book.root / "a", DATA)
    (found,) = book.refuse(FACTS.format(source="{path: a.xlsx, sheet: 客户表}")).problems
    assert (found.code, found.hint) == ("missing-sheet", "did you mean '客户'?")


def test_xlsx_that_is_none_is_refused(book: Book) -> None:
    book.write("a.xlsx", "id,name\n")
    (found,) = book.refuse(SHEET).problems
    assert found.code == "unreadable-source"
    assert "is not an Excel workbook that can be read" in found.message


# --- SQLite ------------------------------------------------------------------------------


def test_sqlite_rows_are_named_by_rowid_and_blobs_are_refused(book: Book) -> None:
    database = sqlite3.connect(book.root / "a.db")
    database.execute("CREATE TABLE t(id TEXT, name, amount)")
    database.executemany(
        "INSERT INTO t(rowid, id, name, amount) VALUES (?, ?, ?, ?)",
        [(7, "K1", "a", 1), (9, "K2", b"\xff", 2), (30, None, "c", "x")],
    )
    database.execute("UPDATE t SET name = CAST(X'E5A4' AS TEXT) WHERE rowid = 9")
    database.commit()
    database.close()
    source = "{path: a.db, table: t}"
    book.load(f"accounts: {{source: {source}, key: id, columns: {{name: text, amount: money}}}}")
    assert [(row, column, reason) for row, column, _, reason in book.bad()] == [
        (9, "name", "is binary data or text that is not UTF-8"),
        (30, "id", "is empty: the row has no key"),
        (30, "amount", "is not a number"),
    ]
    assert book.counts() == (3, 1, 2)


def test_sqlite_view_is_read_by_position(book: Book) -> None:
    database = sqlite3.connect(book.root / "a.db")
    database.execute("CREATE TABLE t(rowid, id)")
    database.executemany("INSERT INTO t VALUES (?, ?)", [("x", "K1"), ("y", "K1")])
    database.execute("CREATE VIEW v AS SELECT id, rowid AS name FROM t")
    database.commit()
    database.close()
    book.load("accounts: {source: {path: a.db, table: v}, key: id, columns: {name: text}}")
    assert book.rows("accounts", "account_id, name") == [("K1", "x")]
    assert book.bad() == [(2, "id", "K1", "repeats the key of row 1, which is used")]


def test_sqlite_is_left_as_it_was(book: Book) -> None:
    source = WRITERS["sqlite"](book.root / "a", DATA)
    before = (book.root / "a.db").read_bytes()
    book.load(FACTS.format(source=source))
    assert (book.root / "a.db").read_bytes() == before
    assert sorted(path.name for path in book.root.iterdir()) == ["a.db", "facts.yaml"]


def test_sqlite_with_an_open_journal_is_refused(book: Book) -> None:
    database = sqlite3.connect(book.root / "a.db")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE t(id, name)")
    database.execute("INSERT INTO t VALUES ('K1', 'a')")
    database.commit()
    try:
        facts = "accounts: {source: {path: a.db, table: t}, key: id, columns: {name: text}}"
        (found,) = book.refuse(facts).problems
        assert "has changes in a.db-wal that are not yet in the file" in found.message
    finally:
        database.close()


@pytest.mark.parametrize(
    ("table", "hint"), [("客户表", "did you mean '客户 表'?"), ("t", "it has 客户 表")]
)
def test_sqlite_missing_table_is_refused(book: Book, table: str, hint: str) -> None:
    WRITERS["sqlite"](book.root / "a", DATA)
    (found,) = book.refuse(FACTS.format(source=f"{{path: a.db, table: {table}}}")).problems
    assert (found.code, found.hint) == ("missing-table", hint)


def test_sqlite_that_is_none_is_refused(book: Book) -> None:
    book.write("a.db", "id,name\n" * 200)
    facts = "accounts: {source: {path: a.db, table: t}, key: id, columns: {name: text}}"
    assert "is not an SQLite database" in str(book.refuse(facts))


# --- Parquet -----------------------------------------------------------------------------


def test_parquet_native_values_that_do_not_fit_are_quarantined(book: Book) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT * FROM (VALUES"
            " (1::BIGINT, 1.2300::DECIMAL(18,4), TIMESTAMP '2026-01-31 00:00:00',"
            "  TIMESTAMPTZ '2026-01-31 16:30:00+00', DATE '2026-01-31', 5::HUGEINT),"
            " (2, 1.2345, TIMESTAMP '2026-01-31 09:00:00', NULL, DATE '12026-01-31', 5),"
            " (3, NULL, NULL, NULL, NULL, 99999999999999999999::HUGEINT)"
            f") t(id, amount, day, met, since, visits)) TO '{book.root}/a.parquet' (FORMAT parquet)"
        )
    book.load(
        "accounts: {source: a.parquet, key: id, columns:"
        " {amount: money, day: date, met: datetime, since: date, visits: integer}}"
    )
    day = dt.date(2026, 1, 31)
    assert book.rows("accounts") == [
        (0, "1", Decimal("1.23"), day, dt.datetime(2026, 2, 1, 0, 30), day, 5)
    ]
    assert [(row, column, reason.split(";")[0]) for row, column, _, reason in book.bad()] == [
        (2, "amount", "has more than 2 decimals"),
        (2, "day", "has a time of day"),
        (2, "since", "is not between the years 1000 and 9999"),
        (3, "visits", "is too large for a whole number of 64 bits"),
    ]


def test_parquet_nested_column_is_refused(book: Book) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 'K1' AS id, [1] AS x) TO '{book.root}/a.parquet'")
    facts = "accounts: {source: a.parquet, key: id, columns: {x: text}}"
    (found,) = book.refuse(facts).problems
    assert found.code == "nested-source-column"
    assert "holds INTEGER[], which is no plain value" in found.message


def test_parquet_that_is_none_is_refused(book: Book) -> None:
    book.write("a.parquet", "id,name\n")
    facts = "accounts: {source: a.parquet, key: id, columns: {x: text}}"
    assert "'a.parquet' is not a Parquet file" in str(book.refuse(facts))


def test_xlsx_sheet_without_a_cell_is_empty(book: Book) -> None:
    openpyxl.Workbook().save(book.root / "a.xlsx")
    (found,) = book.refuse(SHEET).problems
    assert (found.code, found.message) == (
        "empty-source",
        "the sheet 'Sheet' of 'a.xlsx' is empty",
    )


def test_jsonl_whose_objects_have_no_keys_names_no_column(book: Book) -> None:
    book.write("a.jsonl", "{}\n")
    (found,) = book.refuse(SHEET.replace("a.xlsx", "a.jsonl")).problems
    assert found.message.endswith("it names no column at all")
