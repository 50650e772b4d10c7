"""What happens to the largest customer of the demo book on its last day: events to try."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any


def events_text(account: str, day: date) -> str:
    """JSON Lines as `kam event` reads them: a new head of purchasing, a complaint, a payment that
    did not come, and a rating that fell."""
    return "".join(
        json.dumps(event, ensure_ascii=False) + "\n" for event in _events(account, day.isoformat())
    )


def _events(account: str, day: str) -> Iterator[dict[str, Any]]:
    what = {"account": account, "type": "record"}
    yield {
        "id": "crm-0001",
        **what,
        "record": "signals",
        "values": {
            "observed_on": day,
            "kind": "management_change",
            "severity": 5,
            "note": "采购总监离职",
        },
    }
    yield {
        "id": "service-0001",
        **what,
        "record": "issues",
        "values": {
            "issue_id": "T90000001",
            "opened_at": f"{day} 09:10",
            "class": "complaint",
            "severity": 4,
        },
    }
    yield {
        "id": "finance-0001",
        **what,
        "record": "signals",
        "values": {"observed_on": day, "kind": "payment_default", "severity": 5},
    }
    yield {
        "id": "finance-0002",
        "account": account,
        "type": "account",
        "values": {"credit_rating": "D"},
    }
