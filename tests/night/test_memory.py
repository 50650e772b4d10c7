"""How much memory a night may take."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import KamError
from engine.runner.sources import MEMORY_VARIABLE, USUAL_MEMORY, memory_limit, open_database


def test_a_night_holds_no_more_than_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MEMORY_VARIABLE, "512MiB")
    with open_database(tmp_path) as connection:
        ((limit,),) = connection.execute("SELECT current_setting('memory_limit')").fetchall()
    assert limit == "512.0 MiB"


def test_unless_told_a_night_takes_the_usual_and_never_the_whole_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(MEMORY_VARIABLE, raising=False)
    monkeypatch.setattr("os.sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 10**9}.__getitem__)
    assert memory_limit() == f"{USUAL_MEMORY} B"
    monkeypatch.setattr("os.sysconf", {"SC_PAGE_SIZE": 1, "SC_PHYS_PAGES": 10**9}.__getitem__)
    assert memory_limit() == "600000000 B"


def test_a_limit_that_is_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MEMORY_VARIABLE, "plenty")
    with pytest.raises(KamError, match="memory-limit-unclear"), open_database(tmp_path):
        pass
