"""One account measured again: what a night would measure of it, had the day's events been in its
sources. The others, and with them totals, ranks and cut-offs, stand as the night left them.

On the night's own date only the measures of records that an event has touched are taken anew;
for everything else the night's word stands. On a later date every window has moved, and all of
the account's measures are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from engine.day.kept import KeptAccount
from engine.day.merging import DayAccount
from engine.executors.aggregates import aggregate
from engine.executors.obligations import LazyObligations
from engine.executors.protocol import Measured, Row, Value
from engine.executors.reference import compute
from engine.executors.single import (
    base_columns,
    candidate_of,
    evaluate_account,
    kept,
    revised_account,
)
from engine.facts.catalog import RECORD_ID
from engine.model.tokens import sealed_token
from engine.plan.classes import sealed_columns
from engine.plan.columns import token_column
from engine.plan.obligations import ASSIGNMENTS
from engine.plan.steps import AggregateStep, Plan
from engine.plan.wanted import has_owners
from engine.recall import KeptNight

Salting = Callable[[], str | None]
"""The salt of the account at hand; None if it has none."""


def without_salt() -> None:
    """For whoever knows no salts."""


@dataclass(frozen=True)
class DayMeasured:
    """What is known of one account on the day. `facts` is its whole row, tokens included, and
    `owners` who holds a role, by role. `obligations` says what single ones are judged by.

    `moved` are the columns of `facts` that the night had with another value; None if the rules
    themselves are others than the night's.
    """

    plan: Plan
    facts: Row
    statistics: Row
    obligations: LazyObligations
    owners: Mapping[str, str]
    moved: frozenset[str] | None

    @cached_property
    def measured(self) -> Measured:
        """The same as every executor hands it on: one account with its candidates, and what all
        its obligations are judged by."""
        candidates = {
            pack.id: (candidate_of(pack, self.facts, self.statistics),) for pack in self.plan.packs
        }
        return Measured((self.facts,), self.statistics, candidates, self.obligations.all())


class DayMeasures:
    """Measures accounts as of one day, under the plan of the last night.

    With `anew` everything is measured, on the night's own date as well.
    """

    def __init__(self, night: KeptNight, day: date, *, anew: bool = False) -> None:
        self.night = night
        self.day = day
        self.anew = anew or day != night.run.as_of
        self.has_owners = has_owners(night.catalog)
        self.plan: Plan = night.plan_on(day)
        self.statistics: Row = night.statistics
        self.steps = {step.name: step for step in self.plan.records}
        self._has_rules_of_night = self.plan.packs == night.plan.packs

    def measure(self, account: DayAccount, salt: Salting = without_salt) -> DayMeasured:
        """The account with its events. `salt` gives its salt in the store, and is asked where it
        is needed: a personal value that is another than the night's has a token under it, and
        without it has none."""
        known = account.kept.facts
        records = _Records(self, account.account)
        facts = self._facts(account, records)
        if self.sealed:
            facts |= self._tokens(known, facts, salt)
        owed = LazyObligations(self.plan, records.of)
        owners, moved = self._owners(account), self._moved(known, facts)
        return DayMeasured(self.plan, facts, self.statistics, owed, owners, moved)

    def _moved(self, known: Row, facts: Row) -> frozenset[str] | None:
        if not self._has_rules_of_night:
            return None
        return frozenset([name for name, value in facts.items() if value != known.get(name)])

    # --- records -------------------------------------------------------------------------

    def completed(self, table: str, row: Row) -> dict[str, Value]:
        """A record with its computed columns."""
        step = self.steps[table]
        found: dict[str, Value] = {
            one.name: row.get(one.name) if one.available else None for one in step.columns
        }
        found[RECORD_ID] = row.get(RECORD_ID)
        if step.time is not None:
            found[step.time] = row.get(step.time)
        for derived in step.derived:
            found |= compute(derived, found, self.plan)
        return found

    # --- facts ---------------------------------------------------------------------------

    def _aggregates(self, account: DayAccount) -> Sequence[AggregateStep]:
        """The measures of records that may be others than the night's."""
        if self.anew:
            return self.plan.aggregates
        if not account.touched:
            return ()
        return [one for one in self.plan.aggregates if one.record in account.touched]

    def _facts(self, account: DayAccount, records: _Records) -> dict[str, Value]:
        known, now = account.kept.facts, account.account.facts
        taken = {
            step.column: aggregate(
                step,
                self.steps[step.record],
                records.of(step.record),
                self.plan.precision.derived,
            )
            for step in self._aggregates(account)
        }
        if not self.anew:
            changed = {name: now.get(name) for name in account.facts}
            return revised_account(self.plan, known, {**changed, **taken}, self.statistics)
        base = {name: now.get(name) for name in base_columns(self.plan)}
        base |= taken
        return dict(evaluate_account(self.plan, base, self.statistics, kept(known)))

    @cached_property
    def sealed(self) -> tuple[str, ...]:
        """The columns of personal values, beside which their tokens stand."""
        return sealed_columns(self.plan)

    def _tokens(self, known: Row, facts: Row, salt: Salting) -> dict[str, Value]:
        """The tokens of personal values: of one that has not changed, the token that it has."""
        tokens: dict[str, Value] = {}
        for name in self.sealed:
            token = token_column(name)
            if _is_same(facts[name], known.get(name)):
                tokens[token] = known.get(token)
            else:
                tokens[token] = token_of(name, salt(), facts[name])
        return tokens

    # --- owners --------------------------------------------------------------------------

    def _owners(self, account: DayAccount) -> Mapping[str, str]:
        """As `engine/lifecycle/owners.sql` has it: the latest assignment that is current."""
        if not self.has_owners:
            return {}
        if not self.anew and ASSIGNMENTS not in account.touched:
            return account.kept.owners
        return owners_on(self.day, account.account.records.get(ASSIGNMENTS, ()))


class _Records:
    """The records of an account with its number and their computed columns, each table when it is
    read first."""

    def __init__(self, measures: DayMeasures, account: KeptAccount) -> None:
        self._measures = measures
        self._account = account
        self._found: dict[str, list[Row]] = {}

    def of(self, table: str) -> Sequence[Row]:
        if table not in self._found:
            rows = self._account.records.get(table, ())
            self._found[table] = [self._completed(table, row) for row in rows]
        return self._found[table]

    def _completed(self, table: str, row: Row) -> Row:
        found = self._measures.completed(table, row)
        found["account_no"] = self._account.account_no
        return found


def owners_on(day: date, assignments: Collection[Row]) -> dict[str, str]:
    """Role → person: of the assignments that are current on `day` the latest; of two that begin
    at once the later name."""
    best: dict[str, tuple[date, str]] = {}
    for row in assignments:
        role, person, since = row["role"], row["person"], row["assigned_on"]
        ended = row["ended_on"]
        if person is None or role is None or not isinstance(since, date) or since > day:
            continue
        if isinstance(ended, date) and ended <= day:
            continue
        name, found = str(role), (since, str(person))
        best[name] = max(best.get(name, found), found)
    return {name: person for name, (_, person) in best.items()}


def token_of(column: str, salt: str | None, value: Value) -> str | None:
    """The token of a personal value, as `engine.plan.sql.sealing` makes it in SQL."""
    if salt is None or value is None:
        return None
    return sealed_token(salt.encode(), column.encode(), _sql_text(value).encode())


def _sql_text(value: Value) -> str:
    """A value as DuckDB casts it to a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        text = value.isoformat(sep=" ")
        return text.rstrip("0") if value.microsecond else text
    return str(value)


def _is_same(one: Value, other: Value) -> bool:
    return one == other or (one is None and other is None)
