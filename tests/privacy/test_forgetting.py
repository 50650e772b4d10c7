"""`kam forget`: what was personal is gone for good, and everything else is as it was."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.audit.personal import forgetting
from engine.audit.personal.forgetting import forget as destroy
from engine.audit.store import open_store
from engine.commands.privacy import forget
from engine.errors import KamError
from tests.privacy.book import SECOND, THIRD, Persons, accounts, secrets

AT = datetime(2026, 7, 1, 8, tzinfo=UTC)


@pytest.fixture
def persons(night: Persons) -> Persons:
    return night


def say(persons: Persons, account: str = "p1", reason: str = "asked for it") -> Result:
    arguments = [account, "--reason", reason, "--by", "Ning", "-w", str(persons.root)]
    return CliRunner().invoke(forget, [*arguments, "--lang", "en"])


def without(persons: Persons, account: str) -> None:
    """Takes the account out of the sources."""
    for name in ("data/accounts.csv", "data/visits.csv"):
        lines = (persons.root / name).read_text(encoding="utf-8").splitlines(keepends=True)
        persons.write(name, "".join(line for line in lines if not line.startswith(f"{account},")))


def hashes(persons: Persons) -> dict[str, str]:
    return {
        path.relative_to(persons.store).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((persons.store / "runs").rglob("*"))
        if path.is_file() and path.name != "personal.parquet" and path.parent.name != "records"
    }


def own(persons: Persons) -> tuple[str, ...]:
    """What is personal of p1; the guest of p1 has called on p3 too."""
    return secrets("p1")


@pytest.mark.slow
def test_nothing_of_the_account_is_left_in_any_file(persons: Persons) -> None:
    persons.write("data/accounts.csv", accounts(p1=900000))
    persons.run(SECOND)
    assert persons.found(*own(persons))
    result = say(persons)
    assert result.exit_code == 0, result.output
    assert persons.found(*own(persons)) == set()
    assert persons.query("SELECT account_id FROM salts ORDER BY 1") == [("p2",), ("p3",)]
    assert persons.found(*secrets("p2")) == {
        "kam.db",
        "runs/2026-06-30.1/personal.parquet",
        "runs/2026-07-01.1/personal.parquet",
    }


def test_hashes_of_everything_that_was_decided_stay(persons: Persons) -> None:
    files = hashes(persons)
    lines = persons.query("SELECT * FROM decision_log ORDER BY seq")
    actions = persons.query("SELECT * FROM actions ORDER BY action_no")
    runs = persons.query("SELECT * FROM runs")
    say(persons)
    assert hashes(persons) == files
    assert persons.query("SELECT * FROM decision_log ORDER BY seq") == lines
    assert persons.query("SELECT * FROM actions ORDER BY action_no") == actions
    assert persons.query("SELECT * FROM runs") == runs


@pytest.mark.slow
def test_it_is_recorded_who_forgot_and_why_and_the_next_log_says_so_once(persons: Persons) -> None:
    without(persons, "p1")
    say(persons, reason="Article 47")
    ((account, by, reason, values),) = persons.query(
        "SELECT account_id, said_by, reason, values_destroyed FROM forgettings"
    )
    assert (account, by, reason) == ("p1", "Ning", "Article 47")
    # 8 values in the file of the run, and the openings of 4 tokens and of the name.
    assert values > 8
    persons.run(SECOND)
    ((said, evidence),) = persons.query(
        "SELECT account_id, evidence FROM decision_log WHERE kind = 'account_forgotten'"
    )
    assert said == "p1"
    assert json.loads(evidence) | {"at": ""} == {
        "forgetting": 1,
        "by": "Ning",
        "at": "",
        "reason": "Article 47",
        "values": values,
    }
    persons.run(THIRD)
    lines = "SELECT count(*) FROM decision_log WHERE kind = 'account_forgotten'"
    assert persons.query(lines) == [(1,)]


def test_line_belongs_to_the_lines_of_its_run(persons: Persons) -> None:
    say(persons)
    persons.run(SECOND)
    assert ("account_forgotten", "p1", None, None, None) in persons.log("2026-07-01.1")
    rows = persons.query(
        "SELECT 1 FROM decision_log JOIN runs USING (run_no) "
        "WHERE decision_log.kind = 'account_forgotten' AND seq BETWEEN first_seq AND last_seq"
    )
    assert rows == [(1,)]


@pytest.mark.slow
def test_account_that_sources_still_hold_is_named_and_gets_a_fresh_salt(persons: Persons) -> None:
    before = persons.rows("2026-06-30.1", "facts.parquet")["p1"]["contact"]
    result = say(persons)
    assert "still found p1 in its sources (data/accounts.csv + 1)" in result.stderr
    persons.run(SECOND)
    after = persons.rows("2026-07-01.1", "facts.parquet")["p1"]["contact"]
    assert after.startswith("sealed:")
    assert after != before
    # No decision has changed by it.
    assert persons.log("2026-07-01.1") == [("account_forgotten", "p1", None, None, None)]
    persons.run(THIRD)
    assert persons.log("2026-07-02.1") == []


@pytest.mark.slow
def test_values_that_were_sealed_anew_are_not_touched_by_the_old_forgetting(
    persons: Persons,
) -> None:
    say(persons)
    persons.run(SECOND)
    persons.run(THIRD)
    assert "p1" not in persons.rows("2026-06-30.1", "personal.parquet")
    assert persons.rows("2026-07-01.1", "personal.parquet")["p1"]["contact"] == "Tang Quexin"


@pytest.mark.slow
def test_account_that_has_left_is_not_said_to_be_in_the_sources(persons: Persons) -> None:
    without(persons, "p1")
    persons.run(SECOND)
    result = say(persons)
    assert result.stderr == ""
    assert persons.found(*own(persons)) == set()


def test_unknown_account_is_refused_with_the_nearest(persons: Persons) -> None:
    result = say(persons, "p11")
    assert isinstance(result.exception, KamError)
    (problem,) = result.exception.problems
    assert problem.code == "unknown-account"
    assert "did you mean 'p1'?" in str(problem.hint)
    assert persons.query("SELECT count(*) FROM forgettings") == [(0,)]


def test_second_time_there_is_nothing_to_forget(persons: Persons) -> None:
    say(persons)
    result = say(persons)
    assert "holds nothing personal of p1" in result.output
    assert persons.query("SELECT count(*) FROM forgettings") == [(1,)]


@pytest.mark.parametrize("empty", ["", "  "])
def test_reason_is_not_empty(persons: Persons, empty: str) -> None:
    result = say(persons, reason=empty)
    assert result.exit_code == 2
    assert "say why" in result.output


class DiedError(BaseException):
    """The process, in the middle of it."""


def die_at(persons: Persons, monkeypatch: pytest.MonkeyPatch, place: object, name: str) -> None:
    """Begins to forget p1, and dies when the function of a module or class is called."""

    def die(*_: object) -> None:
        raise DiedError

    with monkeypatch.context() as patched, open_store(persons.store) as store:
        patched.setattr(place, name, die)
        with pytest.raises(DiedError):
            destroy(store.connection, store.path, "p1", "Ning", "asked", AT)


@pytest.mark.slow
@pytest.mark.parametrize("step", ["remove_account", "_fold_in"])
@pytest.mark.parametrize("after", ["forget", "run"])
def test_death_before_the_files_are_rewritten_is_made_good(
    persons: Persons, monkeypatch: pytest.MonkeyPatch, step: str, after: str
) -> None:

    die_at(persons, monkeypatch, forgetting, step)
    assert persons.query("SELECT count(*) FROM forgettings_unfinished") == [(1,)]
    if after == "forget":
        say(persons)
    else:
        without(persons, "p1")
        persons.run(SECOND)
    assert persons.found(*own(persons)) == set()
    assert persons.query("SELECT count(*) FROM forgettings_unfinished") == [(0,)]
    assert persons.query("SELECT count(*) FROM forgettings") == [(1,)]


@pytest.mark.slow
def test_half_written_file_of_a_death_is_removed(
    persons: Persons, monkeypatch: pytest.MonkeyPatch
) -> None:

    die_at(persons, monkeypatch, Path, "replace")
    assert (persons.folder("2026-06-30.1") / ".personal.parquet.part").exists()
    say(persons)
    assert not (persons.folder("2026-06-30.1") / ".personal.parquet.part").exists()
    assert persons.found(*own(persons)) == set()


def test_death_within_the_transaction_leaves_everything(
    persons: Persons, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = persons.fingerprint()

    die_at(persons, monkeypatch, forgetting, "_record")
    assert persons.fingerprint() == before


@pytest.mark.slow
def test_last_account_takes_the_file_with_it(persons: Persons) -> None:
    for account in ("p1", "p2", "p3"):
        assert say(persons, account).exit_code == 0
    assert not (persons.folder("2026-06-30.1") / "personal.parquet").exists()
    assert persons.found(*secrets()) == set()
    persons.run(SECOND)
    assert persons.log("2026-07-01.1")[0][0] == "account_forgotten"


@pytest.mark.slow
def test_reader_that_holds_old_pages_is_named_and_the_next_call_goes_on(
    persons: Persons, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.audit.opening.BUSY_SECONDS", 0.1)
    reader = sqlite3.connect(persons.store / "kam.db")
    try:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM decision_log").fetchone()
        result = say(persons)
        assert isinstance(result.exception, KamError)
        assert [one.code for one in result.exception.problems] == ["log-still-read"]
    finally:
        reader.close()
    say(persons)
    assert persons.found(*own(persons)) == set()


def test_record_of_a_forgetting_cannot_be_changed(persons: Persons) -> None:
    say(persons)
    connection = sqlite3.connect(persons.store / "kam.db")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("UPDATE forgettings SET reason = 'other'")
    connection.close()
