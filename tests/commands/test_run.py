"""What `kam run` says after its summary."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.audit.events import inbox
from engine.commands import night
from engine.runner.desk import EventDesk
from kam import main
from tests.night.book import NIGHT, Book

KIND = "--kind data_rejected"


def run(book: Book, *more: str) -> str:
    result = CliRunner().invoke(main, ["run", str(book.root), "--as-of", NIGHT.isoformat(), *more])
    assert result.exit_code == 0, result.output
    return result.stderr


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_night_that_set_rows_aside_says_which_command_lists_them(
    tmp_path: Path, language: str
) -> None:
    book = Book(tmp_path / "book")
    book.append("data/orders.csv", "a1,2026-06-20,twelve\n")
    said = run(book, "--lang", language)
    command = f"log {KIND} --run 2026-06-30.1 -w {book.root}"
    assert f"`kam {command}`" in said
    listed = CliRunner().invoke(main, command.split())
    assert "twelve" in listed.output
    assert "is not a number" in listed.output


def test_commands_that_come_next_can_be_pasted(tmp_path: Path) -> None:
    book = Book(tmp_path / "新 客户")
    book.append("data/orders.csv", "a1,2026-06-20,twelve\n")
    said = run(book)
    quoted = shlex.quote(str(book.root))
    assert f"`kam accounts -w {quoted}`" in said
    listed = re.search(r"`kam (log [^`]*)`", said)
    assert listed is not None
    assert "twelve" in CliRunner().invoke(main, shlex.split(listed[1])).output


def test_a_night_that_used_every_row_and_one_that_is_repeated_name_no_such_command(
    tmp_path: Path,
) -> None:
    book = Book(tmp_path / "book")
    assert KIND not in run(book)
    book.append("data/orders.csv", "a1,2026-06-20,twelve\n")
    assert KIND in run(book)
    assert KIND not in run(book)


def test_a_defect_over_the_events_that_wait_is_told_and_the_night_is_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: EventDesk) -> None:
        raise TypeError("of\nsome kind")

    delivered = []
    monkeypatch.setattr(EventDesk, "drain", broken)
    monkeypatch.setattr(night, "_deliver", lambda *_: delivered.append(True))
    book = Book(tmp_path / "book")
    assert "events-not-decided" not in run(book)
    waiting = inbox.put(book.root / "store", [{"event": {}, "came_at": "2026-06-30T09:00:00Z"}])
    said = run(book)  # whose exit code is that of a night that stands
    assert "events-not-decided: the events that wait could not be decided: " in said
    assert "TypeError: of some kind" in said
    assert len(delivered) == 2
    assert waiting.exists()
