"""Rows that are not plainly good get a second look; whatever it finds, none is mixed up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.facts.book import Book
from tests.facts.test_loading import FACTS

HEADER = "no,customer,ordered_on,amount,line\n"
ACCOUNTS = "id,name,founded_on\nA,甲,2001-01-01\nB,乙,\n"


def load(book: Book, orders: str, accounts: str = ACCOUNTS) -> None:
    book.write("accounts.csv", accounts)
    book.write("orders.csv", HEADER + orders)
    book.load(FACTS)


def test_cleared_row_keeps_the_values_that_were_never_in_doubt(book: Book) -> None:
    load(book, "1,A,2026-01-01, 10 ,x\n2,B,2026-01-02,20,y\n3,B,2026-01-03,30,z\n")
    assert book.rows("record_orders") == [
        (0, Decimal("10.00"), "x", date(2026, 1, 1)),
        (1, Decimal("20.00"), "y", date(2026, 1, 2)),
        (1, Decimal("30.00"), "z", date(2026, 1, 3)),
    ]
    assert (book.bad(), book.counts("orders")) == ([], (3, 3, 0))


def test_cleared_row_stands_beside_one_that_is_refused_for_the_same_column(book: Book) -> None:
    load(book, "1,A,2026-01-01, 10 ,x\n2,B,2026-01-02,ten,y\n3,B, 2026-01-03,30,z\n")
    assert book.rows("record_orders") == [
        (0, Decimal("10.00"), "x", date(2026, 1, 1)),
        (1, Decimal("30.00"), "z", date(2026, 1, 3)),
    ]
    assert book.bad() == [(3, "amount", "ten", "is not a number")]
    assert book.counts("orders") == (3, 2, 1)


def test_file_of_nothing_but_doubts_is_used(book: Book) -> None:
    load(book, "".join(f"{row},A,2026-01-01, {row},x\n" for row in range(1, 4)))
    assert [amount for _, amount, *_ in book.rows("record_orders")] == [1, 2, 3]
    assert book.counts("orders") == (3, 3, 0)


@pytest.mark.parametrize("space", [" ", "\t", "\u00a0", "\u3000", "\ufeff"])
def test_account_is_found_without_the_white_space_around_it(book: Book, space: str) -> None:
    load(book, f"1,{space}A,2026-01-01,10,x\n2,B{space},2026-01-02,20,y\n3,{space},,,\n")
    assert [number for number, *_ in book.rows("record_orders")] == [0, 1]
    assert book.bad() == [(4, "customer", None, "is empty: the record names no account")]


def test_cleared_row_may_repeat_a_key_or_name_no_account(book: Book) -> None:
    load(book, "1,A,2026-01-01,10,x\n 1,A,2026-01-02, 20,x\n2,C,2026-01-03, 30,x\n")
    assert book.counts("orders") == (3, 1, 2)
    assert [(row, reason) for row, _, _, reason in book.bad()] == [
        (3, "repeats the key of row 2, which is used"),
        (4, "names an account that does not exist"),
    ]


@pytest.mark.parametrize(("letters", "used"), [(10_000, 1), (10_001, 0)])
def test_long_text_is_measured_in_characters(book: Book, letters: int, used: int) -> None:
    book.write("accounts.csv", f"id,name,founded_on\nA,{'乙' * letters},\n")
    book.load(FACTS.partition("records:")[0])
    assert book.counts() == (1, used, 1 - used)


@pytest.mark.parametrize("keys", [["A", "B", "C"], ["C", "A", "B"], ["A", "B", "B", "C"]])
def test_accounts_stand_in_order_of_their_numbers(book: Book, keys: list[str]) -> None:
    book.write("accounts.csv", "id,name,founded_on\n" + "".join(f"{key},,\n" for key in keys))
    book.load(FACTS.partition("records:")[0])
    found = book.connection.execute("SELECT account_no, account_id FROM accounts").fetchall()
    assert found == [(0, "A"), (1, "B"), (2, "C")]


def test_rows_of_a_file_with_line_ends_in_its_cells_keep_their_numbers(book: Book) -> None:
    load(book, '1,A,2026-01-01,10,"two\nlines"\n2,A,2026-01-02,ten,x\n3,A,2026-01-03,30,x\n')
    assert [(row, value) for row, _, value, _ in book.bad()] == [(4, "ten")]
    assert book.counts("orders") == (3, 2, 1)
