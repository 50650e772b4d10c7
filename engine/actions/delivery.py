"""Sends what waits in the outbox, and writes down what came of it.

One message after the other, or one digest: send, write the receipt, go on. A process that dies
in between sends the same message again under the same key. Only one process delivers at a time;
a run may go on meanwhile, and what it enqueues is taken up by the next delivery.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from engine.actions.backoff import Clock, SystemClock
from engine.actions.messages import Composer
from engine.actions.opening import SinkOpener, open_sink
from engine.actions.render import Show
from engine.actions.rounds import Round, SinkReport
from engine.audit import outbox
from engine.audit.failures import store_errors
from engine.audit.store import open_store
from engine.errors import Problem, problem
from engine.language.workspace import Workspace

LOCK_FILE = "kam.lock.deliver"

_BUSY_MILLISECONDS = 600_000
"""A receipt waits so long for a run that writes a night of a million accounts."""


@dataclass(frozen=True)
class DeliveryReport:
    """What a delivery did, sink by sink in the order of kam.yaml."""

    sinks: tuple[SinkReport, ...]

    @property
    def good(self) -> bool:
        """Whether all that was to be sent has arrived; dead letters of before do not count."""
        return not any(one.pending or one.died or one.problem for one in self.sinks)


@dataclass(frozen=True)
class Extent:
    """How much a delivery does: once what is due now, to every sink, unless more is said."""

    only: Collection[str] = ()
    """The sinks; all of them if it is empty."""
    wait: bool = False
    """Whether it goes on, through all waits, until everything has arrived or is dead."""
    seconds: float | None = None
    """After how long no attempt is begun any more."""


def deliver(
    workspace: Workspace,
    environment: Mapping[str, str],
    show: Show,
    extent: Extent | None = None,
    *,
    clock: Clock | None = None,
    opener: SinkOpener = open_sink,
) -> DeliveryReport:
    """Sends the messages that are due and writes what came of each; safe to repeat at any time.

    `show` formats values in texts.

    Raises: `KamError` ``delivery-busy`` if another process delivers, ``no-store``, or a code
    of `engine.audit.failures`. What a sink does wrong is in the report.
    """
    clock, extent = clock or SystemClock(), extent or Extent()
    folder = workspace.store_folder
    begun, only = clock.now(), extent.only
    until = None if extent.seconds is None else begun + timedelta(seconds=extent.seconds)
    with open_store(folder, create=False) as store, store_errors(folder), _alone(folder):
        connection = store.connection
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        connection.execute("PRAGMA wal_autocheckpoint = 1000")  # many small transactions
        composer = Composer(connection, workspace.name, show)
        wanted = [sink for sink in workspace.sinks if not only or sink.name in only]
        rounds = [
            Round(connection, sink, workspace.root, environment, composer, clock, until, opener)
            for sink in wanted
        ]
        _rounds(rounds, clock, until, extent.wait)
        left = outbox.waiting(connection, clock.now())
        reports = [one.report(left.get(one.sink.name, outbox.Waiting())) for one in rounds]
        strangers = set(left) - {sink.name for sink in workspace.sinks}
        return DeliveryReport((*reports, *_unknown(left, only, strangers)))


def _rounds(rounds: list[Round], clock: Clock, until: datetime | None, wait: bool) -> None:
    while True:
        for one in rounds:
            one.go()
        moments = [moment for one in rounds if (moment := one.next_moment()) is not None]
        if not wait or not moments:
            return
        pause = max(min(moments) - clock.now(), timedelta())
        if until is not None and clock.now() + pause > until:
            return
        clock.sleep(pause.total_seconds())


def _unknown(
    left: Mapping[str, outbox.Waiting], only: Collection[str], strangers: Collection[str]
) -> Iterator[SinkReport]:
    """Sinks that kam.yaml does not name any more, and that something still waits for."""
    for name in sorted(strangers):
        if left[name].pending and (not only or name in only):
            found = Problem(
                "unknown-sink",
                f"{left[name].pending} messages wait for '{name}', which kam.yaml does not name",
                hint=f"name '{name}' under 'sinks:' once more until they have gone",
            )
            yield SinkReport(
                name, None, pending=left[name].pending, dead=left[name].dead, problem=found
            )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / LOCK_FILE, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise problem(
            "delivery-busy",
            f"another process delivers from the store {folder}",
            hint="wait until it has finished; the lock of one that was killed releases itself",
        ) from None
    try:
        yield
    finally:
        lock.release()
