"""Runs by the ids that people name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import KamError, problem

if TYPE_CHECKING:
    from engine.audit.store import Run, Store


def recorded_run(store: Store, run_id: str) -> Run:
    """A run, of a night or of events. Raises `KamError` ``unknown-run``."""
    run = next(store.every_run(run_id=run_id), None)
    if run is None:
        raise unknown_run(run_id)
    return run


def night_run(store: Store, run_id: str | None) -> Run:
    """A night, the last one if none is named.

    Raises `KamError` ``no-run``, ``unknown-run``, or ``not-a-night`` for a run of events.
    """
    if run_id is not None:
        run = recorded_run(store, run_id)
        if run.kind != "night":
            raise problem(
                "not-a-night",
                f"run '{run_id}' decided about single accounts, and this is asked of a whole night",
                hint=f"name the night before it: {run.previous_run}",
            )
        return run
    last = store.last_run()
    if last is None:
        raise problem("no-run", "the store holds no run yet", hint="run the night: kam run")
    return last


def unknown_run(run_id: str) -> KamError:
    """What is said to who names a run that there is not."""
    return problem("unknown-run", f"there is no run '{run_id}'", hint="kam runs lists them")
