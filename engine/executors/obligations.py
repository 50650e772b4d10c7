"""How the obligations of each account are met, from records in memory: the plain way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time

from engine.executors.predicates import truth_of
from engine.executors.protocol import CadenceCount, ObligationFacts, Row, TeamCoverage, TimedRecord
from engine.facts.catalog import RECORD_ID
from engine.plan.steps import ObligationStep, Plan

Records = Mapping[str, Sequence[Row]]
"""Record table → its rows, with computed columns and `account_no`."""


def obligation_facts(plan: Plan, records: Records) -> ObligationFacts:
    """What `ObligationStep` describes, for every pack of the plan."""
    cadences: list[CadenceCount] = []
    timed: list[TimedRecord] = []
    teams: list[TeamCoverage] = []
    for pack in plan.packs:
        for step in pack.obligations:
            if not step.available:
                continue
            rows = list(_counted(plan, step, records.get(step.record, ())))
            if step.kind == "cadence":
                cadences.extend(_cadences(pack.id, step, rows))
            elif step.kind == "team":
                teams.extend(_teams(plan, pack.id, step, rows))
            else:
                timed.extend(_timed(pack.id, step, rows))
    return ObligationFacts(
        tuple(sorted(cadences)), tuple(sorted(timed, key=_order)), tuple(sorted(teams))
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
