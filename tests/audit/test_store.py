"""Runs in the store: what a commit writes, and that it is all or nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.audit.kinds import KIND_NAMES
from engine.audit.records import LogRow, SourceRecord
from engine.audit.store import Store, open_store
from engine.errors import KamError
from tests.audit.sample import (
    DAY,
    action_row,
    commit,
    dump,
    record_run,
    run_record,
    sample_policy,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store") as opened:
        yield opened


def code_of(error: pytest.ExceptionInfo[KamError]) -> str:
    (found,) = error.value.problems
    return found.code


def lines(store: Store) -> list[dict[str, object]]:
    return list(store.database.view("decision_log_lines").rows_where(order_by="seq"))


def test_store_of_a_new_folder_has_no_run(store: Store) -> None:
    assert store.last_run() is None
    assert store.next_run_id(DAY) == "2026-06-30.1"
    assert (store.path / "runs").is_dir()


def test_store_reading_without_one_says_to_run_first(tmp_path: Path) -> None:
    for options in ({"read_only": True}, {"create": False}):
        with pytest.raises(KamError) as error:
            open_store(tmp_path / "store", **options)
        assert code_of(error) == "no-store"
    assert not (tmp_path / "store").exists()


def test_commit_records_run_with_its_parts(store: Store) -> None:
    numbers = store.rule_numbers([sample_policy()])
    rows: list[LogRow] = [
        ("A1", "tier_assigned", numbers["d", "tier", "strategic"], None, "strategic", '{"x":1}'),
        (None, "data_rejected", None, None, None, '{"source":"accounts","row":7}'),
    ]
    done = record_run(store, rows, [action_row(numbers, "a" * 24)])
    run = store.last_run()
    assert run is not None
    assert (done.run_no, done.log_lines, done.actions, done.actions_known) == (1, 5, 1, 0)
    assert (run.run_id, run.as_of, run.previous_run, run.actions) == ("2026-06-30.1", DAY, None, 1)
    assert list(run.counts["packs"]) == ["z", "a"]  # in the order given, not sorted
    assert [line["kind"] for line in lines(store)] == [
        "policy_changed",
        "source_read",
        "tier_assigned",
        "data_rejected",
        "action_emitted",
    ]
    assert (run.first_seq, run.last_seq) == (1, 5)
    assert run.path.joinpath("decisions.parquet").exists()


def test_log_line_names_rule_file_line_policy_and_thresholds(store: Store) -> None:
    policy = sample_policy()
    number = store.rule_numbers([policy])["d", "tier", "strategic"]
    record_run(store, [("A1", "tier_assigned", number, None, "strategic", None)])
    line = lines(store)[2]
    assert (line["pack"], line["rule_kind"], line["rule_id"]) == ("d", "tier", "strategic")
    assert (line["file"], line["line"]) == ("policies/d/tiers.yaml", 10)
    assert line["policy_hash"] == policy.policy_hash
    assert json.loads(str(line["thresholds"]))[0]["written"] == "$strategic_share = 0.2"


def test_commit_reconciles_sources(store: Store) -> None:
    record_run(store)
    (row,) = store.database.table("sources").rows
    assert (row["rows_read"], row["rows_used"], row["rows_quarantined"]) == (3, 2, 1)


def test_commit_refuses_sources_that_do_not_add_up(store: Store) -> None:
    wrong = SourceRecord("accounts", "a.csv", "0" * 64, 3, 2, 2)
    before = dump(store)
    with pytest.raises(KamError) as error:
        record_run(store, sources=[wrong])
    assert code_of(error) == "store-refused"
    assert dump(store) == before
    assert list((store.path / "runs").iterdir()) == []


@pytest.mark.parametrize(
    "row",
    [
        ("A1", "tier_changed", None, None, None, None),
        ("A1", "tier_moved", 999, None, None, None),
        ("A1", "action_emitted", None, None, None, None),
        ("A1", "source_read", None, None, None, None),
    ],
)
def test_commit_refuses_lines_that_refer_to_nothing(store: Store, row: LogRow) -> None:
    before = dump(store)
    with pytest.raises(KamError) as error:
        record_run(store, [row])
    assert code_of(error) == "store-refused"
    assert dump(store) == before


def test_commit_of_rows_that_fail_half_way_leaves_store_as_it_was(store: Store) -> None:
    record_run(store)
    before, folders = dump(store), sorted((store.path / "runs").iterdir())

    def rows() -> Iterator[LogRow]:
        for number in range(250):
            yield (f"A{number}", "data_rejected", None, None, None, None)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        record_run(store, rows())
    assert dump(store) == before
    assert sorted((store.path / "runs").iterdir()) == folders


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_commit_writes_every_row_in_order(store: Store, count: int) -> None:
    rows: list[LogRow] = [
        (f"A{number}", "data_rejected", None, None, None, None) for number in range(count)
    ]
    record_run(store, rows, policies=[])
    written = [line["account_id"] for line in lines(store) if line["kind"] == "data_rejected"]
    assert written == [row[0] for row in rows]


def test_actions_are_emitted_once_whatever_runs_follow(store: Store) -> None:
    numbers = store.rule_numbers([sample_policy()])
    first = record_run(store, [], [action_row(numbers, "a" * 24)])
    again = record_run(store, [], [action_row(numbers, "a" * 24), action_row(numbers, "b" * 24)])
    assert (first.actions, first.actions_known) == (1, 0)
    assert (again.actions, again.actions_known) == (1, 1)
    assert [line["kind"] for line in lines(store)].count("action_emitted") == 2


def test_policy_is_kept_once_and_its_change_logged(store: Store) -> None:
    one, two = sample_policy(), sample_policy(b"pack: d # changed\n")
    for policy in (one, one, two):
        record_run(store, policies=[policy])
    record_run(store, policies=[])
    changes = [line for line in lines(store) if line["kind"] == "policy_changed"]
    assert [(line["from_value"], line["to_value"]) for line in changes] == [
        (None, one.policy_hash),
        (one.policy_hash, two.policy_hash),
        (two.policy_hash, None),
    ]
    assert all(line["pack"] == "d" and line["rule_kind"] == "pack" for line in changes)
    texts = 1  # kam.yaml, the same in every run
    assert store.database.table("policy_files").count == 2 + texts


def test_rule_numbers_are_kept_until_thresholds_change(store: Store) -> None:
    before = store.rule_numbers([sample_policy()])
    record_run(store)
    assert store.rule_numbers([sample_policy()]) == before
    changed = store.rule_numbers([sample_policy(share="0.25")])
    assert {key for key in before if before[key] != changed[key]} == {("d", "tier", "strategic")}
    record_run(store, policies=[sample_policy(share="0.25")])
    assert store.rule_numbers([sample_policy(share="0.25")]) == changed
    assert store.rule_numbers([sample_policy()]) == before


@pytest.mark.slow
def test_run_ids_count_within_a_day_beyond_nine(store: Store) -> None:
    for _ in range(10):
        record_run(store, policies=[])
    assert store.next_run_id(DAY) == "2026-06-30.11"
    assert store.next_run_id(DAY + timedelta(days=1)) == "2026-07-01.1"
    last = store.last_run()
    assert last is not None
    assert (last.run_id, last.previous_run) == ("2026-06-30.10", "2026-06-30.9")


def test_commit_needs_lock_and_published_folder(store: Store) -> None:
    with pytest.raises(RuntimeError, match="lock"):
        store.begin("2026-06-30.1")
    with store.lock(), store.begin("2026-06-30.1"), pytest.raises(RuntimeError, match="published"):
        commit(store, run_record("2026-06-30.1", DAY), [])


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("runs", "as_of = '2020-01-01'"),
        ("decision_log", "to_value = 'core'"),
        ("sources", "rows_read = 0"),
        ("rules", "line = 1"),
        ("policy_files", "content = x'00'"),
    ],
)
def test_what_is_recorded_cannot_be_rewritten(store: Store, table: str, change: str) -> None:
    record_run(store)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {change}"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            store.database.execute(statement)


def test_log_kinds_in_store_are_the_closed_list(store: Store) -> None:
    assert {row["kind"] for row in store.database.table("log_kinds").rows} == KIND_NAMES


def test_readers_see_the_last_run_while_the_next_is_written(store: Store) -> None:
    record_run(store)
    seen: list[int] = []

    def rows() -> Iterator[LogRow]:
        for number in range(1000):
            yield (f"A{number}", "data_rejected", None, None, None, None)
        with open_store(store.path, read_only=True) as reader:
            seen.append(reader.database.table("decision_log").count)

    record_run(store, rows())
    assert seen == [2]


def test_store_opened_for_reading_cannot_be_written(store: Store) -> None:
    record_run(store)
    with (
        open_store(store.path, read_only=True) as reader,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        reader.database.execute("DELETE FROM actions")


def test_foreign_keys_hold_after_runs(store: Store) -> None:
    numbers = store.rule_numbers([sample_policy()])
    record_run(store, [("A1", "warning_opened", numbers["d", "warning", "complaints"], None, "red",
                        "{}")], [action_row(numbers, "a" * 24)])  # fmt: skip
    assert store.database.execute("PRAGMA foreign_key_check").fetchall() == []
    assert store.database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_times_without_zone_are_refused(store: Store) -> None:
    naive = run_record("2026-06-30.1", DAY).finished_at.replace(tzinfo=None)
    with pytest.raises(ValueError, match="no time zone"):
        record_run(store, finished=naive)
    assert store.last_run() is None


def test_as_of_dates_are_days_of_the_calendar(store: Store) -> None:
    record_run(store, as_of=date(2024, 2, 29))
    assert [run.run_id for run in store.runs()] == ["2024-02-29.1"]
    assert store.run("2024-02-29.1") is not None
    assert store.run("2024-02-29.2") is None


def test_actions_of_one_run_are_all_different(store: Store) -> None:
    numbers = store.rule_numbers([sample_policy()])
    before = dump(store)
    with pytest.raises(KamError) as error:
        record_run(store, [], [action_row(numbers, "a" * 24), action_row(numbers, "a" * 24, "A2")])
    assert code_of(error) == "store-refused"
    assert dump(store) == before


@pytest.mark.parametrize("count", [0, 1, 899, 900, 901, 2000])
def test_known_actions_are_those_emitted_before(store: Store, count: int) -> None:
    numbers = store.rule_numbers([sample_policy()])
    ids = [f"{number:024x}" for number in range(count)]
    assert store.known_actions(ids) == set()
    record_run(store, [], [action_row(numbers, id) for id in ids])
    assert store.known_actions(iter([*ids, "f" * 24])) == set(ids)
    again = record_run(store, [], [action_row(numbers, id) for id in [*ids, "f" * 24]])
    assert (again.actions, again.actions_known) == (1, count)


def test_first_actions_leave_the_indexes_in_place(store: Store) -> None:
    numbers = store.rule_numbers([sample_policy()])
    before = {index.name for index in store.database.table("actions").indexes}
    record_run(store, [], [action_row(numbers, "a" * 24)])
    assert {index.name for index in store.database.table("actions").indexes} == before
    assert before == {"actions_id", "actions_account", "actions_cause"}
