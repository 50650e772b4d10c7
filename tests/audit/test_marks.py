"""What people say between the nights, and actions that expire or awake."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.audit.marks import Said
from engine.audit.store import Store, open_store
from engine.errors import KamError
from tests.audit.sample import DAY, action_row, dump, record_run, recorded, sample_policy

AT = datetime(2026, 6, 30, 20, 0, 0, tzinfo=UTC)
SAID_ON = date(2026, 7, 1)
"""It is past midnight in Shanghai."""


@pytest.fixture(scope="session")
def two_actions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def record(store: Store) -> None:
        numbers = store.rule_numbers([sample_policy()])
        first, second = action_row(numbers, "a" * 24), action_row(numbers, "b" * 24, "A2", "d" * 24)
        record_run(store, [], [first, second])

    return recorded(tmp_path_factory, "two-actions", record)


@pytest.fixture
def store(two_actions: Path, tmp_path: Path) -> Iterator[Store]:
    """A run with two actions, of two causes."""
    shutil.copytree(two_actions, tmp_path / "store")
    with open_store(tmp_path / "store") as opened:
        yield opened


def say(store: Store, kind: str, action_no: int = 1, **more: object) -> None:
    store.say(Said(kind, "陈静", AT, SAID_ON, action_no=action_no, **more))  # type: ignore[arg-type]


def say_of_warning(store: Store, kind: str, until: date | None = None) -> None:
    about = {"pack": "d", "account": "A1", "rule": "complaints"}
    store.say(Said(kind, "陈静", AT, SAID_ON, until=until, **about))


def actions(store: Store) -> list[tuple[str, str | None, str | None]]:
    rows = store.database.table("actions").rows_where(order_by="action_no")
    return [(row["status"], row["snoozed_until"], row["owner"]) for row in rows]


def lines(store: Store, kind: str) -> list[dict[str, object]]:
    view = store.database.view("decision_log_lines")
    return list(view.rows_where("kind = ?", [kind], order_by="seq"))


# --- what a mark does ----------------------------------------------------------------------


def test_action_that_is_done_is_done_at_once(store: Store) -> None:
    say(store, "done", note="已拜访")
    assert actions(store) == [("done", None, None), ("open", None, None)]


def test_snoozed_action_is_open_again_from_its_day_on(store: Store) -> None:
    until = DAY + timedelta(days=5)
    say(store, "snooze", until=until)
    for night, status in ((until - timedelta(days=1), "snoozed"), (until, "open")):
        record_run(store, as_of=night)
        assert actions(store)[0][0] == status
    assert actions(store)[0][1] is None


def test_assigned_action_has_its_new_owner_and_stays_open(store: Store) -> None:
    say(store, "assign", person="李娜")
    assert actions(store)[0] == ("open", None, "李娜")


def test_what_is_said_of_a_warning_changes_no_action(store: Store) -> None:
    say_of_warning(store, "ack")
    say_of_warning(store, "silence", date(2026, 7, 9))
    assert {status for status, _, _ in actions(store)} == {"open"}
    found = [(one.mark_no, one.kind, one.day, one.until) for one in store.warning_marks()]
    assert found == [(1, "ack", SAID_ON, None), (2, "silence", SAID_ON, date(2026, 7, 9))]


def test_marks_about_actions_are_no_marks_about_warnings(store: Store) -> None:
    say(store, "done")
    assert store.warning_marks() == []
    assert store.last_mark() == 1


def test_mark_that_cannot_be_written_changes_nothing(store: Store) -> None:
    before = dump(store)
    with pytest.raises(KamError) as error:
        say(store, "forget")
    assert error.value.problems[0].code == "store-refused"
    assert dump(store) == before


def test_mark_needs_a_moment_with_a_time_zone(store: Store) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        store.say(Said("done", "x", AT.replace(tzinfo=None), SAID_ON, action_no=1))
    assert store.last_mark() == 0


@pytest.mark.parametrize("statement", ["DELETE FROM marks", "UPDATE marks SET said_by = 'x'"])
def test_marks_are_append_only(store: Store, statement: str) -> None:
    say(store, "done")
    with pytest.raises(sqlite3.IntegrityError, match="marks is append-only"):
        store.database.execute(statement)


@pytest.mark.parametrize("status", ["overdue", "", "DONE", "closed"])
def test_action_has_one_of_four_statuses(store: Store, status: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        store.database.execute("UPDATE actions SET status = ?", [status])


# --- the log -------------------------------------------------------------------------------


def test_next_run_writes_what_was_said_to_the_log_once(store: Store) -> None:
    say(store, "snooze", until=date(2026, 7, 9), note="春节后")
    say_of_warning(store, "ack")
    assert lines(store, "person_said") == []
    for _ in range(2):
        record_run(store)
        first, second = lines(store, "person_said")
    assert (first["account_id"], first["rule_id"], first["to_value"]) == (
        *("A1", "complaints", "snooze"),
    )
    assert json.loads(str(first["evidence"])) == {
        "by": "陈静", "at": "2026-06-30T20:00:00+00:00", "action": "a" * 24,
        "until": "2026-07-09", "person": None, "note": "春节后",
    }  # fmt: skip
    assert (second["account_id"], second["rule_id"], second["to_value"]) == (
        *("A1", "complaints", "ack"),
    )
    assert first["run_id"] == second["run_id"] == "2026-06-30.2"


def test_what_is_said_of_a_rule_that_nobody_knows_is_logged_without_it(store: Store) -> None:
    store.say(Said("ack", "x", AT, SAID_ON, pack="d", account="A1", rule="gone"))
    record_run(store)
    (line,) = lines(store, "person_said")
    assert (line["account_id"], line["rule_id"]) == ("A1", None)


# --- actions that expire -------------------------------------------------------------------


def test_open_action_expires_when_its_cause_ends_and_the_log_says_so(store: Store) -> None:
    record_run(store, ended_causes=["c" * 24])
    assert [status for status, _, _ in actions(store)] == ["expired", "open"]
    (line,) = lines(store, "action_expired")
    assert (line["account_id"], line["rule_id"], line["from_value"], line["to_value"]) == (
        *("A1", "complaints", "open", "executive_visit"),
    )
    assert json.loads(str(line["evidence"])) == {"action": "a" * 24, "owner": None}
    record_run(store, ended_causes=["c" * 24])
    assert len(lines(store, "action_expired")) == 1


def test_snoozed_action_expires_too_and_one_that_is_done_stays_done(store: Store) -> None:
    say(store, "snooze", until=date(2026, 8, 1))
    say(store, "done", 2)
    record_run(store, ended_causes=["c" * 24, "d" * 24])
    assert [status for status, _, _ in actions(store)] == ["expired", "done"]
    assert [line["from_value"] for line in lines(store, "action_expired")] == ["snoozed"]


def test_action_that_the_same_run_calls_for_does_not_expire_with_the_one_before(
    store: Store,
) -> None:
    numbers = store.rule_numbers([sample_policy()])
    again = action_row(numbers, "e" * 24)
    record_run(store, [], [again], ended_causes=["c" * 24])
    assert [status for status, _, _ in actions(store)] == ["expired", "open", "open"]


def test_action_reopens_when_a_second_run_of_the_night_finds_its_cause_alive(store: Store) -> None:
    record_run(store, as_of=DAY + timedelta(days=1), ended_causes=["c" * 24])
    record_run(store, as_of=DAY + timedelta(days=1))
    assert [status for status, _, _ in actions(store)] == ["open", "open"]
    (line,) = lines(store, "action_reopened")
    assert (line["account_id"], line["from_value"]) == ("A1", "expired")
    record_run(store, as_of=DAY + timedelta(days=1), ended_causes=["c" * 24])
    record_run(store, as_of=DAY + timedelta(days=2))
    assert [status for status, _, _ in actions(store)] == ["expired", "open"]


def test_last_run_before_a_day_is_of_an_earlier_date(store: Store) -> None:
    record_run(store)
    record_run(store, as_of=DAY + timedelta(days=2))
    for days, expected in ((0, None), (1, "2026-06-30.2"), (2, "2026-06-30.2")):
        found = store.last_run_before(DAY + timedelta(days=days))
        assert (found and found.run_id) == expected
