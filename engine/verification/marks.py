"""Whether what people said stands in `marks` as the log took it over: who, when, about what."""

from __future__ import annotations

import re
import sqlite3
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.audit.store import Run
from engine.verification.findings import Findings
from engine.verification.said_lines import SaidLine, SaidLines

_MARKS = """
SELECT m.mark_no, m.kind, CAST(json_object('by', m.said_by, 'at', m.said_at, 'action', a.action_id,
  'until', m.until, 'person', m.person, 'note', m.note) AS BLOB),
  coalesce(m.account_id, a.account_id), a.rule_no, m.pack, m.rule_id, m.said_at, m.said_on
FROM marks AS m LEFT JOIN actions AS a ON a.action_no = m.action_no ORDER BY m.mark_no
"""
_WARNINGS = """
SELECT rule_no, pack, rule_id FROM rules JOIN policy_versions USING (policy_no)
WHERE kind = 'warning'
"""
_WORKSPACES = """
SELECT run_no, content FROM run_files JOIN policy_files USING (sha256) WHERE role = 'workspace'
"""
_AS_OF = re.compile(rb"^as_of\s*:\s*['\"]?(\d{4}-\d\d-\d\d)", re.MULTILINE)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class _Mark:
    """A row of `marks`; `text` is the evidence of its line."""

    number: int
    kind: str
    text: bytes
    account: str | None
    action_rule: int | None
    pack: str | None
    rule_id: str | None
    said_at: str
    said_on: str

    def fits(self, line: SaidLine, warnings: Mapping[int, tuple[str, str]]) -> bool:
        """Whether the line is of this mark. `warnings` are pack and id of a rule by its number."""
        named = (self.pack, self.rule_id)
        if self.action_rule is not None:
            is_rule = line.rule_no == self.action_rule and named == (None, None)
        else:  # of a warning that no policy had any more, the line names no rule
            is_rule = line.rule_no is None or warnings.get(line.rule_no) == named
        return (
            is_rule
            and line.to_value == self.kind
            and line.account == self.account
            and line.evidence == self.text.decode(errors="replace")
        )


def check_marks(
    connection: sqlite3.Connection, runs: Sequence[Run], lines: SaidLines, findings: Findings
) -> None:
    """What people said stands in the log as it was read. Marks that no night has read yet stand in
    no line, and nothing is known of them."""
    marks = [_Mark(*row) for row in connection.execute(_MARKS)]
    warnings = {number: (pack, rule) for number, pack, rule in connection.execute(_WARNINGS)}
    said: dict[int, list[SaidLine]] = {}
    for line in lines.said:
        said.setdefault(line.run_no, []).append(line)
    numbers = [one.number for one in marks]
    days = _Days(connection, runs) if marks else None
    after = 0
    for run in runs:
        wanted = said.get(run.run_no, [])
        read = marks[bisect_right(numbers, after) : bisect_right(numbers, run.last_mark)]
        if len(wanted) != len(read) or not all(
            mark.fits(line, warnings) for mark, line in zip(read, wanted, strict=True)
        ):
            findings.add(
                "marks-altered",
                run.run_id,
                f"what people said (marks {after + 1} to {run.last_mark}) is not what the log "
                "says that they said",
            )
        elif days is not None:
            days.check(run, read, findings)
        after = run.last_mark


class _Days:
    """The days on which people speak: that of the moment, in whatever zone the workspace is; or,
    where its book is closed, the `as_of` of its kam.yaml, which goes on from night to night."""

    def __init__(self, connection: sqlite3.Connection, runs: Sequence[Run]) -> None:
        kept = dict(connection.execute(_WORKSPACES).fetchall())
        nights = [run for run in runs if run.kind == "night"]
        self._before: dict[int, Run | None] = dict(
            zip((night.run_no for night in nights), [None, *nights], strict=False)
        )
        # A run of version 0.2 kept its kam.yaml elsewhere: what was closed then is not known.
        self._closed = {
            night.run_no: {day.decode() for day in _AS_OF.findall(kept[night.run_no])}
            for night in nights
            if night.run_no in kept
        }
        self._named = set().union(*self._closed.values(), (run.as_of.isoformat() for run in runs))

    def check(self, run: Run, marks: Sequence[_Mark], findings: Findings) -> None:
        """The marks that a night has read."""
        if not marks:
            return
        before = self._before.get(run.run_no)
        around = [run.run_no] if before is None else [run.run_no, before.run_no]
        if any(night not in self._closed for night in around):
            return
        is_closed = any(self._closed[night] for night in around)
        for one in marks:
            if _is_near(one.said_on, one.said_at) or (is_closed and one.said_on in self._named):
                continue
            message = f"mark {one.number} was made at {one.said_at} and stands under {one.said_on}"
            if is_closed and before is not None and one.said_on >= before.as_of.isoformat():
                # The book may have been closed on that day for a while, without a night.
                findings.notes.append(f"{message}, which is the as-of date of no night")
            else:
                findings.add("marks-altered", run.run_id, message)


def _is_near(day: str, moment: str) -> bool:
    """Whether a day can be that of a moment in UTC somewhere on earth."""
    try:
        return abs(date.fromisoformat(day) - date.fromisoformat(moment[:10])) <= _DAY
    except ValueError:
        return False
