"""`kam actions done|snooze|assign`, `kam warnings`, `kam obligations`, `kam run --catch-up`."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.audit.records import ActionRow
from engine.audit.store import open_store
from engine.commands import people
from kam import main
from tests.audit.sample import DAY, Decision, action_row, record_run, sample_policy
from tests.books.shared import shared
from tests.books.workspace import kam_yaml
from tests.night.book import Book

WORKSPACE = kam_yaml("sample", "d")
FIRST, SECOND, THIRD = "abcd" + "1" * 20, "abcd" + "2" * 20, "ef01" + "3" * 20
MORNING = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
DECISIONS: list[Decision] = [
    ("A1", "华东重工", "d", "strategic"),
    ("A2", "黄河", "d", "core"),
    ("A3", "泰山", "d", "standard"),
]
OWED = [
    ("A1", "", "overdue", DAY),
    ("A2", "", "due", DAY + timedelta(days=3)),
    ("A3", "", "open", DAY + timedelta(days=9)),
]


@pytest.fixture(scope="session")
def after_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night with three actions; A1 has a warning that fires, A2 one that is pending."""
    return shared(tmp_path_factory, "people", _make)


def _make(folder: Path) -> None:
    (folder / "kam.yaml").write_text(WORKSPACE, encoding="utf-8")
    with open_store(folder / "store") as store:
        numbers = store.rule_numbers([sample_policy()])
        rows: list[ActionRow] = [
            action_row(numbers, FIRST),
            action_row(numbers, SECOND, "A2", "d" * 24),
            action_row(numbers, THIRD, "A3", "e" * 24),
        ]
        record_run(store, [], rows, decisions=DECISIONS, obligations=OWED)


