"""`kam event` that is killed with SIGKILL, wherever that is, has lost nothing that it answered.

The store verifies at once; the same events sent again end where they would have ended without
the death, each decided once and each action asked for once, and so does the night after them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.audit.events import inbox
from engine.audit.lock import hold
from engine.verification.verify import verify_store
from tests.faults.event_trial import EventTrial, answered, prepare_day, taken
from tests.faults.nursery import REFUSED, Nursery

AROUND_THE_COMMIT = ("BEGIN", "COMMIT")
FULL = {"store-full", "store-io-error"}


@pytest.fixture(scope="session")
def day(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> EventTrial:
    folder = tmp_path_factory.mktemp("day")
    return EventTrial(nursery, prepare_day(folder / "prepared"), folder)


def test_events_killed_at_some_moment_are_finished_when_they_are_sent_again(
    day: EventTrial,
) -> None:
    for deaths, workspace in day.killed_copies(3, seed=4):
        day.finish(workspace, night=deaths % 5 == 0)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_events_killed_at_any_of_80_moments_are_finished_when_they_are_sent_again(
    day: EventTrial,
) -> None:
    for deaths, workspace in day.killed_copies(80, seed=5):
        day.finish(workspace, night=deaths % 5 == 0)


def test_events_killed_before_the_last_commit_are_finished_when_they_are_sent_again(
    day: EventTrial,
) -> None:
    passed = day.points
    assert passed.count("COMMIT") > 3, "a transaction for each batch"
    last = len(passed) - passed[::-1].index("COMMIT")
    workspace = day.copy()
    assert day.kill(workspace, stop=last)
    assert len(answered(day.answers)) > 3, "the batches before it were answered"
    day.finish(workspace, night=True)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_events_killed_at_any_statement_are_finished_when_they_are_sent_again(
    day: EventTrial,
) -> None:
    for number, label in enumerate(day.points, start=1):
        if label not in AROUND_THE_COMMIT and number % 4:
            continue  # within a transaction, nothing lies between it and the one before
        workspace = day.copy()
        assert day.kill(workspace, stop=number), label
        day.finish(workspace, night=label == "COMMIT")


# --- events that wait ----------------------------------------------------------------------


def queue(day: EventTrial, workspace: Path) -> None:
    """Sends the events while somebody holds the store."""
    with hold(workspace / "store"):
        day.run(workspace)
    statuses = [one["status"] for one in answered(day.answers)]
    assert (statuses.count("queued"), statuses.count("rejected")) == (len(statuses) - 2, 2)
    assert taken(workspace / "store") == {}


def test_queued_events_survive_whoever_dies_while_he_takes_them(day: EventTrial) -> None:
    workspace = day.copy()
    queue(day, workspace)
    undisturbed = day.attempt(workspace, stop=0).points
    removal = ("before unlink", "after unlink", "before fsync")  # the lock is removed without
    removals = [
        number
        for number in range(1, len(undisturbed))
        if undisturbed[number - 1 : number + 2] == removal
    ]
    assert len(removals) > 3, "a file for each batch"
    workspace = day.copy()
    queue(day, workspace)
    assert day.kill(workspace, stop=removals[len(removals) // 2])
    assert inbox.waiting(workspace / "store")
    day.finish_in_any_order(workspace)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_queued_events_survive_every_death(day: EventTrial) -> None:
    workspace = day.copy()
    queue(day, workspace)
    taking = day.attempt(workspace, stop=0).points
    for number in range(1, len(taking) + 1, 5):
        workspace = day.copy()
        queue(day, workspace)
        assert day.kill(workspace, stop=number), taking[number - 1]
        day.finish_in_any_order(workspace)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_events_killed_while_they_are_queued_are_answered_only_if_they_wait(
    day: EventTrial,
) -> None:
    workspace = day.copy()
    with hold(workspace / "store"):
        queueing = day.run(workspace, stop=0).points
    assert "after rename" in queueing
    for number in range(1, len(queueing) + 1):
        workspace = day.copy()
        with hold(workspace / "store"):
            assert day.kill(workspace, stop=number), queueing[number - 1]
            day.check(workspace)
        day.finish_in_any_order(workspace)


# --- a disk that is full or cannot be written ----------------------------------------------


def fail_at(day: EventTrial, number: int) -> None:
    workspace = day.copy()
    ended = day.attempt(workspace, stop=number, what="fail")
    if ended.status != 0:  # 0: it was about to end
        assert ended.status == REFUSED, ended
        assert set(ended.codes) <= FULL, ended
    day.finish(workspace)


def test_disk_that_fails_at_the_commit_of_events_loses_nothing(day: EventTrial) -> None:
    passed = day.attempt(day.copy(), stop=0, what="fail").points
    commits = [number for number, label in enumerate(passed, 1) if label == "COMMIT"]
    fail_at(day, commits[len(commits) // 2])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_disk_that_fails_at_any_step_of_events_loses_nothing(day: EventTrial) -> None:
    passed = day.attempt(day.copy(), stop=0, what="fail").points
    for number in range(1, len(passed) + 1, 3):
        fail_at(day, number)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_disk_that_is_full_at_any_size_loses_no_event(day: EventTrial) -> None:
    largest = 2 * (day.prepared / "store" / "kam.db").stat().st_size
    refused = 0
    for limit in [100, 3000, *range(10_000, largest, largest // 12)]:
        workspace = day.copy()
        ended = day.attempt(workspace, limit=limit)
        if ended.status != 0:
            assert ended.status == REFUSED, ended
            assert set(ended.codes) <= FULL, ended
            refused += 1
        day.finish(workspace)
    assert refused > 3


def test_store_that_cannot_be_written_takes_no_event(day: EventTrial) -> None:
    workspace = day.copy()
    store = workspace / "store"
    items = [store, *store.rglob("*")]
    for item in items:
        item.chmod(0o500 if item.is_dir() else 0o400)
    try:
        ended = day.attempt(workspace, powerless=True)
    finally:
        for item in reversed(items):
            item.chmod(0o700)
    if ended.status == 1 and "capset" in ended.trace:
        pytest.skip("root cannot give up its power here")
    assert (ended.status, ended.codes) == (REFUSED, ("store-read-only",)), ended
    assert answered(day.answers) == []
    assert verify_store(store).findings == ()
    day.finish(workspace)
