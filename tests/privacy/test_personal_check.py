"""What stands in personal.parquet is held against the tokens; a store that forgot is sound."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from engine.audit.personal.check import misfits
from engine.audit.personal.known_salts import load_salts
from engine.audit.store import open_store
from engine.commands.evidence import verify
from engine.commands.privacy import forget
from tests.privacy.book import FIRST, Persons


def found(persons: Persons) -> list[tuple[str, str]]:
    with open_store(persons.store, read_only=True) as store, duckdb.connect() as files:
        load_salts(store.connection, files)
        return misfits(files, persons.folder("2026-06-30.1"))


def rewrite(persons: Persons, changed: str) -> None:
    file = persons.folder("2026-06-30.1") / "personal.parquet"
    aside = Path(f"{file}.new")
    with duckdb.connect() as connection:
        connection.read_parquet(str(file)).project(changed).write_parquet(str(aside))
    aside.replace(file)


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
