"""The lines of the log from which other tables follow, read once for all checks of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

ID_CHARACTERS = 24
"""Of the id of an action."""

# A night can end half a million actions, each with a line {"action":"<id>","owner":...}: of these
# nothing is read but the id. Every other line, and one that is not as a run writes it, is given by
# its number and read by itself.
_LINES = f"""
SELECT run_no, kind,
  CASE WHEN kind IN ('action_expired', 'action_reopened')
    AND substr(evidence, 1, 11) = '{{"action":"'
    AND substr(evidence, {12 + ID_CHARACTERS}, 10) = '","owner":'
    AND json_valid(evidence)
  THEN CAST(substr(evidence, 12, {ID_CHARACTERS}) AS BLOB) ELSE seq END
FROM decision_log
WHERE kind IN (
  'person_said', 'action_expired', 'action_reopened', 'account_forgotten', 'values_expired'
)
ORDER BY seq
"""  # noqa: S608
_LINE = """
SELECT account_id, rule_no, to_value, CAST(evidence AS BLOB) FROM decision_log WHERE seq = ?
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


Ending = tuple[int, str]
"""(run_no, kind) of a line that says that an action expired or was opened again."""


@dataclass(frozen=True)
class SaidLines:
    """What the log says of people's marks, of what was destroyed, and of actions that ended.

    `ended` maps the id of an action to the runs in which it expired or was opened again, in their
    order.
    """

    said: list[SaidLine] = field(default_factory=list)
    forgotten: list[SaidLine] = field(default_factory=list)
    expired: list[SaidLine] = field(default_factory=list)
    ended: dict[str, tuple[Ending, ...]] = field(default_factory=dict)


def read_said_lines(connection: sqlite3.Connection) -> SaidLines:
    """Reads them: less than a second for three million lines, half a million of them about actions
    that ended."""
    found = SaidLines()
    lists = {
        "person_said": found.said,
        "account_forgotten": found.forgotten,
        "values_expired": found.expired,
    }
    ended = found.ended
    # Lines of a kind stand together, and so share what is known of them.
    for ending, rows in groupby(connection.execute(_LINES), itemgetter(0, 1)):
        endings, said = (ending,), lists.get(ending[1])
        for _, _, place in rows:
            if isinstance(place, bytes):
                action: object = place.decode(errors="replace")
            else:
                line = _line(connection, ending[0], place)
                if said is not None:
                    said.append(line)
                    continue
                action = line.seen().get("action")
            if isinstance(action, str):
                ended[action] = ended.get(action, ()) + endings
    return found


def _line(connection: sqlite3.Connection, run_no: int, seq: int) -> SaidLine:
    account, rule_no, to_value, evidence = connection.execute(_LINE, (seq,)).fetchone()
    return SaidLine(run_no, account, rule_no, to_value, (evidence or b"").decode(errors="replace"))


def seen_of(text: str) -> Mapping[str, Any]:
    """The object that a text of JSON is; an empty one if it is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
