"""A signed store in which runs that answered events stand between two nights."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from engine.audit.events.log import EventLog
from engine.audit.events.records import EventRecord
from engine.audit.store import open_store
from tests.audit.event_sample import AT, content, event_run
from tests.books.shared import shared
from tests.night.book import NIGHT, Book
from tests.verification.store import ORIGIN, signing

NEXT = NIGHT + timedelta(days=1)
EVENT_RUNS = (f"{NIGHT}.e1", f"{NIGHT}.e2")
NIGHTS = (f"{NIGHT}.1", f"{NEXT}.1")


def rating(event_id: str, account: str) -> EventRecord:
    """A fact of an account, by whose values nothing is merged into the sources."""
    said = {"id": event_id, "account": account, "type": "account", "values": {"rating": "A"}}
    return EventRecord(
        event_id=event_id,
        account=account,
        type="account",
        at=AT,
        day=NIGHT,
        content=said,
        given={},
        answer={"event": event_id, "status": "decided"},
    )


def answer_events(book: Book, log: EventLog, night_id: str) -> None:
    """a2 becomes gold, with a visit; then nothing changes for a1."""
    store = log.store
    night = store.run(night_id)
    assert night is not None
    row = next(one for one in book.decisions(night_id) if one["account_id"] == "a2")
    gold = {**row, "tier": "gold", "computed": "gold", "candidate": "gold", "tier_since": NIGHT}
    rules = dict(
        store.connection.execute("SELECT kind || ' ' || rule_id, rule_no FROM rules").fetchall()
    )
    line = ("a2", "tier_moved", rules["tier gold"], "silver", "gold", '{"rating":"A"}')
    visit = (
        *("7" * 24, "8" * 24, "a2", "黄河电气", rules["warning complaints"]),
        *(rules["action visit"], "red", "office", "office", "high", str(NIGHT), None, "{}"),
    )
    both = [rating("crm-1", "a2"), rating("crm-2", "a2")]
    first = event_run(log, night, both, {"a2": content(gold)}, [line], [visit])
    with store.lock():
        log.commit(first)
        same = next(one for one in book.decisions(night_id) if one["account_id"] == "a1")
        log.commit(event_run(log, night, [rating("crm-3", "a1")], {"a1": content(same)}))


def make_event_store(folder: Path) -> None:
    """A night, two runs that answered events, and the next night over the same sources."""
    with signing(folder) as (book, signer):
        book.run(NIGHT)
        with open_store(book.store) as store:
            answer_events(book, EventLog(store, ORIGIN, signer), NIGHTS[0])
        book.run(NEXT)


# --- fixtures, for the conftest.py of whoever tests with such a store ---------------------------


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The workspace. Never changed; tests take a copy, and see its store as `signed_store`."""
    return Book(shared(tmp_path_factory, "told", make_event_store), files={})


@pytest.fixture
def told_again(told: Book, tmp_path: Path) -> Book:
    """A copy of it."""
    shutil.copytree(told.root, tmp_path / "workspace")
    return Book(tmp_path / "workspace", files={})
