"""Runs that answered events, for the tests of the store and of what reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from engine.audit.events.log import EventLog
from engine.audit.events.records import EventRecord, EventRun, json_text
from engine.audit.marks import EndedCause
from engine.audit.recording import Committed
from engine.audit.records import ActionRow, LogRow
from engine.audit.store import Run, Store
from tests.audit.sample import DAY, ZERO

AT = datetime(2026, 6, 30, 1, 12, tzinfo=UTC)


def complaint(event_id: str = "crm-1", account: str = "A1", day: date = DAY) -> EventRecord:
    """A new record of the table `issues`, with its answer."""
    values = {"issue_id": "I1", "opened_at": "2026-06-30 09:10", "class": "complaint"}
    return EventRecord(
        event_id=event_id,
        account=account,
        type="record",
        record="issues",
        key="I1",
        at=AT,
        day=day,
        content={"account": account, "id": event_id, "type": "record", "values": values},
        given={"issue_id": "I1", "opened_at": datetime(2026, 6, 30, 9, 10), "class": "complaint"},
        answer={"event": event_id, "account": account, "status": "decided"},
    )


def fact(event_id: str, column: str, value: Any, before: Any, account: str = "A1") -> EventRecord:
    """A changed fact of the account."""
    return EventRecord(
        event_id=event_id,
        account=account,
        type="account",
        at=AT,
        day=DAY,
        content={"account": account, "id": event_id, "type": "account", "values": {column: value}},
        given={column: value},
        before={column: before},
        answer={"event": event_id, "status": "decided"},
    )


def decision(tier: str | None = "strategic", account: str = "A1", **more: Any) -> dict[str, Any]:
    """A row as decisions.parquet has it."""
    warning = {
        "rule": "complaints", "level": "red", "since": DAY, "raised": DAY, "clear_since": None,
        "acknowledged": None, "escalated": None, "silenced_until": None, "is_inhibited": False,
        "called": ["red"], "evidence": '{"annual_purchase": 5230000.50}',
    }  # fmt: skip
    return {
        "account_no": 0, "account_id": account, "name": "华东重工", "pack": "d",
        "scope": "account", "in_population": True, "candidate": tier, "computed": tier,
        "tier": tier, "tier_since": DAY, "worse_reviews": 0, "held_reviews": 0,
        "held_until": None, "override_until": None, "scores": {"value_score": 81.25},
        "warnings": [warning], "waiting": [], "milestones": [], "entitlements": ["vip_hotline"],
        "unknowns": 0, **more,
    }  # fmt: skip


def obligation(state: str = "overdue", account: str = "A1") -> dict[str, Any]:
    """A row as obligations.parquet has it."""
    return {
        "pack": "d", "account_no": 0, "account_id": account, "rule_id": "review_meeting",
        "kind": "cadence", "part": "", "state": state, "owed_since": DAY, "since": DAY,
        "asked_on": DAY, "starts": None, "limit_at": datetime(2026, 6, 30, 18), "due_on": DAY,
        "done": 0, "needed": 1, "last_on": None,
    }  # fmt: skip


def content(*decisions: Mapping[str, Any], obligations: Sequence[Any] = ()) -> dict[str, Any]:
    facts = {"annual_purchase": Decimal("5230000.50"), "revenue_share": 0.213}
    return {"facts": facts, "decisions": list(decisions), "obligations": list(obligations)}


def json_of(state: Mapping[str, Any]) -> str:
    """A state as the store keeps it."""
    return json_text(state)


def event_run(
    log: EventLog,
    night: Run,
    events: Sequence[EventRecord] | None = None,
    decisions: Mapping[str, Mapping[str, Any]] | None = None,
    log_rows: Sequence[LogRow] = (),
    action_rows: Sequence[ActionRow] = (),
    ended_causes: Sequence[EndedCause] = (),
    *,
    as_of: date = DAY,
    run_id: str | None = None,
) -> EventRun:
    """A run that answers a complaint about A1, unless something else is said."""
    return EventRun(
        run_id=run_id or log.next_run_id(as_of),
        as_of=as_of,
        started_at=AT,
        finished_at=AT,
        engine_version="0.1.0",
        plan_hash=ZERO,
        night=night,
        events=(complaint(),) if events is None else events,
        decisions={"A1": content(decision())} if decisions is None else decisions,
        log_rows=log_rows,
        action_rows=action_rows,
        ended_causes=ended_causes,
    )


def answer(store: Store, *args: Any, **named: Any) -> Committed:
    """Commits one such run over the last night."""
    log = EventLog(store, "kam.local/sample")
    night = store.last_run()
    assert night is not None
    with store.lock():
        (committed,) = log.commit(event_run(log, night, *args, **named))
    return committed
