"""The lines of the log: tonight against the last recorded run."""

from __future__ import annotations

from collections.abc import Iterator

from tests.lifecycle.model.policy import Pack
from tests.lifecycle.model.state import Book, Duty, Line, State

NOTHING = State()


def lines(packs: dict[str, Pack], recorded: Book | None, tonight: Book) -> set[Line]:
    old = {} if recorded is None else recorded.states
    found: set[Line] = set()
    for key in {*old, *tonight.states}:
        before, now = old.get(key, NOTHING), tonight.states.get(key, NOTHING)
        pack = packs[key[0]]
        for kind, rule, first, last in (
            *_of_tier(pack, before, now),
            *_of_warnings(before, now),
            *_of_milestones(before, now),
            *_of_duties(before, now),
        ):
            found.add((kind, key[0], key[2], rule, first, last))
    return found


_Lines = Iterator[tuple[str, str | None, str | None, str | None]]


def _of_tier(pack: Pack, before: State, now: State) -> _Lines:
    if before.tier is None and now.tier is not None:
        if now.tier != pack.tiers[-1]:
            yield "tier_assigned", None, None, now.tier
    elif now.tier is None and before.tier is not None:
        yield "account_left", None, before.tier, None
    elif now.tier != before.tier:
        yield "tier_moved", None, before.tier, now.tier
    if now.override_until is not None and before.override_until != now.override_until:
        yield "override_applied", None, None, None
    if before.override_until is not None and now.override_until is None and now.tier is not None:
        yield "override_expired", None, None, None


def _of_warnings(before: State, now: State) -> _Lines:
    for rule in {*before.warnings, *now.warnings}:
        old, new = before.warnings.get(rule), now.warnings.get(rule)
        if new is None:
            assert old is not None
            yield "warning_resolved", rule, old.level, None
            continue
        if old is None:
            yield "warning_opened", rule, None, new.level
        elif old.level != new.level:
            yield "warning_level_changed", rule, old.level, new.level
        if new.acknowledged is not None and (old is None or old.acknowledged != new.acknowledged):
            yield "warning_acknowledged", rule, None, new.acknowledged.isoformat()
        silenced = new.silenced_until
        if silenced is not None and (old is None or old.silenced_until != silenced):
            yield "warning_silenced", rule, None, silenced.isoformat()
        if new.escalated is not None and (old is None or old.escalated != new.escalated):
            yield "warning_escalated", rule, None, None


def _of_milestones(before: State, now: State) -> _Lines:
    for kind, rule in now.events:
        if now.computed != before.computed or rule in before.milestones:
            yield kind, rule, None, None
    for rule in {*before.milestones, *now.milestones}:
        old, new = before.milestones.get(rule), now.milestones.get(rule)
        if new is None:
            if ("milestone_approved", rule) not in now.events:
                yield "milestone_ended", rule, None, None
        elif new.effect == "propose":
            if old is None or old.said_on != new.said_on:
                yield "milestone_proposed", rule, None, None
        elif old is None:
            yield "milestone_reached", rule, None, None


_KINDS = {
    "due": "obligation_due",
    "overdue": "obligation_overdue",
    "met": "obligation_met",
    "late": "obligation_met",
    "exceeded": "obligation_exceeded",
}


def _of_duties(before: State, now: State) -> _Lines:
    for (rule, part), new in now.duties.items():
        old = before.duties.get((rule, part))
        if new.state in _KINDS and _is_change(old, new):
            yield _KINDS[new.state], rule, None, part


def _is_change(old: Duty | None, new: Duty) -> bool:
    """What is met when it is first seen was never open, and is no change."""
    if old is None:
        return new.state != "met"
    return old.state != new.state
