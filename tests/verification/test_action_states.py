"""Actions that live as they do in a store stand as the log and the marks say, whatever happened."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from engine.audit.marks import Said
from engine.audit.store import Run, Store, open_store
from engine.verification.action_states import check_action_states
from engine.verification.findings import Findings
from engine.verification.said_lines import read_said_lines
from tests.audit.event_sample import answer, complaint, content, decision
from tests.audit.sample import DAY, action_row, record_run, sample_policy
from tests.often import seldom

ACCOUNTS = ("A1", "A2")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store") as opened:
        yield opened


def wrong(store: Store) -> list[str]:
    runs: list[Run] = sorted(store.every_run(), key=lambda run: run.run_no)
    findings, connection = Findings(), store.connection
    check_action_states(connection, runs, {}, read_said_lines(connection), findings)
    return [one.message for one in findings.found]


class Office:
    """Nights, events and people, on one store after another day by day."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.day = DAY
        self.emitted = 0
        self.meanwhile: Callable[[], None] | None = None
        self._look = store.last_mark
        store.last_mark = self._looked  # type: ignore[method-assign]

    def _looked(self) -> int:
        """What people say now, the night does not read, and it is written before the night is."""
        last, said = self._look(), self.meanwhile
        self.meanwhile = None
        if said is not None:
            said()
        return last

    def night(self, ended: list[str], actions: int) -> None:
        record_run(
            self.store, [], self._rows(actions), as_of=self.day, ended_causes=ended, sources=()
        )

    def event(self, accounts: list[str], ended: list[str], actions: int) -> None:
        number = self.store.last_run_no()
        answer(
            self.store,
            [complaint(f"crm-{number}-{one}", one, self.day) for one in accounts],
            {one: content(decision(account=one)) for one in accounts},
            action_rows=self._rows(actions),
            ended_causes=[(cause, None) for cause in ended],
            as_of=self.day,
        )

    def say(self, kind: str, action_no: int, until: date | None = None, by: str = "陈静") -> None:
        person = by if kind == "assign" else None
        moment = datetime.combine(self.day, time(3), UTC)
        self.store.say(Said(kind, by, moment, self.day, action_no, until=until, person=person))

    def _rows(self, count: int) -> list[tuple[object, ...]]:
        numbers = self.store.rule_numbers([sample_policy()])
        rows = []
        for _ in range(count):
            self.emitted += 1
            account = ACCOUNTS[self.emitted % len(ACCOUNTS)]
            rows.append(action_row(numbers, f"{self.emitted:024x}", account, cause(self.emitted)))
        return rows


def cause(number: int) -> str:
    """Two actions share one."""
    return f"c{number // 2:023x}"


@pytest.mark.parametrize("seed", [0, 3, *seldom(1, 2, 4, 5)])
def test_whatever_happens_in_a_store_its_actions_follow_from_it(store: Store, seed: int) -> None:
    chance, office = random.Random(seed), Office(store)
    office.night([], 4)

    def some(most: int) -> list[str]:
        return [cause(chance.randint(1, office.emitted)) for _ in range(chance.randint(0, most))]

    def mark() -> None:
        kind = chance.choice(["done", "snooze", "snooze", "assign"])
        until = office.day + timedelta(days=chance.randint(1, 4)) if kind == "snooze" else None
        known = store.database.table("actions").count  # not those that a night has in hand
        office.say(kind, chance.randint(1, known), until, chance.choice(["李", "王"]))

    for _ in range(14):
        what = chance.choice(["night", "again", "disturbed", "event", "mark", "mark", "mark"])
        if what == "mark":
            mark()
        elif what == "event":
            office.event(chance.sample(ACCOUNTS, chance.randint(1, 2)), some(1), 1)
        else:
            office.day += timedelta(days=0 if what == "again" else chance.randint(1, 3))
            office.meanwhile = mark if what == "disturbed" else None
            office.night(some(2), chance.randint(0, 2))
        assert wrong(store) == []


def tamper(store: Store, sql: str) -> None:
    with store.connection as connection:
        assert connection.execute(sql).rowcount > 0


def test_snoozed_action_that_a_night_has_woken_is_not_snoozed(store: Store) -> None:
    office = Office(store)
    office.night([], 2)
    office.say("snooze", 1, DAY + timedelta(days=2))
    office.day += timedelta(days=1)
    office.night([], 0)
    assert wrong(store) == []
    tamper(store, "UPDATE actions SET status = 'open', snoozed_until = NULL")
    (woken,) = wrong(store)
    assert woken == "action 1 (A2) is open; by its lines and marks: snoozed until 2026-07-02"
    tamper(
        store,
        "UPDATE actions SET status = 'snoozed', snoozed_until = '2026-07-02' WHERE action_no = 1",
    )
    office.day += timedelta(days=1)
    office.night([], 0)
    assert wrong(store) == []
    tamper(
        store,
        "UPDATE actions SET status = 'snoozed', snoozed_until = '2026-07-02' WHERE action_no = 1",
    )
    (asleep,) = wrong(store)
    assert asleep.endswith("is snoozed until 2026-07-02; by its lines and marks: open")


def test_event_about_another_account_wakes_nothing(store: Store) -> None:
    office = Office(store)
    office.night([], 2)
    office.say("snooze", 1, DAY + timedelta(days=1))  # of A2
    office.day += timedelta(days=1)
    office.event(["A1"], [], 0)
    assert wrong(store) == []
    tamper(store, "UPDATE actions SET status = 'open', snoozed_until = NULL")
    assert len(wrong(store)) == 1


def test_what_people_say_while_a_night_is_decided_may_stand_before_it_or_after(
    store: Store,
) -> None:
    office = Office(store)
    office.night([], 2)
    office.day += timedelta(days=2)
    office.meanwhile = lambda: office.say("snooze", 1, DAY + timedelta(days=1))
    office.night([], 0)
    assert wrong(store) == [], "the night has woken it"
    tamper(
        store,
        "UPDATE actions SET status = 'snoozed', snoozed_until = '2026-07-01' WHERE action_no = 1",
    )
    assert wrong(store) == [], "it may have been said a moment later"
    office.night([], 0)
    assert wrong(store) == []


def test_action_that_was_opened_again_is_open(store: Store) -> None:
    office = Office(store)
    office.night([], 2)
    office.night([cause(2)], 0)
    office.night([], 0)
    assert wrong(store) == []
    tamper(store, "UPDATE actions SET status = 'expired' WHERE action_no = 2")
    assert wrong(store) == ["action 2 (A1) is expired; by its lines and marks: open"]


def test_lines_that_do_not_stand_where_they_should_are_found_nevertheless(store: Store) -> None:
    """Their numbers are the fault of the log; the owners are still compared with them."""
    office = Office(store)
    office.night([], 2)
    connection = store.connection
    for (name,) in connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    ).fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for before, after in ((1, -1), (2, 1), (-1, 2)):
        tamper(store, f"UPDATE decision_log SET seq = {after} WHERE seq = {before}")
    assert wrong(store) == []
    tamper(store, "UPDATE actions SET owner = 'nobody' WHERE action_no = 2")
    assert wrong(store) == ["action 2 (A1) is with somebody else than its lines and marks say"]
