"""What was told during the day meets what the sources say at night."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engine.checking import prepare
from engine.facts.day_records import DayRecords, Stored, merge_day_records
from engine.facts.loading import load_facts
from engine.plan.wanted import record_tables, wanted_columns
from tests.day.small import ISSUES, NIGHT, ORDERS, write
from tests.night.book import Book

OPENED = {"opened_at": "2026-06-01 09:00:00", "class": "complaint", "closed_at": None}
WAS = {**OPENED, "record__id": "I1"}
CLOSED = {**OPENED, "closed_at": "2026-06-30 10:00:00"}


class Evening:
    """The tables of a night, over which events are laid."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        prepared = prepare(folder)
        plan = prepared.plan(NIGHT)
        self.connection = connection
        self.catalog = prepared.catalog
        self.personal = record_tables(plan, prepared.catalog, prepared.policies)
        load_facts(
            connection, prepared.catalog, prepared.workspace.root,
            wanted_columns(plan, prepared.catalog), plan.precision, prepared.workspace.timezone,
        )  # fmt: skip

    def merge(self, *events: Stored, settled: Mapping[int, list[str]] | None = None) -> DayRecords:
        found = merge_day_records(
            self.connection, self.catalog, events, self.personal, settled or {}
        )
        one = found.report
        assert one.rows_read == len(events) == one.rows_used + one.rows_quarantined
        assert found.stood + found.superseded == one.rows_used
        return found

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    def issues(self) -> list[tuple[Any, ...]]:
        """Of A1: key, class, hour of closing, person."""
        return self.rows(
            "SELECT record__id, class, hour(closed_at), person FROM record_issues "
            "JOIN accounts USING (account_no) WHERE account_id = 'A1' ORDER BY ALL"
        )


@pytest.fixture
def book(tmp_path: Path) -> Book:
    book = Book(tmp_path / "workspace")
    write(book)
    return book


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def evening(connection: duckdb.DuckDBPyConnection, book: Book) -> Evening:
    return Evening(connection, book.root)


def told(
    number: int, record: str | None, key: str | None, given: Mapping[str, Any],
    before: Mapping[str, Any] | None = None, account: str = "A1",
) -> Stored:  # fmt: skip
    kind = "account" if record is None else "record"
    said = None if before is None else json.dumps(before)
    return (number, kind, account, record, key, json.dumps(given), said)


def issue(number: int, given: Mapping[str, Any], before: Mapping[str, Any] | None) -> Stored:
    return told(number, "issues", "I1", given, before)


def changed(book: Book, connection: duckdb.DuckDBPyConnection, row: str) -> Evening:
    """An evening on which the source has another row I1, or none."""
    lines = [line for line in ISSUES.splitlines() if not line.startswith("I1,")]
    book.write("data/issues.csv", "\n".join([*lines, row]) + "\n")
    return Evening(connection, book.root)


# --- records with a key ------------------------------------------------------------------


def test_a_record_that_the_source_has_not_is_added(evening: Evening) -> None:
    found = evening.merge(told(1, "issues", "I9", OPENED))
    assert (found.stood, found.settled) == (1, ())
    assert evening.issues() == [("I1", "complaint", None, "p"), ("I9", "complaint", None, None)]
    assert evening.rows("SELECT count(*) FROM record_issues") == [(3,)]


def test_an_event_stands_while_the_source_says_what_it_said(evening: Evening) -> None:
    found = evening.merge(issue(1, CLOSED, WAS))
    assert (found.stood, found.settled) == (1, ())
    assert evening.issues() == [("I1", "complaint", 10, "p")]  # and the person stays


def test_the_source_wins_once_it_says_something_else(
    book: Book, connection: duckdb.DuckDBPyConnection
) -> None:
    evening = changed(book, connection, "I1,A1,2026-06-01 09:00,request,,p")
    found = evening.merge(issue(1, CLOSED, WAS))
    assert (found.stood, found.superseded, found.settled) == (0, 1, ((1, ""),))
    assert evening.issues() == [("I1", "request", None, "p")]


