"""How an action can stand after what the log and people said of it, in every possible order."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.audit.store import Run

State = tuple[str, str | None]
"""(status, snoozed_until)."""
OPEN: State = ("open", None)
EXPIRED: State = ("expired", None)
_NEVER = 1 << 62
_AT_LAST = _NEVER + 1
"""After every run, and after every mark."""

_EVENT_RUNS = "SELECT run_no FROM event_decisions WHERE account_id = ?"


@dataclass(frozen=True)
class ActionMark:
    """What somebody said of an action: ``done``, ``snooze`` or ``assign``."""

    number: int
    kind: str
    until: str | None
    person: bytes | None


@dataclass(frozen=True)
class _Heard:
    """A mark that changes how an action stands, and the numbers of the nights around it.

    It was made after the night `before` had looked for marks, and before the night `after` did,
    which is the first to read it. So it may stand before or after what the night `before` wrote,
    and what events since then did.
    """

    state: State
    before: int
    after: int


class ActionHistory:
    """The runs of a store, as far as they change how actions stand."""

    def __init__(self, connection: sqlite3.Connection, runs: Sequence[Run]) -> None:
        self._connection = connection
        nights = [run for run in runs if run.kind == "night"]
        self._nights = [night.run_no for night in nights]
        self._last_marks = [night.last_mark for night in nights]
        self._days = {run.run_no: run.as_of.isoformat() for run in runs}

    def states(
        self,
        emitted: int,
        account: str,
        marks: Iterable[ActionMark],
        changes: Sequence[tuple[int, str]],
    ) -> set[State]:
        """How an action of the run `emitted` can stand; `changes` are the runs whose log says that
        it expired or was opened again, with the kind of the line, in order."""
        heard = [self._heard(one) for one in marks if one.kind != "assign"]
        if not heard:
            return {_changed(OPEN, [kind for _, kind in changes])}
        runs = {run for run, _ in changes}
        for one in heard:
            runs |= set(self._waking(one, account))
        found = {(0, OPEN)}
        for run in sorted(run for run in runs if run > emitted):
            kinds = [kind for number, kind in changes if number == run]
            found = {
                (place, self._awake(_changed(state, kinds), run))
                for before in found
                for place, state in _orders(heard, before, run)
            }
        return {state for before in found for _, state in _orders(heard, before, _AT_LAST)}

    def _heard(self, mark: ActionMark) -> _Heard:
        place = bisect_left(self._last_marks, mark.number)
        before = self._nights[place - 1] if place else 0
        after = self._nights[place] if place < len(self._nights) else _NEVER
        state = ("done", None) if mark.kind == "done" else ("snoozed", mark.until)
        return _Heard(state, before, after)

    def _waking(self, mark: _Heard, account: str) -> Iterator[int]:
        """The runs that can end a snooze: nights, and events about the account, as of a late
        enough day; up to the first night that certainly does."""
        _, until = mark.state
        if until is None:
            return
        last = _NEVER
        for night in self._nights[bisect_left(self._nights, mark.before) :]:
            if until <= self._days[night]:
                yield night
                if night >= mark.after:
                    last = night
                    break
        for (run,) in self._connection.execute(_EVENT_RUNS, (account,)):
            if mark.before <= run < last and until <= self._days.get(run, ""):
                yield run

    def _awake(self, state: State, run: int) -> State:
        status, until = state
        is_over = status == "snoozed" and until is not None and until <= self._days.get(run, "")
        return OPEN if is_over else state


def _orders(
    heard: Sequence[_Heard], before: tuple[int, State], run: int
) -> Iterator[tuple[int, State]]:
    """(number of marks, state) as each can be when a run writes, from what was before it."""
    place, state = before
    while True:
        if place == len(heard) or heard[place].after > run:
            yield place, state
        if place == len(heard) or heard[place].before > run:
            return
        state = heard[place].state
        place += 1


def _changed(state: State, kinds: Sequence[str]) -> State:
    """After the lines of a run about it, of which the last one counts."""
    if not kinds:
        return state
    return EXPIRED if kinds[-1] == "action_expired" else OPEN
