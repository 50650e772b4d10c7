"""What tests of the day ask of nights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.audit.store import Run, open_store
from engine.recall import KeptNight, kept_night


@contextmanager
def last_night(workspace: Path) -> Iterator[tuple[KeptNight, Run | None]]:
    """The last night of a workspace, and the run of the date before it."""
    with open_store(workspace / "store", create=False, read_only=True) as store:
        run = store.last_run()
        assert run is not None
        yield kept_night(workspace, store, run), store.last_run_before(run.as_of)