@pytest.fixture
def workspace(after_night: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, the morning after."""
    shutil.copytree(after_night, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(people, "_now", lambda: MORNING)
    monkeypatch.setenv("KAM_USER", "陈静")
    return tmp_path


def kam(workspace: Path, *arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [*arguments, "-w", str(workspace)])
    assert result.exit_code == code, result.output
    return result


def rows(workspace: Path, *arguments: str) -> list[dict[str, Any]]:
    result = kam(workspace, *arguments, "--format", "jsonl")
    return [json.loads(line) for line in result.stdout.splitlines()]


def ids(workspace: Path, *arguments: str) -> list[str]:
    return [row["action"] for row in rows(workspace, "actions", *arguments)]


def marks(workspace: Path) -> list[dict[str, Any]]:
    with open_store(workspace / "store", read_only=True) as store:
        return list(store.database.table("marks").rows)


def night(workspace: Path, days: int = 1, **more: Any) -> None:
    with open_store(workspace / "store") as store:
        record_run(store, as_of=DAY + timedelta(days=days), decisions=DECISIONS, **more)


# --- actions -------------------------------------------------------------------------------


def test_action_that_is_done_leaves_the_list_and_is_logged_by_the_next_night(
    workspace: Path,
) -> None:
    result = kam(workspace, "actions", "done", FIRST, "--note", "已拜访", "--lang", "en")
    assert result.stdout == "abcd111111 is done: Executive visit, A1\n"
    assert ids(workspace) == [SECOND, THIRD]
    assert ids(workspace, "--status", "done") == [FIRST]
    (mark,) = marks(workspace)
    assert (mark["kind"], mark["said_by"], mark["said_on"], mark["note"]) == (
        *("done", "陈静", "2026-07-01", "已拜访"),
    )
    assert mark["said_at"] == "2026-07-01T02:00:00+00:00"
    night(workspace)
    (line,) = rows(workspace, "log", "--kind", "person_said")
    assert (line["account"], line["rule"], line["to"]) == ("A1", "complaints", "done")


def test_several_actions_are_done_together_or_none(workspace: Path) -> None:
    result = kam(workspace, "actions", "done", SECOND, THIRD, "ffff", code=1)
    assert "unknown-action" in result.stderr
    assert marks(workspace) == []
    kam(workspace, "actions", "done", SECOND, THIRD, THIRD[:8])
    assert [mark["action_no"] for mark in marks(workspace)] == [2, 3]


@pytest.mark.parametrize("given", ["ef01", "EF01", "ef0133", THIRD])
def test_action_is_named_by_the_beginning_of_its_id(workspace: Path, given: str) -> None:
    kam(workspace, "actions", "done", given)
    assert ids(workspace, "--status", "done") == [THIRD]


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        ("abc", "unknown-action", "first 4 characters"),
        ("abcd", "ambiguous-action", f"{FIRST}, {SECOND}"),
        ("abce", "unknown-action", "kam actions"),
        ("%bcd", "unknown-action", "kam actions"),
        (FIRST + "0", "unknown-action", "kam actions"),
    ],
)
def test_id_that_names_no_single_action_is_an_error_with_what_to_do(
    workspace: Path, given: str, code: str, told: str
) -> None:
    result = kam(workspace, "actions", "done", given, code=1)
    assert code in result.stderr and told in " ".join(result.stderr.split())
    assert marks(workspace) == []


def test_snoozed_action_is_listed_with_its_day(workspace: Path) -> None:
    kam(workspace, "actions", "snooze", "ef01", "--until", "2026-07-05")
    assert ids(workspace) == [FIRST, SECOND]
    (row,) = rows(workspace, "actions", "--status", "snoozed")
    assert (row["action"], row["snoozed_until"]) == (THIRD, "2026-07-05")
    assert "推迟 2026-07-05" in kam(workspace, "actions", "--status", "all", "--lang", "zh").stdout


@pytest.mark.parametrize(
    ("until", "code"), [("2026-06-30", 1), ("2026-07-01", 1), ("2026-07-02", 0)]
)
def test_snooze_is_until_a_later_day(workspace: Path, until: str, code: int) -> None:
    result = kam(workspace, "actions", "snooze", "ef01", "--until", until, code=code)
    assert ("day-in-the-past" in result.stderr) is (code == 1)
    assert len(marks(workspace)) == 1 - code


def test_today_is_the_day_of_the_workspace(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 16:00 UTC the next day begins in Shanghai; a closed book has a day of its own."""
    for hour, said_on in ((15, "2026-07-01"), (16, "2026-07-02")):
        monkeypatch.setattr(people, "_now", lambda h=hour: datetime(2026, 7, 1, h, tzinfo=UTC))
        kam(workspace, "actions", "assign", "ef01", "--to", "李娜")
        assert marks(workspace)[-1]["said_on"] == said_on
    (workspace / "kam.yaml").write_text(WORKSPACE + "as_of: 2026-06-30\n", encoding="utf-8")
    kam(workspace, "actions", "snooze", "ef01", "--until", "2026-07-01")
    assert marks(workspace)[-1]["said_on"] == "2026-06-30"


def test_assigned_action_is_found_by_its_new_owner(workspace: Path) -> None:
    kam(workspace, "actions", "assign", "ef01", "--to", " 李娜 ", "--by", "王建国")
    assert ids(workspace, "--owner", "李娜") == [THIRD]
    assert marks(workspace)[0]["said_by"] == "王建国"


@pytest.mark.parametrize(
    "arguments",
    [
        ["done", "ef01"],
        ["snooze", "ef01", "--until", "2026-08-01"],
        ["assign", "ef01", "--to", "x"],
    ],
)
def test_expired_action_stays_expired_and_the_error_says_when_and_why(
    workspace: Path, arguments: list[str]
) -> None:
    night(workspace, ended_causes=["e" * 24])
    result = kam(workspace, "actions", *arguments, code=1)
    told = " ".join(result.stderr.split())
    assert "action-expired" in told
    assert "expired on 2026-07-01: the warning 'complaints' was resolved" in told
    assert "kam log --account A3 --run 2026-07-01.1" in told
    assert ids(workspace, "--status", "expired") == [THIRD]


def test_action_that_is_done_cannot_be_put_off(workspace: Path) -> None:
    kam(workspace, "actions", "done", "ef01")
    result = kam(workspace, "actions", "snooze", "ef01", "--until", "2026-08-01", code=1)
    assert "陈静 said so on 2026-07-01" in " ".join(result.stderr.split())
    assert ids(workspace, "--status", "done") == [THIRD]


@pytest.mark.parametrize("status", ["open", "overdue"])
def test_done_or_snoozed_action_is_neither_open_nor_overdue(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    night(workspace, 3 if status == "open" else 4)
    monkeypatch.setattr(people, "_now", lambda: MORNING + timedelta(days=4))
    assert ids(workspace, "--status", status) == [FIRST, SECOND, THIRD]
    kam(workspace, "actions", "done", "ef01")
    kam(workspace, "actions", "snooze", FIRST, "--until", "2026-08-01")
    assert ids(workspace, "--status", status) == ids(workspace) == [SECOND]
    assert ids(workspace, "--status", "all") == [FIRST, SECOND, THIRD]


# --- who speaks, and where -----------------------------------------------------------------


def test_person_is_the_login_name_where_nothing_is_said(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAM_USER")
    monkeypatch.setattr(people.getpass, "getuser", lambda: "lina")
    kam(workspace, "actions", "done", "ef01")
    assert marks(workspace)[0]["said_by"] == "lina"


def test_person_without_a_name_is_asked_for_one(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("uid")

    monkeypatch.delenv("KAM_USER")
    monkeypatch.setattr(people.getpass, "getuser", nobody)
    assert "--by" in kam(workspace, "actions", "done", "ef01", code=2).stderr
    assert "--by" in kam(workspace, "actions", "done", "ef01", "--by", " ", code=2).stderr
    assert marks(workspace) == []


def test_workspace_may_stand_before_the_subcommand(workspace: Path) -> None:
    before = ["actions", "-w", str(workspace), "done", "ef01"]
    assert CliRunner().invoke(main, before).exit_code == 0
    assert ids(workspace, "--status", "done") == [THIRD]


def test_filter_of_the_listing_before_a_subcommand_is_refused(workspace: Path) -> None:
    arguments = ["actions", "--account", "A3", "done", "ef01", "-w", str(workspace)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "'--account' is an option of the listing" in " ".join(result.stderr.split())


def test_speaking_needs_a_store(tmp_path: Path) -> None:
    (tmp_path / "kam.yaml").write_text(WORKSPACE, encoding="utf-8")
    assert "no-store" in kam(tmp_path, "actions", "done", "ef01", "--by", "x", code=1).stderr
    assert not (tmp_path / "store").exists()


# --- warnings ------------------------------------------------------------------------------


def test_warnings_are_listed_what_fires_first(workspace: Path) -> None:
    found = rows(workspace, "warnings")
    assert [(row["account"], row["state"], row["level"]) for row in found] == [
        ("A1", "firing", "red"),
        ("A2", "pending", "red"),
    ]
    assert (found[0]["title_zh"], found[0]["layer"], found[0]["scope"]) == (
        *("投诉频次上升", "data", "account"),
    )
    assert (found[0]["since"], found[0]["inhibited"]) == ("2026-06-30", False)


@pytest.mark.parametrize(
    ("arguments", "accounts"),
    [
        (["--account", "A1"], ["A1"]),
        (["--rule", "complaints"], ["A1", "A2"]),
        (["--level", "blue"], []),
        (["--layer", "data"], ["A1", "A2"]),
        (["--layer", "frontline"], []),
        (["--pack", "d", "--state", "pending"], ["A2"]),
        (["--state", "cooling"], []),
        (["--limit", "1"], ["A1"]),
    ],
)
def test_warnings_filters(workspace: Path, arguments: list[str], accounts: list[str]) -> None:
    assert [row["account"] for row in rows(workspace, "warnings", *arguments)] == accounts


def test_warnings_table_and_csv(workspace: Path) -> None:
    kam(workspace, "warnings", "ack", "A1", "complaints")
    shown = kam(workspace, "warnings", "--lang", "zh", "--limit", "1").stdout
    assert "2026-07-01 已确认" in shown and "另有 1 条" in shown
    content = kam(workspace, "warnings", "--format", "csv").stdout_bytes
    found = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row["name"] for row in found] == ["华东重工", "黄河"]


def test_acknowledged_warning_says_so_at_once(workspace: Path) -> None:
    kam(workspace, "warnings", "ack", "A1", "complaints", "--note", "已联系")
    (mark,) = marks(workspace)
    assert (mark["kind"], mark["pack"], mark["account_id"], mark["rule_id"], mark["note"]) == (
        *("ack", "d", "A1", "complaints", "已联系"),
    )
    assert rows(workspace, "warnings", "--account", "A1")[0]["acknowledged"] == "2026-07-01"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["A2", "complaints"], "warning-not-firing", "it is pending since 2026-06-30"),
        (["A3", "complaints"], "warning-not-firing", "does not fire as of 2026-06-30"),
        (["A1", "complaint"], "unknown-warning", "did you mean 'complaints'?"),
        (["A9", "complaints"], "unknown-account", "kam accounts"),
        (["A1", "complaints", "--pack", "x"], "unknown-pack", "there are: d"),
    ],
)
def test_only_a_warning_that_fires_is_acknowledged(
    workspace: Path, arguments: list[str], code: str, told: str
) -> None:
    result = kam(workspace, "warnings", "ack", *arguments, code=1)
    assert code in result.stderr and told in " ".join(result.stderr.split())
    assert marks(workspace) == []


def test_acknowledgement_on_a_day_before_the_last_night_names_the_clock(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "_now", lambda: MORNING - timedelta(days=2))
    result = kam(workspace, "warnings", "ack", "A1", "complaints", code=1)
    assert "clock-turned-back" in result.stderr
    assert marks(workspace) == []


@pytest.mark.parametrize(
    ("until", "code"), [("2026-06-30", 1), ("2026-07-01", 0), ("2026-07-02", 0)]
)
def test_silence_lasts_until_today_or_later(workspace: Path, until: str, code: int) -> None:
    arguments = ("warnings", "silence", "A1", "complaints", "--until", until)
    result = kam(workspace, *arguments, code=code)
    assert ("day-in-the-past" in result.stderr) is (code == 1)
    (row,) = rows(workspace, "warnings", "--account", "A1")
    assert row["silenced_until"] == (None if code else until)


def test_silence_is_ended_by_a_day_in_the_past(workspace: Path) -> None:
    silence = ("warnings", "silence", "A1", "complaints", "--until")
    kam(workspace, *silence, "2026-07-20")
    kam(workspace, *silence, "2026-06-01")
    (row,) = rows(workspace, "warnings", "--account", "A1")
    assert row["silenced_until"] is None
    kam(workspace, *silence, "2026-06-01", code=1)


def test_warning_that_does_not_fire_yet_may_be_silenced(workspace: Path) -> None:
    kam(workspace, "warnings", "silence", "A3", "complaints", "--until", "2026-07-20")
    assert marks(workspace)[0]["account_id"] == "A3"


def test_pack_must_be_named_where_several_have_the_warning(tmp_path: Path) -> None:
    (tmp_path / "kam.yaml").write_text(WORKSPACE, encoding="utf-8")
    packs = [sample_policy(), sample_policy(b"pack: e\n", "e")]
    both: list[Decision] = [("A1", "x", pack, "strategic") for pack in ("d", "e")]
    with open_store(tmp_path / "store") as store:
        record_run(store, policies=packs, decisions=both)
    later = ["--until", "2999-01-01", "--by", "x"]
    for command in (["ack"], ["silence", *later]):
        arguments = ["warnings", *command, "A1", "complaints", "--by", "x"]
        result = kam(tmp_path, *arguments, code=1)
        assert "several-packs" in result.stderr and "--pack" in result.stderr
        kam(tmp_path, *arguments, "--pack", "e")
    assert {mark["pack"] for mark in marks(tmp_path)} == {"e"}


# --- obligations ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "accounts"),
    [
        ([], ["A1", "A2"]),
        (["--all"], ["A1", "A2", "A3"]),
        (["--state", "open"], ["A3"]),
        (["--state", "met"], []),
        (["--account", "A2"], ["A2"]),
        (["--account", "A3"], []),
        (["--rule", "review_meeting", "--pack", "d"], ["A1", "A2"]),
        (["--kind", "team"], []),
        (["--kind", "cadence", "--limit", "1"], ["A1"]),
    ],
)
def test_obligations_filters(workspace: Path, arguments: list[str], accounts: list[str]) -> None:
    assert [row["account"] for row in rows(workspace, "obligations", *arguments)] == accounts


