"""What stands in personal.parquet is held against the tokens; a store that forgot is sound."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from engine.audit.personal.check import FACTS, is_whole, losses, misfits
from engine.audit.personal.files import PERSONAL_FILE
from engine.audit.personal.known_salts import load_salts
from engine.audit.store import open_store
from engine.commands.evidence import verify
from engine.commands.privacy import forget
from tests.privacy.book import FIRST, SECOND, Persons

NIGHT, NEXT = "2026-06-30.1", "2026-07-01.1"


def found(persons: Persons, night: str = NIGHT, before: str | None = None) -> list[tuple[str, str]]:
    """The misfits of a night; that nothing is wrong with it is said in one pass just the same."""
    with open_store(persons.store, read_only=True) as store, duckdb.connect() as files:
        connection, folder = store.connection, persons.folder(night)
        load_salts(connection, files)
        run_no = int(night == NEXT) + 1
        wrong = misfits(files, folder)
        lost = losses(connection, files, folder, run_no)
        known = None if before is None else persons.folder(before)
        assert is_whole(connection, files, folder, run_no, known) == (not wrong and not lost)
        return wrong


def rewrite(persons: Persons, changed: str, night: str = NIGHT, file: str = PERSONAL_FILE) -> None:
    path = persons.folder(night) / file
    aside = Path(f"{path}.new")
    with duckdb.connect() as connection:
        connection.read_parquet(str(path)).project(changed).write_parquet(str(aside))
    aside.replace(path)


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> Persons:
    """In which nobody's contact changes and everybody's age may."""
    persons = Persons(tmp_path_factory.mktemp("two") / "workspace")
    persons.run(FIRST)
    persons.run(SECOND)
    return persons


@pytest.fixture
def second(two_nights: Persons, tmp_path: Path) -> Persons:
    return two_nights.copy(tmp_path / "second")


def test_file_that_the_night_wrote_fits(kept: Persons) -> None:
    assert found(kept) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("contact", "'Somebody Else'"),
        ("born", "born + 1"),
        ("age", "age + 1"),
    ],
)
def test_changed_value_is_named(night: Persons, column: str, value: str) -> None:
    changed = f"CASE WHEN account_id = 'p2' THEN {value} ELSE {column} END AS {column}"
    rewrite(night, f"* REPLACE ({changed})")
    assert found(night) == [("p2", column)]


def test_values_that_are_as_on_the_night_before_fit(two_nights: Persons) -> None:
    assert found(two_nights, NEXT, NIGHT) == []
    assert found(two_nights, NEXT) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("contact", "'Somebody Else'"),
        ("contact", "max(contact) OVER ()"),
        ("born", "born + 1"),
        ("age", "age + 1"),
    ],
)
def test_value_that_is_not_as_on_the_night_before_is_named(
    second: Persons, column: str, value: str
) -> None:
    changed = f"CASE WHEN account_id = 'p2' THEN {value} ELSE {column} END AS {column}"
    rewrite(second, f"* REPLACE ({changed})", NEXT)
    assert found(second, NEXT, NIGHT) == [("p2", column)]


def test_value_that_is_as_before_beside_another_token_is_named(second: Persons) -> None:
    changed = "CASE WHEN account_id = 'p2' THEN name ELSE contact END AS contact"
    rewrite(second, f"* REPLACE ({changed})", NEXT, FACTS)
    assert found(second, NEXT, NIGHT) == [("p2", "contact")]


@pytest.mark.parametrize("night", [NIGHT, NEXT])
def test_value_that_is_gone_is_no_misfit_and_yet_the_night_is_not_whole(
    second: Persons, night: str
) -> None:
    before = NIGHT if night == NEXT else None
    changed = "CASE WHEN account_id <> 'p2' THEN contact END AS contact"
    rewrite(second, f"* REPLACE ({changed})", night)
    assert found(second, night, before) == []
    rewrite(second, "* EXCLUDE (contact)", night)
    assert found(second, night, before) == []
    with open_store(second.store, read_only=True) as store, duckdb.connect() as files:
        load_salts(store.connection, files)
        assert not is_whole(store.connection, files, second.folder(night), int(night == NEXT) + 1)


def test_file_without_a_forgotten_account_fits(night: Persons) -> None:
    arguments = ["p1", "--reason", "asked", "--by", "Ning", "-w", str(night.root)]
    assert CliRunner().invoke(forget, arguments).exit_code == 0
    assert found(night) == []


@pytest.mark.slow
def test_store_that_forgot_and_let_expire_verifies(night: Persons) -> None:
    arguments = ["p1", "--reason", "asked", "--by", "Ning", "-w", str(night.root)]
    assert CliRunner().invoke(forget, arguments).exit_code == 0
    kam = (night.root / "kam.yaml").read_text(encoding="utf-8")
    retention = "privacy: {retention: {personal: 2 days, internal: 2 days}}\n"
    night.write("kam.yaml", kam + retention)
    for days in (3, 6):
        night.run(FIRST + timedelta(days=days))
    assert not (night.folder("2026-06-30.1") / "facts.parquet").exists()
    result = CliRunner().invoke(verify, [str(night.root)])
    assert result.exit_code == 0, result.output
    assert "facts.parquet of run 2026-06-30.1 was removed on 2026-07-06" in result.output
