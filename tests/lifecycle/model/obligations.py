"""What an account is owed tonight, one entitlement at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from tests.lifecycle.model.days import (
    DAY,
    end_of,
    limit,
    moment,
    period_end,
    period_start,
    reminder,
)
from tests.lifecycle.model.inputs import Facts, Inputs, Record
from tests.lifecycle.model.policy import Entitlement, Pack
from tests.lifecycle.model.state import Duty, State

ASKING = ("due", "overdue")


def entitled(pack: Pack, facts: Facts, state: State) -> frozenset[str]:
    """The entitlements of the effective tier, and the conditional ones that hold."""
    found = set()
    for rule, one in pack.entitlements.items():
        if state.tier not in one.tiers:
            continue
        if not one.conditional or state.tier in facts.entitlements.get(rule, frozenset()):
            found.add(rule)
    return frozenset(found)


def owe(
    pack: Pack, account: str, before: State | None, state: State, inputs: Inputs,
    previous: date | None,
) -> None:  # fmt: skip
    """Fill `state.duties`."""
    for rule in sorted(state.entitlements):
        one = pack.entitlements[rule]
        was = {} if before is None else before.duties
        records = [
            record
            for record in inputs.records_of(pack.id, rule, account)
            if record.day <= inputs.as_of
        ]
        if one.kind == "cadence":
            state.duties[rule, ""] = _cadence(one, was.get((rule, "")), records, inputs)
        elif one.kind == "team":
            for role, at_least in one.roles.items():
                old = was.get((rule, role))
                persons = _persons((pack.id, rule), account, role, inputs)
                state.duties[rule, role] = _team(persons, at_least, old, inputs.as_of)
        elif one.kind in ("response", "deadline"):
            for record in records:
                old = was.get((rule, record.id))
                duty = _timed(one, old, record, inputs, previous)
                if duty is not None:
                    state.duties[rule, record.id] = duty


def _cadence(one: Entitlement, was: Duty | None, records: list[Record], inputs: Inputs) -> Duty:
    tonight = inputs.as_of
    start, end = period_start(tonight, one.every), period_end(tonight, one.every)
    before = period_start(start - DAY, one.every)
    owed_since = was.owed_since if was is not None else tonight
    done = sum(start <= record.day <= tonight for record in records)
    done_before = sum(before <= record.day < start for record in records)
    if one.at_most is not None and done > one.at_most:
        state = "exceeded"
    elif done >= one.at_least:
        state = "met"
    elif owed_since <= before and done_before < one.at_least:
        state = "overdue"
    elif tonight >= reminder(end, one.remind, inputs.almanac):
        state = "due"
    else:
        state = "open"
    asked_on = was.asked_on if was is not None and was.about == start else None
    return Duty("cadence", state, owed_since, start, asked_on, due_on=end, done=done)


def _persons(team: tuple[str, str], account: str, role: str, inputs: Inputs) -> set[str]:
    return {
        one.person
        for one in inputs.assignments
        if (one.account, one.role) == (account, role)
        and one.is_current(inputs.as_of)
        and team not in one.unfit_for
    }


def _team(persons: set[str], at_least: int, was: Duty | None, tonight: date) -> Duty:
    owed_since = was.owed_since if was is not None else tonight
    if len(persons) >= at_least:
        return Duty("team", "met", owed_since, done=len(persons))
    if was is not None and was.state == "overdue":
        gap, asked_on = was.about, was.asked_on
    else:
        gap, asked_on = tonight, None
    return Duty("team", "overdue", owed_since, gap, asked_on, done=len(persons))


def _timed(
    one: Entitlement, was: Duty | None, record: Record, inputs: Inputs, previous: date | None
) -> Duty | None:
    owed_since = was.owed_since if was is not None else inputs.as_of
    asked_on = None if was is None else was.asked_on
    stops = record.stops
    if stops is not None and stops.date() > inputs.as_of:
        stops = None
    was_running = was is not None and was.state in ("open", *ASKING)
    if stops is not None and not was_running and (previous is None or stops.date() <= previous):
        return None
    if one.kind == "response":
        if record.starts is None or record.starts.date() > inputs.as_of:
            return None
        ends = limit(record.starts, one.within, one.clock, inputs.almanac)
        state = _answered(ends, stops, inputs)
        return Duty("response", state, owed_since, record.id, asked_on, limit_at=ends)
    if record.due is None:
        return None
    state = _delivered(one, record.due, stops, inputs)
    return Duty("deadline", state, owed_since, record.id, asked_on, due_on=record.due)


def _answered(ends: datetime, stops: datetime | None, inputs: Inputs) -> str:
    if stops is not None:
        return "met" if moment(stops, inputs.almanac) <= ends else "late"
    return "overdue" if ends < end_of(inputs.as_of, inputs.almanac) else "open"


def _delivered(one: Entitlement, due: date, stops: datetime | None, inputs: Inputs) -> str:
    if stops is not None:
        return "met" if stops.date() <= due else "late"
    if due < inputs.as_of:
        return "overdue"
    return "due" if inputs.as_of >= reminder(due, one.remind, inputs.almanac) else "open"


def asks(state: State, tonight: date) -> Iterator[tuple[str, str, Duty]]:
    """The obligations for which an action is called for tonight; they are marked as asked.

    One that was met and lapses again, because somebody has corrected a record, asks anew.
    """
    for (rule, part), duty in sorted(state.duties.items(), key=lambda item: item[0]):
        if duty.state not in ASKING:
            duty.asked_on = None
        elif duty.asked_on is None:
            duty.asked_on = tonight
            yield rule, part, duty
