"""Around every request: its id, the line in the log, the headers, and what may never come out.

Plain ASGI, so that nothing is buffered and a body can be refused before it has arrived.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.service.metrics import Metrics
from engine.service.problems import RefusalError, problem_response

REQUEST_ID = "X-Request-Id"

MOST_REQUESTS = 256
"""Requests that may be under way at once."""

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_GONE = 499
"""In the log alone: the caller went away before there was an answer."""

_log = logging.getLogger("kam.service")


class Surface:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["request_id"] = _request_id(Headers(scope=scope))
        exchange = _Exchange(scope, send)
        self._under_way += 1
        try:
            await self._answer(scope, receive, exchange)
        finally:
            self._under_way -= 1
            self._tell(exchange)

    async def _answer(self, scope: Scope, receive: Receive, exchange: _Exchange) -> None:
        if self._under_way > MOST_REQUESTS and not scope["path"].startswith("/health/"):
            refusal = RefusalError(
                503, "overloaded", "too many requests are under way", retry_after=1
            )
            await self._refuse(refusal, scope, receive, exchange)
            return
        try:
            await self.app(scope, receive, exchange.send)
        except ClientDisconnect:
            exchange.status = exchange.status or _GONE
        except Exception:  # noqa: BLE001 - it is in the log, and callers see none of it
            _log.exception("defect", extra={"fields": {"request": exchange.request_id}})
            if not exchange.status:
                refusal = RefusalError(500, "defect", "the log of the service says what happened")
                await self._refuse(refusal, scope, receive, exchange)

    async def _refuse(
        self, refusal: RefusalError, scope: Scope, receive: Receive, exchange: _Exchange
    ) -> None:
        await problem_response(refusal, exchange.request_id)(scope, receive, exchange.send)

    def _tell(self, exchange: _Exchange) -> None:
        scope, seconds = exchange.scope, time.perf_counter() - exchange.began
        route = getattr(scope.get("route"), "path", "none")
        self.metrics.requests.labels(route, str(exchange.status or _GONE)).inc()
        self.metrics.seconds.labels(route).observe(seconds)
        if route.startswith("/health/") and exchange.status == 200:
            return  # a probe every few seconds says nothing
        fields: dict[str, Any] = {
            "request": exchange.request_id,
            "caller": scope["state"].get("caller"),
            "method": scope["method"],
            "path": scope["path"][:300],
            "status": exchange.status or _GONE,
            "milliseconds": round(seconds * 1000, 1),
            "events": scope["state"].get("events"),
        }
        known = {key: value for key, value in fields.items() if value is not None}
        _log.info("request", extra={"fields": known})


class _Exchange:
    """A request and what has been sent for it."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.began = time.perf_counter()
        self.status = 0
        self.request_id: str = scope["state"]["request_id"]
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[REQUEST_ID] = self.request_id
            for name, value in HEADERS.items():
                headers[name] = value
        await self._send(message)


def _request_id(headers: Headers) -> str:
    """The caller's own id, if it is one that can stand in a log."""
    given = headers.get(REQUEST_ID, "")
    return given if _ID.fullmatch(given) else uuid.uuid4().hex
