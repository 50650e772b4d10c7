"""The outbox in the store: what is enqueued, what is due, and what can never be changed."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from engine.audit import outbox
from engine.audit.outbox import Advance, Receipt
from engine.audit.transactions import transaction
from tests.actions.outbox_store import START, Office

CRM = "  crm: {kind: jsonl, path: crm.jsonl}\n"
TWO = CRM + "  boss: {kind: jsonl, path: boss.jsonl, actions: {priority: [urgent, high]}}\n"
HOUR = timedelta(hours=1)


def due(connection: sqlite3.Connection, sink: str = "crm", hours: int = 0) -> list[str | None]:
    return [one.account for one in outbox.due(connection, sink, START + hours * HOUR, 0, 100)]


def fail_first(connection: sqlite3.Connection, status: str = "pending") -> str:
    """The first message is tried and fails; it waits for an hour, or is dead."""
    first = outbox.due(connection, "crm", START, 0, 1)[0]
    receipt = Receipt("crm", START, START, "retry", "down")
    wait = START + HOUR if status == "pending" else None
    with transaction(connection):
        outbox.record(connection, receipt, [Advance(first, status, wait)])
    return first.key


def test_every_new_action_is_enqueued_for_every_sink_that_wants_it(tmp_path: Path) -> None:
    office = Office(tmp_path, TWO)
    office.night([("A1", "urgent"), ("A2", "low"), ("A3", "high")])
    assert sorted(office.statuses()) == [
        *("000000000001000000000000-boss", "000000000001000000000000-crm"),
        "000000000001000000000001-crm",
        *("000000000001000000000002-boss", "000000000001000000000002-crm"),
    ]
    assert set(office.statuses().values()) == {"pending"}


def test_later_night_enqueues_its_own_actions_alone(tmp_path: Path) -> None:
    office = Office(tmp_path, CRM)
    office.night([("A1", "urgent")])
    office.night([("A1", "low"), ("A2", "low")])
    with office.database() as connection:
        assert due(connection) == ["A1", "A1", "A2"]


def test_nothing_is_enqueued_without_sinks(tmp_path: Path) -> None:
    office = Office(tmp_path, CRM)
    (tmp_path / "kam.yaml").write_text(
        (tmp_path / "kam.yaml").read_text(encoding="utf-8").partition("sinks:")[0], encoding="utf-8"
    )
    office.night([("A1", "urgent")])
    assert office.statuses() == {}


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ("{roles: [sponsor]}", 2),
        ("{roles: [office]}", 0),
        ("{packs: [d]}", 2),
        ("{packs: [e]}", 0),
        ("{kinds: [warning]}", 2),
        ("{kinds: [milestone, entitlement]}", 0),
        ("{priority: [low], kinds: [warning], packs: [d], roles: [sponsor]}", 1),
        ("{priority: [low], kinds: [milestone]}", 0),
    ],
)
def test_all_that_a_sink_wants_must_hold(tmp_path: Path, wanted: str, count: int) -> None:
    office = Office(tmp_path, f"  crm: {{kind: jsonl, path: crm.jsonl, actions: {wanted}}}\n")
    office.night([("A1", "urgent"), ("A2", "low")])
    assert len(office.statuses()) == count


def test_run_that_fails_enqueues_nothing(tmp_path: Path) -> None:
    office = Office(tmp_path, CRM)
    office.night([("A1", "urgent")])
    with pytest.raises(RuntimeError):
        office.night([("A2", "low")], then=RuntimeError())
    with office.database() as connection:
        assert due(connection) == ["A1"]
        assert connection.execute("SELECT count(*) FROM actions").fetchone() == (1,)


def test_same_action_is_never_enqueued_twice_for_a_sink(tmp_path: Path) -> None:
    office = Office(tmp_path, CRM)
    run_no = office.night([("A1", "urgent")])
    with office.database() as connection, pytest.raises(sqlite3.IntegrityError):
        outbox.enqueue(connection, run_no, office.sinks)


def test_checkpoint_goes_to_the_sinks_that_ask_for_it(tmp_path: Path) -> None:
    office = Office(tmp_path, CRM + "  auditor: {kind: jsonl, path: a.jsonl, checkpoints: true}\n")
    run_no = office.night([])
    with office.database() as connection, transaction(connection):
        outbox.enqueue_checkpoint(connection, run_no, office.sinks, "origin\n1\nroot\n")
    assert list(office.statuses()) == ["checkpoint-2026-06-30.1-auditor"]


# --- order ----------------------------------------------------------------------------------


def test_message_that_waits_holds_back_those_after_it_of_its_account(tmp_path: Path) -> None:
    office = Office(tmp_path, CRM)
    office.night([("A1", "low"), ("A2", "low"), ("A1", "low")])
    with office.database() as connection:
        fail_first(connection)
        assert due(connection) == ["A2"]
        assert due(connection, hours=1) == ["A1", "A2", "A1"]


def test_message_that_waits_holds_back_no_other_sink(tmp_path: Path) -> None:
    office = Office(tmp_path, TWO)
    office.night([("A1", "high"), ("A1", "high")])
    with office.database() as connection:
        fail_first(connection)
        assert due(connection) == []
        assert due(connection, "boss") == ["A1", "A1"]


def test_dead_letter_holds_back_nothing(tmp_path: Path) -> None:
    office = Office(tmp_path, CRM)
    office.night([("A1", "low"), ("A1", "low")])
    with office.database() as connection:
        key = fail_first(connection, "dead")
        assert [one.key for one in outbox.due(connection, "crm", START, 0, 9)] != [key]
        assert due(connection) == ["A1"]
        assert [row["idempotency_key"] for row in outbox.dead_letters(connection)] == [key]


def test_dead_letter_goes_before_those_that_still_wait_when_it_is_sent_back(tmp_path: Path) -> None:
    office = Office(tmp_path, CRM)
    office.night([("A1", "low"), ("A1", "low")])
    with office.database() as connection:
        key = fail_first(connection, "dead")
        with transaction(connection):
            assert outbox.requeue(connection, [key, "no such key"], START) == 1
        first = outbox.due(connection, "crm", START, 0, 1)[0]
        assert (first.key, first.attempts) == (key, 0)
        outcomes = [row[0] for row in connection.execute("SELECT outcome FROM deliveries")]
        assert outcomes == ["retry", "requeued"]


def test_page_begins_after_the_number_named(tmp_path: Path) -> None:
    office = Office(tmp_path, CRM)
    office.night([("A1", "low"), ("A2", "low"), ("A3", "low")])
    with office.database() as connection:
        first = outbox.due(connection, "crm", START, 0, 2)
        rest = outbox.due(connection, "crm", START, first[-1].number, 2)
        assert [one.account for one in first + rest] == ["A1", "A2", "A3"]


# --- what can never be changed --------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM outbox",
        "UPDATE outbox SET idempotency_key = 'x'",
        "UPDATE outbox SET action_no = 2",
        "UPDATE outbox SET sink = 'other'",
        "UPDATE outbox SET status = 'pending' WHERE status = 'delivered'",
        "UPDATE deliveries SET outcome = 'delivered'",
        "DELETE FROM deliveries",
        "DELETE FROM delivery_messages",
    ],
)
def test_what_was_written_stays(tmp_path: Path, statement: str) -> None:
    office = Office(tmp_path, CRM)
    office.night([("A1", "low")])
    with office.database() as connection:
        fail_first(connection, "delivered")
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)


def test_counts_say_what_waits(tmp_path: Path) -> None:
    office = Office(tmp_path, TWO)
    office.night([("A1", "high"), ("A2", "low"), ("A3", "low")])
    with office.database() as connection:
        fail_first(connection)
        found = outbox.waiting(connection, START)
        assert (found["crm"].pending, found["crm"].due, found["crm"].dead) == (3, 2, 0)
        assert found["crm"].next_attempt_at == START + HOUR
        assert (found["boss"].pending, found["boss"].next_attempt_at) == (1, None)
