"""What `kam demo` makes with its defaults: a book with six nights over half a year."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import kam
from engine import runner
from engine.runner import NightReport
from tests.books.shared import shared

AS_OF = date(2026, 6, 30)
"""The default of the command, whose seed is 7."""

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class History:
    """What the command wrote and printed; `summaries` are of its last night, by language."""

    folder: Path
    printed: str
    summaries: Mapping[str, str]

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Asks the store."""
        file = f"file:{self.folder}/store/kam.db?mode=ro"
        with closing(sqlite3.connect(file, uri=True)) as store:
            return store.execute(query, values).fetchall()


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """For reading only."""
    root = shared(tmp_path_factory, "history", _make)
    summaries = {one: (root / f"summary.{one}").read_text("utf-8") for one in LANGUAGES}
    return History(root / "workspace", (root / "printed").read_text("utf-8"), summaries)


def _make(root: Path) -> None:
    reports: list[NightReport] = []

    def noted(*arguments: Any) -> NightReport:
        reports.append(run_night(*arguments))
        return reports[-1]

    run_night = runner.run_night
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "run_night", noted)
        call = ["demo", str(root / "workspace"), "--lang", "en"]
        result = CliRunner().invoke(kam.main, call)
    assert result.exit_code == 0, result.output
    (root / "printed").write_text(result.stdout, "utf-8")
    for language in LANGUAGES:
        (root / f"summary.{language}").write_text(summary(reports[-1], language), "utf-8")


def summary(report: NightReport, language: str) -> str:
    """What `kam run` prints of a night."""
    from rich.console import Console

    from engine.console.summary import print_summary

    console = Console(width=100, record=True, file=StringIO())
    print_summary(console, report, language)
    return console.export_text()
