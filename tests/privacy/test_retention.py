"""Values are kept for as long as kam.yaml says, that day included, and not a day longer."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from engine.audit.data_files import require_data_files
from engine.audit.personal.forgetting import forget
from engine.audit.store import open_store
from engine.commands.reading import accounts as list_accounts
from engine.commands.reading import log as list_log
from engine.errors import KamError
from engine.verification.verify import verify_store
from tests.books.triggers import without_triggers
from tests.often import seldom
from tests.privacy.book import FIRST, Persons, accounts, secrets

DAYS = 10
"""For which values are kept."""


def keep(persons: Persons, **classes: str) -> None:
    listed = ", ".join(f"{name}: {text}" for name, text in classes.items())
    persons.write(
        "kam.yaml",
        (persons.root / "kam.yaml").read_text(encoding="utf-8")
        + f"privacy: {{retention: {{{listed}}}}}\n",
    )


def expiries(persons: Persons) -> list[dict[str, Any]]:
    rows = persons.query("SELECT evidence FROM decision_log WHERE kind = 'values_expired'")
    return [json.loads(evidence) for (evidence,) in rows]


def has(persons: Persons, run_id: str, file: str) -> bool:
    return (persons.folder(run_id) / file).exists()


@pytest.mark.parametrize(
    ("days", "stays"), [(DAYS, True), (DAYS + 1, False), *seldom((DAYS - 1, True))]
)
def test_personal_values_are_kept_to_the_last_day(night: Persons, days: int, stays: bool) -> None:
    keep(night, personal=f"{DAYS} days")
    night.run(FIRST + timedelta(days=days))
    assert has(night, "2026-06-30.1", "personal.parquet") is stays
    assert has(night, "2026-06-30.1", "facts.parquet")
    if stays:
        assert expiries(night) == []
    else:
        (seen,) = expiries(night)
        assert seen["class"] == "personal"
        assert seen["before"] == "2026-07-01"
        assert seen["runs"] == 1
        assert seen["values"] == 3 * 8


@pytest.mark.slow
def test_openings_that_later_lines_name_too_are_kept(night: Persons) -> None:
    """The warning still fires, so its evidence names the same contact."""
    keep(night, personal=f"{DAYS} days")
    night.run(FIRST + timedelta(days=DAYS))
    night.run(FIRST + timedelta(days=DAYS + 1))
    assert not has(night, "2026-06-30.1", "personal.parquet")
    opened = {value for (value,) in night.query("SELECT value FROM sealed_values")}
    assert "Tang Quexin" in opened


@pytest.mark.slow
def test_openings_of_what_has_ended_expire(night: Persons) -> None:
    keep(night, personal=f"{DAYS} days")
    night.write("data/accounts.csv", accounts(p1=900000, p2=900000))  # nobody is warned any more
    last = FIRST + timedelta(days=DAYS + 1)
    night.run(last)
    opened = {value for (value,) in night.query("SELECT value FROM sealed_values")}
    assert not opened & set(secrets())
    assert night.found(*secrets()) == {f"runs/{last}.1/personal.parquet"}


def test_expiry_is_said_once(night: Persons) -> None:
    keep(night, personal=f"{DAYS} days")
    for days in (DAYS + 1, DAYS + 2):
        night.run(FIRST + timedelta(days=days))
    assert len(expiries(night)) == 1


def test_line_is_one_of_its_run_and_names_what_has_gone(night: Persons) -> None:
    keep(night, personal=f"{DAYS} days")
    last = FIRST + timedelta(days=DAYS + 1)
    night.run(last)
    shown = CliRunner().invoke(
        list_log, ["-w", str(night.root), "--kind", "values_expired", "--lang", "en"]
    )
    assert "Values expired" in shown.output
    assert f"{last}.1" in shown.output


@pytest.mark.slow
@pytest.mark.parametrize("name", ["confidential", "internal"])
@pytest.mark.parametrize(("days", "stays"), [(DAYS, True), (DAYS + 1, False)])
def test_facts_are_kept_to_the_last_day(night: Persons, name: str, days: int, stays: bool) -> None:
    night.run(FIRST + timedelta(days=1))
    keep(night, **{name: f"{DAYS} days"})
    last = FIRST + timedelta(days=days)
    night.run(last)
    assert has(night, "2026-06-30.1", "facts.parquet") is stays
    assert has(night, "2026-07-01.1", "facts.parquet")
    assert has(night, "2026-06-30.1", "decisions.parquet")
    rows = night.query("SELECT run_no, file, expired_on FROM expired_files")
    assert rows == ([] if stays else [(1, "facts.parquet", last.isoformat())])


@pytest.mark.slow
def test_facts_that_a_night_may_start_from_stay(night: Persons) -> None:
    """However old they are: the last run, and the one before the last date."""
    keep(night, internal="1 day")
    night.run(FIRST + timedelta(days=30))
    assert has(night, "2026-06-30.1", "facts.parquet")
    night.run(FIRST + timedelta(days=60))
    assert not has(night, "2026-06-30.1", "facts.parquet")
    assert has(night, "2026-07-30.1", "facts.parquet")


@pytest.mark.slow
def test_reading_says_that_facts_have_had_their_time(night: Persons) -> None:
    keep(night, internal="1 day")
    for days in (5, 10):
        night.run(FIRST + timedelta(days=days))
    with open_store(night.store, read_only=True) as store:
        run = store.run("2026-06-30.1")
        assert run is not None
        assert run.expired == {"facts.parquet": date(2026, 7, 10)}
        with pytest.raises(KamError) as raised:
            require_data_files(run)
    (problem,) = raised.value.problems
    assert problem.code == "facts-expired"
    assert "facts.parquet of run 2026-06-30.1 was removed on 2026-07-10" in problem.message
    listed = CliRunner().invoke(
        list_accounts, ["-w", str(night.root), "--run", "2026-06-30.1", "--format", "json"]
    )
    assert len(json.loads(listed.output)) == 3


@pytest.mark.slow
def test_file_that_was_to_be_removed_when_the_process_died_goes_on_the_next_run(
    night: Persons, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(night, personal=f"{DAYS} days")
    with monkeypatch.context() as patched:
        patched.setattr("engine.audit.personal.values.remove_expired", lambda *_: None)
        night.run(FIRST + timedelta(days=DAYS + 1))
    assert has(night, "2026-06-30.1", "personal.parquet")
    night.run(FIRST + timedelta(days=DAYS + 2))
    assert not has(night, "2026-06-30.1", "personal.parquet")
    assert len(expiries(night)) == 1


# --- a store that was altered -----------------------------------------------------------------


def insert_expiry(persons: Persons, file: str) -> None:
    with closing(sqlite3.connect(persons.store / "kam.db", isolation_level=None)) as connection:
        connection.execute("INSERT INTO expired_files VALUES (1, ?, '2026-06-30')", (file,))


@pytest.mark.parametrize("file", ["../../../victim.txt", "manifest.json"])
def test_nothing_but_a_file_that_expires_is_ever_removed(night: Persons, file: str) -> None:
    victim = night.root / "victim.txt"
    victim.write_text("precious", encoding="utf-8")
    personal = night.folder("2026-06-30.1") / "personal.parquet"
    assert personal.exists()
    insert_expiry(night, "personal.parquet")  # beside it, what could be removed
    insert_expiry(night, file)
    with pytest.raises(KamError) as raised:
        night.run(FIRST + timedelta(days=1))
    (problem,) = raised.value.problems
    assert problem.code == "store-altered"
    assert repr(file) in problem.message
    assert victim.read_text(encoding="utf-8") == "precious"
    assert has(night, "2026-06-30.1", "manifest.json")
    assert personal.exists()
    assert "expiry-altered" in {one.code for one in verify_store(night.store).findings}


def test_nothing_is_removed_through_a_folder_that_is_a_link(night: Persons) -> None:
    keep(night, personal=f"{DAYS} days")
    folder, elsewhere = night.folder("2026-06-30.1"), night.root / "elsewhere"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere, target_is_directory=True)
    insert_expiry(night, "personal.parquet")
    with pytest.raises(KamError, match="is a link to another place"):
        night.run(FIRST + timedelta(days=DAYS + 1))
    assert (elsewhere / "personal.parquet").exists()


def test_folder_of_a_run_is_not_where_kam_db_says(night: Persons) -> None:
    """Whoever forgets an account rewrites files of the runs, and of nothing else."""
    elsewhere = night.root / "elsewhere"
    shutil.copytree(night.folder("2026-06-30.1"), elsewhere)
    before = (elsewhere / "personal.parquet").read_bytes()
    with closing(sqlite3.connect(night.store / "kam.db", isolation_level=None)) as connection:
        with without_triggers(connection):
            connection.execute("UPDATE runs SET folder = '../elsewhere'")
        moment = datetime(2026, 7, 1, tzinfo=UTC)
        forget(connection, night.store, "p1", "dpo", "asked for", moment)
    assert (elsewhere / "personal.parquet").read_bytes() == before
    with open_store(night.store, read_only=True) as store, pytest.raises(KamError) as raised:
        store.last_run()
    assert "'folder' is '../elsewhere'" in raised.value.problems[0].message
