"""What every sink can do, and what may come of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from engine.actions.messages import Message

EXCERPT = 500
"""Characters of an answer that a receipt keeps."""


@dataclass(frozen=True)
class Parcel:
    """What goes out in one attempt: all of its messages arrive, or none of them."""

    messages: tuple[Message, ...]
    content: bytes
    """As it is sent; UTF-8."""


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt.

    ``delivered``: the sink has it. ``retry``: it may take it later, not before `retry_after`
    has passed if that is set. ``refused``: it never will.
    """

    kind: Literal["delivered", "retry", "refused"]
    reason: str | None = None
    """Why not, in words; of what was delivered, what is worth knowing."""
    http_status: int | None = None
    response: bytes = b""
    retry_after: timedelta | None = None


class OpenSink(Protocol):
    """A sink that is ready to send."""

    patience: int
    """After so many attempts in a row that failed it is left alone until the next time."""

    def parcels(self, messages: Sequence[Message]) -> Iterable[Parcel]:
        """The messages as they will be sent, in the order in which they will be sent."""

    def send(self, parcel: Parcel) -> Outcome:
        """Sends one parcel. What goes wrong is an outcome, never an exception."""

    def close(self) -> None:
        """Lets go of files and connections."""
