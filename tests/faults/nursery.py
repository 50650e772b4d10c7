"""A process that has imported everything and forks a child for each attempt at a night.

An attempt costs what the night costs, and not a second of imports. The nursery itself opens no
database and starts no thread, so that its children begin as a fresh process would. It takes
requests as lines of JSON, and answers each when the child has ended. `Nursery` is its client.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.repository.files import ROOT

KILLED = -signal.SIGKILL
REFUSED = 3


@dataclass(frozen=True)
class Ended:
    """How a child ended: `status` is its exit code, or minus the signal that ended it.

    `codes` are the problems that it was refused with, `points` the labels of the points that it
    passed (only of a child that was not killed), `trace` what it died of otherwise.
    """

    status: int
    seconds: float
    codes: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    trace: str = ""


class Nursery:
    """The client: `run` asks for one child and waits for its end."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "TMPDIR": str(log.parent)},  # what the killed leave goes with it
        )

    def run(self, work: str, workspace: Path, **request: Any) -> Ended:
        """`work` is a key of `WORKS`. Options: `as_of` (ISO) of a night, `environment` of a
        delivery, `file`, `answers` and `batch` of events, `kill_after` (seconds), `stop` and
        `what` (see `Points`), `limit` (bytes of the largest file), `powerless` (no permission is
        overridden, even for root)."""
        assert self._process.stdin is not None and self._process.stdout is not None
        line = json.dumps({"work": work, "workspace": str(workspace), **request})
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return Ended(
            answer["status"],
            answer["seconds"],
            tuple(answer.get("codes", ())),
            tuple(answer.get("points", ())),
            answer.get("trace", ""),
        )

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._log.close()


def _night(workspace: Path, request: dict[str, Any]) -> None:
    from engine.runner import run_night

    run_night(workspace, date.fromisoformat(request["as_of"]))


class HastyClock:
    """Whoever sleeps by it has slept already."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def sleep(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


def _deliver(workspace: Path, request: dict[str, Any]) -> None:
    from engine.actions.delivery import Extent, deliver
    from engine.console.values import bare_value
    from engine.language.load import load_workspace

    report = deliver(
        load_workspace(workspace),
        request["environment"],
        bare_value,
        Extent(wait=True),
        clock=HastyClock(),
    )
    assert report.good, report


def _events(workspace: Path, request: dict[str, Any]) -> None:
    """`kam event` on `file`; what its caller reads is appended to `answers`."""
    from engine.commands import event

    answers = os.open(request["answers"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(answers, 1)
    event.BATCH = request["batch"]
    call = [request["file"], "-w", str(workspace), "--format", "jsonl", "--wait", "0"]
    event.event.main(call, standalone_mode=False)


WORKS: dict[str, Callable[[Path, dict[str, Any]], None]] = {
    "night": _night,
    "deliver": _deliver,
    "events": _events,
}


def _warm_up() -> None:
    """Imports everything, and fills what is filled once in a process."""
    import tempfile

    import httpx

    import engine.actions.delivery
    import engine.commands.event
    import engine.console.event
    import engine.runner.desk
    from engine.checking import prepare
    from engine.executors import columnar
    from engine.verification import verify  # noqa: F401
    from tests.night.book import NIGHT, Book

    assert engine.runner.desk and engine.actions.delivery and httpx
    assert engine.commands.event and engine.console.event
    with tempfile.TemporaryDirectory() as folder:
        columnar.compile_plan(prepare(Book(Path(folder) / "w").root).plan(NIGHT))


def _serve() -> None:
    _warm_up()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        answers.write(json.dumps(_attempt(json.loads(line))).encode() + b"\n")
        answers.flush()


def _attempt(request: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(request, writing)
    os.close(writing)
    if "kill_after" in request:
        # At its end the child closes the pipe, and there is nothing to wait for.
        left = began + request["kill_after"] - time.perf_counter()
        select.select([reading], [], [], max(0.0, left))
        os.kill(child, signal.SIGKILL)  # it may have ended; until waited for, the id is its own
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    answer = {
        "status": os.waitstatus_to_exitcode(status),
        "seconds": time.perf_counter() - began,
    }
    return {**answer, **(json.loads(said) if said else {})}


def _child(request: dict[str, Any], writing: int) -> None:
    """Does the work and never returns."""
    from engine.errors import KamError
    from tests.faults.points import Points

    points = Points(request["workspace"], request.get("stop"), request.get("what", "kill"))
    said: dict[str, Any] = {}
    status = 0
    try:
        if request.get("powerless"):
            _give_up_power()
        if limit := request.get("limit"):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        if "stop" in request:
            points.install()
        WORKS[request["work"]](Path(request["workspace"]), request)
    except KamError as error:
        status, said["codes"] = REFUSED, [one.code for one in error.problems]
    except BaseException:  # noqa: BLE001  # the test says what it was
        status, said["trace"] = 1, traceback.format_exc()
    said["points"] = points.passed
    os.write(writing, json.dumps(said).encode())
    os._exit(status)


def _give_up_power() -> None:
    """Root without capabilities is bound by permissions like everybody else."""
    import ctypes

    if os.geteuid() != 0:
        return
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this thread
    none = (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(header, none):
        raise OSError(ctypes.get_errno(), "capset")


if __name__ == "__main__":
    _serve()
