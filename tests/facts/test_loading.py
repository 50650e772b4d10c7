"""Accounts, records, keys and quarantine: every row is either used or explained."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.facts.loading import load_facts
from engine.facts.reading_catalog import load_catalog
from engine.facts.scan import fingerprint
from engine.language.texts import DiskTexts
from engine.plan.steps import Precision
from tests.facts.book import Book

FACTS = """
accounts:
  source: accounts.csv
  key: id
  columns: {name: text, founded_on: date}
records:
  orders:
    source: orders.csv
    key: no
    account: customer
    time: ordered_on
    columns: {amount: money, line: text}
"""
ACCOUNTS = "id,name,founded_on\nB,乙,2001-01-01\nA,甲,\nC,丙,2001-13-01\n"
ORDERS = """no,customer,ordered_on,amount,line
1,A,2026-01-01,10,x
2,B,2026-01-02,20,y
3,C,2026-01-03,30,x
4,D,2026-01-04,40,x
5,,2026-01-05,50,x
1,B,2026-01-06,60,x
,A,2026-01-07,70,x
7,D,someday,"1,000",x
2,D,2026-01-08,80,x
8, A ,2030-01-01,90,x
"""


def write(book: Book, accounts: str = ACCOUNTS, orders: str = ORDERS) -> None:
    book.write("accounts.csv", accounts)
    book.write("orders.csv", orders)


def test_bad_rows_are_explained_and_the_rest_is_used(book: Book) -> None:
    write(book)
    book.load(FACTS)
    assert book.rows("accounts") == [
        (0, "A", "甲", None),
        (1, "B", "乙", date(2001, 1, 1)),
    ]
    assert book.rows("record_orders") == [
        (0, Decimal("10.00"), "x", date(2026, 1, 1)),
        (0, Decimal("90.00"), "x", date(2030, 1, 1)),
        (1, Decimal("20.00"), "y", date(2026, 1, 2)),
    ]
    assert book.rows("quarantine", '"source", file, "row", "column", value', "rowid") == [
        ("accounts", "accounts.csv", 4, "founded_on", "2001-13-01"),
        ("orders", "orders.csv", 4, "customer", "C"),
        ("orders", "orders.csv", 5, "customer", "D"),
        ("orders", "orders.csv", 6, "customer", None),
        ("orders", "orders.csv", 7, "no", "1"),
        ("orders", "orders.csv", 8, "no", None),
        ("orders", "orders.csv", 9, "amount", "1,000"),
        ("orders", "orders.csv", 9, "ordered_on", "someday"),
        ("orders", "orders.csv", 10, "customer", "D"),
    ]
    assert [reason for *_, reason in book.bad()][1:6] == [
        "names an account that is itself in quarantine",
        "names an account that does not exist",
        "is empty: the record names no account",
        "repeats the key of row 2, which is used",
        "is empty: the row has no key",
    ]
    assert book.counts() == (3, 2, 1)
    assert book.counts("orders") == (10, 3, 7)
    assert book.rows("bad_accounts") == [("C",)]


def test_good_rows_leave_the_quarantine_empty(book: Book) -> None:
    write(book, orders="no,customer,ordered_on,amount,line\n1,A,2026-01-01,10,x\n",
          accounts=ACCOUNTS.replace("13", "12"))  # fmt: skip
    book.load(FACTS)
    assert book.bad() == []
    assert book.connection.execute("DESCRIBE quarantine").fetchall() == [
        (name, kind, null, None, None, None)
        for name, kind, null in [
            ("source", "VARCHAR", "NO"), ("file", "VARCHAR", "NO"), ("row", "BIGINT", "NO"),
            ("column", "VARCHAR", "NO"), ("value", "VARCHAR", "YES"), ("reason", "VARCHAR", "NO"),
        ]
    ]  # fmt: skip
    assert book.seen == ["accounts", "orders"]
    tables = {name for (name,) in book.connection.execute("SHOW TABLES").fetchall()}
    assert tables == {"accounts", "bad_accounts", "quarantine", "record_orders"}


def test_only_wanted_columns_are_kept_but_all_are_checked(book: Book) -> None:
    write(book)
    book.load(FACTS, wanted={"accounts": ["name"], "orders": ["amount"]})
    assert book.rows("accounts") == [(0, "A", "甲"), (1, "B", "乙")]
    assert book.rows("record_orders", "DISTINCT columns(*)", "1, 2")[0] == (0, Decimal("10.00"))
    assert book.counts() == (3, 2, 1)
    assert len(book.bad()) == 9


def test_record_table_that_nothing_wants_is_still_reconciled(book: Book) -> None:
    write(book)
    book.load(FACTS, wanted={})
    assert book.rows("record_orders") == [(0,), (0,), (1,)]
    assert book.counts("orders") == (10, 3, 7)


def test_first_usable_row_keeps_a_repeated_key(book: Book) -> None:
    write(book, "id,name,founded_on\nA,bad,x\nA,first,\nA ,second,\nB,b,\nA,third,\n")
    book.load(FACTS)
    assert book.rows("accounts", "account_id, name") == [("A", "first"), ("B", "b")]
    assert [(row, reason) for row, _, _, reason in book.bad()][:3] == [
        (2, "is not a date; write it as 2026-01-31, or give the column a format"),
        (4, "repeats the key of row 3, which is used"),
        (6, "repeats the key of row 3, which is used"),
    ]


def test_text_keys_order_by_code_point(book: Book) -> None:
    write(book, "id,name,founded_on\n10,,\n9,,\na,,\nB,,\n乙,,\nÄ,,\n")
    book.load(FACTS)
    found = [one for (one,) in book.rows("accounts", "account_id", "account_no")]
    assert found == sorted(found) == ["10", "9", "B", "a", "Ä", "乙"]


def test_integer_keys_order_by_number_and_match_however_written(book: Book) -> None:
    facts = FACTS.replace("columns: {name: text,", "columns: {id: integer, name: text,")
    write(book, "id,name,founded_on\n10,j,\n9,i,\n-1,z,\n007,g,\n7,again,\nx,,\n",
          ORDERS.splitlines()[0] + "\n1,07,2026-01-01,1,x\n2,x,2026-01-01,1,x\n")  # fmt: skip
    book.load(facts)
    assert book.rows("accounts", "account_no, account_id, id, name") == [
        (0, "-1", -1, "z"), (1, "7", 7, "g"), (2, "9", 9, "i"), (3, "10", 10, "j"),
    ]  # fmt: skip
    assert book.rows("record_orders", "account_no, amount") == [(1, Decimal("1.00"))]
    assert [(row, value) for row, _, value, _ in book.bad()] == [(6, "7"), (7, "x"), (3, "x")]


def test_key_listed_as_account_id_only_types_the_id(book: Book) -> None:
    columns = "{account_id: {type: integer, from: no}, name: text}"
    facts = f"accounts: {{source: a.csv, key: account_id, columns: {columns}}}"
    book.write("a.csv", "no,name\n10,a\n9,b\n")
    book.load(facts)
    assert book.rows("accounts", order="account_no") == [(0, "9", "b"), (1, "10", "a")]


def test_dating_column_is_typed_by_the_vocabulary_where_the_catalog_is_silent(book: Book) -> None:
    write(book, orders=ORDERS.replace("2026-01-01,10", "2026-01-01 09:30,10"))
    book.write("facts.yaml", FACTS)
    catalog = load_catalog("facts.yaml", DiskTexts(book.root), {"orders": "datetime"})
    load_facts(book.connection, catalog, book.root, {"orders": ["ordered_on"]}, Precision(), "UTC")
    assert book.rows("record_orders")[0] == (0, datetime(2026, 1, 1, 9, 30))


def test_report_has_the_hash_of_each_file_and_names_it_as_the_catalog_does(book: Book) -> None:
    import hashlib

    write(book)
    report = book.load(FACTS)
    assert [(one.name, one.file) for one in report.sources] == [
        ("accounts", "accounts.csv"), ("orders", "orders.csv"),
    ]  # fmt: skip
    assert book.source().sha256 == hashlib.sha256(ACCOUNTS.encode()).hexdigest()
    catalog = load_catalog("facts.yaml", DiskTexts(book.root))
    found = fingerprint(catalog, book.root)
    assert {name: one.sha256 for name, one in found.items()} == {
        one.name: one.sha256 for one in report.sources
    }


def test_known_fingerprint_saves_the_hashing_unless_the_file_has_changed(book: Book) -> None:
    write(book)
    book.write("facts.yaml", FACTS)
    catalog = load_catalog("facts.yaml", DiskTexts(book.root))
    known = fingerprint(catalog, book.root)
    write(book, ACCOUNTS + "E,e,\n")
    report = load_facts(book.connection, catalog, book.root, {}, Precision(), "UTC", known=known)
    assert report.sources[0].sha256 != known["accounts"].sha256
    assert report.sources[0].rows_read == 4
    assert report.sources[1].sha256 == known["orders"].sha256


def test_file_written_while_it_is_read_is_refused(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(book)
    monkeypatch.setattr("engine.facts.scan.Fingerprint.still_holds", lambda self, path: False)
    (found,) = book.refuse(FACTS).problems
    assert (found.code, found.hint) == ("source-changed", "run again when the export is complete")


def test_lost_row_is_a_defect_and_stops_the_run(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(book)
    monkeypatch.setattr("engine.facts.quarantine.Quarantine.rows", lambda self: 0)
    (found,) = book.refuse(FACTS).problems
    assert found.code == "rows-lost"
    assert "3 rows of 'accounts.csv' were read, but 2 are used" in found.message


def test_settings_of_the_connection_are_left_as_they_were(book: Book) -> None:
    write(book)
    book.connection.execute("SET disabled_optimizers = 'top_n'")
    book.load(FACTS)
    found = book.connection.execute("SELECT current_setting('disabled_optimizers')").fetchone()
    assert found == ("top_n",)


def test_nothing_is_left_beside_the_sources(book: Book, tmp_path: Path) -> None:
    write(book, ACCOUNTS + 'E,"x\n')
    book.load(FACTS)
    assert sorted(path.name for path in book.root.iterdir()) == [
        "accounts.csv", "facts.yaml", "orders.csv",
    ]  # fmt: skip


# --- the law of reconciliation -----------------------------------------------------------

CELLS = st.one_of(
    st.sampled_from(["A", "B", "C", " A", "", "1", "1.5", "1,5", "2026-01-01", "x y", '"', "\0"]),
    st.text(st.sampled_from('ab"\r\n,; \t\0é乙1'), max_size=6),
)
LINES = st.lists(st.lists(CELLS, min_size=0, max_size=4).map(",".join), max_size=12)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


@st.composite
def dirty_files(draw: st.DrawFn) -> bytes:
    """A CSV file of three columns in which anything may go wrong after the header."""
    content = b"id,name,founded_on"
    for line in draw(LINES):
        encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "gb18030"]))
        content += draw(ENDS) + line.encode(encoding)
    return content + draw(st.sampled_from([b"", b"\n"]))


@pytest.mark.slow
@given(dirty_files())
@settings(max_examples=120)
def test_rows_read_are_rows_used_and_rows_in_quarantine(content: bytes) -> None:
    import tempfile

    import duckdb

    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        book = Book(Path(folder), connection)
        book.write("accounts.csv", content)
        book.load(FACTS.partition("records:")[0])
        read, used, quarantined = book.counts()
        assert read == used + quarantined
        assert used == len(book.rows("accounts"))
        assert quarantined == len({row for row, *_ in book.bad()})
        assert all(reason for *_, reason in book.bad())
