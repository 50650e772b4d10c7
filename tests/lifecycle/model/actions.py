"""Which actions a night calls for, and who is to do them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from tests.lifecycle.model.days import after
from tests.lifecycle.model.inputs import Inputs
from tests.lifecycle.model.obligations import asks
from tests.lifecycle.model.policy import Pack
from tests.lifecycle.model.state import Action, Book, Key, State
from tests.lifecycle.model.warnings import speak

About = tuple[object, ...]

MANAGER = "customer_manager"
"""A scope and a role."""


def of_warnings(pack: Pack, account: str, state: State, inputs: Inputs) -> Iterator[Action]:
    for rule, firing in sorted(state.warnings.items()):
        warn = pack.warnings[rule]
        calls, escalates = speak(warn, firing, inputs)
        template = warn.actions.get(firing.level)
        if template is None:
            continue
        about = ("warning", rule, firing.since, firing.level)
        if calls:
            asked = _action(pack, account, rule, firing.level, template, None, about, inputs)
            yield _of_himself(warn.scope, asked)
        if escalates and warn.escalate is not None:
            _, role = warn.escalate
            raised = ("warning", rule, firing.since, "escalated", firing.raised)
            asked = _action(pack, account, rule, firing.level, template, role, raised, inputs)
            yield _of_himself(warn.scope, asked)


def _of_himself(scope: str, action: Action) -> Action:
    """What a manager is to do about a manager is for that one to do."""
    is_his = scope == action.owner_role == MANAGER
    return replace(action, owner=action.account) if is_his else action


def of_milestones(pack: Pack, account: str, state: State, inputs: Inputs) -> Iterator[Action]:
    reached = {event[1] for event in state.events if event[0] == "milestone_reached"}
    for rule in sorted(pack.milestones):
        milestone = pack.milestones[rule]
        if milestone.action is None:
            continue
        opened = state.milestones.get(rule)
        if opened is not None:
            said = opened.said_on if opened.effect == "propose" else opened.since
            speaks = said == inputs.as_of
        else:
            speaks = rule in reached
        if speaks:
            since = inputs.as_of if opened is None else opened.since
            about = ("milestone", rule, since, inputs.as_of)
            yield _action(pack, account, rule, None, milestone.action, None, about, inputs)


def of_obligations(pack: Pack, account: str, state: State, inputs: Inputs) -> Iterator[Action]:
    for rule, part, duty in asks(state, inputs.as_of):
        one = pack.entitlements[rule]
        if one.action is not None:
            about = ("obligation", rule, part, duty.asked_on)
            yield _action(pack, account, rule, None, one.action, one.owner, about, inputs)


def _action(
    pack: Pack, account: str, rule: str, level: str | None, template: str, role: str | None,
    about: About, inputs: Inputs,
) -> Action:  # fmt: skip
    written = pack.actions[template]
    role = role or written.owner
    due = None if written.due is None else after(inputs.as_of, written.due, inputs.almanac)
    return Action(
        pack.id, account, rule, level, template, role,
        owner(pack, account, role, inputs), due, written.priority, inputs.as_of,
        (pack.id, account, *about),
    )  # fmt: skip


def owner(pack: Pack, account: str, role: str, inputs: Inputs) -> str:
    for one in (role, pack.owner):
        person = holder(account, one, inputs) or inputs.people.get(one)
        if person is not None:
            return person
    return pack.owner


def holder(account: str, role: str, inputs: Inputs) -> str | None:
    """Whoever was assigned last of those that are current."""
    found = None
    for one in inputs.assignments:
        if (one.account, one.role) != (account, role) or not one.is_current(inputs.as_of):
            continue
        if found is None or one.assigned_on > found.assigned_on:
            found = one
    return None if found is None else found.person


def stands(action: Action, packs: dict[str, Pack], states: dict[Key, State]) -> bool:
    """Whether what the action is about still is."""
    pack, account, kind, rule = action.about[:4]
    assert isinstance(pack, str)
    assert isinstance(account, str)
    assert isinstance(rule, str)
    for (its_pack, _, its_account), state in states.items():
        if (its_pack, its_account) != (pack, account):
            continue
        if kind == "warning":
            firing = state.warnings.get(rule)
            return firing is not None and firing.since == action.about[4]
        if kind == "obligation":
            part, asked_on = action.about[4], action.about[5]
            assert isinstance(part, str)
            duty = state.duties.get((rule, part))
            return duty is not None and duty.asked_on == asked_on
        if packs[pack].milestones[rule].effect == "propose":
            opened = state.milestones.get(rule)
            return opened is not None and opened.said_on == action.about[5]
    return kind == "milestone" and packs[pack].milestones[rule].effect != "propose"


def standing(recorded: Book | None, tonight: date) -> dict[About, Action]:
    """What may still be open: what was open at the last run; and if that was an attempt at
    this very night, what any attempt at it found open."""
    if recorded is None:
        return {}
    earlier = recorded.standing if recorded.as_of == tonight else {}
    return {**earlier, **recorded.open_actions}
