"""`kam demo` and `kam init` as a person calls them."""

from __future__ import annotations

import hashlib
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.demo.book import TABLES
from engine.demo.workspace import packaged_packs, stored_columns
from engine.language.load import load_pack, load_policies, load_workspace
from engine.resources import policies_folder
from engine.runner import prepare, run_night
from kam import main
from tests.books.history import History


def kam(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def files_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="session")
def demo(history: History) -> Path:
    return history.folder


def write_book(folder: Path, *options: object) -> Result:
    """`kam demo` without its nights, which take seconds each."""
    return kam("demo", folder, "--nights", "none", *options)


# --- kam demo ----------------------------------------------------------------------------


@pytest.mark.slow
def test_demo_says_what_it_wrote_and_what_comes_next(tmp_path: Path) -> None:
    result = write_book(tmp_path / "book", "--accounts", 40, "--seed", 3)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == f"{tmp_path / 'book'}: 40 accounts as of 2026-06-30, seed 3"
    for name, form in TABLES.items():
        assert any(f"data/{name}.{form} " in line and line.endswith(" rows") for line in lines)
    assert lines[-1] == f"Next: kam run {tmp_path / 'book'}"


@pytest.mark.slow
def test_demo_of_the_same_options_has_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    assert write_book(tmp_path / "again", "--seed", 7).exit_code == 0
    written = {name: one for name, one in files_of(demo).items() if not name.startswith("store/")}
    assert files_of(tmp_path / "again") == written


def test_demo_has_the_packs_side_by_side_with_all_their_files(demo: Path) -> None:
    workspace = load_workspace(demo)
    assert workspace.policies == ("policies/key_account_rules", "policies/engineering")
    for policy in load_policies(workspace):
        packaged = load_pack(policies_folder() / policy.id)
        assert policy.hash == packaged.hash


def test_demo_maps_the_whole_vocabulary(demo: Path) -> None:
    prepared = prepare(demo)
    for policy in prepared.policies:
        assert set(prepared.catalog.accounts.columns) == set(policy.vocabulary.accounts)
        for record in policy.vocabulary.records.values():
            mapped = set(prepared.catalog.records[record.name].columns)
            assert mapped == {column.name for column in stored_columns(record)}, record.name


@pytest.mark.slow
def test_demo_has_no_problems_not_even_warnings(demo: Path, five_packs: Path) -> None:
    assert prepare(demo).notes == ()
    assert prepare(five_packs).notes == ()


@pytest.mark.slow
def test_demo_has_every_other_pack_one_line_away(demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo, tmp_path / "copy", ignore=shutil.ignore_patterns("store"))
    path = tmp_path / "copy" / "kam.yaml"
    path.write_text(path.read_text("utf-8").replace("  # - policies/", "  - policies/"), "utf-8")
    prepared = prepare(tmp_path / "copy")
    assert sorted(policy.id for policy in prepared.policies) == list(packaged_packs())
    assert prepared.notes == ()


@pytest.mark.slow
def test_demo_takes_the_packs_that_it_is_told(tmp_path: Path) -> None:
    options = ("--pack", "value_segments", "--pack", "manufacturing", "--accounts", 300)
    assert write_book(tmp_path / "book", *options).exit_code == 0
    workspace = load_workspace(tmp_path / "book")
    assert workspace.policies == ("policies/value_segments", "policies/manufacturing")
    prepared = prepare(tmp_path / "book")
    assert prepared.notes == ()
    decided = {one.pack for one in prepared.overrides.entries}
    assert decided == {"value_segments"}, "people decide over the first pack"


def test_demo_refuses_a_pack_that_does_not_exist(tmp_path: Path) -> None:
    result = write_book(tmp_path / "book", "--pack", "manufacture")
    assert result.exit_code == 1
    assert "did you mean 'manufacturing'?" in result.stderr
    assert not (tmp_path / "book").exists()


