"""The demo book as `kam demo` leaves it, then the last night again with a changed parameter, as
the READMEs tell it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

import kam
from engine.runner import run_night
from tests.books.history import LANGUAGES, History, history, summary

__all__ = ["demo", "history"]


@dataclass(frozen=True)
class Demo:
    """The workspace, and what its last two runs and the events of the day printed, by language.

    `store` is that of a copy which has been told the events.
    """

    folder: Path
    store: Path
    first: Mapping[str, str]
    second: Mapping[str, str]
    day: Mapping[str, str]


@pytest.fixture(scope="session")
def demo(history: History, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("docs") / "demo"
    shutil.copytree(history.folder, folder)
    path = folder / "policies/key_account_rules/parameters.yaml"
    head, tail = path.read_text(encoding="utf-8").split("  silent_days:")
    changed = f"{head}  silent_days:{tail.replace('45 days', '20 days', 1)}"
    path.write_text(changed, encoding="utf-8")
    again = run_night(folder)
    second = {one: summary(again, one) for one in LANGUAGES}
    day = {one: told(folder, folder.parent / one, one) for one in LANGUAGES}
    return Demo(folder, folder.parent / "en" / "store", history.summaries, second, day)


def told(folder: Path, copy: Path, language: str) -> str:
    """What `kam event` says of the events of the day, told to a copy of the workspace."""
    shutil.copytree(folder, copy)
    command = ["event", str(copy / "events.jsonl"), "-w", str(copy), "--lang", language]
    return CliRunner().invoke(kam.main, command, catch_exceptions=False).output
