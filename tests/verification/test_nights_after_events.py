"""A night goes on from what events left, says nothing twice, and can be replayed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from engine.audit.store import open_store
from engine.lifecycle.kept_rows import DECISION_COLUMNS, kept_relation
from engine.replay.rerun import replay
from tests.audit import event_sample as sample
from tests.audit.event_sample import content
from tests.audit.sample import write_decisions, write_obligations
from tests.night.book import NIGHT, Book
from tests.verification.event_store import EVENT_RUNS, NEXT, NIGHTS


def test_a_night_records_against_what_the_last_event_left(told: Book) -> None:
    before = told.log(EVENT_RUNS[0])

    lines = [line for line in told.log(NIGHTS[1]) if line[0].startswith(("tier", "milestone"))]

    assert before[0] == ("tier_moved", "a2", "gold", "silver", "gold")
    assert ("tier_moved", "a2", "silver", "gold", "silver") in lines
    assert {account for _, account, *_ in lines} == {"a2"}


@pytest.mark.parametrize("night", NIGHTS)
def test_a_night_among_events_is_replayed(told: Book, night: str) -> None:
    with open_store(told.store, read_only=True) as store:
        run = store.run(night)
        assert run is not None

        replayed = replay(told.root, store, run)

    assert (replayed.state, replayed.differences, replayed.problems) == ("identical", (), ())


def test_a_night_is_no_repetition_after_an_event(told_again: Book) -> None:
    book = told_again
    book.replace("kam.yaml", "signed: true", "signed: false")
    assert book.run(NEXT).repeated is True

    with open_store(book.store) as store:
        sample.answer(store, [sample.fact("crm-9", "rating", "A", "A", "a1")], {}, as_of=NEXT)

    assert book.run(NEXT).repeated is False
    assert book.run(NEXT).repeated is True
    assert book.run(NEXT + timedelta(days=1)).repeated is False


# --- the relations of a night ------------------------------------------------------------------


def test_rows_of_an_account_are_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "decisions.parquet"
    write_decisions(
        file, [("A1", "one", "d", "core"), ("A1", "one", "e", "core"), ("A2", "two", "d", "core")]
    )
    state = content(sample.decision("strategic"))
    with duckdb.connect() as connection:
        kept_relation(
            connection, "previous_decisions", "decisions", file,
            [("A1", sample.json_of(state))],
        )  # fmt: skip

        rows = connection.execute(
            "SELECT account_id, pack, tier, tier_since, scores['value_score'], "
            "warnings[1].evidence FROM previous_decisions ORDER BY 1, 2"
        ).fetchall()
        types = connection.execute("DESCRIBE previous_decisions").fetchall()
        connection.execute(f"CREATE TABLE wanted ({DECISION_COLUMNS})")
        assert types == connection.execute("DESCRIBE wanted").fetchall()

    assert rows == [
        ("A1", "d", "strategic", NIGHT, 81.25, '{"annual_purchase": 5230000.50}'),
        ("A2", "d", "core", NIGHT, 82.5, None),
    ]


def test_an_account_that_owes_nothing_any_more_has_no_obligations(tmp_path: Path) -> None:
    file = tmp_path / "obligations.parquet"
    write_obligations(file, [("A1", "", "due", NIGHT), ("A2", "", "due", NIGHT)])
    states = [("A1", json.dumps({"decisions": [], "obligations": []}))]
    with duckdb.connect() as connection:
        kept_relation(connection, "owed", "obligations", file, states)

        rows = connection.execute("SELECT account_id, state FROM owed").fetchall()

    assert rows == [("A2", "due")]


def test_what_is_said_of_a_manager_of_the_same_id_stays(tmp_path: Path) -> None:
    file = tmp_path / "decisions.parquet"
    write_decisions(file, [("A1", "one", "d", "core")])
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT * FROM read_parquet($1) UNION ALL SELECT * REPLACE "
            "('customer_manager' AS scope) FROM read_parquet($1)) TO '" + str(file) + ".2' "
            "(FORMAT parquet)",
            [str(file)],
        )
        kept_relation(
            connection, "kept", "decisions", Path(f"{file}.2"),
            [("A1", sample.json_of(content(sample.decision("strategic"))))],
        )  # fmt: skip

        rows = connection.execute("SELECT scope, tier FROM kept ORDER BY scope").fetchall()

    assert rows == [("account", "strategic"), ("customer_manager", "core")]
