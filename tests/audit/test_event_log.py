"""Events in the store: one transaction, in order with the nights, and each answered once."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.audit.events.log import EventLog
from engine.audit.events.queries import (
    CARRIED_DAYS,
    ToldAccounts,
    day_events,
    first_answer,
    last_event,
    last_fact_at,
    latest_decisions,
    night_states,
)
from engine.audit.events.records import json_text
from engine.audit.records import JsonText
from engine.audit.store import Store, open_store
from engine.errors import KamError, Location
from engine.language.sinks import Sink
from tests.audit import event_sample as sample
from tests.audit.sample import DAY, action_row, dump, record_run, recorded, sample_policy
from tests.books.triggers import without_triggers

NEXT = DAY + timedelta(days=1)


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def record(store: Store) -> None:
        numbers = store.rule_numbers([sample_policy()])
        record_run(store, action_rows=[action_row(numbers, "1" * 24)])

    return recorded(tmp_path_factory, "one-visit", record)


@pytest.fixture
def store(night: Path, tmp_path: Path) -> Iterator[Store]:
    """A store with one night, which asked for a visit."""
    shutil.copytree(night, tmp_path / "store")
    with open_store(tmp_path / "store") as opened:
        yield opened


def rows(store: Store, sql: str, *values: object) -> list[tuple[object, ...]]:
    return store.connection.execute(sql, values).fetchall()


# --- runs ----------------------------------------------------------------------------------


def test_runs_of_events_stand_between_nights_and_are_none(store: Store) -> None:
    assert sample.answer(store).run_no == 2
    sample.answer(store, [sample.complaint("crm-2")])
    record_run(store, as_of=NEXT)

    assert [run.run_id for run in store.runs()] == [f"{NEXT}.1", f"{DAY}.1"]
    assert [run.run_id for run in store.every_run()] == [
        *(f"{NEXT}.1", f"{DAY}.e2", f"{DAY}.e1", f"{DAY}.1"),
    ]
    assert [run.previous_run for run in store.every_run()] == [
        *(f"{DAY}.1", f"{DAY}.1", f"{DAY}.1", None),
    ]
    assert store.last_run_no() == 4
    assert store.run(f"{DAY}.e1") is None
    assert next(store.every_run(run_id=f"{DAY}.e1")).kind == "event"
    assert store.last_run_before(NEXT + timedelta(days=1)) == store.last_run()
    assert store.next_run_id(DAY) == f"{DAY}.2", "runs of events have numbers of their own"


def test_run_ids_count_on_beyond_ten(store: Store) -> None:
    for number in range(11):
        sample.answer(store, [sample.complaint(f"crm-{number}")])

    log = EventLog(store, "kam.local/sample")

    assert log.next_run_id(DAY) == f"{DAY}.e12"
    assert log.next_run_id(NEXT) == f"{NEXT}.e1"


def test_run_that_was_given_another_name_is_not_counted_on_from(store: Store) -> None:
    sample.answer(store)
    connection = store.connection
    with without_triggers(connection):
        connection.execute("UPDATE runs SET run_id = 'x' WHERE kind = 'event'")
    with pytest.raises(KamError, match="a run that answered events is called 'x'"):
        EventLog(store, "kam.local/sample").next_run_id(DAY)


def test_several_runs_are_committed_together_or_not_at_all(store: Store) -> None:
    log, night = EventLog(store, "kam.local/sample"), store.last_run()
    assert night is not None
    one = sample.event_run(log, night, run_id=f"{DAY}.e1")
    two = sample.event_run(log, night, [sample.complaint("crm-2")], run_id=f"{DAY}.e2")
    before = dump(store)

    with store.lock():
        with pytest.raises(KamError) as failure:
            log.commit(one, sample.event_run(log, night, run_id=f"{DAY}.e2"))
        assert failure.value.problems[0].code == "event-known"
        assert dump(store) == before
        assert [committed.run_no for committed in log.commit(one, two)] == [2, 3]

    assert rows(store, "SELECT count(*) FROM checkpoints") == [(3,)]


def test_the_lock_is_needed(store: Store) -> None:
    log, night = EventLog(store, "kam.local/sample"), store.last_run()
    assert night is not None

    with pytest.raises(RuntimeError, match="lock"):
        log.commit(sample.event_run(log, night))


def test_marks_are_left_to_the_next_night(store: Store) -> None:
    sample.answer(store)

    assert rows(store, "SELECT DISTINCT last_mark FROM runs") == [(0,)]


# --- what is written -----------------------------------------------------------------------


def test_an_event_is_kept_with_its_answer(store: Store) -> None:
    sample.answer(store)

    content, said = first_answer(store.connection, "crm-1") or ({}, {})

    assert content == sample.complaint().content
    assert said == sample.complaint().answer
    assert first_answer(store.connection, "crm-2") is None
    ((run_id, night, at),) = rows(store, "SELECT run_id, night, at FROM event_lines")
    assert (run_id, night, at) == (f"{DAY}.e1", f"{DAY}.1", "2026-06-30T01:12:00.000+00:00")


@pytest.mark.parametrize("table", ["events", "event_runs", "event_decisions"])
def test_what_was_told_is_never_rewritten(store: Store, table: str) -> None:
    sample.answer(store)

    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET run_no = 1"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            store.connection.execute(statement)


def test_lines_stand_in_the_log_under_the_run(store: Store) -> None:
    numbers = store.rule_numbers([sample_policy()])
    line = ("A1", "warning_opened", numbers["d", "warning", "complaints"], None, "red", "{}")

    committed = sample.answer(store, log_rows=[line], action_rows=[action_row(numbers, "2" * 24)])

    assert (committed.log_lines, committed.actions, committed.actions_known) == (2, 1, 0)
    lines = rows(
        store,
        "SELECT kind, rule_id, as_of FROM decision_log_lines WHERE run_id = ? ORDER BY seq",
        f"{DAY}.e1",
    )
    assert lines == [
        ("warning_opened", "complaints", str(DAY)),
        ("action_emitted", "complaints", str(DAY)),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("A1", "source_read", None, None, None, None), "kind 'source_read'"),
        (("A1", "warning_opened", 99, None, None, None), "rule number 99"),
    ],
)
def test_a_line_that_cannot_be_is_refused(store: Store, row: object, said: str) -> None:
    before = dump(store)

    with pytest.raises(KamError, match=said):
        sample.answer(store, log_rows=[row])

    assert dump(store) == before


def test_an_action_that_is_known_is_passed_over(store: Store) -> None:
    numbers = store.rule_numbers([sample_policy()])
    both = [action_row(numbers, "1" * 24), action_row(numbers, "2" * 24)]

    committed = sample.answer(store, action_rows=both)

    assert (committed.actions, committed.actions_known) == (1, 1)
    assert rows(store, "SELECT actions FROM runs ORDER BY run_no") == [(1,), (1,)]


def test_rules_of_another_day_are_numbered_once(store: Store) -> None:
    log, dearer = EventLog(store, "kam.local/sample"), sample_policy(share="0.3")

    with store.lock():
        numbers = log.rule_numbers([dearer])

    assert numbers == log.rule_numbers([dearer]) == store.rule_numbers([dearer])
    assert numbers["d", "tier", "strategic"] > numbers["d", "action", "invitation"]
    with pytest.raises(RuntimeError, match="lock"):
        log.rule_numbers([sample_policy(share="0.4")])


def test_a_sink_gets_the_actions_and_the_checkpoint(store: Store) -> None:
    sink = Sink("desk", "jsonl", Location("kam.yaml"), checkpoints=True)
    log, night = EventLog(store, "kam.local/sample", None, [sink]), store.last_run()
    numbers = store.rule_numbers([sample_policy()])
    assert night is not None

    with store.lock():
        log.commit(sample.event_run(log, night, action_rows=[action_row(numbers, "2" * 24)]))

    assert rows(store, "SELECT kind, run_no FROM outbox ORDER BY message_no") == [
        ("action", 2),
        ("checkpoint", 2),
    ]


# --- actions whose cause has ended ----------------------------------------------------------


def test_an_action_expires_with_its_cause_and_is_open_again_without(store: Store) -> None:
    sample.answer(store, ended_causes=[("c" * 24, None)])
    assert rows(store, "SELECT status FROM actions") == [("expired",)]

    sample.answer(store, [sample.complaint("crm-2")])

    assert rows(store, "SELECT status FROM actions") == [("open",)]
    kinds = rows(store, "SELECT kind FROM decision_log WHERE run_no > 1 ORDER BY seq")
    assert kinds == [("action_expired",), ("action_reopened",)]


def test_what_ended_on_another_day_stays_ended(store: Store) -> None:
    sample.answer(store, ended_causes=[("c" * 24, None)])

    sample.answer(store, [sample.complaint("crm-2", day=NEXT)], as_of=NEXT)

    assert rows(store, "SELECT status FROM actions") == [("expired",)]


@pytest.mark.parametrize(("day", "status"), [("2026-06-30", "open"), ("2026-07-01", "expired")])
def test_of_a_cause_that_speaks_again_only_the_earlier_end(
    store: Store, day: str, status: str
) -> None:
    sample.answer(store, ended_causes=[("c" * 24, day)])

    assert rows(store, "SELECT status FROM actions") == [(status,)]


def test_actions_of_other_accounts_are_left_alone(store: Store) -> None:
    numbers = store.rule_numbers([sample_policy()])
    with store.lock():
        store.connection.execute("UPDATE actions SET status = 'snoozed', snoozed_until = ?", [
            str(DAY)
        ])  # fmt: skip
        store.connection.commit()

    sample.answer(
        store,
        [sample.complaint(account="A2")],
        {"A2": sample.content(sample.decision(account="A2"))},
        action_rows=[action_row(numbers, "2" * 24, "A2")],
    )
    assert rows(store, "SELECT status FROM actions ORDER BY action_no") == [("snoozed",), ("open",)]

    sample.answer(store, [sample.complaint("crm-2")])
    assert rows(store, "SELECT status FROM actions ORDER BY action_no") == [("open",), ("open",)]


# --- what later runs ask --------------------------------------------------------------------


def test_the_last_decision_about_an_account_counts(store: Store) -> None:
    connection = store.connection
    sample.answer(store, decisions={"A1": sample.content(sample.decision("standard"))})
    sample.answer(store, [sample.complaint("crm-2")])
    sample.answer(
        store,
        [sample.complaint("crm-3", day=NEXT)],
        {"A1": sample.content(sample.decision(None))},
        as_of=NEXT,
    )

    def tier(**bounds: object) -> object:
        found = latest_decisions(connection, **bounds)  # type: ignore[arg-type]
        assert found == latest_decisions(connection, ["A1", "A9"], **bounds)  # type: ignore[arg-type]
        return json.loads(found["A1"].content)["decisions"][0]["tier"] if found else "none"

    assert tier() is None
    assert tier(before=NEXT) == "strategic"
    assert tier(before=DAY) == "none"
    assert tier(until_run=2) == "standard"
    assert tier(after_run=3) is None
    assert tier(after_run=4) == "none"


def test_accounts_that_events_were_about_are_asked_for_once(store: Store) -> None:
    connection = store.connection
    sample.answer(store, decisions={"A1": sample.content(sample.decision("standard"))})
    told, later = ToldAccounts(connection, 1), ToldAccounts(connection, 2)
    assert "A1" not in told
    for one in (told, later):
        one.catch_up()
    assert "A1" in told
    assert "A1" not in later

    sample.answer(
        store,
        [sample.complaint("crm-2", account="A2")],
        {"A2": sample.content(sample.decision(account="A2"))},
    )
    assert "A2" not in told
    for one in (told, later):
        one.catch_up()
        assert "A2" in one
    assert "A1" in told
    assert "A9" not in told


def test_a_night_starts_from_events_of_earlier_days_and_records_against_all(store: Store) -> None:
    connection = store.connection
    sample.answer(store)
    sample.answer(
        store,
        [sample.complaint("crm-2", "A2", NEXT)],
        {"A2": sample.content(sample.decision(account="A2"))},
        as_of=NEXT,
    )

    def accounts(previous: int, recorded: int, day: date, until: int | None = None) -> object:
        before, since = night_states(connection, previous, recorded, day, until)
        return [account for account, _ in before], [account for account, _ in since]

    assert accounts(1, 1, NEXT) == (["A1"], ["A1", "A2"])
    assert accounts(0, 1, DAY) == ([], ["A1", "A2"]), "the night of the day itself once more"
    assert accounts(1, 1, NEXT, until=2) == (["A1"], ["A1"])
    assert accounts(0, 0, DAY) == ([], [])


def test_events_are_told_to_nights_for_a_while(store: Store) -> None:
    connection = store.connection
    sample.answer(store, [sample.complaint(), sample.fact("crm-2", "credit", "B", "A")])
    last = DAY + timedelta(days=CARRIED_DAYS)

    assert [number for number, *_ in day_events(connection, last)] == [1, 2]
    assert day_events(connection, last + timedelta(days=1)) == []
    assert day_events(connection, DAY - timedelta(days=1)) == []
    one, two = day_events(connection, DAY)
    assert (one[1:5], one[6]) == (("record", "A1", "issues", "I1"), None)
    assert json.loads(one[5])["opened_at"] == "2026-06-30T09:10:00"
    assert (two[1], json.loads(two[5]), json.loads(two[6] or "")) == (
        "account", {"credit": "B"}, {"credit": "A"},
    )  # fmt: skip
    assert last_event(connection) == 2
    assert last_fact_at(connection, "A1", "credit") == "2026-06-30T01:12:00.000+00:00"
    assert last_fact_at(connection, "A1", "issue_id") is None


def test_values_are_json_with_all_their_digits() -> None:
    value = {
        "money": Decimal("12345678901234567.80"), "share": 0.1, "on": date(2026, 6, 30),
        "at": datetime(2026, 6, 30, 9, 5), "none": None, "yes": True,
        "seen": JsonText('{"a":1.50}'), "text": "\u4e2d\"\n", "list": (1, "x"),
    }  # fmt: skip

    text = json_text(value)

    assert text.startswith('{"money":12345678901234567.80,"share":0.1,"on":"2026-06-30"')
    assert json.loads(text)["seen"] == {"a": 1.5}
    assert json.loads(text)["text"] == value["text"]
    with pytest.raises(ValueError, match="nan"):
        json_text({"a": float("nan")})
    with pytest.raises(TypeError, match="bytes"):
        json_text({"a": b"x"})