@pytest.mark.slow
def test_demo_runs_the_last_night_alone_if_it_is_told(tmp_path: Path) -> None:
    options = ("--accounts", 5, "--pack", "engineering", "--nights", "last", "--lang", "en")
    result = kam("demo", tmp_path / "book", *options)
    assert result.exit_code == 0, result.output
    assert result.stdout.count(" tiers given or moved, ") == 1
    assert result.stdout.splitlines()[-1] == f"Next: kam accounts -w {tmp_path / 'book'}"


@pytest.mark.slow
def test_demo_of_many_accounts_runs_no_night_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.commands.demo.MOST_WITH_HISTORY", 39)
    result = kam("demo", tmp_path / "book", "--accounts", 40)
    assert result.stdout.splitlines()[-1] == f"Next: kam run {tmp_path / 'book'}"
    assert not (tmp_path / "book/store").exists()


@pytest.mark.slow
def test_demo_can_be_run_again_and_its_readme_names_the_largest_customer(demo: Path) -> None:
    report = run_night(demo)
    assert report.repeated
    readme = (demo / "README.md").read_text("utf-8")
    assert report.counts["packs"]["key_account_rules"]["tiers"]["strategic"] == 1
    explained = kam("explain", readme.partition("kam explain ")[2].partition("`")[0], "-w", demo)
    assert explained.exit_code == 0, explained.output
    assert "strategic" in explained.output.lower()


def test_demo_refuses_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "kam.yaml").write_text("mine", "utf-8")
    for command in (("demo",), ("init", "--pack", "engineering")):
        result = kam(*command, tmp_path)
        assert result.exit_code == 1
        assert "folder-not-empty" in result.stderr
        assert files_of(tmp_path) == {"kam.yaml": hashlib.sha256(b"mine").hexdigest()}


def test_demo_refuses_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "book").write_text("mine", "utf-8")
    result = kam("demo", tmp_path / "book")
    assert result.exit_code == 1
    assert "not-a-folder" in result.stderr
    assert (tmp_path / "book").read_text("utf-8") == "mine"


@pytest.mark.slow
def test_demo_takes_an_empty_folder_and_the_one_it_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = write_book(Path(), "--accounts", 5)
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("Next: kam run\n")
    assert (tmp_path / "kam.yaml").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("existed", [True, False])
def test_demo_that_fails_leaves_nothing_behind(
    existed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.demo.build.facts_text", full)
    folder = tmp_path / "book"
    if existed:
        folder.mkdir()
    result = write_book(folder, "--accounts", 5)
    assert result.exit_code == 1
    assert "No space left" in result.stderr
    assert folder.exists() == existed
    assert files_of(tmp_path) == {}


@pytest.mark.parametrize(
    ("option", "value"),
    [("--accounts", 0), ("--accounts", 9_000_001), ("--seed", "x"), ("--as-of", "30/06/2026")],
)
def test_demo_refuses_options_out_of_range(option: str, value: object, tmp_path: Path) -> None:
    result = kam("demo", tmp_path / "book", option, value)
    assert result.exit_code == 2
    assert option in result.stderr
    assert not (tmp_path / "book").exists()


@pytest.mark.parametrize("day", ["1999-12-31", "2101-01-01"])
def test_demo_refuses_a_day_that_no_book_reaches(day: str, tmp_path: Path) -> None:
    result = kam("demo", tmp_path / "book", "--as-of", day)
    assert result.exit_code == 2
    assert "between 2000 and 2100" in result.stderr


# --- kam init ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pack",
    ["engineering", *(pytest.param(one, marks=pytest.mark.slow) for one in packaged_packs()[1:])],
)
def test_init_makes_a_workspace_that_runs_at_once(pack: str, tmp_path: Path) -> None:
    result = kam("init", tmp_path / pack, "--pack", pack)
    assert result.exit_code == 0, result.output
    assert prepare(tmp_path / pack).notes == ()
    report = run_night(tmp_path / pack)
    assert sum(report.counts["packs"][pack]["tiers"].values()) == 5
    assert all(one.rows_quarantined == 0 and one.rows_read == 5 for one in report.sources)


