"""Events told one by one end where one night over the same records ends."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest

from engine.audit.data_files import read_manifest
from engine.audit.events.queries import latest_decisions
from engine.audit.store import Run, open_store
from engine.day.events import Answer, Rejected
from engine.runner.desk import EventDesk
from engine.verification.verify import verify_store
from tests.events.book import END, EventBook, decisions, keep_back, plain, write_book

PACKS = (
    "key_account_rules",
    "engineering",
    "manufacturing",
    "systems_engineering",
    "value_segments",
)


@dataclass(frozen=True)
class Told:
    """The whole book after its night; and the one without its latest records after a night of
    its own and its events, with what they answered and left of the accounts."""

    whole: EventBook
    part: EventBook
    runs: tuple[Run, Run]
    answers: Sequence[Answer | Rejected]
    left: Mapping[str, Mapping[str, object]]
    changed: int
    """More accounts than these must be decided otherwise for the events."""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((40, PACKS[:1], 15, 3), id="one pack"),
        pytest.param((60, PACKS[:2], 25, 5), id="two packs", marks=pytest.mark.slow),
        pytest.param((120, PACKS, 60, 15), id="five packs", marks=pytest.mark.slow),
    ],
)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    accounts, packs, events, changed = request.param
    folder = tmp_path_factory.mktemp("events")
    whole = write_book(folder / "whole", accounts, packs)
    shutil.copytree(whole.root, folder / "part")
    part = keep_back(EventBook(folder / "part"), END - timedelta(days=30))
    assert len(part.events) >= events
    runs = whole.night(), part.night()
    with EventDesk(part.root) as desk:
        answers = [one for event in part.events for one in desk.answer([event])]
    return Told(whole, part, runs, answers, left_by_events(part), changed)


def test_events_one_by_one_end_in_the_decisions_of_one_night_over_the_same_records(
    told: Told,
) -> None:
    assert all(isinstance(one, Answer) for one in told.answers)
    accounts = {event.account for event in told.part.events}
    expected, before = (decisions(run, accounts) for run in told.runs)
    assert set(told.left) == accounts
    unlike = {one for one in accounts if before[one] != expected[one]}
    assert len(unlike) > told.changed, "what is kept back must matter"
    statistics = [read_manifest(run)["statistics"] for run in told.runs]
    assert statistics[0] == statistics[1], "the population must be the same in both"
    assert told.left == expected


def test_the_night_after_says_nothing_twice_and_ends_where_it_would_have_without_events(
    told: Told,
) -> None:
    whole, part, day = told.whole, told.part, END + timedelta(days=1)
    expected, found = whole.night(day), part.night(day)
    assert decisions(found) == decisions(expected)
    said = part.lines(
        "SELECT account_id, pack, rule_id, kind, to_value FROM decision_log_lines "
        "WHERE kind = 'warning_opened'"
    )
    assert len(said) == len(set(said))
    opened = "SELECT action_id, account_id, rule_id FROM action_lines WHERE status = 'open'"
    due, asked = set(whole.lines(opened)), set(part.lines(opened))
    assert due <= asked
    firing = {
        (account, one["rule"])
        for account, left in decisions(found).items()
        for row in left["decisions"]
        for one in row["warnings"]
    }
    early = {(account, rule) for _, account, rule in asked - due}
    assert early <= firing, "asked for before a red warning made it wait: its cause still stands"
    sources = part.lines(
        "SELECT rows_read, rows_used, rows_quarantined FROM sources JOIN runs USING (run_no) "
        "WHERE run_id = ? AND name = 'events'",
        found.run_id,
    )
    assert sources == [(len(part.events), len(part.events), 0)]
    assert not verify_store(part.store).findings


def left_by_events(book: EventBook) -> dict[str, dict[str, object]]:
    """Account → what the last event about it left."""
    with open_store(book.store, read_only=True) as store:
        found = latest_decisions(store.connection)
    return {
        account: plain(
            {name: json.loads(one.content)[name] for name in ("decisions", "obligations")}
        )
        for account, one in found.items()
    }
