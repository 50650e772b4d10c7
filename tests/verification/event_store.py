"""A signed store in which runs that answered events stand between two nights."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.audit.event_log import EventLog
from engine.audit.event_records import EventRecord
from engine.audit.store import open_store
from engine.evidence.keys import new_key
from engine.evidence.notes import Signer, Verifier
from tests.audit.event_sample import AT, content, event_run
from tests.night.book import NIGHT, Book
from tests.verification.store import ORIGIN, SignedStore

NEXT = NIGHT + timedelta(days=1)
EVENT_RUNS = (f"{NIGHT}.e1", f"{NIGHT}.e2")
NIGHTS = (f"{NIGHT}.1", f"{NEXT}.1")


def told(event_id: str, account: str, given: Mapping[str, Any]) -> EventRecord:
    """A fact of an account, by whose values nothing is merged into the sources."""
    return EventRecord(
        event_id=event_id,
        account=account,
        type="account",
        at=AT,
        day=NIGHT,
        content={"id": event_id, "account": account, "type": "account", "values": dict(given)},
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
        store.database.conn.execute("SELECT kind || ' ' || rule_id, rule_no FROM rules").fetchall()
    )
    line = ("a2", "tier_moved", rules["tier gold"], "silver", "gold", '{"rating":"A"}')
    visit = (
        *("7" * 24, "8" * 24, "a2", "黄河电气", rules["warning complaints"]),
        *(rules["action visit"], "red", "office", "office", "high", str(NIGHT), None, "{}"),
    )
    first = event_run(
        log, night, [told("crm-1", "a2", {"rating": "A"}), told("crm-2", "a2", {"rating": "A"})],
        {"a2": content(gold)}, [line], [visit],
    )  # fmt: skip
    with store.lock():
        log.commit(first)
        same = next(one for one in book.decisions(night_id) if one["account_id"] == "a1")
        log.commit(
            event_run(log, night, [told("crm-3", "a1", {"rating": "A"})], {"a1": content(same)})
        )


def make_event_store(folder: Path) -> tuple[Book, SignedStore]:
    """A night, two runs that answered events, and the next night over the same sources."""
    key = new_key(ORIGIN)
    book = Book(folder)
    book.append("kam.yaml", f"evidence: {{origin: {ORIGIN}, signed: true}}\n")
    with pytest.MonkeyPatch.context() as monkeypatch:  # no other test signs with this key
        monkeypatch.setenv("KAM_SIGNING_KEY", key.signer)
        book.run(NIGHT)
        with open_store(folder / "store") as store:
            answer_events(book, EventLog(store, ORIGIN, Signer.parse(key.signer)), NIGHTS[0])
        book.run(NEXT)
    return book, SignedStore(folder / "store", Verifier.parse(key.verifier))
