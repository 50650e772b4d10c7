"""Reads the body of a request: how large it may be, what it may be, and the events in it."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from starlette.requests import Request

from engine.day.events import Event, Rejected
from engine.day.reading_events import EVENT_LIMIT, event_of, parse_json, read_events
from engine.errors import KamError, Problem
from engine.service.problems import RefusalError

BODY_LIMIT = 1024 * 1024
"""Bytes of a request."""

MOST_EVENTS = 1_000
"""Events of a request."""

BODY_SECONDS = 10.0
"""How long a body may take to arrive."""

JSON = "application/json"
LINES: tuple[str, ...] = ("application/jsonl", "application/x-ndjson")

Form = Literal["one", "list", "lines"]


@dataclass(frozen=True)
class Sent:
    """The events of a request. `form` says how they came, and so how they are answered."""

    form: Form
    media_type: str
    events: Sequence[Event | Rejected]


async def read_sent(request: Request) -> Sent:
    """The events of a request; raises `RefusalError` if it is not one that holds any."""
    media_type = media_type_of(request, (JSON, *LINES))
    body = await read_body(request)
    sent = _lines(body, media_type) if media_type in LINES else _json(body)
    if len(sent.events) > MOST_EVENTS:
        hint = f"send at most {MOST_EVENTS:,} in a request"
        raise RefusalError(413, "too-many-events", f"{len(sent.events):,} events", hint=hint)
    if not sent.events:
        raise RefusalError(400, "event-malformed", "the request holds no event")
    return sent


async def read_event(request: Request) -> Event | Rejected:
    """The one event of a request."""
    media_type_of(request, (JSON,))
    sent = _json(await read_body(request))
    if sent.form != "one":
        raise RefusalError(400, "event-malformed", "one event is asked about at a time")
    return sent.events[0]


def media_type_of(request: Request, known: tuple[str, ...]) -> str:
    """The media type of the body, which has to be one of those `known`."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise RefusalError(415, "unknown-encoding", "the body must not be compressed")
    media_type, parameters = _media_type(request.headers.get("content-type", ""))
    if media_type not in known:
        hint = f"say Content-Type: {' or '.join(known)}"
        raise RefusalError(415, "unknown-media-type", "the body has another media type", hint=hint)
    if parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise RefusalError(415, "unknown-encoding", "the body must be UTF-8")
    return media_type


async def read_body(request: Request) -> bytes:
    """The whole body. Raises `RefusalError`: 413 as soon as it is too long, 408 if it is late."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length[:20]) > BODY_LIMIT:
        raise _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_LIMIT:
                    raise _too_large()
    except TimeoutError:
        message = f"the body took more than {BODY_SECONDS:g} seconds"
        close = {"Connection": "close"}
        raise RefusalError(408, "request-timeout", message, headers=close) from None
    return bytes(body)


def _too_large() -> RefusalError:
    hint = f"send at most {MOST_EVENTS:,} events in a request, or a file with kam event"
    message = f"a request has at most {BODY_LIMIT:,} bytes"
    return RefusalError(413, "body-too-large", message, hint=hint, headers={"Connection": "close"})


def _media_type(header: str) -> tuple[str, Mapping[str, str]]:
    """
    >>> _media_type('Application/JSON; charset="utf-8"')
    ('application/json', {'charset': 'utf-8'})
    """
    media_type, *rest = header.split(";")
    pairs = (part.partition("=") for part in rest)
    parameters = {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}
    return media_type.strip().lower(), parameters


def _lines(body: bytes, media_type: str) -> Sent:
    return Sent("lines", media_type, tuple(read_events(io.BytesIO(body))))


def _json(body: bytes) -> Sent:
    try:
        data = parse_json(body)
    except KamError as error:
        first = error.problems[0]
        # The hint to write one event a line is for files.
        raise RefusalError(400, first.code, first.message) from None
    if isinstance(data, list):
        events = tuple(_entry(one, place) for place, one in enumerate(data, start=1))
        return Sent("list", JSON, events)
    if len(body) > EVENT_LIMIT:
        raise RefusalError(413, "event-too-long", f"an event has at most {EVENT_LIMIT:,} bytes")
    return Sent("one", JSON, (event_of(data),))


def _entry(data: Any, place: int) -> Event | Rejected:
    """An event of a list; its place there counts from 1, as lines do."""
    try:
        size = len(json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    except RecursionError:  # the one event is nested too deeply, which it is told like any other
        size = 0
    if size > EVENT_LIMIT:
        message = f"an event has at most {EVENT_LIMIT:,} bytes"
        return Rejected(Problem("event-too-long", message), None, place)
    return event_of(data, place)
