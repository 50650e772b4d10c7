"""Events that are disturbed, and what must be true after they were sent again."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.audit.events import inbox
from engine.audit.store import open_store
from engine.verification.verify import verify_store
from tests.faults.nursery import Ended
from tests.faults.trial import SECOND, Disturbed, Rows, assert_same, content, prepare_book

BATCH = 3
"""Events of a transaction."""


def _record(id: str, account: str, record: str, **values: str) -> dict[str, Any]:
    return {"id": id, "type": "record", "account": account, "record": record, "values": values}


def _fact(id: str, account: str, rating: str) -> dict[str, Any]:
    return {"id": id, "type": "account", "account": account, "values": {"rating": rating}}


EVENTS: tuple[dict[str, Any], ...] = (
    _record("c-1", "a1", "complaints", opened_on="2026-06-20"),
    _record("c-2", "a1", "complaints", opened_on="2026-06-21"),
    _fact("r-1", "a2", "B"),
    _record("c-3", "a2", "complaints", opened_on="2026-06-30"),
    _record("c-4", "nobody", "complaints", opened_on="2026-06-30"),
    _record("c-5", "a2", "complaints", opened_on="2026-07-01"),
    _record("o-1", "a3", "orders", ordered_on="2026-07-01", amount="2000000.00"),
    _record("c-1", "a1", "complaints", opened_on="2026-06-20"),
    _fact("r-2", "a2", "A"),
    _record("c-6", "a3", "complaints", opened_on="2026-07-01"),
    _record("c-7", "a4", "complaints", opened_on="2026-07-01"),
)
GOOD = {one["id"] for one in EVENTS} - {"c-4"}
BROKEN = '{"id": "broken'


def write_events(file: Path) -> Path:
    """The events of the day, a broken line in their middle."""
    lines = [json.dumps(one) for one in EVENTS]
    lines.insert(4, BROKEN)
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def prepare_day(folder: Path) -> Path:
    """A workspace after one night, on the day after it."""
    root = prepare_book(folder)
    with (root / "kam.yaml").open("a", encoding="utf-8") as stream:
        stream.write(f"as_of: {SECOND}\n")
    return root


def answered(file: Path) -> list[dict[str, Any]]:
    """What a caller has read in full; a line that was cut is not an answer."""
    if not file.exists():
        return []
    whole, _, _ = file.read_text("utf-8").rpartition("\n")
    return [json.loads(line) for line in whole.splitlines()]


def taken(store: Path) -> dict[str, dict[str, Any]]:
    """Event → the answer that the store keeps; every id stands there once."""
    with open_store(store, read_only=True) as opened:
        rows = opened.database.execute("SELECT event_id, answer FROM events").fetchall()
    assert len({event for event, _ in rows}) == len(rows)
    return {event: json.loads(answer) for event, answer in rows}


def asked_twice(store: Path) -> list[tuple[Any, ...]]:
    """Actions, messages of the outbox and warnings that were raised more than once."""
    with open_store(store, read_only=True) as opened:
        query = (
            "SELECT kind, account_id, rule_no, to_value, count(*) FROM decision_log "
            "WHERE kind IN ('warning_opened', 'action_emitted') "
            "GROUP BY kind, account_id, rule_no, to_value HAVING count(*) > 1 "
            "UNION ALL SELECT action_id, account_id, 0, '', count(*) FROM actions "
            "GROUP BY action_id HAVING count(*) > 1"
        )
        return list(opened.database.execute(query).fetchall())


@dataclass
class EventTrial(Disturbed):
    """Disturbs `kam event`, and sends the events again.

    `after` is what the night that follows them leaves.
    """

    after: Rows = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.file = write_events(self.folder / "events.jsonl")
        self.answers = self.folder / "answers.jsonl"
        workspace = self.copy()
        ended = self.run(workspace, stop=0)
        self.seconds, self.points = ended.seconds, ended.points
        statuses = Counter(one["status"] for one in answered(self.answers))
        assert statuses == {"decided": len(EVENTS) - 1, "rejected": 2}
        self.wanted = content(workspace / "store")
        self._night(workspace)
        self.after = content(workspace / "store")

    def copy(self) -> Path:
        """A fresh copy of the prepared workspace; the one before is gone."""
        self.answers.unlink(missing_ok=True)
        return super().copy()

    def attempt(self, workspace: Path, **how: Any) -> Ended:
        given = {"file": str(self.file), "answers": str(self.answers), "batch": BATCH}
        return self.nursery.run("events", workspace, **given, **how)

    def check(self, workspace: Path) -> None:
        """After a death: nothing that was answered is lost, and nothing is there by half."""
        store = workspace / "store"
        assert verify_store(store).findings == ()
        kept = taken(store)
        waits = {
            json.loads(line)["event"]["id"]
            for _, text in inbox.contents(store)
            for line in text.decode().splitlines()
        }
        for one in answered(self.answers):
            if one["status"] == "decided":
                assert kept[one["event"]]["run"] == one["run"]
            elif one["status"] == "queued":
                assert one["event"] in waits | set(kept)

    def finish(self, workspace: Path, *, night: bool = False) -> None:
        """Sends all of them again: the store is as if nothing had been, the night after too."""
        store = workspace / "store"
        self.check(workspace)
        first = {one["event"]: one for one in answered(self.answers) if one["status"] == "decided"}
        self.answers.unlink(missing_ok=True)
        self.run(workspace)
        again = {one["event"]: one for one in answered(self.answers) if one["status"] == "decided"}
        assert set(again) == GOOD
        assert {event: again[event] for event in first} == first
        assert_same(content(store), self.wanted)
        assert verify_store(store).findings == ()
        if night:
            self._night(workspace)
            assert_same(content(store), self.after)

    def finish_in_any_order(self, workspace: Path) -> None:
        """Sends all of them again where some had waited: what is decided is the same, though
        other events share a transaction."""
        store = workspace / "store"
        self.check(workspace)
        self.answers.unlink(missing_ok=True)
        self.run(workspace)
        assert not inbox.waiting(store)
        decided = {one["event"] for one in answered(self.answers) if one["status"] == "decided"}
        assert decided == GOOD
        assert set(taken(store)) == GOOD
        assert asked_twice(store) == []
        assert verify_store(store).findings == ()

    def _night(self, workspace: Path) -> None:
        ended = self.nursery.run("night", workspace, as_of=SECOND)
        assert ended.status == 0, ended
        assert verify_store(workspace / "store").findings == ()
        assert asked_twice(workspace / "store") == []
