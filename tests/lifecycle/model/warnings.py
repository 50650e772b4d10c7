"""The table of warnings, one rule of one account at a time."""

from __future__ import annotations

from datetime import date, timedelta

from tests.lifecycle.model.days import after
from tests.lifecycle.model.inputs import UNKNOWN, Facts, Inputs, Mark
from tests.lifecycle.model.policy import LEVELS, Pack, Warn
from tests.lifecycle.model.state import Firing, State, Waiting


def advance(pack: Pack, scope: str, facts: Facts, before: State | None, state: State,
            tonight: date) -> None:  # fmt: skip
    """Fill `state.warnings` and `state.waiting` of one account."""
    for rule, warn in pack.warnings.items():
        if warn.scope != scope:
            continue
        level = facts.level(rule, state.tier)
        firing = before.warnings.get(rule) if before is not None else None
        waiting = before.waiting.get(rule) if before is not None else None
        if firing is not None:
            after_firing = _firing(warn, firing, level, tonight)
        else:
            after_firing = _not_firing(warn, waiting, level, tonight)
        if isinstance(after_firing, Firing):
            state.warnings[rule] = after_firing
        elif isinstance(after_firing, Waiting):
            state.waiting[rule] = after_firing


def _not_firing(
    warn: Warn, waiting: Waiting | None, level: str | None, tonight: date
) -> Firing | Waiting | None:
    if waiting is not None and waiting.state == "cooling":
        assert waiting.until is not None
        if tonight < waiting.until:
            return waiting
        waiting = None
    if level == UNKNOWN:
        return waiting
    if level is None:
        return None
    since = tonight if waiting is None else waiting.since
    assert since is not None
    if tonight >= since + timedelta(days=warn.pending):
        return Firing(level, tonight, tonight)
    return Waiting("pending", since=since)


def _firing(warn: Warn, was: Firing, level: str | None, tonight: date) -> Firing | Waiting | None:
    now = Firing(
        was.level, was.since, was.raised, was.clear_since, None, was.escalated, called=was.called
    )
    if level == UNKNOWN:
        return now
    if level is not None and LEVELS.index(level) > LEVELS.index(was.level):
        return Firing(level, was.since, tonight, escalated=was.escalated, called=was.called)
    if level == was.level:
        now.clear_since = None
        return now
    if now.clear_since is None:
        now.clear_since = tonight
    if tonight < now.clear_since + timedelta(days=warn.keep):
        return now
    if level is not None:
        now.level, now.clear_since = level, None
        return now
    if warn.cool:
        return Waiting("cooling", until=tonight + timedelta(days=warn.cool))
    return None


def heed_marks(pack: Pack, account: str, state: State, inputs: Inputs) -> None:
    """What people said: acknowledged, silenced."""
    for rule, firing in state.warnings.items():
        for mark in inputs.marks:
            if (mark.pack, mark.account, mark.rule) != (pack.id, account, rule):
                continue
            if mark.day > inputs.as_of:
                continue
            _heed(firing, mark)
        if not is_silenced(firing, inputs.as_of):
            firing.silenced_until = None


def _heed(firing: Firing, mark: Mark) -> None:
    if mark.kind == "silence":
        firing.silenced_until = mark.until
    elif mark.day >= firing.raised:
        firing.acknowledged = min(mark.day, firing.acknowledged or mark.day)


def is_silenced(firing: Firing, tonight: date) -> bool:
    return firing.silenced_until is not None and tonight <= firing.silenced_until


def inhibit(states: list[State], tonight: date) -> None:
    """`states` are those of one account in every pack."""
    is_red = False
    for state in states:
        for firing in state.warnings.values():
            is_red = is_red or (firing.level == "red" and not is_silenced(firing, tonight))
    for state in states:
        for firing in state.warnings.values():
            firing.is_inhibited = is_red and firing.level in ("yellow", "blue")


def speak(warn: Warn, firing: Firing, inputs: Inputs) -> tuple[bool, bool]:
    """Whether the warning calls for its action tonight, and whether it escalates."""
    if is_silenced(firing, inputs.as_of) or firing.is_inhibited:
        return False, False
    calls = firing.level not in firing.called
    firing.called = firing.called | {firing.level}
    escalates = False
    has_escalated = firing.escalated is not None and firing.escalated >= firing.raised
    if warn.escalate is not None and firing.acknowledged is None and not has_escalated:
        length, _ = warn.escalate
        escalates = inputs.as_of >= after(firing.raised, length, inputs.almanac)
    if escalates:
        firing.escalated = inputs.as_of
    return calls, escalates
