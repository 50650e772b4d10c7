"""`kam trace` as a person calls it."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

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
"""
EXCUSE = "not_implemented: {D2: the document names no number}\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "policies/rules").mkdir(parents=True)
    (tmp_path / "policies/common").mkdir()
    (tmp_path / "kam.yaml").write_text(WORKSPACE, "utf-8")
    (tmp_path / "policies/rules/pack.yaml").write_text(GOOD, "utf-8")
    (tmp_path / "policies/common/shared.yaml").write_text(COMMON, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def kam(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def rows(*arguments: str) -> list[dict[str, object]]:
    result = kam("trace", *arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    listed: list[dict[str, object]] = json.loads(result.stdout)
    return listed


def test_trace_shows_both_directions(workspace: Path) -> None:
    result = kam("trace", "--lang", "en")
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[0].startswith(
        "rules 1: 3 requirements, 1 implemented, 1 by the engine, 1 not implemented, "
        "0 with neither rule nor reason; "
    )
    place = "policies/rules/pack.yaml"
    assert f"D1 年度贡献超20%营收 implemented parameter top_share {place}:16" in lines
    assert f"implemented measure share {place}:24" in lines
    assert f"D2 定期拜访 not implemented the document names no number {place}:13" in lines
    assert f"parameter top_share D1 {place}:16" in lines
    assert f"tier core: Core without a requirement {place}:43" in lines


def test_trace_speaks_chinese(workspace: Path) -> None:
    output = kam("trace", "--lang", "zh").stdout
    assert output.startswith("rules 1\uff1a3 条要求\uff0c已实现 1 条\uff0c引擎自带 1 条")
    assert "等级 core 核心" in output


@pytest.mark.parametrize("pack", [None, "policies/rules", "policies/rules/pack.yaml"])
def test_trace_of_a_folder_is_that_of_the_workspace(workspace: Path, pack: str | None) -> None:
    found = rows(*([pack] if pack else []))
    assert [row["state"] for row in found if row["clause"]] == [
        "implemented", "implemented", "not_implemented", "engine_feature",
    ]  # fmt: skip
    assert found[0] == {
        "pack": "rules", "clause": "D1", "text": "年度贡献超20%营收", "state": "implemented",
        "kind": "parameter", "rule": "top_share", "title_zh": None, "title_en": None,
        "reason": None, "file": "policies/rules/pack.yaml", "line": 16,
    }  # fmt: skip
    assert found[2]["reason"] == "the document names no number"
    assert {row["state"] for row in found if not row["clause"]} == {"without_source"}


def test_trace_takes_a_workspace_elsewhere(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert rows("-w", str(workspace))[0]["clause"] == "D1"


def test_trace_as_csv_has_a_row_for_each_link(workspace: Path) -> None:
    text = kam("trace", "--format", "csv").stdout.removeprefix("\ufeff")
    read = list(csv.DictReader(StringIO(text)))
    assert len(read) == len(rows())
    assert (read[0]["clause"], read[0]["rule"]) == ("D1", "top_share")


def test_trace_of_a_packaged_pack_needs_no_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = rows("packaged:engineering")
    assert {row["pack"] for row in found} == {"engineering"}
    assert found[0]["clause"] == "A1"


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_requirement_with_neither_makes_the_exit_code_one(workspace: Path, form: str) -> None:
    pack = workspace / "policies/rules/pack.yaml"
    pack.write_text(GOOD.replace(EXCUSE, ""), "utf-8")
    result = kam("trace", "--format", form, "--lang", "en")
    assert result.exit_code == 1
    assert ("NEITHER" if form == "table" else "forgotten") in result.stdout
    assert "pack.yaml:11:3: clause-not-implemented: no rule implements D2" in result.stderr


@pytest.mark.parametrize(
    ("pack", "code"),
    [("packaged:engineerin", "unknown-pack"), ("gone", "missing-folder"), (".", "missing-file")],
)
def test_trace_of_what_is_no_pack_is_refused(workspace: Path, pack: str, code: str) -> None:
    result = kam("trace", pack)
    assert result.exit_code == 1
    assert code in result.stderr
