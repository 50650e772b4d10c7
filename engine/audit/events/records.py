"""What answering events hands to the store."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
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
    return _WRITERS[type(value)](value)


Writer = Callable[[Any], str]


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _double(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number of JSON")
    return repr(value)


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is no number of JSON")
    return format(value, "f")


def _day(value: date) -> str:
    return f'"{value.isoformat()}"'


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    """Columns are the same in every row."""
    return f"{encode_basestring(name)}:"


def _object(value: Mapping[Any, Any]) -> str:
    return (
        "{"
        + ",".join([_key(str(key)) + _WRITERS[type(one)](one) for key, one in value.items()])
        + "}"
    )


def _array(value: Sequence[Any]) -> str:
    return "[" + ",".join([_WRITERS[type(one)](one) for one in value]) + "]"


_KNOWN: tuple[tuple[type, Writer], ...] = (
    (JsonText, str),
    (str, encode_basestring),
    (type(None), lambda value: "null"),
    (bool, _boolean),
    (int, str),
    (float, _double),
    (Decimal, _decimal),
    (date, _day),  # a moment is one too
    (Mapping, _object),
    (list, _array),
    (tuple, _array),
)
"""In the order in which they are asked for: a truth is a whole number to Python as well."""


class _Writers(dict[type, Writer]):
    """Type → how its values are written, found once for each."""

    def __missing__(self, kind: type) -> Writer:
        for known, writer in _KNOWN:
            if issubclass(kind, known):
                self[kind] = writer
                return writer
        raise TypeError(f"{kind.__name__} is no value of a row")


_WRITERS = _Writers()
