"""A night that is killed with SIGKILL, wherever that is, is finished by the next run.

After the restart the store verifies, and holds what it holds after a night that nobody
disturbed: the same root, decisions, log, actions and messages, each of them once.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.verification.verify import verify_store
from tests.faults.nursery import KILLED, Ended, Nursery
from tests.faults.trial import Trial
from tests.night.book import NIGHT, Book

FIRST = f"{NIGHT}.1"

AROUND_THE_COMMIT = ("before rename", "BEGIN", "COMMIT", "PRAGMA wal_checkpoint")


@pytest.mark.slow
def test_night_killed_around_its_commit_is_finished_by_the_next(trial: Trial) -> None:
    passed = trial.points
    assert {label for label in passed if label in AROUND_THE_COMMIT} == set(AROUND_THE_COMMIT)
    for number, label in enumerate(passed, start=1):
        if label in AROUND_THE_COMMIT:
            workspace = trial.copy()
            assert trial.kill(workspace, stop=number), label
            trial.finish(workspace)


def test_night_killed_at_some_moment_is_finished_by_the_next(trial: Trial) -> None:
    for _, workspace in trial.killed_copies(3, seed=1):
        trial.finish(workspace)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_night_killed_at_any_of_200_moments_is_finished_by_the_next(trial: Trial) -> None:
    for _, workspace in trial.killed_copies(200, seed=2):
        trial.finish(workspace)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_night_killed_at_any_step_is_finished_by_the_next(trial: Trial) -> None:
    for number, label in enumerate(trial.points, start=1):
        if label in {"INSERT", "after fsync"} and number % 3:
            continue  # nothing lies between it and the point before
        workspace = trial.copy()
        assert trial.kill(workspace, stop=number), label
        trial.finish(workspace)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_restart_that_is_killed_while_it_cleans_up_is_finished_by_the_next(trial: Trial) -> None:
    published = trial.points.index("BEGIN") + 1
    workspace = trial.copy()
    assert trial.kill(workspace, stop=published)
    passed = trial.run(workspace, stop=0).points
    cleaning = len(passed) - passed[::-1].index("after rmdir")
    assert passed[:cleaning].count("before unlink") > 5
    for number in range(1, cleaning + 1, 2):
        workspace = trial.copy()
        assert trial.kill(workspace, stop=published)
        assert trial.kill(workspace, stop=number)
        trial.finish(workspace)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_first_night_of_a_store_killed_at_any_step_is_finished_by_the_next(
    nursery: Nursery, tmp_path: Path
) -> None:
    """Each store has a secret of its own, and so another root; decisions and log are the same."""

    def attempt(**how: object) -> tuple[Book, Ended]:
        shutil.rmtree(tmp_path / "book", ignore_errors=True)
        book = Book(tmp_path / "book")
        return book, nursery.run("night", book.root, as_of=NIGHT.isoformat(), **how)

    book, ended = attempt(stop=0)
    assert ended.status == 0
    wanted = book.decisions(FIRST), book.log(FIRST)
    steps = [
        number
        for number, label in enumerate(ended.points, start=1)
        if label != ended.points[number - 2] and "fsync" not in label
    ]
    for number in steps[:: max(1, len(steps) // 12)]:
        book, ended = attempt(stop=number)
        assert ended.status == KILLED
        again = nursery.run("night", book.root, as_of=NIGHT.isoformat())
        assert again.status == 0, (ended, again)
        assert (book.decisions(FIRST), book.log(FIRST)) == wanted
        assert verify_store(book.root / "store").findings == ()
