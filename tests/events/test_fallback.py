"""Whoever judges the rules, the answers are the same: the network, the evaluator that stands in
for it where its library is missing, and both together where the network cannot say a rule."""

from __future__ import annotations

from random import Random

import pytest

from engine.audit.store import open_store
from engine.day import judging
from engine.day.events import Answer, Event, Rejected
from engine.executors.rete import ReteExecutor
from engine.language.load import load_workspace
from engine.recall import recall_night
from engine.runner.desk import EventDesk
from tests.events.ledger import NIGHT, Ledger, draw_event, draw_sources


def drawn(seed: int, count: int) -> list[Event]:
    rng, sources = Random(seed), draw_sources(Random(26))
    events = []
    for number in range(count):
        events.append(draw_event(rng, f"e{number}", NIGHT, sources))
        sources = sources.with_events(events[-1:])
    return events


def answers(ledger: Ledger, events: list[Event]) -> list[Answer | Rejected]:
    with EventDesk(ledger.root) as desk:
        return [one for event in events for one in desk.answer([event])]


def test_the_network_cannot_say_a_rule_of_the_ledger(ledger: Ledger) -> None:
    """Two texts are compared, which the network does not do: what follows is about such rules."""
    store = load_workspace(ledger.root).store_folder
    with open_store(store, read_only=True) as opened:
        plan = recall_night(ledger.root, opened).plan
    assert ReteExecutor().unsupported(plan)


def test_without_the_library_events_are_answered_the_same_and_it_is_told(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = drawn(5, 25)
    other = ledger.copy(ledger.root.parent / "other")
    expected = answers(ledger, events)
    assert sum(bool(one.document["changes"]) for one in expected if isinstance(one, Answer)) > 3
    monkeypatch.setattr(judging, "is_installed", lambda: False)
    with EventDesk(other.root) as desk:
        (note,) = desk.notes
        assert note.severity == "warning"
        assert note.hint
    assert answers(other, events) == expected


def test_rules_that_the_network_cannot_say_are_answered(ledger: Ledger) -> None:
    moves = [
        Event(f"m{number}", "account", "A1", {"home": home, "region": region})
        for number, (home, region) in enumerate(
            [("north", "north"), ("north", "south"), (None, "south"), ("south", "south")]
        )
    ]
    levels = [
        {one["rule"]: one["level"] for one in answer.document["packs"]["drawn"]["warnings"]}.get(
            "moved"
        )
        for answer in answers(ledger, moves)
        if isinstance(answer, Answer)
    ]
    assert levels[1] == "yellow"
    assert levels[0] != "yellow"
    assert len(levels) == 4
