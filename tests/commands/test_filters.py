"""A mistyped filter of a listing is named, with what was meant: it is not "nothing to list"."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.audit.store import open_store
from tests.audit.sample import DAY, record_run, sample_policy
from tests.commands.test_people import DECISIONS, after_night, kam, night, rows, workspace
from tests.often import seldom

__all__ = ["after_night", "workspace"]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("accounts", "--tier", "strategik"), "unknown-tier", "did you mean 'strategic'?"),
        (("accounts", "--tier", "nosuch"), "unknown-tier", "known are: standard, strategic"),
        (("accounts", "--pack", "nosuch"), "unknown-pack", "known are: d"),
        (("accounts", "--account", "A11"), "unknown-account", "did you mean 'A1'?"),
        (("log", "--rule", "complaint"), "unknown-rule", "did you mean 'complaints'?"),
        (("log", "--account", "nosuch"), "unknown-account", "kam accounts TEXT"),
        (("log", "--pack", "x"), "unknown-pack", "known are: d"),
        (("warnings", "--rule", "other"), "unknown-rule", "has a warning 'other'"),
        (("warnings", "--rule", "growth"), "unknown-rule", "has a warning 'growth'"),
        (("warnings", "--account", "A9"), "unknown-account", "knows 'A9'"),
        (("actions", "--account", "nosuch"), "unknown-account", "kam accounts TEXT"),
        (("actions", "--rule", "complaint"), "unknown-rule", "did you mean 'complaints'?"),
        (("obligations", "--account", "nosuch"), "unknown-account", "kam accounts TEXT"),
        (("obligations", "--rule", "other"), "unknown-rule", "an entitlement 'other'"),
    ],
)
@pytest.mark.parametrize("form", ["table", *seldom("json", "csv")])
def test_what_a_filter_names_must_exist(
    workspace: Path, arguments: tuple[str, ...], code: str, told: str, form: str
) -> None:
    result = kam(workspace, *arguments, "--format", form, "--lang", "en", code=1)
    assert f"{code}: " in result.stderr
    assert told in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_every_mistyped_filter_is_named_at_once(workspace: Path) -> None:
    arguments = ("accounts", "--account", "X", "--tier", "coer", "--pack", "x")
    told = kam(workspace, *arguments, code=1).stderr
    assert all(f"unknown-{what}" in told for what in ("account", "tier", "pack"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("log", "--account", "A3", "--rule", "growth"),
        ("actions", "--account", "A1", "--rule", "growth"),
        ("warnings", "--account", "A3"),
        ("warnings", "--account", "portfolio"),
        ("obligations", "--account", "A3"),
        ("accounts", "--tier", "standard", "--account", "A1"),
    ],
)
def test_what_exists_may_have_nothing_to_list(workspace: Path, arguments: tuple[str, ...]) -> None:
    assert rows(workspace, *arguments) == []


@pytest.mark.parametrize(
    ("tier", "accounts"),
    [
        ("standard", ["A3"]),
        ("Strategic", ["A1"]),
        ("STRATEGIC", ["A1"]),
        ("战略级", ["A1"]),
        ("一般客户", ["A3"]),
    ],
)
def test_tier_may_be_named_by_its_title(workspace: Path, tier: str, accounts: list[str]) -> None:
    assert [row["account"] for row in rows(workspace, "accounts", "--tier", tier)] == accounts


def test_what_an_earlier_run_knew_is_still_known(workspace: Path) -> None:
    with open_store(workspace / "store") as store:
        record_run(
            store,
            as_of=DAY.replace(month=7, day=1),
            decisions=[("A2", "黄河", "e", "core")],
            policies=[sample_policy(b"pack: e\n", "e")],
        )
    assert rows(workspace, "warnings", "--account", "A3") == []
    assert rows(workspace, "accounts", "--account", "A3") == []
    assert rows(workspace, "accounts", "--pack", "d") == []
    kam(workspace, "accounts", "--account", "A4", code=1)


def test_file_of_a_run_that_is_gone_makes_no_account_unknown(workspace: Path) -> None:
    night(workspace)
    assert len(DECISIONS) == 3
    (folder,) = (workspace / "store" / "runs").glob("2026-06-30*")
    (folder / "decisions.parquet").unlink()
    assert rows(workspace, "log", "--account", "A9") == []
