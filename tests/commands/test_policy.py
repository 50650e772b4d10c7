"""`kam check` and `kam schema` as a person calls them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from kam import main
from tests.language.checks.packs import COMMON, GOOD

WORKSPACE = """\
workspace: demo
timezone: Asia/Shanghai
currency: CNY
facts: facts.yaml
policies: [policies/rules]
people: {office: 陈静, sponsor: 王建国}
"""
FACTS = """\
accounts:
  source: accounts.csv
  key: account_id
  columns:
    name: text
    status: {type: enum, values: [prospect, active, closed]}
    credit_rating: {type: ordinal, values: [C, B, A]}
records:
  orders:
    source: orders.csv
    account: account_id
    time: ordered_on
    columns: {amount: money, cost: money, line: text}
  issues:
    source: issues.csv
    account: account_id
    time: opened_at
    columns: {class: text}
  contacts:
    source: contacts.csv
    account: account_id
    time: contacted_on
    columns: {stage: {type: enum, values: [new, stable]}}
  surveys:
    source: surveys.csv
    account: account_id
    time: surveyed_on
    columns: {satisfaction: score, recommendation: integer}
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "policies/rules").mkdir(parents=True)
    (tmp_path / "policies/common").mkdir()
    (tmp_path / "kam.yaml").write_text(WORKSPACE, "utf-8")
    (tmp_path / "facts.yaml").write_text(
        FACTS.replace("class: text", "class: {type: enum, values: [routine, complaint]}"), "utf-8"
    )
    (tmp_path / "policies/rules/pack.yaml").write_text(GOOD, "utf-8")
    (tmp_path / "policies/common/shared.yaml").write_text(COMMON, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def kam(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize(
    "path", [None, ".", "kam.yaml", "policies/rules", "policies/rules/pack.yaml"]
)
def test_check_of_what_is_good_counts_policies_and_rules(workspace: Path, path: str | None) -> None:
    result = kam("check", *([path] if path else []))
    assert result.output == "1 policy, 11 rules, no problems\n"
    assert result.exit_code == 0


@pytest.mark.parametrize("folder", ["policies", "policies/rules"])
def test_check_without_a_path_goes_up_to_the_nearest(
    workspace: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace / folder)
    assert kam("check").output == "1 policy, 11 rules, no problems\n"


def test_check_prints_every_problem_of_every_file_at_once(workspace: Path) -> None:
    spoil(workspace / "policies/rules/pack.yaml", "{gte: 8%}", "{gte: 8}")
    spoil(workspace / "policies/rules/pack.yaml", "red: call}", "red: cal}")
    spoil(workspace / "facts.yaml", "amount: money", "amount: ratio")
    result = kam("check")
    assert result.exit_code == 1
    assert "policies/rules/pack.yaml:45:27: unit-mismatch: " in result.output
    assert "policies/rules/pack.yaml:97:33: unknown-action: 'cal' is not an action" in result.output
    assert "facts.yaml:13:15: type-disagreement: orders.amount is ratio here" in result.output
    assert result.output.endswith("\n3 errors\n")


def test_check_reports_facts_that_cannot_be_read_beside_the_policy(workspace: Path) -> None:
    spoil(workspace / "policies/rules/pack.yaml", "red: call}", "red: cal}")
    spoil(workspace / "facts.yaml", "key: account_id", "kee: account_id")
    result = kam("check")
    assert result.exit_code == 1
    assert "unknown-action" in result.output
    assert "facts.yaml:3:3" in result.output


def test_check_reports_a_pack_that_cannot_be_loaded_beside_one_that_can(workspace: Path) -> None:
    broken = workspace / "policies/broken"
    broken.mkdir()
    (broken / "pack.yaml").write_text("pack: {id: broken}\n", "utf-8")
    spoil(workspace / "kam.yaml", "[policies/rules]", "[policies/broken, policies/rules]")
    spoil(workspace / "policies/rules/pack.yaml", "red: call}", "red: cal}")
    result = kam("check")
    assert result.exit_code == 1
    assert "policies/broken/pack.yaml:1:1" in result.output
    assert "unknown-action" in result.output


def test_warnings_alone_are_no_failure_unless_strict(workspace: Path) -> None:
    spoil(
        workspace / "policies/rules/pack.yaml",
        "parameters:\n",
        "parameters:\n  spare: {value: 1}\n",
    )
    result = kam("check")
    assert "unused-parameter (warning)" in result.output
    assert result.output.endswith("\n1 warning\n")
    assert result.exit_code == 0
    assert kam("check", "--strict").exit_code == 1


def test_check_as_json_is_a_list_in_any_case(workspace: Path) -> None:
    assert json.loads(kam("check", "--format", "json").output) == []
    spoil(workspace / "policies/rules/pack.yaml", "red: call}", "red: cal}")
    result = kam("check", "--format", "json")
    assert result.exit_code == 1
    (found,) = json.loads(result.output)
    assert (found["code"], found["file"], found["line"], found["column"], found["hint"]) == (
        "unknown-action", "policies/rules/pack.yaml", 97, 33, "did you mean 'call'?",
    )  # fmt: skip


def test_check_for_github_marks_lines_and_is_silent_otherwise(workspace: Path) -> None:
    assert kam("check", "--format", "github").output == ""
    spoil(workspace / "policies/rules/pack.yaml", "red: call}", "red: cal}")
    result = kam("check", "--format", "github")
    assert result.exit_code == 1
    assert result.output.startswith(
        "::error file=policies/rules/pack.yaml,line=97,col=33,title=unknown-action::'cal'"
    )


def test_check_where_there_is_nothing_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in (["check"], ["check", "."], ["check", "gone"]):
        result = kam(*arguments)
        assert result.exit_code == 1, arguments
        assert "nothing-to-check" in result.output


@pytest.mark.slow
def test_schema_prints_a_complete_schema() -> None:
    names = kam("schema").output.split()
    assert {"workspace", "facts", "calendar", "pack", "tiers", "warnings", "log_line"} <= set(names)
    for name in names:
        result = kam("schema", name)
        assert result.exit_code == 0
        schema = json.loads(result.output)
        jsonschema.Draft202012Validator.check_schema(schema)
        assert ".schema.json#" not in result.output


def test_schema_of_a_section_accepts_what_stands_under_its_key() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(kam("schema", "roles").output))
    assert validator.is_valid({"office": {"title": {"zh": "办公室", "en": "Office"}}})
    assert not validator.is_valid({"office": {"titel": {"zh": "办公室", "en": "Office"}}})


def test_schema_that_does_not_exist_is_refused_with_the_nearest_name() -> None:
    result = kam("schema", "waring")
    assert result.exit_code == 2
    assert "did you mean 'warnings'" in result.output


def test_problems_of_kam_yaml_stop_the_check(workspace: Path) -> None:
    spoil(workspace / "kam.yaml", "currency: CNY", "curency: CNY")
    result = kam("check")
    assert result.exit_code == 1
    assert "kam.yaml:3:1" in result.output


def test_a_policy_is_checked_in_the_language_of_the_reader(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("pack: {id: x\n", encoding="utf-8")
    chinese = CliRunner().invoke(main, ["check", str(tmp_path), "--lang", "zh"])
    assert chinese.exit_code == 1
    assert "1 个错误" in chinese.stdout
    assert "error" not in chinese.stdout
    english = CliRunner().invoke(main, ["check", str(tmp_path), "--lang", "en"])
    assert english.stdout.endswith("1 error\n")
    forms = {
        language: CliRunner().invoke(
            main, ["check", str(tmp_path), "--format", "json", "--lang", language]
        )
        for language in ("zh", "en")
    }
    assert forms["zh"].stdout == forms["en"].stdout  # for programs


@pytest.mark.parametrize("asked", [["--lang", "zh"], []], ids=["option", "environment"])
def test_what_stops_a_command_is_told_in_the_language_of_the_reader(
    asked: list[str], tmp_path: Path
) -> None:
    arguments = ["accounts", "-w", str(tmp_path), *asked]
    result = CliRunner(env={"KAM_LANG": "en" if asked else "zh"}).invoke(main, arguments)
    assert result.exit_code == 1
    assert "missing-workspace：这里没有 kam.yaml" in result.stderr
    assert "提示：" in result.stderr
