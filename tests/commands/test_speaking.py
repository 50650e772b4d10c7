"""On which day people speak, and what they are told of a silence."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from engine.commands import people
from tests.audit.sample import DAY
from tests.commands.test_people import MORNING, WORKSPACE, after_night, kam, marks, workspace

__all__ = ["after_night", "workspace"]


def test_silence_of_a_warning_that_does_not_fire_says_so(workspace: Path) -> None:
    silence = ("--until", "2026-07-20", "--lang", "en")
    firing, pending, absent = (
        kam(workspace, "warnings", "silence", account, "complaints", *silence)
        for account in ("A1", "A2", "A3")
    )
    assert "Note" not in firing.stderr
    assert "does not fire yet (pending)" in pending.stderr
    assert "does not fire now" in absent.stderr and "--account A3" in absent.stderr
    assert all("is silenced until 2026-07-20" in one.stdout for one in (firing, pending, absent))


@pytest.mark.parametrize(
    ("lang", "told"), [("en", "silence ended: complaints about A1"), ("zh", "静默已解除")]
)
def test_ended_silence_says_that_it_has_ended(workspace: Path, lang: str, told: str) -> None:
    silence = ("warnings", "silence", "A1", "complaints", "--lang", lang, "--until")
    kam(workspace, *silence, "2026-07-20")
    result = kam(workspace, *silence, "2026-06-01")
    assert told in result.stdout and "2026-06-01" not in result.stdout
    assert result.stderr == ""


SPOKEN = (
    ("actions", "done", "ef01"),
    ("actions", "snooze", "ef01", "--until", "2026-08-01"),
    ("actions", "assign", "ef01", "--to", "李娜"),
    ("warnings", "ack", "A1", "complaints"),
    ("warnings", "silence", "A1", "complaints", "--until", "2026-08-01"),
)


@pytest.mark.parametrize("said", SPOKEN, ids=lambda said: said[1])
def test_nothing_is_said_by_a_clock_before_the_last_night(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, said: tuple[str, ...]
) -> None:
    monkeypatch.setattr(people, "_now", lambda: MORNING - timedelta(days=2))
    result = kam(workspace, *said, code=1)
    assert "clock-turned-back" in result.stderr and "check the clock" in result.stderr
    assert marks(workspace) == []


@pytest.mark.parametrize("said", SPOKEN, ids=lambda said: said[1])
def test_in_a_closed_book_one_speaks_on_the_day_of_the_last_night(
    workspace: Path, said: tuple[str, ...]
) -> None:
    file = workspace / "kam.yaml"
    file.write_text(f"{WORKSPACE}as_of: 2026-06-15\n", encoding="utf-8")  # the night is later
    kam(workspace, *said)
    assert [mark["said_on"] for mark in marks(workspace)] == [DAY.isoformat()]
