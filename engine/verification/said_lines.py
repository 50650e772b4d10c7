"""The lines of the log from which other tables follow, read once for all checks of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_LINES = """
SELECT run_no, account_id, kind, rule_no, to_value, CAST(evidence AS BLOB)
FROM decision_log
WHERE kind IN (
  'person_said', 'action_expired', 'action_reopened', 'account_forgotten', 'values_expired'
)
ORDER BY seq
"""


@dataclass(frozen=True)
class SaidLine:
    """A line of the log; `evidence` is the text of its JSON, empty if it has none."""

    run_no: int
    account: str | None
    rule_no: int | None
    to_value: str | None
    evidence: str

    def seen(self) -> Mapping[str, Any]:
        """The evidence; nothing if it is no object, which the run's tree does not fit then."""
        return seen_of(self.evidence)


@dataclass(frozen=True)
class SaidLines:
    """What the log says of people's marks, of what was destroyed, and of actions that ended.

    `ended` maps the id of an action to the runs in which it expired or was opened again, in their
    order: (run_no, kind).
    """

    said: list[SaidLine] = field(default_factory=list)
    forgotten: list[SaidLine] = field(default_factory=list)
    expired: list[SaidLine] = field(default_factory=list)
    ended: dict[str, list[tuple[int, str]]] = field(default_factory=dict)


def read_said_lines(connection: sqlite3.Connection) -> SaidLines:
    """Reads them: a second for three million lines, however few there are of them."""
    found = SaidLines()
    lists = {
        "person_said": found.said,
        "account_forgotten": found.forgotten,
        "values_expired": found.expired,
    }
    for run_no, account, kind, rule_no, to_value, evidence in connection.execute(_LINES):
        text = (evidence or b"").decode(errors="replace")
        if kind in lists:
            lists[kind].append(SaidLine(run_no, account, rule_no, to_value, text))
        else:
            action = seen_of(text).get("action")
            if isinstance(action, str):
                found.ended.setdefault(action, []).append((run_no, kind))
    return found


def seen_of(text: str) -> Mapping[str, Any]:
    """The object that a text of JSON is; an empty one if it is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
