"""A night that is decided again from what was kept comes out as it was, or says where not."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from engine.audit.marks import Said
from engine.audit.personal.forgetting import forget
from engine.audit.store import open_store
from engine.demo.history import history_nights
from engine.language.operators import OPERATORS
from engine.lifecycle import workdays
from engine.lifecycle.workdays import OfficialDays
from engine.recall import recall
from engine.replay.comparing import Difference
from tests.night.book import Book
from tests.replay.books import (
    AS_OF,
    PACK,
    SPOKEN,
    day,
    kam_replay,
    replayed,
    rewrite,
    states,
    tampering,
)

NOW = datetime(2026, 6, 30, 10, 0, tzinfo=UTC)
FIRST, SECOND = "2026-06-30.1", "2026-07-01.1"


@pytest.mark.slow
@pytest.mark.parametrize(
    "demo",
    [(SPOKEN, AS_OF), history_nights(AS_OF)],
    ids=["two nights", "six nights"],
    indirect=True,
)
def test_replay_of_every_night_of_a_history_is_identical(
    demo: Path, request: pytest.FixtureRequest
) -> None:
    found = replayed(demo)
    nights = 2 if "two nights" in request.node.name else 6
    assert [one.state for one in found.values()] == ["identical"] * nights
    assert not any(one.differences or one.problems or one.notes for one in found.values())


@pytest.mark.slow
def test_replay_needs_neither_sources_nor_the_files_of_today(demo: Path, tmp_path: Path) -> None:
    root = tmp_path / "moved"
    shutil.copytree(demo, root)
    for gone in ("data", "policies"):
        shutil.rmtree(root / gone)
    (root / "facts.yaml").unlink()
    (root / "overrides.yaml").write_text("overrides: []\n", encoding="utf-8")
    kam = (root / "kam.yaml").read_text(encoding="utf-8")
    (root / "kam.yaml").write_text(kam.replace("Asia/Shanghai", "America/New_York"), "utf-8")
    assert set(states(root).values()) == {"identical"}


@pytest.mark.slow
def test_calendar_of_the_company_and_of_the_library_can_change(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.append("kam.yaml", "calendar: {country: CN, overrides: calendar.yaml}\n")
    book.write("calendar.yaml", "holidays: {2026-07-01: 公司成立日}\n")
    book.replace(PACK, "    due: 1 day\n", "    due: 1 workday\n")
    book.run()
    with open_store(book.root / "store", read_only=True) as store:
        dues = store.database.execute("SELECT due_on FROM actions").fetchall()
    assert dues == [("2026-07-02",)]  # a Thursday, after the holiday of the company
    book.write("calendar.yaml", "holidays: {2026-07-02: 改期}\n")
    every_day = frozenset(day(count) for count in range(1, 30))
    nothing = OfficialDays(every_day, frozenset(), range(2004, 2030))
    monkeypatch.setitem(workdays.COUNTRIES, "CN", lambda: nothing)  # type: ignore[index]
    assert states(book.root) == {FIRST: "identical"}


@pytest.mark.slow
def test_night_that_was_run_again_over_corrected_facts_is_identical_both_times(book: Book) -> None:
    book.run(day(-1))
    book.run()
    book.append("data/complaints.csv", "a2,2026-06-20\na2,2026-06-21\n")
    book.run()
    assert set(states(book.root).values()) == {"identical"}
    assert len(states(book.root)) == 3


@pytest.mark.slow
def test_what_people_said_later_changes_no_night_before(begun: Book) -> None:
    about = {"pack": "small", "account": "a1", "rule": "complaints"}
    with open_store(begun.root / "store") as store:
        store.say(Said("ack", "陈静", NOW, day(0), None, **about))
        store.say(Said("assign", "陈静", NOW, day(0), action_no=1, person="王建国"))
    begun.run(day(1))
    assert states(begun.root) == {FIRST: "identical", SECOND: "identical"}


@pytest.mark.slow
def test_account_in_quarantine_is_decided_again_without_its_row(begun: Book) -> None:
    begun.replace("data/accounts.csv", "a3,泰山水泥,active,B", "a3,泰山水泥,active,Z")
    begun.run(day(1))
    assert {row["account_no"] for row in begun.decisions(SECOND) if row["account_id"] == "a3"} == {
        None
    }
    assert states(begun.root) == {FIRST: "identical", SECOND: "identical"}


# --- tampering -----------------------------------------------------------------------------


@pytest.mark.slow
def test_tampered_decision_is_reported_with_its_account(begun: Book) -> None:
    file = begun.root / "store" / "runs" / FIRST / "decisions.parquet"
    rewrite(file, "SELECT * REPLACE (if(account_id = 'a3', 'gold', tier) AS tier) FROM rows")
    found = replayed(begun.root)[FIRST]
    assert found.state == "different"
    assert [one.code for one in found.problems] == ["unreadable-run-file"]
    assert found.differences == (Difference("decisions", "a3", "small", "tier", "gold", "plain"),)


@pytest.mark.slow
def test_tampered_state_is_reported_by_the_night_that_started_from_it(begun: Book) -> None:
    begun.run(day(1))
    file = begun.root / "store" / "runs" / FIRST / "decisions.parquet"
    rewrite(file, "SELECT * REPLACE (if(account_id = 'a3', 'gold', tier) AS tier) FROM rows")
    found = replayed(begun.root, SECOND)[SECOND]
    assert found.state == "different"
    assert "decisions.parquet of run 2026-06-30.1" in found.problems[0].message


@pytest.mark.parametrize("name", ["facts", "obligations", "inputs/owners", "inputs/quarantine"])
def test_tampered_file_of_the_run_is_reported(begun: Book, name: str) -> None:
    file = begun.root / "store" / "runs" / FIRST / f"{name}.parquet"
    content = bytearray(file.read_bytes())
    content[-20] ^= 1
    file.write_bytes(content)
    found = replayed(begun.root)[FIRST]
    assert found.state in ("different", "unreadable")
    assert f"{name}.parquet of run {FIRST}" in found.problems[0].message


@pytest.mark.slow
def test_tampered_line_of_the_log_is_reported(begun: Book) -> None:
    with tampering(begun.root) as connection:
        connection.execute("UPDATE decision_log SET to_value = 'red' WHERE kind = 'warning_opened'")
    found = replayed(begun.root)[FIRST]
    assert found.state == "different"
    assert [(one.where, one.account, one.field) for one in found.differences] == [
        ("log", "a1", "warning_opened")
    ] * 2
    then, now = found.differences
    assert "to: red" in (then.then or "") and "to: yellow" in (now.now or "")


@pytest.mark.slow
def test_line_that_somebody_deleted_and_action_that_somebody_changed_are_reported(
    begun: Book,
) -> None:
    with tampering(begun.root) as connection:
        connection.execute("DELETE FROM decision_log WHERE kind = 'tier_assigned' LIMIT 1")
        connection.execute("UPDATE actions SET priority = 'low'")
    found = replayed(begun.root)[FIRST]
    assert [one.where for one in found.differences] == ["log", "actions", "actions"]
    assert found.differences[0].then is None


def test_kept_text_that_somebody_changed_is_refused(begun: Book) -> None:
    with tampering(begun.root) as connection:
        for sha256, content in connection.execute("SELECT * FROM policy_files").fetchall():
            other = content.replace("100万".encode(), "10万".encode())
            connection.execute(
                "UPDATE policy_files SET content = ? WHERE sha256 = ?", (other, sha256)
            )
    found = replayed(begun.root)[FIRST]
    assert found.state == "unreadable"
    assert found.problems[0].code == "kept-file-changed"


# --- another engine ------------------------------------------------------------------------


@pytest.mark.slow
def test_engine_that_decides_otherwise_is_reported_account_by_account(
    begun: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = replace(OPERATORS["gte"], sql=OPERATORS["gt"].sql)
    monkeypatch.setattr("engine.plan.sql.expressions.OPERATORS", OPERATORS | {"gte": strict})
    monkeypatch.setattr("engine.replay.rerun.__version__", "9.9.0")
    result = kam_replay(begun.root, FIRST)
    assert result.exit_code == 1
    assert "replayed by kam 9.9.0" in result.output
    (run,) = json.loads(kam_replay(begun.root, FIRST, "--format", "json").output)["runs"]
    assert (run["engine_then"], run["engine_now"]) != ("9.9.0", "9.9.0")
    decided = [one for one in run["differences"] if one["where"] == "decisions"]
    # Two complaints are no longer enough: the one account with exactly two has no warning.
    assert {(one["account"], one["field"], one["now"]) for one in decided} == {
        ("a1", "warnings complaints", None)
    }
    assert run["accounts"] == 1


@pytest.mark.slow
def test_other_bytes_of_the_same_rows_are_a_difference_of_this_version_of_duckdb_alone(
    begun: Book, monkeypatch: pytest.MonkeyPatch
) -> None:

    def write(
        connection: duckdb.DuckDBPyConnection, rows: str, file: Path, row_group: int | None = None
    ) -> None:
        connection.sql(rows).write_parquet(str(file), compression="snappy")

    monkeypatch.setattr("engine.audit.night_files.write_parquet", write)
    assert states(begun.root) == {FIRST: "different"}
    monkeypatch.setattr("engine.replay.rerun.library_versions", lambda: {"duckdb": "9.9"})
    found = replayed(begun.root)[FIRST]
    assert found.state == "identical"
    assert all("same rows in other bytes" in note for note in found.notes)


# --- runs that kept less -------------------------------------------------------------------


@pytest.mark.slow
def test_run_of_version_0_2_can_be_explained_and_gone_on_from_but_not_replayed(
    begun: Book,
) -> None:
    _as_of_version_0_2(begun)
    begun.run(day(1))  # brings the store up to date
    assert recall(begun.root, "a1", run_id=FIRST).explanations
    assert states(begun.root) == {FIRST: "not_kept", SECOND: "identical"}
    result = kam_replay(begun.root, "--all")
    assert result.exit_code == 0, "an old store must not fail for ever"
    assert "cannot be decided again" in result.output


def _as_of_version_0_2(book: Book) -> None:
    """The run as that version left it: texts in the manifest, no inputs, and no table of them."""
    folder = book.root / "store" / "runs" / FIRST
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    shutil.rmtree(folder / "inputs")
    texts = {name: (book.root / name).read_text("utf-8") for name in ("kam.yaml", "facts.yaml")}
    files = {name: said for name, said in manifest["files"].items() if "/" not in name}
    manifest |= {"manifest": 1, "workspace": texts, "files": files}
    del manifest["texts"], manifest["libraries"]
    content = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(content)
    with tampering(book.root) as connection:
        connection.execute("DROP TABLE run_files")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'm002_evidence'")
        connection.execute(
            "UPDATE runs SET manifest_sha256 = ?", [hashlib.sha256(content).hexdigest()]
        )


@pytest.mark.slow
def test_forgotten_account_is_said_to_be_forgotten(book: Book) -> None:
    book.replace("facts.yaml", "    name: text\n", "    name: {type: text, class: personal}\n")
    book.run()
    assert states(book.root) == {FIRST: "identical"}
    with open_store(book.root / "store") as store, store.lock():
        forget(store.connection, book.root / "store", "a1", "陈静", "asked for it", NOW)
    found = replayed(book.root)[FIRST]
    assert (found.state, found.forgotten, found.total) == ("identical", 1, 0)
    assert "1 forgotten accounts" in kam_replay(book.root, "--all").output


# --- the command ---------------------------------------------------------------------------


def test_command_wants_runs_that_are_there(begun: Book) -> None:
    assert kam_replay(begun.root).exit_code == 2
    assert "unknown-run" in str(kam_replay(begun.root, "2026-06-30.2").exception)
    assert "no-run" in str(kam_replay(begun.root, "--since", "2026-07-01").exception)


@pytest.mark.slow
def test_command_says_what_came_of_each_run(begun: Book) -> None:
    begun.run(day(1))
    result = kam_replay(begun.root, "--until", "2026-06-30")
    assert result.output == f"{FIRST}  identical\n1 runs: 1 identical.\n"
    assert kam_replay(begun.root, "--all").output.endswith("2 runs: 2 identical.\n")
