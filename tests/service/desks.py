"""A desk without a workspace: it knows two accounts and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from engine.day.events import Answer, Event, Rejected
from engine.errors import Problem, problem
from engine.model import Classification

ACCOUNTS = {"A1", "A2", "组/一"}


class FakeDesk:
    """Decides that a warning is opened. An event of the id ``slow`` waits for `released`, one of
    ``broken`` raises a defect; with `is_busy` the events are queued."""

    def __init__(self) -> None:
        self.first: dict[str, dict[str, Any]] = {}
        self.batches: list[list[str | None]] = []
        self.levels: list[Classification] = []
        self.released = threading.Event()
        self.is_taking = threading.Event()
        self.is_busy = False
        self.failure: Exception | None = None
        self.night_id: str | None = "2026-06-30.1"
        self.housekeeping: list[str] = []
        self.waiting: list[Answer | Rejected] = []
        self.notes: tuple[Problem, ...] = ()

    @property
    def night(self) -> str:
        if self.night_id is None:
            raise problem("no-run", "there is no run in /secret/place")
        return self.night_id

    def answer(self, events: Sequence[Event | Rejected]) -> list[Answer | Rejected]:
        ids = [one.id if isinstance(one, Event) else one.event for one in events]
        self.batches.append(ids)
        self.is_taking.set()
        if "slow" in ids:
            assert self.released.wait(10)
        if "broken" in ids:
            raise ZeroDivisionError("a secret of the house")
        if self.failure is not None:
            raise self.failure
        return [self._answer(one) for one in events]

    def evaluate(self, event: Event) -> Answer | Rejected:
        if (refused := _refused(event)) is not None:
            return refused
        return Answer(event.id, {**decided(event), "run": None})

    def account(self, account: str, level: Classification) -> Mapping[str, Any]:
        self.levels.append(level)
        if account not in ACCOUNTS:
            raise problem("unknown-account", f"there is no account '{account}'")
        return {
            "account": account,
            "name": "华东水务" if level != "public" else None,
            "as_of": "2026-06-30",
            "run": self.night,
            "packs": {"value_segments": {"tier": "core", "warnings": []}},
        }

    def refresh(self) -> None:
        self.housekeeping.append("refresh")

    def drain(self) -> list[Answer | Rejected]:
        self.housekeeping.append("drain")
        drained, self.waiting = self.waiting, []
        return drained

    def _answer(self, event: Event | Rejected) -> Answer | Rejected:
        if isinstance(event, Rejected):
            return event
        if (refused := _refused(event)) is not None:
            return refused
        if event.id in self.first:
            return Answer(event.id, self.first[event.id], is_first=False, line=event.line)
        if self.is_busy:
            queued = {"event": event.id, "account": event.account, "status": "queued", "notes": []}
            return Answer(event.id, queued, line=event.line)
        self.first[event.id] = decided(event)
        return Answer(event.id, self.first[event.id], line=event.line)


def _refused(event: Event) -> Rejected | None:
    code = event.values.get("refuse")
    if isinstance(code, str) and code:
        return Rejected(Problem(f"event-{code}", "as the event asked"), event.id, event.line)
    if event.account not in ACCOUNTS:
        wrong = Problem("event-unknown-account", f"there is no account '{event.account}'")
        return Rejected(wrong, event.id, event.line)
    return None


def decided(event: Event) -> dict[str, Any]:
    return {
        "event": event.id,
        "account": event.account,
        "run": "2026-06-30.e1",
        "as_of": "2026-06-30",
        "status": "decided",
        "notes": [{"code": "column-left-out", "message": "'contact_name' is not kept"}],
        "packs": {
            "value_segments": {
                "tier": "core",
                "tier_before": "core",
                "candidate": "core",
                "warnings": [{"rule": "complaint", "level": "red", "since": "2026-06-30"}],
            }
        },
        "changes": [
            {
                "pack": "value_segments",
                "kind": "warning_opened",
                "rule": "complaint",
                "from": None,
                "to": "red",
                "title_zh": "客户投诉",
                "title_en": "Complaint",
                "file": "policies/value_segments/warnings.yaml",
                "line": 12,
                "evidence": {"complaints_90d": 3},
            }
        ],
        "actions": [
            {
                "action": "39a098645e828f2b11f2fc05",
                "pack": "value_segments",
                "rule": "complaint",
                "template": "call_customer",
                "owner_role": "customer_manager",
                "owner": "罗佳琪",
                "priority": "urgent",
                "due_on": "2026-07-01",
                "title_zh": "致电客户",
                "title_en": "Call the customer",
            }
        ],
    }
