"""A backup carries what events left, and those that wait."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.audit.events import inbox
from engine.audit.events.queries import first_answer
from engine.audit.store import open_store
from engine.backup import taking
from engine.backup.restoring import restore_backup
from engine.backup.taking import take_backup
from tests.audit import event_sample as sample
from tests.night.book import Book
from tests.verification.event_store import EVENT_RUNS, NIGHTS
from tests.verification.store import SignedStore, signed_store


@pytest.fixture
def made(told_again: Book) -> SignedStore:
    return signed_store(told_again.root)


def test_events_are_there_again_and_those_that_wait_too(made: SignedStore, tmp_path: Path) -> None:
    waiting = inbox.put(made.folder, [{"id": "crm-9"}])
    inbox.put(made.folder, [{"id": "crm-10"}])

    taken = take_backup(made.folder, tmp_path / "store.tar")
    restored = restore_backup(tmp_path / "store.tar", tmp_path / "again", [made.verifier])

    assert (taken.runs, taken.last_run) == (2, NIGHTS[1])
    assert restored.verdict.is_sound
    assert restored.verdict.runs == (NIGHTS[0], *EVENT_RUNS, NIGHTS[1])
    with open_store(tmp_path / "again", create=False) as store:
        assert first_answer(store.connection, "crm-1") is not None
    assert [one.lines for one in inbox.take(tmp_path / "again")] == [
        ('{"id": "crm-9"}',),
        ('{"id": "crm-10"}',),
    ]
    assert waiting.exists(), "taking a backup takes nothing out of the inbox"


def test_an_event_that_is_answered_meanwhile_is_not_lost(
    made: SignedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.put(made.folder, [{"id": "crm-9"}])
    copy_database = taking._copy_database

    def answered_first(folder: Path, file: Path, part: Path) -> None:
        with open_store(made.folder) as store:
            for _ in inbox.take(made.folder):
                sample.answer(store, [sample.complaint("crm-9", "a1")], {})
        copy_database(folder, file, part)

    monkeypatch.setattr(taking, "_copy_database", answered_first)
    take_backup(made.folder, tmp_path / "store.tar")
    restore_backup(tmp_path / "store.tar", tmp_path / "again", unsound=True)

    assert inbox.waiting(made.folder) == []
    with open_store(tmp_path / "again", create=False) as store:
        assert first_answer(store.connection, "crm-9") is not None
    assert len(inbox.waiting(tmp_path / "again")) == 1, "it gets its first answer again"
