"""`kam check` and the night see the overrides and the people of a workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.checking import check_loaded, prepare
from engine.errors import KamError, Problem
from engine.language.workspace import load_workspace
from tests.language.broken_files import KAM, PEOPLE, RULES

FACTS = """\
accounts: {source: accounts.csv, key: account_id, columns: {share: ratio}}
"""
VOCABULARY = b"vocabulary: {accounts: {share: ratio}}\n"
GOOD = """\
overrides:
  - {account: C1, tier: core, reason: x, approver: 王建国, until: 2026-12-31}
"""
LATE = "  - {account: C1, tier: core, reason: x, approver: 王建国, until: 2027-12-31}\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "policies/rules"
    folder.mkdir(parents=True)
    folder.joinpath("pack.yaml").write_bytes(RULES + VOCABULARY)
    owned = PEOPLE.replace(b"}", ", owner: 赵敏}".encode())
    tmp_path.joinpath("kam.yaml").write_bytes(KAM + owned + b"overrides: overrides.yaml\n")
    tmp_path.joinpath("facts.yaml").write_text(FACTS, "utf-8")
    tmp_path.joinpath("overrides.yaml").write_text(GOOD, "utf-8")
    return tmp_path


def problems(workspace: Path) -> tuple[Problem, ...]:
    return tuple(check_loaded(load_workspace(workspace), "").problems)


def found(workspace: Path) -> list[str]:
    return [f"{one.location}: {one.code}" for one in problems(workspace)]


def test_night_has_the_overrides_of_the_workspace(workspace: Path) -> None:
    assert found(workspace) == []
    prepared = prepare(workspace)
    (override,) = prepared.overrides.tiers
    assert (override.account, override.pack, override.tier) == ("C1", "rules", "core")
    assert prepared.overrides.file in prepared.workspace.files


def test_overrides_that_cannot_be_read_stand_beside_other_problems(workspace: Path) -> None:
    workspace.joinpath("overrides.yaml").write_text(GOOD.replace("until", "til"), "utf-8")
    workspace.joinpath("facts.yaml").write_text(FACTS.replace("key", "kee"), "utf-8")
    first, *others = found(workspace)
    assert first == "overrides.yaml:2:57: unknown-key"
    assert others and all(other.startswith("facts.yaml:1:") for other in others)


def test_overrides_that_contradict_each_other_stop_the_night(workspace: Path) -> None:
    workspace.joinpath("overrides.yaml").write_text(GOOD + LATE, "utf-8")
    with pytest.raises(KamError, match=r"overrides\.yaml:3:15: overlapping-overrides"):
        prepare(workspace)


def test_people_are_checked_though_the_overrides_cannot_be_read(workspace: Path) -> None:
    kam = workspace / "kam.yaml"
    kam.write_bytes(kam.read_bytes().replace(b"chair:", b"chiar:"))
    workspace.joinpath("overrides.yaml").write_text("overrides: {}", "utf-8")
    codes = {one.code for one in problems(workspace)}
    assert codes >= {"wrong-type", "unknown-role", "role-without-holder"}


def test_names_are_not_checked_while_a_pack_cannot_be_loaded(workspace: Path) -> None:
    pack = workspace / "policies/rules/pack.yaml"
    pack.write_bytes(RULES.replace(b"  levels:", b"  levles:"))
    assert {one.code for one in problems(workspace)} == {"unknown-key"}


def test_warnings_about_people_do_not_stop_the_night(workspace: Path) -> None:
    kam = workspace / "kam.yaml"
    kam.write_bytes(kam.read_bytes().replace("office: [陈静, 李娜], ".encode(), b""))
    (note,) = prepare(workspace).notes
    assert (note.code, str(note.location)) == ("role-without-holder", "kam.yaml:6:1")
