"""Reviews, milestones, overrides: the tier of one account."""

from __future__ import annotations

from datetime import date, timedelta

from tests.lifecycle.model.days import after, is_period_start
from tests.lifecycle.model.inputs import Facts, Inputs, Override
from tests.lifecycle.model.policy import Milestone, Pack
from tests.lifecycle.model.state import Open, State


def review_days(pack: Pack, previous: date | None, tonight: date) -> list[date]:
    if pack.review is None:
        return [tonight]
    if previous is None:
        return []
    found = []
    day = previous + timedelta(days=1)
    while day <= tonight:
        if is_period_start(day, (1, pack.review)):
            found.append(day)
        day += timedelta(days=1)
    return found


def review(pack: Pack, facts: Facts, before: State | None, reviews: list[date]) -> State:
    """The tier after tonight's review, before any milestone."""
    state = State(candidate=facts.candidate)
    default = pack.tiers[-1]
    if facts.excluded:
        state.candidate = state.computed = default
        return state
    if before is None or before.computed is None:
        state.computed = facts.candidate
        return state
    state.computed, state.worse_reviews = before.computed, before.worse_reviews
    state.held_reviews, state.held_until = before.held_reviews, before.held_until
    for day in reviews:
        _one_review(pack, facts.candidate, state, day)
    return state


def _one_review(pack: Pack, candidate: str, state: State, day: date) -> None:
    assert state.computed is not None
    is_held = state.held_until is not None and day <= state.held_until
    if state.held_reviews > 0:
        state.held_reviews -= 1
        is_held = True
    if not pack.is_better(state.computed, candidate):
        state.computed = candidate
        state.worse_reviews = 0
    elif not is_held:
        _one_worse(pack, candidate, state)


def _one_worse(pack: Pack, candidate: str, state: State) -> None:
    assert state.computed is not None
    if pack.demotion is None:
        state.computed = candidate
        return
    needed, steps = pack.demotion
    state.worse_reviews += 1
    if state.worse_reviews < needed:
        return
    state.worse_reviews = 0
    for _ in range(steps):
        if pack.is_better(state.computed, candidate):
            state.computed = pack.tiers[pack.rank(state.computed) + 1]


def apply_milestones(
    pack: Pack, account: str, facts: Facts, before: State | None, state: State, inputs: Inputs
) -> None:
    """Milestones are judged on the tier after the review, that of an override first."""
    overriding = override(pack, account, inputs)
    judged = state.computed if overriding is None else overriding.tier
    assert state.computed is not None
    events = set()
    moves: list[tuple[int, str, Milestone]] = []
    for rule in sorted(pack.milestones):
        milestone = pack.milestones[rule]
        holds = judged in facts.milestones.get(rule, frozenset())
        if not holds or (facts.excluded and milestone.effect != "report"):
            continue
        was = before.milestones.get(rule) if before is not None else None
        if milestone.effect == "report":
            state.milestones[rule] = was or Open("report", inputs.as_of)
            continue
        assert milestone.to is not None
        is_better = pack.is_better(milestone.to, state.computed)
        if milestone.effect == "promote":
            if is_better:
                events.add(("milestone_reached", rule))
                moves.append((pack.rank(milestone.to), rule, milestone))
            continue
        since = was.since if was is not None else inputs.as_of
        if _approved(pack, account, rule, since, inputs):
            events.add(("milestone_approved", rule))
            if is_better:
                moves.append((pack.rank(milestone.to), rule, milestone))
            continue
        said_on = was.said_on if was is not None else None
        if said_on is None or (said_on.year, said_on.month) != (
            inputs.as_of.year,
            inputs.as_of.month,
        ):
            said_on = inputs.as_of
        state.milestones[rule] = Open("propose", since, said_on)
    if moves:
        _, _, milestone = min(moves, key=lambda move: move[:2])
        state.computed = milestone.to
        state.worse_reviews = 0
        _hold(milestone, state, inputs)
    state.events = frozenset(events)


def _hold(milestone: Milestone, state: State, inputs: Inputs) -> None:
    """Of two holds the longer counts."""
    if milestone.hold is None:
        return
    count, unit = milestone.hold
    if unit == "review":
        state.held_reviews = max(state.held_reviews, count)
        return
    until = after(inputs.as_of, (count, unit), inputs.almanac)
    if state.held_until is None or state.held_until < until:
        state.held_until = until


def _approved(pack: Pack, account: str, rule: str, since: date, inputs: Inputs) -> bool:
    return any(
        (one.pack, one.account, one.milestone) == (pack.id, account, rule)
        and since <= one.on <= inputs.as_of
        for one in inputs.approvals
    )


def override(pack: Pack, account: str, inputs: Inputs) -> Override | None:
    """The one that is in force tonight."""
    for one in inputs.overrides:
        is_his = (one.pack, one.account) == (pack.id, account)
        has_begun = one.starts is None or one.starts <= inputs.as_of
        if is_his and has_begun and inputs.as_of <= one.until:
            return one
    return None


def settle(pack: Pack, account: str, before: State | None, state: State, inputs: Inputs) -> None:
    """The effective tier, and since when."""
    overriding = override(pack, account, inputs)
    state.tier = state.computed if overriding is None else overriding.tier
    state.override_until = None if overriding is None else overriding.until
    if before is not None and before.tier == state.tier:
        state.tier_since = before.tier_since
    else:
        state.tier_since = inputs.as_of