def test_a_source_that_has_caught_up_has_taken_over(
    book: Book, connection: duckdb.DuckDBPyConnection
) -> None:
    evening = changed(book, connection, "I1,A1,2026-06-01 09:00,complaint,2026-06-30 10:00,p")
    found = evening.merge(issue(1, CLOSED, WAS))
    assert found.settled == ((1, ""),)
    assert evening.issues() == [("I1", "complaint", 10, "p")]


def test_an_event_that_is_settled_does_not_come_back(evening: Evening) -> None:
    """The source has closed the issue since, and opened it again: it says what it said first."""
    found = evening.merge(issue(1, CLOSED, WAS), settled={1: [""]})
    assert (found.stood, found.superseded, found.settled) == (0, 1, ())
    assert evening.issues() == [("I1", "complaint", None, "p")]


def test_a_new_record_that_its_source_has_by_now_is_the_sources(evening: Evening) -> None:
    assert evening.merge(issue(1, CLOSED, None)).settled == ((1, ""),)
    assert evening.issues() == [("I1", "complaint", None, "p")]


def test_what_the_source_changes_in_a_personal_column_is_no_change(
    book: Book, connection: duckdb.DuckDBPyConnection
) -> None:
    """What an event cannot give, it does not compare."""
    evening = changed(book, connection, "I1,A1,2026-06-01 09:00,complaint,,other")
    assert evening.merge(issue(1, CLOSED, WAS)).stood == 1
    assert evening.issues() == [("I1", "complaint", 10, "other")]


def test_events_about_one_record_are_laid_upon_each_other(evening: Evening) -> None:
    again = {**CLOSED, "closed_at": "2026-06-30 11:00:00"}
    was = {**CLOSED, "record__id": "I1"}
    assert evening.merge(issue(1, CLOSED, WAS), issue(2, again, was)).stood == 2
    assert evening.issues() == [("I1", "complaint", 11, "p")]


def test_the_later_of_two_events_stands_when_the_source_has_the_earlier(
    book: Book, connection: duckdb.DuckDBPyConnection
) -> None:
    evening = changed(book, connection, "I1,A1,2026-06-01 09:00,complaint,2026-06-30 10:00,p")
    again = {**CLOSED, "closed_at": "2026-06-30 11:00:00"}
    was = {**CLOSED, "record__id": "I1"}
    found = evening.merge(issue(1, CLOSED, WAS), issue(2, again, was))
    assert (found.stood, found.settled) == (1, ((1, ""),))
    assert evening.issues() == [("I1", "complaint", 11, "p")]


def test_an_event_opens_an_issue_and_another_closes_it(evening: Evening) -> None:
    opened = told(1, "issues", "I9", OPENED)
    closed = told(2, "issues", "I9", CLOSED, {**OPENED, "record__id": "I9"})
    assert evening.merge(opened, closed).stood == 2
    assert evening.issues()[1] == ("I9", "complaint", 10, None)


# --- records without a key ---------------------------------------------------------------


def test_a_record_without_a_key_is_added_unless_the_source_has_it(evening: Evening) -> None:
    new = {"ordered_on": "2026-06-30", "amount": "5.00"}
    known = {"ordered_on": "2026-05-01", "amount": "100.00"}
    found = evening.merge(
        told(1, "orders", None, new), told(2, "orders", None, new), told(3, "orders", None, known)
    )
    assert (found.stood, found.settled) == (2, ((3, ""),))
    assert evening.rows("SELECT count(*), sum(amount) FROM record_orders")[0][0] == 5
    assert ORDERS.count("\n") - 1 == 3


# --- facts -------------------------------------------------------------------------------


