"""What a caller is told when something is refused: RFC 9457, ``application/problem+json``."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from engine.day.events import Rejected
from engine.errors import KamError, Problem

MEDIA_TYPE = "application/problem+json"
TYPE_BASE = "https://kam.example/problems/"
"""Identifies the kind of problem, as RFC 9457 asks; nothing needs to be found there."""

TITLES: Mapping[int, str] = {
    400: "Bad request",
    401: "No valid token",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "The request came too slowly",
    409: "Conflict with what has been taken",
    413: "Too large",
    415: "Media type not supported",
    421: "Misdirected request",
    422: "The event cannot be taken",
    429: "Too many requests",
    500: "A defect in kam",
    503: "Not available now",
}

STATUSES: Mapping[str, int] = {
    "event-malformed": 400,
    "event-unknown-account": 404,
    "event-id-reused": 409,
    "event-superseded": 409,
    "event-account-forgotten": 409,
    "event-account-set-aside": 409,
    "event-too-long": 413,
    "unknown-account": 404,
}
"""By code; an event that is rejected for another reason is 422, any other problem 503."""

RETRY_SECONDS = 5


class RefusalError(Exception):
    """An answer other than what was asked for."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        hint: str | None = None,
        event: str | None = None,
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.hint = hint
        self.event = event
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["Retry-After"] = str(max(1, math.ceil(retry_after)))


def refusal_of(rejected: Rejected) -> RefusalError:
    """The one event of a request was rejected."""
    one = rejected.problem
    status = STATUSES.get(one.code, 422)
    return RefusalError(status, one.code, one.message, hint=one.hint, event=rejected.event)


def refusal_of_error(error: KamError) -> RefusalError:
    """The desk could not do what was asked: nothing is wrong with the event.

    What such a problem says is for operators and may name files, so that only what is about
    the account is passed on.
    """
    first: Problem = error.problems[0]
    if (status := STATUSES.get(first.code)) is not None:
        return RefusalError(status, first.code, first.message, hint=first.hint)
    detail = {
        "overloaded": "too many events are waiting",
        "stopping": "the service is stopping",
        "store-busy": "the store is busy",
    }.get(first.code, "the service cannot decide at present; its log says why")
    return RefusalError(503, first.code, detail, retry_after=RETRY_SECONDS)


def problem_response(refusal: RefusalError, request_id: str) -> Response:
    body: dict[str, Any] = {
        "type": f"{TYPE_BASE}{refusal.code}",
        "title": TITLES.get(refusal.status, "Refused"),
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        "hint": refusal.hint,
        "event": refusal.event,
        "request": request_id,
    }
    return Response(
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode(),
        status_code=refusal.status,
        headers=refusal.headers,
        media_type=MEDIA_TYPE,
    )
