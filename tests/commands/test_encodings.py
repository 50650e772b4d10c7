"""No command fails because the terminal's encoding lacks a character that it shows."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.demo.book import Book
from engine.demo.build import write_demo
from engine.runner import run_night
from kam import main
from tests.often import seldom

ACCOUNT = "K0000001"
NIGHTS = (date(2026, 5, 31), date(2026, 6, 30))
SHOWING = (
    ("explain", ACCOUNT),
    ("explain", ACCOUNT, "--since", "2026-05-31.1"),
    ("explain", ACCOUNT, "--set", "rating=A", "--whole"),
    ("near", "--tier", "core"),
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


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encodings") / "demo"
    write_demo(folder, Book(20, 7, NIGHTS[-1]), lambda step: None)
    for night in NIGHTS:
        run_night(folder, night)
    return folder


def kam(workspace: Path, command: tuple[str, ...], encoding: str) -> Result:
    arguments = [*command, "-w", str(workspace), "--lang", "zh"]
    return CliRunner(charset=encoding).invoke(main, arguments)


@pytest.mark.parametrize("command", SHOWING, ids=" ".join)
@pytest.mark.parametrize("encoding", ["ascii", *seldom("gbk", "gb18030", "utf-8")])
def test_a_command_that_shows_text_never_fails_for_want_of_a_character(
    workspace: Path, command: tuple[str, ...], encoding: str
) -> None:
    shown = kam(workspace, command, encoding)
    assert "a defect in kam" not in shown.stderr
    assert shown.exit_code in (0, 1)


def test_marks_of_an_explanation_are_the_likest_that_gbk_has(workspace: Path) -> None:
    shown = kam(workspace, ("explain", ACCOUNT), "gbk").stdout_bytes.decode("gbk")
    assert "√" in shown
    assert "×" in shown
    assert "\\u" not in shown


def test_json_stays_json_where_the_encoding_lacks_what_it_says(workspace: Path) -> None:
    command = ("explain", ACCOUNT, "--format", "json")
    told, usual = (
        kam(workspace, command, one).stdout_bytes.decode(one) for one in ("cp1252", "utf-8")
    )
    assert json.loads(told) == json.loads(usual)


def test_a_csv_is_utf_8_whatever_the_terminal_has(workspace: Path) -> None:
    command = ("accounts", "--format", "csv")
    assert (
        kam(workspace, command, "gbk").stdout_bytes == kam(workspace, command, "utf-8").stdout_bytes
    )