def facts(evening: Evening) -> tuple[Any, ...]:
    (row,) = evening.rows("SELECT rating, CAST(\"limit\" AS VARCHAR) FROM accounts "
                          "WHERE account_id = 'A1'")  # fmt: skip
    return row


def test_a_fact_stands_while_the_source_says_what_it_said(evening: Evening) -> None:
    found = evening.merge(
        told(1, None, None, {"rating": "C", "limit": None}, {"rating": "A", "limit": "1000.00"})
    )
    assert (found.stood, found.settled) == (1, ())
    assert facts(evening) == ("C", None)
    assert evening.rows("SELECT rowid = account_no FROM accounts ORDER BY ALL") == [(True,)] * 2


def test_each_fact_of_an_event_stands_by_itself(evening: Evening) -> None:
    found = evening.merge(
        told(1, None, None, {"rating": "C", "limit": "7.00"}, {"rating": "B", "limit": "1000.00"})
    )
    assert (found.stood, found.settled) == (1, ((1, "rating"),))
    assert facts(evening) == ("A", "7.00")


def test_a_fact_that_the_source_has_changed_is_the_sources(evening: Evening) -> None:
    found = evening.merge(told(1, None, None, {"rating": "C"}, {"rating": "B"}))
    assert (found.stood, found.superseded, found.settled) == (0, 1, ((1, "rating"),))
    assert facts(evening)[0] == "A"
    gone = evening.merge(
        told(1, None, None, {"rating": "C"}, {"rating": "A"}), settled={1: ["rating"]}
    )
    assert (gone.stood, gone.superseded) == (0, 1)
    assert facts(evening)[0] == "A"


def test_facts_are_laid_upon_each_other(evening: Evening) -> None:
    found = evening.merge(
        told(1, None, None, {"rating": "B"}, {"rating": "A"}),
        told(2, None, None, {"rating": "C"}, {"rating": "B"}),
    )
    assert found.stood == 2
    assert facts(evening)[0] == "C"


def test_what_no_policy_reads_is_used_and_changes_nothing(evening: Evening) -> None:
    found = evening.merge(
        told(1, None, None, {"unread": "z"}, {}), told(2, "notes", None, {"body": "x"})
    )
    assert found.stood == 2


# --- what cannot be used -----------------------------------------------------------------


def test_events_that_the_night_cannot_use_are_in_quarantine(
    book: Book, connection: duckdb.DuckDBPyConnection
) -> None:
    book.write("data/accounts.csv", "account_id,name,rating,limit,phone,contact,unread\n"
               "A1,甲,A,1.00,1,x,u\nA2,乙,Z,5.00,2,y,u\n")  # fmt: skip
    evening = Evening(connection, book.root)
    found = evening.merge(
        told(1, None, None, {"rating": "C"}, account="A2"),
        told(2, "issues", "I9", OPENED, account="A9"),
        told(3, "calls", None, {"x": 1}),
        told(4, "orders", None, {"ordered_on": 20260630}),
        told(5, "orders", None, {"ordered_on": "2026-06-30", "long_gone": 1}),
    )
    assert (found.report.rows_quarantined, found.stood) == (4, 1)
    said = evening.rows(
        'SELECT "row", "column", value, reason FROM quarantine WHERE source = \'events\' '
        'ORDER BY "row"'
    )
    assert [row[:3] for row in said] == [
        (1, "account", "A2"), (2, "account", "A9"), (3, "record", "calls"), (4, "values", "orders"),
    ]  # fmt: skip
    assert said[0][3] == "names an account that is itself in quarantine"
    assert said[1][3] == "names an account that does not exist"


def test_the_reconciliation_names_what_was_read(evening: Evening) -> None:
    one = evening.merge(told(1, "issues", "I9", OPENED)).report
    assert (one.name, one.file, len(one.sha256)) == ("events", "kam.db", 64)
    nothing = evening.merge().report
    assert (nothing.rows_read, nothing.sha256) != (1, one.sha256)
