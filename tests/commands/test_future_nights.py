"""A night whose day has not come closes the book until then: it is refused unless it is meant."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine import guards
from engine.commands import reading
from engine.errors import KamError
from engine.guards import latest_day
from engine.language.load import load_workspace
from engine.runner.desk import EventDesk
from kam import main
from tests.night.book import NIGHT, Book

FUTURE = date(2062, 11, 22)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "book")


def kam(book: Book, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--lang", "en"])


def run(book: Book, *more: str) -> Result:
    return kam(book, "run", str(book.root), *more)


@pytest.mark.parametrize("more", [(), ("--catch-up",)])
def test_a_night_whose_day_has_not_come_is_refused_and_leaves_nothing(
    book: Book, more: tuple[str, ...]
) -> None:
    result = run(book, "--as-of", FUTURE.isoformat(), *more)
    assert result.exit_code == 1
    assert "future-night: 2062-11-22 has not come yet" in result.stderr
    assert "--future" in result.stderr
    assert not book.store.exists()


def test_a_night_whose_day_has_not_come_is_run_if_it_is_meant(book: Book) -> None:
    result = run(book, "--as-of", FUTURE.isoformat(), "--future")
    assert result.exit_code == 0, result.output
    assert "run 2062-11-22.1" in result.stdout


def test_today_is_that_of_the_time_zone_of_the_workspace(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "_now", lambda: datetime(2026, 6, 30, 17, 0, tzinfo=UTC))
    assert latest_day(load_workspace(book.root)) == date(2026, 7, 1)  # in Shanghai
    assert run(book, "--as-of", "2026-07-01").exit_code == 0
    assert "future-night" in run(book, "--as-of", "2026-07-02").stderr


@pytest.mark.parametrize(("ends", "latest"), [("2026-06-01", 2026), ("2090-01-31", 2090)])
def test_the_end_of_a_closed_book_counts_where_it_is_later_than_today(
    book: Book, monkeypatch: pytest.MonkeyPatch, ends: str, latest: int
) -> None:
    monkeypatch.setattr(guards, "_now", lambda: datetime(2026, 7, 5, tzinfo=UTC))
    book.append("kam.yaml", f"as_of: {ends}\n")
    found = latest_day(load_workspace(book.root))
    assert found.year == latest
    after = (found + timedelta(days=1)).isoformat()
    assert "future-night" in run(book, "--as-of", after).stderr
    assert run(book, "--as-of", found.isoformat()).exit_code == 0


def test_after_such_a_night_every_refusal_names_it_and_the_way_back(book: Book) -> None:
    book.run(FUTURE)
    told = [run(book).stderr, run(book, "--as-of", NIGHT.isoformat()).stderr]
    assert ["clock-turned-back" in told[0], "night-before-last" in told[1]] == [True, True]
    with pytest.raises(KamError, match="day-before-night") as error:
        EventDesk(book.root)
    for text in (*told, error.value.problems[0].hint or ""):
        said = " ".join(text.split())
        assert "the night of 2062-11-22 was run for a day that is still to come" in said
        assert "kam restore FILE --force" in said


def test_refusals_after_a_night_of_the_past_speak_of_no_future(book: Book) -> None:
    book.run(date(2026, 7, 1))
    assert "still to come" not in run(book, "--as-of", NIGHT.isoformat()).stderr


def test_status_of_a_book_that_is_closed_until_then_is_not_good(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.run(FUTURE)
    where = ("-w", str(book.root))
    said = kam(book, "status", *where)
    assert (said.exit_code, "still to come" in said.stdout) == (1, True)
    found = json.loads(kam(book, "status", *where, "--format", "json").stdout)
    assert (found["good"], found["state"]) == (False, "ahead")
    monkeypatch.setattr(reading, "_now", lambda: datetime(2062, 11, 22, tzinfo=UTC))
    later = json.loads(kam(book, "status", *where, "--format", "json").stdout)
    assert later["state"] == "stale"
