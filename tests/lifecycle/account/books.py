"""Random books: what the machines of the night decide, decided again account by account.

The nights are those of `tests.lifecycle.harness`; the relations that they leave are read before
they are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from unittest.mock import patch

import duckdb

from engine.executors.columnar import obligation_facts
from engine.executors.protocol import ObligationFacts
from engine.lifecycle import night
from engine.lifecycle.account.advance import Machines
from engine.lifecycle.account.state import AccountDay, AccountDecided, Standing
from engine.lifecycle.inputs import NightInputs
from engine.lifecycle.workdays import Calendar
from engine.plan.steps import Plan
from tests.lifecycle import harness
from tests.lifecycle.account.ended import causes
from tests.lifecycle.account.judging import facts_of, judge, machines_of
from tests.lifecycle.model.inputs import Inputs
from tests.lifecycle.model.policy import Pack

Found = dict[str, Any]


@dataclass
class Relations:
    """What a night read and left."""

    plan: Plan
    calendar: Calendar
    inputs: NightInputs
    rows: Mapping[str, list[Found]]
    obligations: ObligationFacts


RELATIONS = (
    *("accounts", "owners", "decisions", "obligations", "changes", "emitted_actions"),
    *("ended_causes", "previous_decisions", "previous_obligations"),
    *("recorded_decisions", "recorded_obligations"),
)


class Books:
    """A workspace that runs every night on the machines, and then each account by itself."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self.packs = packs
        self.machines = harness.Machines(packs)

    def __enter__(self) -> Books:
        return self

    def __exit__(self, *_: object) -> None:
        self.machines.__exit__()

    def run(self, tonight: Inputs) -> list[AccountDecided]:
        """Raises AssertionError where an account by itself is decided otherwise."""
        recorded = self.machines.runs[-1][0] if self.machines.runs else None
        with _kept() as kept:
            self.machines.run(tonight)
        (found,) = kept
        machines = machines_of(found.plan, found.calendar, found.inputs)
        again = _Again(found, tonight, recorded)
        decided = [again.compare(machines, one) for one in found.rows["accounts"]]
        again.compare_ended(decided)
        for one, day in zip(decided, again.days, strict=True):
            self._again_says_nothing(machines, one, day, tonight)
        return decided

    def _again_says_nothing(
        self, machines: Machines, first: AccountDecided, day: AccountDay, tonight: Inputs
    ) -> None:
        """A day that is decided twice decides the same, and has no more to say."""
        said = Standing(day.as_of, {one["pack"]: one for one in first.decisions}, first.obligations)
        second = machines.advance(
            replace(day, recorded=said), judge(tonight.accounts[day.account_id])
        )
        assert second.decisions == first.decisions
        assert second.obligations == first.obligations
        assert second.actions == first.actions  # under the same ids, which are known
        assert second.changes == ()


class _Again:
    def __init__(self, found: Relations, tonight: Inputs, recorded: date | None) -> None:
        self.found, self.tonight, self.recorded = found, tonight, recorded
        self.days: list[AccountDay] = []

    def compare(self, machines: Machines, account: Found) -> AccountDecided:
        day = self._day(account["account_no"], account["account_id"])
        self.days.append(day)
        given = deepcopy(day)
        decided = machines.advance(day, judge(self.tonight.accounts[day.account_id]))
        assert day == given, "what was decided before is no place to write to"
        about = f"{day.account_id} on {day.as_of}"
        assert _known(decided.decisions) == _known(self._of("decisions", day)), about
        assert _sorted(decided.obligations) == _sorted(self._of("obligations", day)), about
        changes = [asdict(one) for one in decided.changes]
        assert _sorted(changes) == _sorted(self._of("changes", day)), about
        actions = self._of("emitted_actions", day)
        assert _sorted(decided.actions) == _sorted(actions), about
        return decided

    def compare_ended(self, decided: Iterable[AccountDecided]) -> None:
        """What has ended beside that ended for what has no row, or is no account."""
        rows, present = self.found.rows, set(self.tonight.accounts)

        def others(relation: str) -> list[Found]:
            return [
                one
                for one in (*rows[f"previous_{relation}"], *rows[f"recorded_{relation}"])
                if one.get("scope") not in (None, "account") or one["account_id"] not in present
            ]

        expected = {(one["cause_id"], one["opened_before"]) for one in rows["ended_causes"]}
        found = {one for each in decided for one in each.ended}
        assert found <= expected
        beside = set(causes(others("decisions"), others("obligations")))
        assert {cause for cause, _ in expected - found} <= beside

    def _of(self, relation: str, day: AccountDay) -> list[Found]:
        rows = [one for one in self.found.rows[relation] if one["account_id"] == day.account_id]
        return [
            {name: value for name, value in one.items() if name != "asks"}
            for one in rows
            if one.get("scope") in (None, "account")
        ]

    def _day(self, number: int, account: str) -> AccountDay:
        found, facts = self.found, self.tonight.accounts[account]
        day = AccountDay(
            number,
            account,
            None,
            self.tonight.as_of,
            found.inputs.files.previous_night,
            True,
            facts_of(facts),
            {},
            ObligationFacts(
                tuple(one for one in found.obligations.cadences if one.account_no == number),
                tuple(one for one in found.obligations.timed if one.account_no == number),
                tuple(one for one in found.obligations.teams if one.account_no == number),
            ),
            {
                one["role"]: one["person"]
                for one in found.rows["owners"]
                if one["account_no"] == number
            },
        )
        return replace(
            day,
            previous=self._standing("previous", found.inputs.files.previous_night, day),
            recorded=self._standing("recorded", self.recorded, day),
        )

    def _standing(self, prefix: str, as_of: date | None, day: AccountDay) -> Standing | None:
        if as_of is None:
            return None
        decisions = {one["pack"]: one for one in self._of(f"{prefix}_decisions", day)}
        obligations = self._of(f"{prefix}_obligations", day)
        return Standing(as_of, decisions, tuple(obligations))  # type: ignore[arg-type]


@contextmanager
def _kept() -> Iterator[list[Relations]]:
    """What the night reads and leaves, before its database is gone."""
    kept: list[Relations] = []
    given: list[tuple[Plan, Calendar, NightInputs]] = []
    prepare, emitted_actions = night.prepare, night.emitted_actions

    def preparing(connection: duckdb.DuckDBPyConnection, *terms: Any) -> None:
        given.append(terms)  # type: ignore[arg-type]
        prepare(connection, *terms)

    def capturing(connection: duckdb.DuckDBPyConnection) -> list[str]:
        rows = {name: _rows(connection, name) for name in RELATIONS}
        kept.append(Relations(*given[-1], rows, obligation_facts(connection)))
        return emitted_actions(connection)

    with (
        patch.object(night, "prepare", preparing),
        patch.object(night, "emitted_actions", capturing),
    ):
        yield kept


def _rows(connection: duckdb.DuckDBPyConnection, name: str) -> list[Found]:
    cursor = connection.execute(f"SELECT * FROM {name}")
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _known(rows: Sequence[Any]) -> list[Any]:
    """Without what a random book does not say."""
    return _sorted([{**one, "unknowns": None, "name": None} for one in rows])


def _sorted(rows: Sequence[Any]) -> list[Any]:
    return sorted(rows, key=lambda one: repr(sorted(one.items())))
