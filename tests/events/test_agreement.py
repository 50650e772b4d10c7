"""Events of several days, told one by one under random policies, and the nights beside them, end
where nights over the same records end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.audit.events.queries import latest_decisions
from engine.audit.store import open_store
from engine.day.events import Answer, Event
from engine.replay.rerun import replay
from engine.runner.desk import EventDesk
from engine.verification.verify import verify_store
from tests.events.book import decisions, plain
from tests.events.ledger import ACCOUNTS, FIRST, NIGHT, Ledger, Sources, draw_event, write_ledger

LENGTHS = (0, 1, 2, 3)
"""Days after the night on which events come."""


@dataclass
class Days:
    """What happens: on each day events, told one by one, and then a night or none."""

    rng: Random
    folder: Path

    def __post_init__(self) -> None:
        self.ledger, sources = write_ledger(self.folder / "told", self.rng)
        self.days = [NIGHT + timedelta(days=one) for one in LENGTHS if self.rng.random() < 0.7]
        self.days = self.days or [NIGHT]
        self.nights = {day for day in self.days if self.rng.random() < 0.4}
        self.events: dict[date, list[Event]] = {}
        self.sources: dict[date, Sources] = {}
        for day in self.days:
            self.events[day] = []
            for number in range(self.rng.randint(2, 8)):
                event = draw_event(self.rng, f"{day}-{number}", day, sources)
                self.events[day].append(event)
                sources = sources.with_events([event])
            self.sources[day] = sources
        self.last = self.days[-1] + timedelta(days=1)
        self.start = self.folder / "start"
        self.ledger.night(FIRST)
        shutil.copytree(self.ledger.root, self.start)  # the night itself may be told otherwise
        self.ledger.night(NIGHT)
        self._nights: dict[tuple[date, ...], tuple[Ledger, Mapping[str, Any]]] = {}

    # --- what is told --------------------------------------------------------------------

    def tell(self) -> Iterator[tuple[date, Mapping[str, Any]]]:
        """Plays everything; after each day's events what they left of the accounts."""
        for day in self.days:
            self.ledger.on(day)
            with EventDesk(self.ledger.root, indexed=self.rng.random() < 0.3) as desk:
                for event in self.events[day]:
                    (answer,) = desk.answer([event])
                    assert isinstance(answer, Answer), (event, answer)
            yield day, self.left(day)
            if day in self.nights:
                self.ledger.night(day)
        if self.rng.random() < 0.5:  # the files have caught up
            self.sources[self.days[-1]].write(self.ledger)

    def left(self, day: date) -> Mapping[str, Any]:
        """Account → what the last event of the day left."""
        with open_store(self.ledger.store, read_only=True) as store:
            found = latest_decisions(store.connection)
        told = {event.account for event in self.events[day]}
        said = {account: json.loads(found[account].content) for account in told}
        return {
            account: plain({name: one[name] for name in ("decisions", "obligations")})
            for account, one in said.items()
        }

    # --- what nights say -----------------------------------------------------------------

    def told_on(self, account: str) -> tuple[date, ...]:
        return tuple(
            day for day in self.days if any(one.account == account for one in self.events[day])
        )

    @cached_property
    def groups(self) -> Mapping[tuple[date, ...], Sequence[str]]:
        """Accounts by the days on which they are decided about."""
        found: dict[tuple[date, ...], list[str]] = {}
        for account in ACCOUNTS:
            found.setdefault(self.told_on(account), []).append(account)
        return found

    def nights_on(self, days: tuple[date, ...]) -> tuple[Ledger, Mapping[str, Any]]:
        """After nights of these days and no others, over what the files would say by then: the
        workspace, and what the last of them decided."""
        if days not in self._nights:
            before = self.nights_on(days[:-1])[0].root if days[:-1] else self.start
            ledger = Ledger(before).copy(self.folder / "-".join(f"{one:%d}" for one in days))
            known = [one for one in self.days if one <= days[-1]]
            run = ledger.night(days[-1], self.sources[known[-1]] if known else None)
            self._nights[days] = ledger, decisions(run)
        return self._nights[days]


def agree(seed: int, folder: Path) -> None:
    days = Days(Random(seed), folder)
    left = dict(days.tell())
    final = decisions(days.ledger.night(days.last))
    for told, accounts in days.groups.items():
        decided_on = sorted({NIGHT, *told, *days.nights, days.last})
        for place, day in enumerate(decided_on, start=1):
            ledger, expected = days.nights_on(tuple(decided_on[:place]))
            for account in accounts:
                found = left[day][account] if day in told else None
                if found is None and day == days.last:
                    found = final[account]
                if found is not None:
                    assert news(found, day) == news(expected[account], day), (seed, account, day)
        assert_known(days.ledger, ledger, accounts)
    assert_said_once(days.ledger)
    store = days.ledger.store
    assert verify_store(store).findings == ()
    assert_replayed(days.ledger)


def news(said: Mapping[str, Any], day: date) -> Mapping[str, Any]:
    """Without what was fulfilled on an earlier day: it is told until the next night has been, and
    nights on other days stop at other times."""
    owed = [
        one
        for one in said["obligations"]
        if one["kind"] not in ("response", "deadline")
        or one["state"] not in ("met", "late")
        or one["last_on"] >= day.isoformat()
    ]
    return {**said, "obligations": owed}


def assert_replayed(ledger: Ledger) -> None:
    """Every night is decided again as it was, events and all."""
    with open_store(ledger.store, read_only=True) as store:
        found = [replay(ledger.root, store, run) for run in store.runs()]
    assert {one.state for one in found} == {"identical"}, found


def assert_known(told: Ledger, nights: Ledger, accounts: Sequence[str]) -> None:
    """Whatever the nights alone ask for in the end has been asked for with events as well."""
    query = "SELECT account_id, pack, rule_id, template FROM action_lines WHERE status = 'open'"
    due = {one for one in nights.lines(query) if one[0] in accounts}
    assert due <= set(told.lines(query))


def assert_said_once(ledger: Ledger) -> None:
    """The log is a ledger: every line starts where the one before it ended."""
    lines = ledger.lines(
        "SELECT account_id, rule_id, kind, from_value, to_value FROM decision_log_lines "
        "WHERE kind LIKE 'tier%' OR kind LIKE 'warning%' OR kind = 'account_left' ORDER BY seq"
    )
    kept = ledger.lines(
        "SELECT account_id, rule_id, evidence FROM decision_log_lines "
        "WHERE kind = 'obligation_met' AND account_id NOT IN (SELECT account_id FROM events "
        "WHERE record = 'issues' GROUP BY account_id, key HAVING count(*) > 1)"
    )
    assert len(kept) == len(set(kept))
    stands: dict[tuple[str, str], str | None] = {}
    for account, rule, kind, before, after in lines:
        if kind == "warning_escalated":
            continue
        what = (account, rule if kind.startswith("warning") else "tier")
        assert stands.get(what, before) == before, (account, rule, kind, before, after)
        stands[what] = after


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(1, 12))
def test_days_of_events_end_as_nights_whatever_the_policy(tmp_path: Path, seed: int) -> None:
    agree(seed, tmp_path)
