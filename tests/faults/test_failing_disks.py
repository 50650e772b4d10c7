"""A disk that fills up or cannot be written refuses the night, and loses nothing.

The night ends with a problem that names the store, never with a defect; what was there verifies
as before, and as soon as the disk is well the next run finishes the night as if nothing had been.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.audit.store import open_store
from engine.verification.verify import verify_store
from tests.faults.nursery import REFUSED, Ended
from tests.faults.trial import SECOND, Rows, Trial, content

FULL = {"store-full", "store-io-error"}


@pytest.fixture(scope="module")
def before(trial: Trial) -> Rows:
    return content(trial.prepared / "store")


def refused(trial: Trial, workspace: Path, codes: set[str], before: Rows, **how: object) -> bool:
    """A night on a failing disk; True if it was refused, and then nothing has changed."""
    ended = trial.nursery.run("night", workspace, as_of=SECOND, **how)
    if ended.status == 0:
        return False
    assert ended.status == REFUSED, ended
    assert set(ended.codes) <= codes, ended
    findings = {one.code for one in verify_store(workspace / "store").findings}
    assert findings <= {"run-without-record"}
    with open_store(workspace / "store", read_only=True) as store:
        assert [run.run_id for run in store.runs()] == ["2026-06-30.1"]
    if not findings:
        assert content(workspace / "store") == before
    return True


def fill(trial: Trial, before: Rows, limits: list[int]) -> int:
    """Nights whose files cannot grow beyond so many bytes; returns how many were refused."""
    count = 0
    for limit in limits:
        workspace = trial.copy()
        count += refused(trial, workspace, FULL, before, limit=limit)
        trial.finish(workspace)
    return count


def largest(trial: Trial) -> int:
    """Bytes of the largest file that the night writes: the write-ahead log, or kam.db."""
    return 2 * (trial.prepared / "store" / "kam.db").stat().st_size


@pytest.mark.slow
def test_disk_that_is_full_at_some_size_loses_nothing(trial: Trial, before: Rows) -> None:
    assert fill(trial, before, [3000, 40_000]) == 2


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_disk_that_is_full_at_any_size_loses_nothing(trial: Trial, before: Rows) -> None:
    chosen = random.Random(3)
    small = [*range(100, 10_000, 1100)]  # while the files of the run are written
    large = [chosen.randrange(10_000, largest(trial)) for _ in range(12)]  # kam.db and its log
    assert fill(trial, before, small + large) >= len(small)


def fail_at(trial: Trial, before: Rows, numbers: list[int]) -> None:
    for number in numbers:
        workspace = trial.copy()
        refused(trial, workspace, FULL, before, stop=number, what="fail")
        trial.finish(workspace)


def test_disk_that_fails_at_the_commit_loses_nothing(trial: Trial, before: Rows) -> None:
    passed = trial.run(trial.copy(), stop=0, what="fail").points
    fail_at(trial, before, [passed.index("COMMIT") + 1])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_disk_that_fails_at_any_step_loses_nothing(trial: Trial, before: Rows) -> None:
    passed = trial.run(trial.copy(), stop=0, what="fail").points
    numbers = [
        number
        for number, label in enumerate(passed, start=1)
        if label not in passed[max(0, number - 5) : number - 1]  # not the tenth of the same
    ]
    fail_at(trial, before, numbers)


def test_store_that_cannot_be_written_is_left_as_it_is(trial: Trial, before: Rows) -> None:
    workspace = trial.copy()
    store = workspace / "store"
    folders = [store, *(item for item in store.rglob("*") if item.is_dir())]
    files = [item for item in store.rglob("*") if item.is_file()]
    for item, mode in [*((one, 0o500) for one in folders), *((one, 0o400) for one in files)]:
        item.chmod(mode)
    try:
        ended = trial.nursery.run("night", workspace, as_of=SECOND, powerless=True)
    finally:
        for item in (*folders, *files):
            item.chmod(0o700)
    if ended.status == 1 and "capset" in ended.trace:
        pytest.skip("root cannot give up its power here")
    assert (ended.status, ended.codes) == (REFUSED, ("store-read-only",)), ended
    assert content(store) == before
    assert verify_store(store).is_sound
    trial.finish(workspace)


# --- a disk of its own, so small that it really fills up -----------------------------------


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("disk")
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
def test_small_disk_that_fills_up_loses_nothing(
    trial: Trial, before: Rows, small_disk: Path
) -> None:
    workspace, ballast = small_disk / "workspace", small_disk / "ballast"
    shutil.copytree(trial.prepared, workspace)
    ended: list[Ended] = []
    for spare in (0, 60_000, 300_000):
        free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
        ballast.write_bytes(b"x" * max(0, free - spare))
        ended.append(trial.nursery.run("night", workspace, as_of=SECOND))
        ballast.unlink()
        if ended[-1].status == 0:
            break
        assert set(ended[-1].codes) <= FULL, ended
        findings = {one.code for one in verify_store(workspace / "store").findings}
        assert findings <= {"run-without-record"}
        assert content(workspace / "store")["runs"] == before["runs"]
    assert ended[0].status == REFUSED
    trial.finish_anew(workspace)
    assert content(workspace / "store") == trial.wanted
