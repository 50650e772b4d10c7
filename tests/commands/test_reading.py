"""`kam accounts`, `actions`, `log`, `runs`, `status` over a store with two runs."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from engine.audit.store import open_store
from engine.commands import reading
from engine.errors import KamError
from engine.reports.status import status_of
from engine.resources import schemas_folder
from tests.audit.sample import (
    DAY,
    FINISHED,
    action_row,
    invitation_row,
    record_run,
    sample_policy,
)
from tests.books.workspace import kam_yaml
from tests.repository.files import ROOT

WORKSPACE = kam_yaml("sample", "d")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nights: A1 moves up and gets a warning with an action, A3 joins, A9 is outside."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "kam.yaml").write_text(WORKSPACE, encoding="utf-8")
    with open_store(folder / "store") as store:
        numbers = store.rule_numbers([sample_policy()])
        strategic, standard = numbers["d", "tier", "strategic"], numbers["d", "tier", "standard"]
        record_run(
            store,
            [
                ("A1", "tier_assigned", standard, None, "standard", '{"revenue_share":0.15}'),
                ("A2", "tier_assigned", standard, None, "standard", '{"revenue_share":0.01}'),
                (None, "data_rejected", None, None, None, '{"source":"orders","row":7}'),
            ],
            decisions=[("A1", "华东重工", "d", "standard"), ("A2", "=Mining", "d", "standard")],
        )
        record_run(
            store,
            [
                ("A1", "tier_moved", strategic, "standard", "strategic", '{"revenue_share":0.21}'),
                ("A1", "warning_opened", numbers["d", "warning", "complaints"], None, "red", "{}"),
                ("A3", "tier_assigned", standard, None, "standard", None),
            ],
            [action_row(numbers, "a" * 24), action_row(numbers, "b" * 24, "A2")],
            as_of=DAY + timedelta(days=7),
            finished=FINISHED + timedelta(days=7),
            decisions=[
                ("A1", "华东重工", "d", "strategic"),
                ("A2", "=Mining", "d", "standard"),
                ("A3", "Northern Steel", "d", "standard"),
                ("A9", "Prospect", "d", None),
            ],
        )
    return folder


def call(workspace: Path, command: str, *arguments: str) -> Result:
    arguments = ("-w", str(workspace), *arguments)
    return CliRunner().invoke(getattr(reading, command), arguments, catch_exceptions=False)


def rows(workspace: Path, command: str, *arguments: str) -> list[dict[str, Any]]:
    result = call(workspace, command, "--format", "jsonl", *arguments)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


# --- accounts ------------------------------------------------------------------------------


def test_accounts_stand_best_tier_first_with_the_tier_before(workspace: Path) -> None:
    found = rows(workspace, "accounts")
    assert [(row["account"], row["tier"], row["previous_tier"]) for row in found] == [
        ("A1", "strategic", "standard"),
        ("A2", "standard", "standard"),
        ("A3", "standard", None),
    ]
    assert found[0]["tier_zh"] == "战略级"
    assert found[0]["scores"] == {"value_score": 82.5}
    assert found[0]["warnings"] == [{"rule": "complaints", "level": "red", "since": "2026-06-30"}]


@pytest.mark.parametrize(
    ("arguments", "accounts"),
    [
        (["--tier", "standard"], ["A2", "A3"]),
        (["--moved"], ["A1"]),
        (["--warned"], ["A1"]),
        (["--level", "red"], ["A1"]),
        (["--level", "blue"], []),
        (["--everyone"], ["A1", "A2", "A3", "A9"]),
        (["--account", "A9"], ["A9"]),
        (["重工"], ["A1"]),
        (["NORTHERN"], ["A3"]),
        (["a2"], ["A2"]),
        (["%"], []),
        (["--limit", "2"], ["A1", "A2"]),
        (["--run", "2026-06-30.1"], ["A1", "A2"]),
        (["--run", "2026-06-30.1", "--moved"], []),
    ],
)
def test_accounts_filters(workspace: Path, arguments: list[str], accounts: list[str]) -> None:
    assert [row["account"] for row in rows(workspace, "accounts", *arguments)] == accounts


def test_accounts_table_says_how_many_more_there_are(workspace: Path) -> None:
    shown = call(workspace, "accounts", "--limit", "1", "--lang", "zh").stdout
    assert "战略级" in shown
    assert "红 1" in shown
    assert "另有 2 条" in shown
    assert "另有" not in call(workspace, "accounts", "--limit", "0", "--lang", "zh").stdout


def test_accounts_csv_is_safe_in_a_spreadsheet(workspace: Path) -> None:
    content = call(workspace, "accounts", "--format", "csv").stdout_bytes
    found = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row["name"] for row in found] == ["华东重工", "'=Mining", "Northern Steel"]


def test_accounts_of_a_run_that_is_not_there_say_so(workspace: Path) -> None:
    with pytest.raises(KamError) as error:
        call(workspace, "accounts", "--run", "2026-01-01.1")
    assert error.value.problems[0].code == "no-run"


def damaged(workspace: Path, folder: Path, run_id: str) -> tuple[Path, Path]:
    """A copy of the workspace, and the decisions of one of its runs."""
    shutil.copytree(workspace, folder)
    return folder, folder / "store" / "runs" / run_id / "decisions.parquet"


@pytest.mark.parametrize("run_id", ["2026-06-30.1", "2026-07-07.1"])
@pytest.mark.parametrize("damage", ["gone", "cut", "footer"])
def test_accounts_name_the_file_of_a_run_that_is_gone_or_damaged(
    workspace: Path, tmp_path: Path, run_id: str, damage: str
) -> None:
    copy, file = damaged(workspace, tmp_path / "copy", run_id)
    content = file.read_bytes()
    file.unlink()
    if damage == "cut":
        file.write_bytes(content[:-100])
    elif damage == "footer":
        file.write_bytes(content[:-8] + b"\xff" * 4 + content[-4:])
    with pytest.raises(KamError) as error:
        call(copy, "accounts")
    (found,) = error.value.problems
    assert found.code == ("missing-run-file" if damage == "gone" else "unreadable-run-file")
    assert f"decisions.parquet of run {run_id}" in found.message
    assert str(file) in found.message
    assert "backup" in (found.hint or "")


def test_other_listings_do_without_the_files_of_runs(workspace: Path, tmp_path: Path) -> None:
    copy, file = damaged(workspace, tmp_path / "copy", "2026-07-07.1")
    shutil.rmtree(file.parent)
    for command in ("actions", "log", "runs"):
        assert rows(copy, command) == rows(workspace, command)


# --- actions -------------------------------------------------------------------------------


def test_actions_have_their_text_in_both_languages(workspace: Path) -> None:
    first = rows(workspace, "actions")[0]
    assert first["text_zh"] == "=华东重工:投诉频次上升。年度交易额 5,230,000.50,份额 21.3%"
    assert first["text_en"] == "=华东重工: Complaints rising. 5,230,000.50, 21.3%, unknown"
    assert first["evidence"] == {"annual_purchase": 5230000.5, "revenue_share": 0.213}


@pytest.mark.parametrize(
    ("arguments", "accounts"),
    [
        ([], ["A1", "A2"]),
        (["--account", "A2"], ["A2"]),
        (["--role", "sponsor"], ["A1", "A2"]),
        (["--role", "finance"], []),
        (["--owner", "somebody"], []),
        (["--status", "overdue"], ["A1", "A2"]),
        (["--status", "open"], []),
        (["--priority", "urgent"], ["A1", "A2"]),
        (["--priority", "low"], []),
        (["--rule", "complaints", "--pack", "d"], ["A1", "A2"]),
        (["--run", "2026-06-30.1"], []),
    ],
)
def test_actions_filters(workspace: Path, arguments: list[str], accounts: list[str]) -> None:
    assert [row["account"] for row in rows(workspace, "actions", *arguments)] == accounts


@pytest.mark.parametrize(
    ("cause", "level", "evidence", "zh", "en"),
    [
        (
            *(("warning", "complaints"), "red", '{"tier":"strategic"}'),
            "投诉频次上升/投诉频次上升/战略级/红色/A1",
            "Complaints rising/Complaints rising/Strategic/red/A1",
        ),
        (
            *(("milestone", "growth"), "", '{"tier":"standard"}'),
            "快速成长/快速成长/一般客户/不详/A1",
            "Fast growth/Fast growth/Standard/unknown/A1",
        ),
        (
            *(("milestone", "growth"), None, '{"tier":null}'),
            "快速成长/快速成长/不详/不详/A1",
            "Fast growth/Fast growth/unknown/unknown/A1",
        ),
    ],
)
def test_action_text_names_what_asked_its_level_and_the_tier(
    tmp_path: Path, cause: tuple[str, str], level: str | None, evidence: str, zh: str, en: str
) -> None:
    (tmp_path / "kam.yaml").write_text(WORKSPACE, encoding="utf-8")
    with open_store(tmp_path / "store") as store:
        numbers = store.rule_numbers([sample_policy()])
        record_run(store, [], [invitation_row(numbers, "a" * 24, cause, level, evidence)])
    (found,) = rows(tmp_path, "actions")
    assert (found["text_zh"], found["text_en"]) == (zh, en)


@pytest.mark.parametrize(("later", "status"), [(3, "open"), (4, "overdue")])
def test_action_is_overdue_the_day_after_its_due_date(
    tmp_path: Path, later: int, status: str
) -> None:
    (tmp_path / "kam.yaml").write_text(WORKSPACE, encoding="utf-8")
    with open_store(tmp_path / "store") as store:
        numbers = store.rule_numbers([sample_policy()])
        record_run(store, [], [action_row(numbers, "a" * 24)])
        record_run(store, as_of=DAY + timedelta(days=later))
    assert [row["status"] for row in rows(tmp_path, "actions")] == [status]
    assert len(rows(tmp_path, "actions", "--status", status)) == 1


# --- the log and the runs ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        (["--account", "A1"], ["action_emitted", "warning_opened", "tier_moved", "tier_assigned"]),
        (["--kind", "tier_moved"], ["tier_moved"]),
        (["--kind", "tier_moved", "--kind", "data_rejected"], ["tier_moved", "data_rejected"]),
        (["--rule", "strategic"], ["tier_moved"]),
        (["--since", "2026-07-07", "--kind", "source_read"], ["source_read"]),
        (["--since", "2026-07-08"], []),
        (["--run", "2026-06-30.1", "--pack", "d", "--limit", "1"], ["tier_assigned"]),
    ],
)
def test_log_filters(workspace: Path, arguments: list[str], kinds: list[str]) -> None:
    assert [row["kind"] for row in rows(workspace, "log", *arguments)] == kinds


def test_log_has_the_latest_line_first(workspace: Path) -> None:
    numbers = [row["seq"] for row in rows(workspace, "log")]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 11


@pytest.mark.parametrize(("command", "schema"), [("log", "log_line"), ("actions", "action")])
def test_json_lines_are_valid_against_their_schema(
    workspace: Path, command: str, schema: str
) -> None:
    file = schemas_folder() / f"{schema}.schema.json"
    validator = Draft202012Validator(json.loads(file.read_text(encoding="utf-8")))
    validator.check_schema(validator.schema)
    found = rows(workspace, command)
    assert found
    for row in found:
        validator.validate(row)
        named = [name for name in validator.schema["properties"] if name != "masked"]
        assert list(row) == named


def test_log_refuses_a_kind_that_does_not_exist(workspace: Path) -> None:
    result = call(workspace, "log", "--kind", "tier_lost")
    assert result.exit_code == 2
    assert "tier_moved" in result.stderr


def test_log_table_shows_reason_and_place(workspace: Path) -> None:
    shown = call(workspace, "log", "--kind", "tier_moved").stdout
    assert "Standard → Strategic" in shown
    assert "Share of revenue 21%" in shown
    assert "policies/d/tiers.yaml:10" in shown


def test_log_table_in_chinese_has_the_titles_of_the_policy(workspace: Path) -> None:
    shown = call(workspace, "log", "--lang", "zh").stdout
    assert "一般客户 → 战略级" in shown
    assert "营收占比 21%" in shown
    assert "– → 红" in shown
    assert "数据源 orders，第 7 行" in shown
    emitted = call(workspace, "log", "--lang", "zh", "--kind", "action_emitted").stdout
    assert "行动编号 aaaa" in emitted
    assert "责任岗位 高层负责人" in emitted


def test_a_role_is_called_as_the_policy_calls_it(workspace: Path) -> None:
    (first, *_) = rows(workspace, "actions")
    said = (first["owner_role"], first["role_zh"], first["role_en"])
    assert said == ("sponsor", "高层负责人", "Executive sponsor")
    assert "高层负责人" in call(workspace, "actions", "--lang", "zh").stdout
    assert "Executive sponsor" in call(workspace, "actions", "--lang", "en").stdout


def test_account_table_names_scores_and_the_tier_before_as_the_policy_does(workspace: Path) -> None:
    shown = call(workspace, "accounts", "--lang", "zh").stdout
    assert "价值评分 82.5" in shown
    assert re.search("战略级 +一般客户 +", shown)


def test_runs_are_listed_last_first(workspace: Path) -> None:
    found = rows(workspace, "runs")
    assert [(row["run"], row["previous_run"], row["actions"]) for row in found] == [
        ("2026-07-07.1", "2026-06-30.1", 2),
        ("2026-06-30.1", None, 0),
    ]
    assert "2026-07-07.1" in call(workspace, "runs").stdout


def test_closed_pipe_is_quiet(workspace: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "kam.py", "log", "-w", str(workspace), "--format", "jsonl"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    process.wait()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()


# --- status --------------------------------------------------------------------------------

DAY_LONG = timedelta(days=1)


@pytest.mark.parametrize(
    ("age", "code"),
    [
        (timedelta(hours=23, minutes=59, seconds=59), 0),
        (timedelta(hours=24), 0),
        (timedelta(hours=24, seconds=1), 1),
        (timedelta(days=30), 1),
        (timedelta(minutes=-4), 0),
        (timedelta(minutes=-6), 1),
    ],
)
def test_status_fails_when_the_last_run_is_older_than_a_day(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, age: timedelta, code: int
) -> None:
    monkeypatch.setattr(reading, "_now", lambda: FINISHED + timedelta(days=7) + age)
    result = call(workspace, "status")
    assert result.exit_code == code
    assert "2026-07-07.1" in result.stdout


@pytest.mark.parametrize(
    ("max_age", "code"), [("47h", 1), ("48h", 0), ("2d", 0), ("2879m", 1), ("2880m", 0)]
)
def test_status_takes_a_maximum_age(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, max_age: str, code: int
) -> None:
    monkeypatch.setattr(reading, "_now", lambda: FINISHED + timedelta(days=9))
    result = call(workspace, "status", "--max-age", max_age, "--format", "json")
    assert result.exit_code == code
    found = json.loads(result.stdout)
    assert (found["good"], found["age_seconds"]) == (code == 0, 2 * 86400)


@pytest.mark.parametrize("text", ["0h", "1", "h", "-1d", "1w", "1.5d"])
def test_status_refuses_an_age_that_is_none(workspace: Path, text: str) -> None:
    assert call(workspace, "status", f"--max-age={text}").exit_code == 2


def test_status_without_a_store_or_a_run_fails_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "kam.yaml").write_text(WORKSPACE, encoding="utf-8")
    absent = call(tmp_path, "status")
    assert (absent.exit_code, "no good run yet" in absent.stdout) == (1, True)
    assert not (tmp_path / "store").exists()
    open_store(tmp_path / "store").close()
    assert call(tmp_path, "status", "--lang", "zh").exit_code == 1


def test_status_of_a_damaged_store_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "kam.yaml").write_text(WORKSPACE, encoding="utf-8")
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "kam.db").write_text("not a database" * 100)
    with pytest.raises(KamError) as error:
        call(tmp_path, "status")
    assert error.value.problems[0].code == "store-corrupt"


def test_status_without_a_run_has_no_age() -> None:
    found = status_of(None, datetime.now(UTC), DAY_LONG)
    assert (found.state, found.good, found.age) == ("none", False, None)


# --- what all of them share ----------------------------------------------------------------


def test_reading_finds_the_workspace_above(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "deep").mkdir(exist_ok=True)
    monkeypatch.chdir(workspace / "deep")
    result = CliRunner().invoke(reading.runs, ["--format", "json"], catch_exceptions=False)
    assert len(json.loads(result.stdout)) == 2


@pytest.mark.parametrize("command", ["accounts", "actions", "log", "runs"])
def test_reading_changes_nothing(workspace: Path, command: str) -> None:
    def contents() -> dict[Path, bytes]:
        files = (file for file in workspace.rglob("*") if file.is_file())
        # What readers share among themselves stands in kam.db-shm.
        return {file: file.read_bytes() for file in files if not file.name.startswith("kam.db-")}

    before = contents()
    for form in reading.FORMATS:
        assert call(workspace, command, "--format", form).exit_code == 0
    assert contents() == before
