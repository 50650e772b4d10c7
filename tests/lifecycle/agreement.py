"""Machines and model side by side, and what they must agree on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import date
from zoneinfo import ZoneInfo

from tests.lifecycle.harness import Machines, Night
from tests.lifecycle.model.inputs import Inputs
from tests.lifecycle.model.night import effective_tiers, run_night
from tests.lifecycle.model.policy import Pack
from tests.lifecycle.model.state import Action, Book, Duty, State


class Model:
    """The nights that the model has lived through."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self.packs = packs
        self.books: list[Book] = []

    def previous(self, as_of: date) -> Book | None:
        """The last night of an earlier date."""
        earlier = [book for book in self.books if book.as_of < as_of]
        return earlier[-1] if earlier else None

    def effective_tiers(self, tonight: Inputs) -> dict[tuple[str, str], str | None]:
        return effective_tiers(self.packs, tonight, self.previous(tonight.as_of))

    def run(self, tonight: Inputs) -> Book:
        recorded = self.books[-1] if self.books else None
        self.books.append(run_night(self.packs, tonight, self.previous(tonight.as_of), recorded))
        return self.books[-1]


class Both:
    """A workspace that runs every night twice: on the machines and in the model."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self.machines = Machines(packs)
        self.model = Model(packs)

    def __enter__(self) -> Both:
        return self

    def __exit__(self, *_: object) -> None:
        self.machines.__exit__()

    def run(self, tonight: Inputs) -> Night:
        """One night. Raises AssertionError where the two differ, with the first account."""
        book = self.model.run(tonight)
        found = self.machines.run(tonight)
        compare(book, found, tonight)
        return found


def compare(book: Book, found: Night, tonight: Inputs) -> None:
    expected = {
        key: comparable(state, tonight.as_of, tonight.almanac.zone)
        for key, state in book.states.items()
        if key[1] == "account" or state.warnings or state.waiting
    }
    states = {
        key: comparable(state, tonight.as_of, tonight.almanac.zone)
        for key, state in found.states.items()
    }
    for key in sorted({*expected, *states}):
        assert states.get(key) == expected.get(key), _difference(
            f"{tonight.as_of} {key}", states.get(key), expected.get(key)
        )
    same(f"log of {tonight.as_of}", map(repr, found.log), map(repr, book.log))
    same(f"actions of {tonight.as_of}", _texts(found.actions), _texts(book.actions))
    still_open = book.open_actions.values()
    same(f"open on {tonight.as_of}", _texts(found.open_actions), _texts(still_open))


def same(what: str, found: Iterable[str], expected: Iterable[str]) -> None:
    """Two sets of lines, of which each side shows what the other lacks."""
    here, there = sorted(found), sorted(expected)
    only_here = [line for line in here if line not in there]
    only_there = [line for line in there if line not in here]
    assert here == there, "\n".join(
        [
            what,
            *(f"  found    {one}" for one in only_here),
            *(f"  expected {one}" for one in only_there),
        ]
    )


def _difference(where: str, found: State | None, expected: State | None) -> str:
    """The fields that differ, one a line."""
    if found is None or expected is None:
        return f"{where}\n  found    {found}\n  expected {expected}"
    parts = [where]
    for one in fields(State):
        here, there = getattr(found, one.name), getattr(expected, one.name)
        if here != there:
            parts.append(f"  {one.name}\n    found    {here}\n    expected {there}")
    return "\n".join(parts)


def _texts(actions: Iterable[Action]) -> list[str]:
    return [repr(replace(one, about=())) for one in actions]


def comparable(state: State, tonight: date, zone: str) -> State:
    """Without what only one side keeps."""
    held = state.held_until
    return replace(
        state,
        held_until=held if held is not None and held >= tonight else None,
        events=frozenset(),
        duties={key: _duty(duty, zone) for key, duty in state.duties.items()},
    )


def _duty(duty: Duty, zone: str) -> Duty:
    limit = duty.limit_at
    if limit is not None and limit.tzinfo is not None:
        limit = limit.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    is_regular = duty.kind in ("cadence", "team")
    return replace(
        duty,
        about=None,
        owed_since=duty.owed_since if is_regular else date.min,
        limit_at=limit,
    )