def test_init_speaks_chinese_where_that_is_the_language(tmp_path: Path) -> None:
    folder = tmp_path / "book"
    shown = kam("init", folder, "--pack", "engineering", "--lang", "zh").stdout.splitlines()
    assert shown[0] == f"{folder}：已建工作区，采用 engineering"
    assert shown[-1].startswith("下一步：kam run ")


def test_init_takes_several_packs_once_each(tmp_path: Path) -> None:
    names = ("engineering", "key_account_rules", "engineering")
    options = [part for name in names for part in ("--pack", name)]
    assert kam("init", tmp_path / "both", *options).exit_code == 0
    workspace = load_workspace(tmp_path / "both")
    assert workspace.policies == ("policies/engineering", "policies/key_account_rules")


@pytest.mark.parametrize("pack", packaged_packs())
def test_init_brings_the_tests_of_a_pack_which_are_no_part_of_it(pack: str, tmp_path: Path) -> None:
    assert kam("init", tmp_path / "book", "--pack", pack).exit_code == 0
    copied = {path.name for path in (tmp_path / "book/policies" / pack).glob("*.test.yaml")}
    assert copied == {path.name for path in (policies_folder() / pack).glob("*.test.yaml")}
    assert len(copied) >= 5
    copy = load_pack(tmp_path / "book/policies" / pack)
    assert copy.hash == load_pack(policies_folder() / pack).hash
    assert not any(file.path.endswith(".test.yaml") for file in copy.files)


def test_tests_of_a_copied_pack_run_beside_it(tmp_path: Path) -> None:
    assert kam("init", tmp_path / "book", "--pack", "key_account_rules").exit_code == 0
    result = kam("test", tmp_path / "book/policies/key_account_rules", "-k", "1")
    assert result.exit_code == 0, result.output
    assert re.match(r"key_account_rules: [1-9]\d* tests?, 0 failed", result.stdout)


@pytest.mark.parametrize("name", ["新 客户", "it's", "$HOME", "plain"])
def test_command_that_comes_next_can_be_pasted(name: str, tmp_path: Path) -> None:
    result = kam("init", tmp_path / name, "--pack", "engineering")
    assert result.exit_code == 0, result.output
    says, command = result.stdout.splitlines()[-1].split(": ", 1)
    assert (says, shlex.split(command)) == ("Next", ["kam", "run", str(tmp_path / name)])
    assert (f"'{tmp_path / name}'" == command.removeprefix("kam run ")) is (
        name in ("新 客户", "$HOME")
    )


def test_init_has_the_same_bytes_every_time(tmp_path: Path) -> None:
    for parent in ("first", "second"):
        assert kam("init", tmp_path / parent / "book", "--pack", "engineering").exit_code == 0
    assert files_of(tmp_path / "first") == files_of(tmp_path / "second")


def test_init_of_an_unknown_pack_names_the_packs(tmp_path: Path) -> None:
    result = kam("init", tmp_path / "book", "--pack", "enginering")
    assert result.exit_code == 1
    assert "did you mean 'engineering'?" in result.stderr
    assert all(name in result.stderr for name in packaged_packs())
    assert not (tmp_path / "book").exists()


def test_init_without_a_pack_asks_for_one(tmp_path: Path) -> None:
    result = kam("init", tmp_path / "book")
    assert result.exit_code == 2
    assert "--pack" in result.stderr


def test_init_keeps_the_store_out_of_version_control(tmp_path: Path) -> None:
    assert kam("init", tmp_path / "book", "--pack", "engineering").exit_code == 0
    assert (tmp_path / "book/.gitignore").read_text("utf-8") == "store/\n"


@pytest.mark.parametrize("name", ["大客户", "2026", "Key-Accounts 2026"])
def test_init_names_the_workspace_after_its_folder_where_it_can(name: str, tmp_path: Path) -> None:
    assert kam("init", tmp_path / name, "--pack", "engineering").exit_code == 0
    expected = "key_accounts_2026" if name.isascii() and name[0] == "K" else "workspace"
    assert load_workspace(tmp_path / name).name == expected
