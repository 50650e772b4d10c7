"""No command fails because the terminal's encoding lacks a character that it shows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.demo.book import Book as DemoBook
from engine.demo.build import write_demo
from engine.runner import run_night
from kam import main
from tests.night.book import Book
from tests.often import seldom

ACCOUNT, TIER = "ACCOUNT", "TIER"
"""In a command: one of the book's."""

NIGHTS = (date(2026, 5, 31), date(2026, 6, 30))
SHOWING = (
    ("explain", ACCOUNT),
    ("explain", ACCOUNT, "--since", "2026-05-31.1"),
    ("explain", ACCOUNT, "--set", "rating=B", "--whole"),
    ("near", "--tier", TIER),
    ("account", ACCOUNT),
    ("accounts",),
    ("actions", "--status", "all"),
    ("warnings",),
    ("obligations", "--all"),
    ("log",),
    ("runs",),
    ("status",),
    ("plan",),
    ("replay", "2026-06-30.1"),
)


@dataclass(frozen=True)
class Workspace:
    """A folder with nights, an account, and a tier of its policy."""

    folder: Path
    account: str
    tier: str


@pytest.fixture(scope="module", params=["small", pytest.param("demo", marks=pytest.mark.slow)])
def workspace(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Workspace:
    folder = tmp_path_factory.mktemp("encodings") / "workspace"
    if request.param == "demo":
        write_demo(folder, DemoBook(20, 7, NIGHTS[-1]), lambda step: None)
        found = Workspace(folder, "K0000001", "core")
    else:
        found = Workspace(Book(folder).root, "a2", "gold")
    for night in NIGHTS:
        run_night(folder, night)
    return found


def kam(workspace: Workspace, command: tuple[str, ...], encoding: str) -> Result:
    names = {ACCOUNT: workspace.account, TIER: workspace.tier}
    asked = [names.get(word, word) for word in command]
    arguments = [*asked, "-w", str(workspace.folder), "--lang", "zh"]
    return CliRunner(charset=encoding).invoke(main, arguments)


@pytest.mark.parametrize("command", SHOWING, ids=" ".join)
@pytest.mark.parametrize("encoding", ["ascii", *seldom("gbk", "gb18030", "utf-8")])
def test_a_command_that_shows_text_never_fails_for_want_of_a_character(
    workspace: Workspace, command: tuple[str, ...], encoding: str
) -> None:
    shown = kam(workspace, command, encoding)
    assert "a defect in kam" not in shown.stderr
    assert shown.exit_code in (0, 1)


def test_marks_of_an_explanation_are_the_likest_that_gbk_has(workspace: Workspace) -> None:
    shown = kam(workspace, ("explain", ACCOUNT), "gbk").stdout_bytes.decode("gbk")
    assert "√" in shown
    assert "×" in shown
    assert "\\u" not in shown


def test_json_stays_json_where_the_encoding_lacks_what_it_says(workspace: Workspace) -> None:
    command = ("explain", ACCOUNT, "--format", "json")
    told, usual = (
        kam(workspace, command, one).stdout_bytes.decode(one) for one in ("cp1252", "utf-8")
    )
    assert json.loads(told) == json.loads(usual)


def test_a_csv_is_utf_8_whatever_the_terminal_has(workspace: Workspace) -> None:
    command = ("accounts", "--format", "csv")
    assert (
        kam(workspace, command, "gbk").stdout_bytes == kam(workspace, command, "utf-8").stdout_bytes
    )
