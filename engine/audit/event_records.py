"""What answering events hands to the store."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from json.encoder import encode_basestring
from typing import Any

from engine.audit.manifest import canonical_json
from engine.audit.marks import EndedCause
from engine.audit.records import ActionRow, JsonText, LogRow, PersonalRecord
from engine.audit.store import Run


@dataclass(frozen=True)
class EventRecord:
    """An event that was taken, with its answer.

    `content` is the event as it came, without personal values; `given` its values as they were
    typed, `before` what the source said in their place, None if nothing. `at` is aware; `key` is
    the record's own key. `answer` is a document of ``answer.schema.json``.
    """

    event_id: str
    account: str
    type: str
    at: datetime
    day: date
    content: Mapping[str, Any]
    given: Mapping[str, Any]
    answer: Mapping[str, Any]
    record: str | None = None
    key: str | None = None
    before: Mapping[str, Any] | None = None

    @cached_property
    def text(self) -> str:
        """The content as it is kept, hashed and compared."""
        return canonical_json(self.content)

    @cached_property
    def sha256(self) -> str:
        return content_hash(self.text)


@dataclass(frozen=True)
class EventRun:
    """A run that answered `events`; as `RunRecord` where the fields have the same name.

    `night` is the run whose facts and policy it used. `decisions` has what was decided about
    each account: a mapping with facts, decisions and obligations. Actions whose id is known are
    passed over; open actions of `ended_causes` expire.
    """

    run_id: str
    as_of: date
    started_at: datetime
    finished_at: datetime
    engine_version: str
    plan_hash: str
    night: Run
    events: Sequence[EventRecord]
    decisions: Mapping[str, Mapping[str, Any]]
    log_rows: Sequence[LogRow] = ()
    action_rows: Sequence[ActionRow] = ()
    ended_causes: Sequence[EndedCause] = ()
    personal: PersonalRecord = field(default_factory=PersonalRecord)


def content_hash(text: str) -> str:
    """SHA-256 of a text in UTF-8, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def json_text(value: Any) -> str:
    """JSON of what a row of facts or decisions holds.

    Dates and moments are ISO texts, a decimal is a number with all its digits, and a `JsonText`
    stands as it is. Keys keep their order. Raises TypeError for anything else, and ValueError
    for a number that is not finite.
    """
    if isinstance(value, JsonText):
        return value
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        return _number(value)
    if isinstance(value, date):  # a moment is one too
        return f'"{value.isoformat()}"'
    if isinstance(value, Mapping):
        pairs = (f"{encode_basestring(str(key))}:{json_text(one)}" for key, one in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(json_text, value)) + "]"
    raise TypeError(f"{type(value).__name__} is no value of a row")


def _number(value: float | Decimal) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number of JSON")
    return format(value, "f") if isinstance(value, Decimal) else repr(value)
