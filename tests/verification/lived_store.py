"""A store in which everything has happened that changes tables from day to day, made once.

Three persons, four nights: actions that are done, snoozed, assigned and expired, a warning
that is acknowledged, somebody who is forgotten, values whose time is over, messages that were
delivered and one that waits; and what people have said since the last night.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.actions.delivery import deliver
from engine.audit.marks import Said
from engine.audit.store import open_store
from engine.commands.privacy import forget
from engine.console.values import bare_value
from engine.language.workspace import load_workspace
from engine.verification.findings import Finding
from engine.verification.verify import verify_store
from tests.books.shared import shared
from tests.privacy.book import FIRST, SECOND, THIRD, Persons, accounts

LAST = FIRST + timedelta(days=4)
MORE = """\
sinks:
  crm: {kind: jsonl, path: outbox/crm.jsonl}
privacy: {retention: {personal: 3 days, internal: 3 days}}
"""


class Lived:
    """The workspace, and ways to tamper with its store."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = root / "store"

    def folder(self, day: date) -> Path:
        return self.store / "runs" / f"{day}.1"

    def found(self) -> tuple[Finding, ...]:
        return verify_store(self.store).findings

    def codes(self) -> set[str]:
        return {one.code for one in self.found()}

    def messages(self) -> str:
        return "\n".join(one.message for one in self.found())

    def execute(self, sql: str, *values: object) -> None:
        """Without the triggers meanwhile: whoever tampers knows to put them back."""
        with closing(sqlite3.connect(self.store / "kam.db", isolation_level=None)) as connection:
            triggers = connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall()
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            assert connection.execute(sql, values).rowcount > 0, "the tampering did nothing"
            for _, statement in triggers:
                connection.execute(statement)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.store / "kam.db")) as connection:
            return connection.execute(sql).fetchall()


def make_lived_store(root: Path) -> None:
    """Margins of 900000 are good, those of 100000 of p1 and p2 call for an action."""
    persons = Persons(root)
    persons.append("kam.yaml", MORE)
    persons.run(FIRST)
    send(persons)
    say(persons, "assign", FIRST, action_no=1, person="Ning")
    say(persons, "snooze", FIRST, action_no=2, until=THIRD + timedelta(days=1))
    about = {"pack": "small", "account": "p2", "rule": "thin_margin"}
    say(persons, "ack", FIRST, **about)
    persons.run(SECOND)
    say(persons, "done", SECOND, action_no=1, note="called")
    drop(persons, "p3")
    persons.write("data/accounts.csv", accounts(p3=1))
    persons.run(THIRD)
    persons.write("data/accounts.csv", accounts(p3=1, p2=900000))
    persons.run(LAST)
    say(persons, "assign", LAST, action_no=3, person="Bo")
    drop(persons, "p2")


def say(persons: Persons, kind: str, on: date, **about: object) -> None:
    moment = datetime.combine(on, time(2), UTC)
    with open_store(persons.store) as store:
        store.say(Said(kind, "陈静", moment, on, **about))  # type: ignore[arg-type]


def drop(persons: Persons, account: str) -> None:
    arguments = [account, "--reason", "asked for it", "--by", "Ning", "-w", str(persons.root)]
    assert CliRunner().invoke(forget, arguments).exit_code == 0


def send(persons: Persons) -> None:
    assert deliver(load_workspace(persons.root), {}, bare_value).good


# --- fixtures, for the conftest.py of whoever tests with such a store ---------------------------


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Never changed; tests take a copy."""
    return Lived(shared(tmp_path_factory, "lived", make_lived_store))


@pytest.fixture
def lived_again(lived: Lived, tmp_path: Path) -> Lived:
    shutil.copytree(lived.root, tmp_path / "workspace")
    return Lived(tmp_path / "workspace")
