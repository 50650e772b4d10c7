"""A pack is its folder and what it includes; its hash is of exactly those bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from engine.errors import KamError
from engine.language.load import load_kept_pack, load_pack, load_policies, load_workspace
from engine.language.texts import KeptTexts
from engine.resources import policies_folder
from tests.language.broken_files import HEAD

COMMON = "roles:\n  office: {title: {zh: x, en: x}}\n"
MEASURES = "measures:\n  m: {type: money, sum: orders.amount}\n"
KAM = """\
workspace: demo
timezone: Asia/Shanghai
currency: CNY
facts: facts.yaml
policies: [policies/pack]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with one pack, which includes a shared file; the current folder."""
    (tmp_path / "policies" / "pack").mkdir(parents=True)
    (tmp_path / "policies" / "common").mkdir()
    pack = tmp_path / "policies" / "pack"
    (pack / "pack.yaml").write_bytes(HEAD + b"include: [../common/roles.yaml]\n")
    (pack / "measures.yaml").write_text(MEASURES)
    (tmp_path / "policies" / "common" / "roles.yaml").write_text(COMMON)
    (tmp_path / "kam.yaml").write_text(KAM)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusals(path: str) -> list[str]:
    with pytest.raises(KamError) as caught:
        load_pack(path)
    return [f"{problem.location}: {problem.code}" for problem in caught.value.problems]


def test_pack_is_its_folder_and_its_includes(folder: Path) -> None:
    policy = load_pack("policies/pack")
    assert policy.id == "broken"
    assert [file.path for file in policy.files] == [
        "common/roles.yaml",
        "pack/measures.yaml",
        "pack/pack.yaml",
    ]
    assert str(policy.measures["m"].location) == "policies/pack/measures.yaml:2:3"
    assert str(policy.roles["office"].location) == "policies/common/roles.yaml:2:3"
    assert load_pack("policies/pack/pack.yaml") == policy


def test_locations_are_what_one_would_type(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "policies" / "pack")
    assert str(load_pack(".").measures["m"].location) == "measures.yaml:2:3"
    monkeypatch.chdir(folder / "policies")
    assert str(load_pack("pack").measures["m"].location) == "pack/measures.yaml:2:3"


def test_hash_is_of_paths_and_bytes(folder: Path) -> None:
    policy = load_pack("policies/pack")
    lines = [f"{file.path}\0{hashlib.sha256(file.content).hexdigest()}\n" for file in policy.files]
    assert policy.hash == hashlib.sha256("".join(lines).encode()).hexdigest()


def test_hash_changes_with_a_comment_in_an_include(folder: Path) -> None:
    before = load_pack("policies/pack").hash
    (folder / "policies" / "common" / "roles.yaml").write_text(COMMON + "# more\n")
    assert load_pack("policies/pack").hash != before


def test_hash_is_the_same_wherever_the_pack_lies(folder: Path) -> None:
    before = load_pack("policies/pack").hash
    (folder / "policies").rename(folder / "rules")
    assert load_pack("rules/pack").hash == before


def test_kept_copies_load_as_the_same_policy(folder: Path) -> None:
    policy = load_pack("policies/pack")
    kept = load_kept_pack(policy.files)
    assert (kept.hash, kept.files) == (policy.hash, policy.files)
    assert kept.measures.keys() == policy.measures.keys()


def test_tests_hidden_files_and_folders_are_not_part_of_a_pack(folder: Path) -> None:
    before = load_pack("policies/pack").hash
    pack = folder / "policies" / "pack"
    (pack / "rules.test.yaml").write_text("tests: []\n")
    (pack / ".measures.yaml.swp.yaml").write_text("junk")
    (pack / "notes.md").write_text("junk")
    (pack / "old.yaml").mkdir()
    assert load_pack("policies/pack").hash == before


def test_file_that_only_looks_like_part_of_a_pack_is_reported(folder: Path) -> None:
    (folder / "policies" / "pack" / "more.yml").write_text(MEASURES)
    assert refusals("policies/pack") == ["policies/pack/more.yml:1:1: unread-file"]


def test_problems_of_all_files_come_together(folder: Path) -> None:
    pack = folder / "policies" / "pack"
    (pack / "pack.yaml").write_bytes(HEAD.replace(b"2026-01-01", b"2026-13-01"))
    (pack / "a.yaml").write_text("a: 1\na: 2\n")
    (pack / "b.yaml").write_text("measures:\n  n: {type: ratio, formula: a +}\n\t")
    (pack / "c.yaml").write_text("measures:\n  n: {type: ratio, formula: a +}\n")
    assert refusals("policies/pack") == [
        "policies/pack/a.yaml:1:1: unknown-section",
        "policies/pack/a.yaml:2:1: duplicate-key",
        "policies/pack/b.yaml:3:1: tab-indentation",
        "policies/pack/c.yaml:2:31: formula-syntax",
        "policies/pack/pack.yaml:5:21: not-a-date",
    ]


def test_folder_without_pack_file_is_not_a_pack(folder: Path) -> None:
    assert refusals("policies/common") == ["policies/common:1:1: missing-file"]
    assert refusals("policies/none") == ["policies/none:1:1: missing-folder"]


def test_include_may_not_leave_the_folder_of_packs(folder: Path) -> None:
    pack = folder / "policies" / "pack" / "pack.yaml"
    pack.write_bytes(HEAD + b"include: [../../kam.yaml, ../common/none.yaml]\n")
    assert refusals("policies/pack") == [
        "policies/pack/pack.yaml:7:11: path-outside",
        "policies/pack/pack.yaml:7:27: missing-file",
    ]


def test_include_may_not_leave_it_through_a_link(folder: Path) -> None:
    (folder / "policies" / "common" / "link.yaml").symlink_to(folder / "kam.yaml")
    pack = folder / "policies" / "pack" / "pack.yaml"
    pack.write_bytes(HEAD + b"include: [../common/link.yaml]\n")
    assert refusals("policies/pack") == ["policies/pack/pack.yaml:7:11: path-outside"]


def test_problem_in_an_include_stands_in_the_included_file(folder: Path) -> None:
    (folder / "policies" / "common" / "roles.yaml").write_text("pack: {}\nroles: {office: {}}\n")
    found = refusals("policies/pack")
    assert "policies/common/roles.yaml:1:1: misplaced-section" in found
    assert "policies/common/roles.yaml:2:9: missing-key" in found


@pytest.mark.parametrize("name", ["key_account_rules", "engineering"])
def test_packaged_pack_loads(name: str) -> None:
    policy = load_pack(policies_folder() / name)
    assert policy.id == name
    assert policy.tiers is not None


# --- workspaces ------------------------------------------------------------------------------


def test_policies_of_a_workspace_are_loaded_in_order(folder: Path) -> None:
    text = KAM.replace("[policies/pack]", "['packaged:engineering', policies/pack]")
    (folder / "kam.yaml").write_text(text)
    first, second = load_policies(load_workspace("."))
    assert (first.id, second.id) == ("engineering", "broken")
    assert first.location.file == "packaged:engineering/pack.yaml"
    assert second.location.file == "policies/pack/pack.yaml"


def test_locations_can_be_those_of_the_workspace(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    workspace = load_workspace(folder)
    (policy,) = load_policies(workspace, prefix="")
    assert str(policy.measures["m"].location) == "policies/pack/measures.yaml:2:3"
    assert str(policy.roles["office"].location) == "policies/common/roles.yaml:2:3"
    (policy,) = load_policies(workspace)
    assert policy.location.file == f"{folder.name}/policies/pack/pack.yaml"


def test_packaged_pack_that_does_not_exist_is_reported_in_kam_yaml(folder: Path) -> None:
    (folder / "kam.yaml").write_text(KAM.replace("policies/pack", "packaged:enginering"))
    with pytest.raises(KamError, match=r"kam.yaml:5:12: unknown-pack: .*'engineering'"):
        load_policies(load_workspace("."))


@pytest.mark.parametrize("name", ["..", "../common", "common", ""])
def test_packaged_pack_is_one_of_the_packs(folder: Path, name: str) -> None:
    (folder / "kam.yaml").write_text(KAM.replace("policies/pack", f"'packaged:{name}'"))
    with pytest.raises(KamError) as caught:
        load_policies(load_workspace("."))
    assert caught.value.problems[0].code == "unknown-pack"


def test_two_packs_of_one_id_are_refused(folder: Path) -> None:
    (folder / "policies" / "copy").mkdir()
    (folder / "policies" / "copy" / "pack.yaml").write_bytes(HEAD)
    (folder / "kam.yaml").write_text(KAM.replace("policies/pack", "policies/pack, policies/copy"))
    with pytest.raises(KamError, match="the pack 'broken' is already at policies/pack"):
        load_policies(load_workspace("."))


def test_problem_of_a_shared_file_is_reported_once(folder: Path) -> None:
    (folder / "policies" / "copy").mkdir()
    (folder / "policies" / "copy" / "pack.yaml").write_bytes(
        HEAD.replace(b"id: broken", b"id: copy") + b"include: [../common/roles.yaml]\n"
    )
    (folder / "policies" / "common" / "roles.yaml").write_text("roles: {office: {}}\n")
    (folder / "kam.yaml").write_text(KAM.replace("policies/pack", "policies/pack, policies/copy"))
    with pytest.raises(KamError) as caught:
        load_policies(load_workspace("."))
    assert [problem.code for problem in caught.value.problems] == ["missing-key"]


def test_pack_behind_a_link_out_of_the_workspace_is_refused(folder: Path) -> None:
    outside = folder.parent / f"{folder.name}_outside"
    (folder / "policies").rename(outside)
    (folder / "policies").symlink_to(outside)
    with pytest.raises(KamError) as caught:
        load_policies(load_workspace("."))
    assert caught.value.problems[0].code == "path-outside"


def test_pack_without_head_does_not_hide_other_problems() -> None:
    files = {"p/pack.yaml": b"roles: {x: {}}\n", "p/m.yaml": b"measures: {m: {}}\n"}
    with pytest.raises(KamError) as caught:
        load_pack("p", KeptTexts(files))
    assert [str(problem.location) for problem in caught.value.problems] == [
        "p/m.yaml:1:12",
        "p/m.yaml:1:12",
        "p/pack.yaml:1:1",
        "p/pack.yaml:1:9",
    ]


@pytest.mark.parametrize(
    ("written", "code", "hint"),
    [
        ("policies/pak", "missing-folder", "did you mean 'policies/pack'?"),
        ("policies/pack/pack.yaml", "missing-folder", "did you mean 'policies/pack'?"),
        ("policies/engineering", "missing-folder", "did you mean 'packaged:engineering'?"),
        ("policies/qqqqqqqqqqqqqq", "missing-folder", None),
        (
            "policies/common",
            "missing-file",
            "a pack is a folder with a pack.yaml that begins with 'pack:'",
        ),
    ],
)
def test_a_pack_that_is_not_there_is_a_fault_of_the_line_that_names_it(
    folder: Path, written: str, code: str, hint: str | None
) -> None:
    text = KAM.replace("[policies/pack]", f"\n  - policies/pack\n  - {written}")
    (folder / "kam.yaml").write_text(text)
    with pytest.raises(KamError) as caught:
        load_policies(load_workspace("."))
    (problem,) = caught.value.problems
    assert (str(problem.location), problem.code) == ("kam.yaml:7:5", code)
    assert problem.hint == hint