def test_obligations_say_what_is_owed_until_when(workspace: Path) -> None:
    first = rows(workspace, "obligations")[0]
    assert (first["name"], first["title_en"], first["due_on"], first["needed"]) == (
        *("华东重工", "Review meeting", "2026-06-30", 1),
    )
    shown = kam(workspace, "obligations", "--lang", "zh", "--limit", "1").stdout
    assert "逾期" in shown and "0/1" in shown and "另有 1 条" in shown


def test_obligations_take_all_or_one_state(workspace: Path) -> None:
    kam(workspace, "obligations", "--all", "--state", "due", code=2)


@pytest.mark.parametrize("command", ["warnings", "obligations"])
def test_listing_changes_nothing(workspace: Path, command: str) -> None:
    def contents() -> dict[Path, bytes]:
        files = (file for file in workspace.rglob("*") if file.is_file())
        return {file: file.read_bytes() for file in files if not file.name.startswith("kam.db-")}

    before = contents()
    for form in ("table", "json", "jsonl", "csv"):
        kam(workspace, command, "--format", form)
    assert contents() == before


# --- kam run --catch-up --------------------------------------------------------------------


def run(book: Book, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["run", str(book.root), "--lang", "en", *arguments])


@pytest.mark.slow
def test_catching_up_prints_a_line_for_each_night_and_the_summary_of_the_last(
    tmp_path: Path,
) -> None:
    book = Book(tmp_path / "book")
    assert run(book, "--as-of", "2026-06-30").exit_code == 0
    result = run(book, "--as-of", "2026-07-03", "--catch-up")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    nights = [line.split(":")[0] for line in lines[:3]]
    assert nights == ["2026-07-01.1", "2026-07-02.1", "2026-07-03.1"]
    assert lines[0].endswith("0 tiers given or moved, 0 warnings opened, 0 resolved, 0 actions")
    assert "Night of 2026-07-03" in lines[3]
    again = run(book, "--as-of", "2026-07-03", "--catch-up")
    assert "2026-07-03.1: nothing has changed" in again.stdout


@pytest.mark.slow
def test_catching_up_that_is_refused_shows_the_nights_before(tmp_path: Path) -> None:
    book = Book(tmp_path / "book")
    run(book, "--as-of", "2026-06-30")
    book.replace("kam.yaml", "tier_changes: {at_most: 90%}", "tier_changes: {at_most: 0%}")
    book.append("data/orders.csv", "a3,2026-07-02,2000000.00\n")
    result = run(book, "--as-of", "2026-07-04", "--catch-up")
    assert result.exit_code == 1
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["2026-07-01.1"]
    assert "guard-tier-changes" in result.stderr
    assert date(2026, 7, 1) == last_night(book)


def last_night(book: Book) -> date:
    with open_store(book.root / "store", read_only=True) as store:
        return next(store.runs()).as_of
