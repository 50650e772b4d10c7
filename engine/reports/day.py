"""What the events of the day have changed since a night, for whoever asks how things stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.audit.events.queries import EventDecision, latest_decisions
from engine.audit.failures import store_errors
from engine.reports.listing import chosen_run

if TYPE_CHECKING:
    from engine.audit.store import Run, Store
    from engine.lifecycle.inputs import AccountState


@dataclass(frozen=True)
class BookState:
    """A night, and the accounts about which events have decided since."""

    night: Run
    states: tuple[AccountState, ...] = ()


def recorded_run(store: Store, run_id: str) -> Run:
    """A run by its id, a night or one that answered events. Raises `KamError` ``no-run``."""
    found = next(store.every_run(run_id=run_id), None)
    return chosen_run(store, run_id) if found is None else found


def book_state(store: Store, run_id: str | None) -> BookState:
    """How things stand: after the last event, or as the run of that id left them.

    Raises `KamError` ``no-run``.
    """
    if run_id is None:
        night = chosen_run(store, None)
        return BookState(night, states_since(store, night))
    run = recorded_run(store, run_id)
    if run.kind == "night":
        return BookState(run)
    night = chosen_run(store, run.previous_run)
    return BookState(night, states_since(store, night, until_run=run.run_no))


def is_last_night(store: Store, night: Run) -> bool:
    """Whether no night was recorded after this one: what events left since is how things stand."""
    last = store.last_run()
    return last is not None and last.run_no == night.run_no


def states_since(
    store: Store, night: Run, account: str | None = None, until_run: int | None = None
) -> tuple[AccountState, ...]:
    """What events left of accounts, or of one, since a night, as `decisions_since`."""
    found = decisions_since(store, night, account, until_run)
    return tuple((one.account, one.content) for one in found.values())


def decisions_since(
    store: Store, night: Run, account: str | None = None, until_run: int | None = None
) -> dict[str, EventDecision]:
    """Account → what the last event about it decided since a night; it is to be the last, or
    `until_run` to come before the next."""
    with store_errors(store.path):
        return latest_decisions(
            store.connection,
            None if account is None else [account],
            after_run=night.run_no,
            until_run=until_run,
        )
