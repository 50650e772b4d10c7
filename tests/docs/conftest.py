"""The demo book as `kam demo` leaves it, then the last night again with a changed parameter, as
the READMEs tell it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner

import kam
from engine.demo.book import Book
from engine.demo.build import write_demo
from engine.demo.history import history_nights
from engine.runner import run_night

DAY = date(2026, 6, 30)


@dataclass(frozen=True)
class Demo:
    """The workspace, and what its last two runs and the events of the day printed, by language.

    `store` is that of a copy which has been told the events.
    """

    folder: Path
    store: Path
    first: dict[str, str]
    second: dict[str, str]
    day: dict[str, str]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("docs") / "demo"
    write_demo(folder, Book(300, 7, DAY), lambda table: None)
    *earlier, last = history_nights(DAY)
    assert last == DAY
    for night in earlier:
        run_night(folder, night)
    first = summary(folder)
    path = folder / "policies/key_account_rules/parameters.yaml"
    head, tail = path.read_text(encoding="utf-8").split("  silent_days:")
    changed = f"{head}  silent_days:{tail.replace('45 days', '20 days', 1)}"
    path.write_text(changed, encoding="utf-8")
    second = summary(folder)
    day = {one: told(folder, folder.parent / one, one) for one in ("en", "zh")}
    return Demo(folder, folder.parent / "en" / "store", first, second, day)


def told(folder: Path, copy: Path, language: str) -> str:
    """What `kam event` says of the events of the day, told to a copy of the workspace."""
    shutil.copytree(folder, copy)
    command = ["event", str(copy / "events.jsonl"), "-w", str(copy), "--lang", language]
    return CliRunner().invoke(kam.main, command, catch_exceptions=False).output


def summary(folder: Path) -> dict[str, str]:
    """Runs a night and returns its summary in both languages."""
    from rich.console import Console

    from engine.console.summary import print_summary

    report = run_night(folder)
    texts = {}
    for language in ("en", "zh"):
        console = Console(width=100, record=True, file=StringIO())
        print_summary(console, report, language)
        texts[language] = console.export_text()
    return texts
