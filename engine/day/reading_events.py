"""Reads events that other programs send: JSON Lines, a line each.

A line that cannot be read is answered as rejected, with its number, and the lines after it are
read all the same. No line is ever held in memory beyond the limit, however long it is.
"""

from __future__ import annotations

import codecs
import json
import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO, get_args

from engine.day.events import Event, EventType, Rejected
from engine.errors import KamError, problem
from engine.language.json_words import first_finding
from engine.language.schema import EVENT
from engine.nearest import did_you_mean

EVENT_LIMIT = 64 * 1024
"""Bytes of one event, without the line break after it."""

TYPES: tuple[str, ...] = get_args(EventType)

_LARGEST_INTEGER = 2**53 - 1
_ONE_A_LINE = "write one event a line, as JSON Lines"
_OTHER_ENCODINGS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_events(stream: BinaryIO) -> Iterator[Event | Rejected]:
    """The events of a stream of JSON Lines, in their order; empty lines are passed over.

    `line` of what is returned counts from 1. A byte order mark at the start is allowed.
    """
    for number, line in _lines(stream):
        if line is None:
            yield _too_long(number)
            continue
        text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if text.strip():
            yield parse_event(text, number)


def parse_event(text: bytes, line: int | None = None) -> Event | Rejected:
    """One event as it was sent. Never raises: what is wrong is in the answer."""
    if len(text) > EVENT_LIMIT:
        return _too_long(line)
    try:
        data = parse_json(text)
    except KamError as error:
        return Rejected(error.problems[0], None, line)
    return event_of(data, line)


def event_of(data: Any, line: int | None = None) -> Event | Rejected:
    """An event from JSON that has been read with `parse_json`. Never raises."""
    try:
        _require_unicode(data)
        _check(data)
        return Event(
            id=data["id"],
            type=data["type"],
            account=data["account"],
            values=data["values"],
            record=data.get("record"),
            at=_moment(data.get("at")),
            line=line,
        )
    except KamError as error:
        return Rejected(error.problems[0], _id_of(data), line)
    except RecursionError:  # read, and yet deeper than whoever looks through it can go
        return Rejected(_too_deep().problems[0], _id_of(data), line)


def parse_json(text: bytes) -> Any:
    """JSON as RFC 8259 asks, and stricter where readers differ: a key stands once, numbers are
    finite and fit a double. Raises `KamError` ``event-malformed``."""
    try:
        return _DECODER.decode(_decoded(text))
    except json.JSONDecodeError as error:
        raise _not_json(error) from None
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> KamError:
    return problem("event-malformed", "the JSON is nested too deeply")


def _require_unicode(data: Any) -> None:
    """Raises for a text with half of a surrogate pair, which JSON can escape and UTF-8 cannot
    hold: nothing of it could be kept, hashed or printed.
    """
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        place = next(_halves(data, ()))
        where = ".".join(map(str, place)).encode(errors="backslashreplace").decode()[:200]
        message = f"{where}: a text has half of a surrogate pair".removeprefix(": ")
        raise problem("event-malformed", message, hint="send the text as UTF-8") from None


def _halves(data: Any, place: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Where there is half of a surrogate pair: the keys that lead to the text, or to the key."""
    if isinstance(data, str):
        if not _is_unicode(data):
            yield place
    elif isinstance(data, list):
        for number, one in enumerate(data, start=1):
            yield from _halves(one, (*place, number))
    elif isinstance(data, dict):
        for key, one in data.items():
            if not _is_unicode(key):
                yield (*place, key)
            yield from _halves(one, (*place, key))


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _check(data: Any) -> None:
    """Raises what is wrong with the form."""
    kind = data.get("type") if isinstance(data, dict) else None
    if isinstance(kind, str) and kind not in TYPES:
        hint = did_you_mean(kind, TYPES, f"choose one of: {', '.join(TYPES)}")
        raise problem("event-unknown-type", f"there is no type '{kind[:60]}'", hint=hint)
    if not isinstance(data, dict):
        message = f"an event is a JSON object, not {_NAMES.get(type(data), 'this')}"
        raise problem("event-malformed", message, hint=_ONE_A_LINE)
    found = first_finding(EVENT, data)
    if found is not None:
        raise problem("event-malformed", found[0], hint=found[1])


_NAMES = {list: "a list", str: "a text", bool: "true or false", type(None): "null",
          int: "a number", float: "a number"}  # fmt: skip


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        hint = "for example: 2026-06-30T09:12:00+08:00"
        raise problem("event-malformed", f"'at' is no moment: {error}", hint=hint) from None


def _id_of(data: Any) -> str | None:
    """The id of an event that is rejected, if there is one that can be repeated."""
    named = data.get("id") if isinstance(data, dict) else None
    if not isinstance(named, str) or not 0 < len(named) <= 200:
        return None
    return named if _is_unicode(named) else None


def _too_long(line: int | None) -> Rejected:
    message = f"an event has at most {EVENT_LIMIT:,} bytes"
    hint = "send facts alone, no documents; a list of events is sent as JSON Lines"
    return Rejected(problem("event-too-long", message, hint=hint).problems[0], None, line)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Each line with its number, without its line break; None for one that is too long."""
    number = 0
    while line := stream.readline(EVENT_LIMIT + 2):
        number += 1
        is_whole = line.endswith(b"\n")
        body = line.removesuffix(b"\n").removesuffix(b"\r") if is_whole else line
        yield number, body if len(body) <= EVENT_LIMIT else None
        while not is_whole and (rest := stream.readline(EVENT_LIMIT)):
            is_whole = rest.endswith(b"\n")


# --- JSON ----------------------------------------------------------------------------------


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        is_other = text.startswith(_OTHER_ENCODINGS)
        what = "UTF-16" if is_other else f"not UTF-8 at byte {error.start + 1}"
        message = f"the text is {what}"
        raise problem("event-malformed", message, hint="send UTF-8") from None


def _not_json(error: json.JSONDecodeError) -> KamError:
    hint = _ONE_A_LINE if error.pos >= len(error.doc.rstrip()) else None
    message = f"not JSON at character {error.pos + 1}: {error.msg[0].lower()}{error.msg[1:]}"
    return problem("event-malformed", message, hint=hint)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        shown = twice[:60].encode(errors="backslashreplace").decode()
        message = f"the key '{shown}' stands twice"
        raise problem("event-malformed", message, hint="an object has each key once")
    return found


def _integer(text: str) -> int:
    value = int(text) if len(text) <= 17 else _LARGEST_INTEGER + 1
    if not -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER:
        message = f"the number {_short(text)} has more digits than programs keep"
        raise problem("event-malformed", message, hint="send it as a text, in quotes")
    return value


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        message = f"the number {_short(text)} is too large"
        raise problem("event-malformed", message)
    return value


def _constant(text: str) -> float:
    hint = "send null for a value that is missing"
    raise problem("event-malformed", f"{text} is not JSON", hint=hint)


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:21]}..."


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_number,
    parse_constant=_constant,
)
