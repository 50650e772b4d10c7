"""How the obligations of each account are met, from records in memory: the plain way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time

from engine.executors.identity import ByIdentity
from engine.executors.predicates import truth_of
from engine.executors.protocol import CadenceCount, ObligationFacts, Row, TeamCoverage, TimedRecord
from engine.facts.catalog import RECORD_ID
from engine.plan.steps import ObligationStep, Plan

Records = Mapping[str, Sequence[Row]]
"""Record table → its rows, with computed columns and `account_no`."""


def obligation_facts(plan: Plan, records: Records) -> ObligationFacts:
    """What `ObligationStep` describes, for every pack of the plan."""
    return _joined(
        [
            step_facts(plan, pack.id, step, records.get(step.record, ()))
            for pack in plan.packs
            for step in pack.obligations
            if step.available
        ]
    )


def step_facts(
    plan: Plan, pack: str, step: ObligationStep, records: Sequence[Row]
) -> ObligationFacts:
    """What one step describes, of the `records` of its table."""
    rows = list(_counted(plan, step, records))
    if step.kind == "cadence":
        return ObligationFacts(cadences=tuple(_cadences(pack, step, rows)))
    if step.kind == "team":
        return ObligationFacts(teams=tuple(_teams(plan, pack, step, rows)))
    return ObligationFacts(timed=tuple(_timed(pack, step, rows)))


class LazyObligations:
    """The same for one account, worked out for the rules alone that are asked for.

    `rows` gives the account's records of a table, as `Records` has them.
    """

    def __init__(self, plan: Plan, rows: Callable[[str], Sequence[Row]]) -> None:
        self._plan = plan
        self._rows = rows

    def of(self, pack: str, rule: str) -> ObligationFacts:
        """What one obligation of a pack is judged by."""
        steps = _steps(self._plan).get((pack, rule), ())
        return _joined(
            [step_facts(self._plan, pack, step, self._rows(step.record)) for step in steps]
        )

    def all(self) -> ObligationFacts:
        """What all of them are judged by; `obligation_facts`."""
        tables = {step.record for step in self._plan.obligations if step.available}
        return obligation_facts(self._plan, {name: self._rows(name) for name in tables})


def _steps_of(plan: Plan) -> dict[tuple[str, str], list[ObligationStep]]:
    found: dict[tuple[str, str], list[ObligationStep]] = {}
    for pack in plan.packs:
        for step in pack.obligations:
            if step.available:
                found.setdefault((pack.id, step.rule_id), []).append(step)
    return found


_steps: ByIdentity[Plan, dict[tuple[str, str], list[ObligationStep]]] = ByIdentity(_steps_of)
"""(pack, rule) → its steps: a team has one for each role."""


def _joined(found: Sequence[ObligationFacts]) -> ObligationFacts:
    return ObligationFacts(
        tuple(sorted(one for part in found for one in part.cadences)),
        tuple(sorted((one for part in found for one in part.timed), key=_order)),
        tuple(sorted(one for part in found for one in part.teams)),
    )


def _order(one: TimedRecord) -> tuple[object, ...]:
    return (one.pack, one.rule_id, one.account_no, one.record or "", str(one.starts))


def _counted(plan: Plan, step: ObligationStep, rows: Sequence[Row]) -> Iterator[Row]:
    """The records of the step; what is cheap to look at is looked at first."""
    first = date.min if step.span is None else step.span.before
    for row in rows:
        if step.time is not None:
            day = _day(row.get(step.time))
            if day is None or not first <= day <= plan.as_of:
                continue
        if step.kind == "team" and row.get("role") != step.part:
            continue
        if step.where is None or truth_of(step.where, row) is True:
            yield row


def _cadences(pack: str, step: ObligationStep, rows: Sequence[Row]) -> Iterator[CadenceCount]:
    assert step.span is not None and step.time is not None
    days: dict[int, list[date]] = {}
    for row in rows:
        day = _day(row[step.time])
        assert day is not None
        days.setdefault(_number(row), []).append(day)
    for account_no, found in days.items():
        done = sum(day >= step.span.start for day in found)
        yield CadenceCount(pack, step.rule_id, account_no, done, len(found) - done, max(found))


def _timed(pack: str, step: ObligationStep, rows: Sequence[Row]) -> Iterator[TimedRecord]:
    starts, stops = step.starts or step.time or step.due, step.stops
    assert starts is not None and stops is not None
    for row in rows:
        begins = _moment(row.get(starts))
        key = row.get(RECORD_ID)
        yield TimedRecord(
            pack,
            step.rule_id,
            _number(row),
            str(row[starts]) if key is None and begins is not None else _text(key),
            begins,
            _moment(row.get(stops)),
            _day(row.get(step.due)) if step.due is not None else None,
        )


def _teams(
    plan: Plan, pack: str, step: ObligationStep, rows: Sequence[Row]
) -> Iterator[TeamCoverage]:
    people: dict[int, set[object]] = {}
    for row in rows:
        assigned, ended = _day(row.get("assigned_on")), _day(row.get("ended_on"))
        current = assigned is not None and assigned <= plan.as_of
        if current and (ended is None or ended > plan.as_of):
            people.setdefault(_number(row), set()).add(row.get("person"))
    for account_no, names in people.items():
        yield TeamCoverage(pack, step.rule_id, step.part, account_no, len(names - {None}))


def _number(row: Row) -> int:
    number = row["account_no"]
    assert isinstance(number, int)
    return number


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time()) if isinstance(value, date) else None
