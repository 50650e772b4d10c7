"""What the service needs of the desk that decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from engine.day.events import Answer, Event, Rejected
from engine.errors import Problem
from engine.model import Classification


class Desk(Protocol):
    """One workspace that answers events. Its methods may be called from several threads.

    Any of them may raise `KamError`.
    """

    @property
    def night(self) -> str:
        """The run that it works on, as ``2026-06-30.1``."""

    @property
    def notes(self) -> Sequence[Problem]:
        """What operators should know of how events are decided here."""

    def answer(self, events: Sequence[Event | Rejected]) -> Sequence[Answer | Rejected]:
        """Takes the events in one transaction; an answer for each, in their order."""

    def evaluate(self, event: Event) -> Answer | Rejected:
        """What the event would change; nothing is stored."""

    def account(self, account: str, level: Classification) -> Mapping[str, Any]:
        """How the account stands, for a reader up to the class. ``unknown-account`` is raised."""

    def refresh(self) -> object:
        """Goes on with a newer night, if there is one."""

    def drain(self) -> Sequence[Answer | Rejected]:
        """Takes the events that were queued while the store was busy; their answers."""
