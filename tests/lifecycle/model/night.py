"""One night, account by account."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from datetime import date

from tests.lifecycle.model import actions, log, obligations, tiers, warnings
from tests.lifecycle.model.inputs import Facts, Inputs
from tests.lifecycle.model.policy import Pack
from tests.lifecycle.model.state import Action, Book, Key, State


def run_night(
    packs: Sequence[Pack], inputs: Inputs, previous: Book | None, recorded: Book | None
) -> Book:
    """Tonight. `previous` is the last night of an earlier date, `recorded` the last run."""
    by_id = {pack.id: pack for pack in packs}
    states = _advance(by_id, inputs, previous)
    _heed_and_inhibit(by_id, inputs, states)
    found = list(_actions(by_id, inputs, states))
    known = frozenset() if recorded is None else recorded.known
    asked = [one for one in found if one.about not in known]
    standing = actions.standing(recorded, inputs.as_of)
    standing.update({one.about: one for one in asked})
    still_open = {
        about: one for about, one in standing.items() if actions.stands(one, by_id, states)
    }
    known |= {one.about for one in found}
    book = Book(inputs.as_of, states, set(), asked, still_open, known, standing)
    book.log = log.lines(by_id, recorded, book)
    return book


def effective_tiers(
    packs: Sequence[Pack], inputs: Inputs, previous: Book | None
) -> dict[tuple[str, str], str | None]:
    """(pack, account) → tier, of what has a row in a population: what the facts about a
    portfolio or a manager are made from."""
    old = {} if previous is None else previous.states
    last_night = None if previous is None else previous.as_of
    return {
        (pack.id, account): _tier(pack, account, facts[pack.id], old.get(
            (pack.id, "account", account)), inputs, last_night).tier
        for pack in packs
        for account, facts in inputs.accounts.items()
        if pack.id in facts and facts[pack.id].in_population
    }  # fmt: skip


def _advance(packs: dict[str, Pack], inputs: Inputs, previous: Book | None) -> dict[Key, State]:
    old = {} if previous is None else previous.states
    last_night = None if previous is None else previous.as_of
    states = {key: _kept(state) for key, state in old.items() if key[2] in inputs.set_aside}
    for pack in packs.values():
        for account, facts_by_pack in inputs.accounts.items():
            facts = facts_by_pack.get(pack.id)
            if facts is not None and facts.in_population:
                key = (pack.id, "account", account)
                states[key] = _account(pack, account, facts, old.get(key), inputs, last_night)
    for (pack_id, scope), entities in inputs.entities.items():
        for entity, facts in entities.items():
            key = (pack_id, scope, entity)
            states[key] = State()
            before = old.get(key)
            warnings.advance(packs[pack_id], scope, facts, before, states[key], inputs.as_of)
    return states


def _kept(state: State) -> State:
    """As it was; but what is met is shown on the night on which it was met alone."""
    kept = deepcopy(state)
    kept.events = frozenset()
    for name, duty in state.duties.items():
        if duty.kind in ("response", "deadline") and duty.state in ("met", "late"):
            del kept.duties[name]
    return kept


def _account(
    pack: Pack, account: str, facts: Facts, before: State | None, inputs: Inputs,
    previous: date | None,
) -> State:  # fmt: skip
    state = _tier(pack, account, facts, before, inputs, previous)
    state.entitlements = obligations.entitled(pack, facts, state)
    warnings.advance(pack, "account", facts, before, state, inputs.as_of)
    obligations.owe(pack, account, before, state, inputs, previous)
    return state


def _tier(
    pack: Pack, account: str, facts: Facts, before: State | None, inputs: Inputs,
    previous: date | None,
) -> State:  # fmt: skip
    reviews = tiers.review_days(pack, previous, inputs.as_of)
    state = tiers.review(pack, facts, before, reviews)
    tiers.apply_milestones(pack, account, facts, before, state, inputs)
    tiers.settle(pack, account, before, state, inputs)
    return state


def _heed_and_inhibit(packs: dict[str, Pack], inputs: Inputs, states: dict[Key, State]) -> None:
    together: dict[tuple[str, str], list[State]] = {}
    for (pack, scope, name), state in states.items():
        if name in inputs.set_aside:
            continue
        warnings.heed_marks(packs[pack], name, state, inputs)
        together.setdefault((scope, name), []).append(state)
    for group in together.values():
        warnings.inhibit(group, inputs.as_of)


def _actions(packs: dict[str, Pack], inputs: Inputs, states: dict[Key, State]) -> list[Action]:
    found: list[Action] = []
    for (pack_id, _, name), state in states.items():
        if name in inputs.set_aside:
            continue
        pack = packs[pack_id]
        found += actions.of_warnings(pack, name, state, inputs)
        found += actions.of_milestones(pack, name, state, inputs)
        found += actions.of_obligations(pack, name, state, inputs)
    return found
