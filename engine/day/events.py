"""What arrives during the day, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from engine.errors import Problem
from engine.executors.protocol import Row, Value

EventType = Literal["record", "account"]


@dataclass(frozen=True)
class Event:
    """An event as it was sent: its shape is right, its values are not typed yet.

    `record` is the record table of facts.yaml that a new record belongs to, None for a changed
    fact of the account. `at` is aware; None if the sender did not say when. `line` is its place
    in the file that it came from.
    """

    id: str
    type: EventType
    account: str
    values: Mapping[str, Any]
    record: str | None = None
    at: datetime | None = None
    line: int | None = None

    def content(self) -> dict[str, Any]:
        """The event as JSON, by which a second one of the same id is compared."""
        said: dict[str, Any] = {
            "account": self.account,
            "id": self.id,
            "type": self.type,
            "values": dict(self.values),
        }
        if self.record is not None:
            said["record"] = self.record
        if self.at is not None:
            said["at"] = self.at.isoformat()
        return said


@dataclass(frozen=True)
class TypedEvent:
    """An event whose values have the types of facts.yaml.

    `values` are by column; `key` is the record's own key as a text, None where its table has
    none. `left_out` are columns of class ``personal`` that no policy reads: they are not kept.
    """

    event: Event
    at: datetime
    values: Row
    key: Value = None
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rejected:
    """An event that changes nothing, and why. `event` is its id, where that could be read."""

    problem: Problem
    event: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Answer:
    """What became of one event. `document` is JSON, as `schemas/answer.schema.json` says.

    `is_first` is False when the event had been answered before; its document is then the first.
    """

    event: str
    document: Mapping[str, Any] = field(default_factory=dict)
    is_first: bool = True
    line: int | None = None
