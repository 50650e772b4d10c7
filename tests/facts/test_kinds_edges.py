"""What each kind of source can hold that looks like nothing, or like something else."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from tests.facts.book import Book

# --- XLSX --------------------------------------------------------------------------------

SHEET = "accounts: {source: a.xlsx, key: id, columns: {name: text, amount: money}}"

NEVER = "is a formula that was never calculated; open and save the workbook"


def write_sheet(path: Path, cells: Mapping[str, Any]) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for place, value in cells.items():
        sheet[place] = value
    workbook.save(path)


def replace_in_sheet(path: Path, old: str, new: str) -> None:
    """Change the XML of the sheet, to what another program would have written."""
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_xlsx_formula_that_was_never_calculated_is_quarantined(book: Book) -> None:
    write_sheet(book.root / "a.xlsx", {
        "B2": "id", "C2": "name", "D2": "amount",
        "B3": "K1", "C3": '="a" & "b"', "D3": "=500+500",
        "B4": "K2", "D4": 5,
        "B6": '="K" & 3', "D6": "=1",
    })  # fmt: skip
    book.load(SHEET)
    assert book.bad() == [
        (3, "name", '="a" & "b"', NEVER), (3, "amount", "=500+500", NEVER),
        (6, "id", '="K" & 3', NEVER), (6, "amount", "=1", NEVER),
    ]  # fmt: skip
    assert book.rows("accounts", "account_id, name, amount") == [("K2", None, Decimal("5.00"))]
    assert book.counts() == (3, 1, 2)


@pytest.mark.parametrize(
    ("written", "value", "reason"),
    [
        ('<c r="C2"><f>1+1</f><v>2</v></c>', "2", None),
        ('<c r="C2" t="str"><f>""</f><v></v></c>', None, None),  # an empty text
        ('<c r="C2" t="str"><f>""</f></c>', '=""', NEVER),
        ('<c r="C2"><f>1+1</f></c>', "=1+1", NEVER),
        ('<c r="C2"><f>1+1</f><v></v></c>', "=1+1", NEVER),
        ("<c r='C2'><f t='shared' si='0'/><v/></c>", "=", NEVER),
        ('<c r="C2" t="e"><f>1/0</f></c>', "=1/0", NEVER),
        ("<c r='C2' t='e'><f>1/0</f><v>#DIV/0!</v></c>", "#DIV/0!", "is the error #DIV/0! of"),
        ('<c r="C2" t="e"/>', None, None),
    ],
)
def test_xlsx_formula_stands_as_its_last_value(
    book: Book, written: str, value: str | None, reason: str | None
) -> None:
    cells = {"A1": "id", "B1": "amount", "C1": "name", "A2": "K1", "B2": 1, "C2": "=X", "A3": "K2"}
    write_sheet(book.root / "a.xlsx", cells)
    replace_in_sheet(book.root / "a.xlsx", '<c r="C2"><f>X</f><v /></c>', written)
    book.load(SHEET)
    if reason is None:
        assert book.rows("accounts", "account_id, name") == [("K1", value), ("K2", None)]
    else:
        ((row, column, found, why),) = book.bad()
        assert (row, column, found) == (2, "name", value)
        assert why.startswith(reason)
        assert book.counts() == (2, 1, 1)


# --- Parquet -----------------------------------------------------------------------------


def test_parquet_column_without_any_value_is_missing(book: Book) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            'COPY (SELECT \'K1\' AS id, NULL::"NULL" AS name, NULL::"NULL" AS amount,'
            f' NULL::"NULL" AS core, NULL::"NULL" AS since) TO \'{book.root}/a.parquet\''
        )
    columns = "{name: text, amount: money, core: boolean, since: date}"
    book.load(f"accounts: {{source: a.parquet, key: id, columns: {columns}}}")
    assert book.rows("accounts") == [(0, "K1", None, None, None, None)]
    book.load("accounts: {source: a.parquet, key: name, columns: {since: date}}")
    assert book.bad() == [(1, "name", None, "is empty: the row has no key")]


def test_parquet_numbers_of_32_bits_are_read_by_their_digits(book: Book) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT * FROM (VALUES (1, 123456.78::FLOAT, 'NaN'::FLOAT, 7::FLOAT),"
            " (2, 0.1::FLOAT, 0.1::FLOAT, NULL)) t(id, amount, share, visits))"
            f" TO '{book.root}/a.parquet'"
        )
    columns = "{amount: money, share: ratio, visits: integer}"
    book.load(f"accounts: {{source: a.parquet, key: id, columns: {columns}}}")
    assert book.rows("accounts") == [(0, "2", Decimal("0.10"), 0.1, None)]
    ((row, column, value, _),) = book.bad()
    assert (row, column, value) == (1, "share", "nan")
    book.load("accounts: {source: a.parquet, key: id, columns: {amount: money, visits: integer}}")
    assert book.rows("accounts", "amount, visits")[1] == (Decimal("123456.78"), 7)


@pytest.mark.parametrize("name", ["other", "file_row_number", "File_Row_Number"])
def test_parquet_rows_are_numbered_whatever_its_columns_are_called(book: Book, name: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * FROM (VALUES ('a', 7, '1'), ('b', 9, 'x')) t(id, \"{name}\", n))"
            f" TO '{book.root}/a.parquet'"
        )
    columns = f"{{n: integer, own: {{type: integer, from: {name}}}}}"
    book.load(f"accounts: {{source: a.parquet, key: id, columns: {columns}}}")
    assert book.rows("accounts", "account_id, n, own") == [("a", 1, 7)]
    assert [(row, value) for row, _, value, _ in book.bad()] == [(2, "x")]


# --- JSON Lines --------------------------------------------------------------------------


def test_jsonl_repeated_key_is_quarantined(book: Book) -> None:
    lines = [
        '{"id": "K1", "name": "a", "amount": 1, "amount": 2}',
        '{"id": "K2", "name": null, "na\\u006de": null}',
        '{"id": "K3", "id": "K4", "name": "b", "name": "c"}',
        '{"id": "K5", "other": 1, "other": 2, "Name": "x", "name": "d"}',  # not mapped
        '{"id": "K6", "other": {"name": 1}, "amount": 3}',
        '{"id": "K7"}',
    ]
    book.write("a.jsonl", "\n".join(lines))
    book.load("accounts: {source: a.jsonl, key: id, columns: {name: text, amount: money}}")
    assert book.bad() == [
        (1, "", lines[0], "has the key amount more than once"),
        (2, "", lines[1], "has the key name more than once"),
        (3, "", lines[2], "has the key id more than once"),
    ]
    assert book.rows("accounts", "account_id, name, amount") == [
        ("K5", "d", None), ("K6", None, Decimal("3.00")), ("K7", None, None),
    ]  # fmt: skip
    assert book.counts() == (6, 3, 3)


# --- SQLite ------------------------------------------------------------------------------


def write_view(path: Path, *statements: str) -> None:
    database = sqlite3.connect(path)
    for statement in ("CREATE TABLE t(id, name)", *statements):
        database.execute(statement)
    database.commit()
    database.close()


VIEW = "accounts: {source: {path: a.db, table: v}, key: id, columns: {name: text}}"


def test_sqlite_view_of_a_table_that_is_gone_says_so(book: Book) -> None:
    write_view(book.root / "a.db", "CREATE VIEW v AS SELECT id, name FROM t", "DROP TABLE t")
    (found,) = book.refuse(VIEW).problems
    assert found.code == "unreadable-source"
    assert found.message == "'a.db' cannot be read: SQLite says of 'v': no such table: main.t"


def test_sqlite_view_that_fails_over_its_rows_says_so(book: Book) -> None:
    write_view(
        book.root / "a.db",
        "INSERT INTO t VALUES ('K1', 'x')",
        "CREATE VIEW v AS SELECT id, json_extract(name, '$.a') AS name FROM t",
    )
    (found,) = book.refuse(VIEW).problems
    assert found.message == "'a.db' cannot be read: SQLite says of 'v': malformed JSON"


def test_sqlite_damaged_database_is_refused_as_such(book: Book) -> None:
    path = book.root / "a.db"
    rows = ", ".join(f"('K{number}', '{'x' * 100}')" for number in range(500))
    write_view(path, f"INSERT INTO t VALUES {rows}", "CREATE VIEW v AS SELECT id, name FROM t")
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))
    (found,) = book.refuse(VIEW).problems
    assert found.message == "'a.db' is damaged (database disk image is malformed)"
