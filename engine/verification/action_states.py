"""Whether the actions stand as the log and the marks of people leave them.

The tree of a run covers what an action is. How it stands (open, snoozed, done or expired, with
whom, and of which run) changes from day to day: it follows from the line that emitted it, from
what people said of it, and from the lines that it expired or was opened again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.audit.store import Run
from engine.verification.action_history import ActionHistory, ActionMark, State
from engine.verification.findings import Findings
from engine.verification.said_lines import SaidLines, seen_of

# The lines that emitted the actions of a run stand together and in order of the actions: so each is
# found by its number. An action that nobody has touched is compared without leaving SQLite, and so
# is one that has expired since, of which only the id is left to be compared with the lines.
_TOUCHED = """
SELECT a.action_no, a.action_id, a.account_id, a.run_no, a.status, a.snoozed_until,
  CAST(a.owner AS BLOB), l.kind, CAST(l.evidence AS BLOB)
FROM actions AS a LEFT JOIN decision_log AS l ON l.seq = a.action_no + :distance
WHERE a.action_no BETWEEN :first AND :last AND (
  a.status NOT IN ('open', 'expired') OR a.snoozed_until IS NOT NULL OR a.run_no <> :run
  OR l.kind IS NOT 'action_emitted'
  OR CAST(l.evidence AS BLOB) IS NOT CAST(json_object(
    'action', a.action_id, 'owner_role', a.owner_role, 'owner', a.owner, 'due_on', a.due_on
  ) AS BLOB)
)
"""
_EXPIRED = """
SELECT action_id FROM actions WHERE action_no BETWEEN ? AND ? AND status = 'expired'
"""
_LAST_EMITTED = """
SELECT seq FROM decision_log WHERE seq BETWEEN ? AND ? AND kind = 'action_emitted'
ORDER BY seq DESC LIMIT 1
"""
_EMITTED = """
SELECT CAST(evidence AS BLOB) FROM decision_log
WHERE seq BETWEEN ? AND ? AND kind = 'action_emitted'
"""
_ONE = """
SELECT action_no, action_id, account_id, run_no, status, snoozed_until, CAST(owner AS BLOB)
FROM actions WHERE action_id = ?
"""
_MARKS = """
SELECT a.action_id, m.mark_no, m.kind, m.until, CAST(m.person AS BLOB)
FROM marks AS m JOIN actions AS a USING (action_no)
WHERE m.kind IN ('done', 'snooze', 'assign') ORDER BY m.mark_no
"""


@dataclass(frozen=True)
class _Action:
    """An action as it stands now, and as its line says that it was emitted, if that is known."""

    number: int
    action_id: str
    account: str
    run_no: int
    state: State
    owner: bytes | None
    emitted: Mapping[str, Any]


def check_action_states(
    connection: sqlite3.Connection,
    runs: Sequence[Run],
    counts: Mapping[int, int],
    lines: SaidLines,
    findings: Findings,
) -> None:
    """Status, owner and run of every action; `counts` are the actions that each run recorded."""
    _Check(connection, runs, counts, lines, findings).check()


@dataclass
class _Check:
    connection: sqlite3.Connection
    runs: Sequence[Run]
    counts: Mapping[int, int]
    lines: SaidLines
    findings: Findings
    _marks: dict[str, list[ActionMark]] = field(default_factory=dict)
    _expired: set[str] = field(default_factory=set)
    """The ids of the actions that stand as expired."""
    _checked: set[str] = field(default_factory=set)
    _wrong: list[tuple[int, str]] = field(default_factory=list)

    def check(self) -> None:
        for action_id, *mark in self.connection.execute(_MARKS):
            self._marks.setdefault(action_id, []).append(ActionMark(*mark))
        history = ActionHistory(self.connection, self.runs)
        first = 1
        for run in self.runs:
            last = first + self.counts.get(run.run_no, run.actions) - 1
            if last >= first:
                expired = self.connection.execute(_EXPIRED, (first, last))
                self._expired.update(action_id for (action_id,) in expired)
                for action in self._touched(run, first, last):
                    self._checked.add(action.action_id)
                    self._compare(run.run_no, action, history)
            first = last + 1
        for action_id in self._doubtful() - self._checked:
            # But for having expired, it stands as it was emitted, and so it may: after a night has
            # woken it, say.
            if (row := self.connection.execute(_ONE, (action_id,)).fetchone()) is not None:
                number, _, account, run_no, status, until, owner = row
                emitted = {"owner": None if owner is None else owner.decode(errors="replace")}
                said = _Action(number, action_id, account, run_no, (status, until), owner, emitted)
                self._compare(run_no, said, history)
        wrong = dict(sorted(self._wrong))
        self.findings.add_each("action-state-altered", None, list(wrong), wrong.__getitem__)

    def _doubtful(self) -> set[str]:
        """The actions that people have marked or that were opened again, and those that have
        expired by their lines or as they stand, but not by both."""
        ended = self.lines.ended
        by_lines = {one for one, endings in ended.items() if endings[-1][1] == "action_expired"}
        return self._marks.keys() | (ended.keys() - by_lines) | (by_lines ^ self._expired)

    def _touched(self, run: Run, first: int, last: int) -> Iterator[_Action]:
        """The actions of a run that do not stand as they were emitted, or so but for having
        expired."""
        span = (run.first_seq, run.last_seq)
        row = self.connection.execute(_LAST_EMITTED, span).fetchone()
        distance = 0 if row is None else row[0] - last
        values = {"distance": distance, "first": first, "last": last, "run": run.run_no}
        elsewhere: dict[str, Mapping[str, Any]] | None = None
        for row in self.connection.execute(_TOUCHED, values).fetchall():
            number, action_id, account, run_no, status, until, owner, kind, evidence = row
            emitted = _seen(evidence) if kind == "action_emitted" else {}
            if emitted.get("action") != action_id:
                if elsewhere is None:
                    elsewhere = self._emitted(span)
                emitted = elsewhere.get(action_id, {})
            yield _Action(number, action_id, account, run_no, (status, until), owner, emitted)

    def _emitted(self, span: tuple[int, int]) -> dict[str, Mapping[str, Any]]:
        """Id of an action → what its line says, where lines do not stand where they should."""
        rows = self.connection.execute(_EMITTED, span)
        return {str(seen.get("action")): seen for seen in (_seen(text) for (text,) in rows)}

    def _compare(self, run_no: int, action: _Action, history: ActionHistory) -> None:
        if action.run_no != run_no:
            self._say(action, f"stands under run {action.run_no}; run {run_no} emitted it")
        marks = self._marks.get(action.action_id, [])
        changes = self.lines.ended.get(action.action_id, ())
        possible = history.states(run_no, action.account, marks, changes)
        if action.state not in possible:
            wanted = " or ".join(sorted(map(_in_words, possible)))
            self._say(action, f"is {_in_words(action.state)}; by its lines and marks: {wanted}")
        assigned = [one.person for one in marks if one.kind == "assign"]
        if assigned:
            is_owner = action.owner == assigned[-1]
        elif "owner" in action.emitted:
            owner = action.emitted["owner"]
            is_owner = action.owner == (None if owner is None else str(owner).encode())
        else:
            is_owner = True  # its line is gone, or not as it was: the tree of the run says so
        if not is_owner:
            self._say(action, "is with somebody else than its lines and marks say")

    def _say(self, action: _Action, what: str) -> None:
        self._wrong.append((action.number, f"action {action.number} ({action.account}) {what}"))


def _in_words(state: State) -> str:
    status, until = state
    return status if until is None else f"{status} until {until}"


def _seen(evidence: bytes | None) -> Mapping[str, Any]:
    return seen_of((evidence or b"").decode(errors="replace"))
