"""A night that is disturbed, and what must be true after it was run again."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from engine.audit.store import open_store
from engine.verification.verify import verify_store
from tests.faults.nursery import KILLED, Ended, Nursery
from tests.night.book import NIGHT, Book

SECOND = (NIGHT + timedelta(days=1)).isoformat()

# What may differ between two nights that are the same: when they ran, and so what was signed.
_TIMES = {
    "runs": {"started_at", "finished_at"},
    "checkpoints": {"entry", "note"},
}
_UNTIL_THE_NEXT_RUN = {"run-without-record"}
_SAY_NOTHING = {"kam.lock.json", "kam.db-shm"}

Rows = dict[str, list[tuple[object, ...]]]


def prepare_book(folder: Path) -> Path:
    """A workspace after one night, with much to do on the second: tiers, warnings, actions, and
    what somebody said in between."""
    book = Book(folder)
    book.append("data/complaints.csv", "a3,2026-06-01\n" * 4)
    book.run()
    complaints = "a2,2026-06-03\na2,2026-06-04\na1,2026-06-05\na1,2026-06-06\n"
    book.append("data/complaints.csv", complaints)
    book.append("data/orders.csv", "a3,2026-06-20,2000000.00\n")
    return book.root


def content(store: Path) -> Rows:
    """Every row of every table but the times, and the files of every run."""
    found: Rows = {
        "files": [
            (path.relative_to(store).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
            for path in sorted((store / "runs").rglob("*"))
            if path.is_file()
        ]
    }
    with open_store(store, read_only=True) as opened:
        for table in opened.database.tables:
            hidden = _TIMES.get(table.name, set())
            kept = ", ".join(f'"{one.name}"' for one in table.columns if one.name not in hidden)
            rows = opened.database.execute(f'SELECT {kept} FROM "{table.name}"').fetchall()
            found[table.name] = sorted(rows, key=repr)
    return found


def bytes_left(store: Path) -> str:
    """One hash over everything that a dead process left in a store."""
    digest = hashlib.sha256()
    for path in sorted(store.rglob("*")):
        if path.name not in _SAY_NOTHING:
            digest.update(f"{path.relative_to(store)}\0{path.is_dir()}\0".encode())
            if path.is_file():
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def assert_same(found: Rows, wanted: Rows) -> None:
    assert found.keys() == wanted.keys()
    for table, rows in wanted.items():
        assert found[table] == rows, table


@dataclass
class Disturbed:
    """Disturbs some work, over copies of one prepared workspace.

    `seconds` and `points` are those of the work that nobody disturbs; `wanted` is what it leaves.
    """

    nursery: Nursery
    prepared: Path
    folder: Path
    wanted: Rows = field(default_factory=dict)
    seconds: float = 0.0
    points: tuple[str, ...] = ()
    killed: int = 0

    def copy(self) -> Path:
        """A fresh copy of the prepared workspace; the one before is gone."""
        target = self.folder / "copy"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.prepared, target)
        return target

    def attempt(self, workspace: Path, **how: Any) -> Ended:
        """The work, however it ends."""
        raise NotImplementedError

    def run(self, workspace: Path, **how: Any) -> Ended:
        """The work, which succeeds."""
        ended = self.attempt(workspace, **how)
        assert ended.status == 0, ended
        return ended

    def kill(self, workspace: Path, **how: Any) -> bool:
        """The work, killed; False if it was faster."""
        ended = self.attempt(workspace, **how)
        assert ended.status in {KILLED, 0}, ended
        if ended.status == 0:  # the machine has become faster
            self.seconds = min(self.seconds, ended.seconds)
        self.killed += ended.status == KILLED
        return ended.status == KILLED

    def check(self, workspace: Path) -> None:
        """What must be true right after a death."""
        raise NotImplementedError

    def killed_copies(self, deaths: int, seed: int) -> Iterator[tuple[int, Path]]:
        """Copies over which the work died at random moments, every fourth time twice, until it
        has died so often: how often by then, and the copy, which is left to be finished."""
        chosen = random.Random(seed)
        before = self.killed
        while self.killed - before < deaths:
            workspace = self.copy()
            self.kill(workspace, kill_after=chosen.uniform(0, self.seconds))
            if chosen.random() < 0.25:
                self.check(workspace)
                self.kill(workspace, kill_after=chosen.uniform(0, self.seconds))
            yield self.killed - before, workspace


@dataclass
class Trial(Disturbed):
    """Disturbs the second night, and lets each copy finish it.

    A copy that was left with the same bytes as one before it is not finished again: what a run
    finds is all that it goes on from.
    """

    finished: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        undisturbed = self.copy()
        ended = self.run(undisturbed, stop=0)
        self.seconds, self.points = ended.seconds, ended.points
        assert verify_store(undisturbed / "store").is_sound
        self.wanted = content(undisturbed / "store")
        assert len(self.wanted["runs"]) == 2

    def attempt(self, workspace: Path, **how: Any) -> Ended:
        return self.nursery.run("night", workspace, as_of=SECOND, **how)

    def check(self, workspace: Path) -> None:
        """Nothing is there by half but a run that the next one removes."""
        found = {one.code for one in verify_store(workspace / "store").findings}
        assert found <= _UNTIL_THE_NEXT_RUN

    def finish(self, workspace: Path) -> None:
        """Runs the night again: it ends as the undisturbed one did, and everything is there."""
        left = bytes_left(workspace / "store")
        if left not in self.finished:
            self.finish_anew(workspace)
            self.finished.add(left)

    def finish_anew(self, workspace: Path) -> None:
        """The same, whatever was finished before."""
        store = workspace / "store"
        self.check(workspace)
        self.run(workspace)
        assert verify_store(store).findings == ()
        assert_same(content(store), self.wanted)
        assert sorted(item.name for item in (store / "runs").iterdir()) == [
            "2026-06-30.1",
            "2026-07-01.1",
        ]
