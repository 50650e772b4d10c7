"""Of the records that are answered in time a night keeps those that can matter, and no others."""

from __future__ import annotations

import duckdb
import pytest

from tests.night.book import Book
from tests.replay.books import PACK, day, states

COMPLAINTS = "data/complaints.csv"
HEADER = "account_id,opened_on,replied_on\n"


@pytest.fixture
def book(book: Book) -> Book:
    """Every complaint is owed an answer within two days; complaints have no key."""
    for file in ("facts.yaml", PACK):
        book.replace(file, "{opened_on: date}", "{opened_on: date, replied_on: date}")
    book.replace(
        PACK,
        "  hotline: {kind: channel",
        "  answer:\n"
        "    {kind: response, tiers: [gold, silver, plain], records: complaints, from: opened_on,\n"
        "     to: replied_on, within: 48 hours, clock: calendar,\n"
        "     title: {zh: 答复, en: Answer}}\n"
        "  hotline: {kind: channel",
    )
    book.write(COMPLAINTS, HEADER)
    return book


def kept(book: Book, run_id: str) -> set[tuple[str, str]]:
    """(account, day of the beginning) of the kept records."""
    file = book.root / "store" / "runs" / run_id / "inputs" / "timed_records.parquet"
    with duckdb.connect() as connection:
        rows = connection.read_parquet(str(file)).project("account_id, starts::DATE").fetchall()
    return {(account, str(starts)) for account, starts in rows}


def obligations(book: Book, run_id: str) -> list[tuple[str, str]]:
    file = book.root / "store" / "runs" / run_id / "obligations.parquet"
    with duckdb.connect() as connection:
        relation = connection.read_parquet(str(file)).order("account_id, part")
        return relation.project("account_id, state").fetchall()


def test_record_that_was_closed_before_the_previous_night_is_not_kept(book: Book) -> None:
    book.run(day(0))
    rows = "a1,2026-05-01,2026-05-02\na2,2026-06-29,\na3,2026-06-30,2026-07-02\n"
    book.write(COMPLAINTS, HEADER + rows)
    run_id = book.run(day(2)).run_id
    # a3 was answered within this night, and a2 waits.
    assert kept(book, run_id) == {("a2", "2026-06-29"), ("a3", "2026-06-30")}
    assert obligations(book, run_id) == [("a2", "overdue"), ("a3", "met")]
    assert set(states(book.root).values()) == {"identical"}


@pytest.mark.slow
def test_answer_that_was_entered_late_is_kept_for_the_night_that_reads_it(book: Book) -> None:
    book.write(COMPLAINTS, HEADER + "a1,2026-06-29,\na1,2026-06-29,\n")
    book.run(day(0))
    book.run(day(2))
    # Only now does somebody enter that one of the two was answered before the last night.
    book.write(COMPLAINTS, HEADER + "a1,2026-06-29,2026-06-30\na1,2026-06-29,\n")
    run_id = book.run(day(3)).run_id
    assert kept(book, run_id) == {("a1", "2026-06-29")}
    assert sorted(state for _, state in obligations(book, run_id)) == ["met", "overdue"]
    later = book.run(day(4)).run_id
    assert obligations(book, later) == [("a1", "overdue")]
    assert set(states(book.root).values()) == {"identical"}


def test_open_record_is_kept_though_nobody_is_owed_an_answer(book: Book) -> None:
    """Another policy may owe it: a4 is outside the population."""
    book.write(COMPLAINTS, HEADER + "a4,2026-06-29,\n")
    run_id = book.run(day(0)).run_id
    assert obligations(book, run_id) == []
    assert kept(book, run_id) == {("a4", "2026-06-29")}
