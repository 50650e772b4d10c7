"""The ASGI application: routes, who may call them, and what they answer."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from engine import __version__
from engine.day.answers import answer_document
from engine.day.events import Answer, Rejected
from engine.errors import KamError
from engine.model import Classification
from engine.service import metrics as measured
from engine.service.batching import Batcher
from engine.service.bodies import JSON, Sent, read_event, read_sent
from engine.service.desk import Desk
from engine.service.metrics import Metrics
from engine.service.openapi import openapi
from engine.service.problems import RefusalError, problem_response, refusal_of, refusal_of_error
from engine.service.rates import Rates
from engine.service.surface import Surface
from engine.service.tokens import DEFAULT_LEVEL, ROLES, Caller, Role, Tokens

ANSWER_SECONDS = 30.0
"""After which a caller is told to ask again; what it sent is taken all the same."""

READERS = 4
"""Threads that read accounts and evaluate, beside the one that decides."""

ACCOUNTS = "/v1/accounts/"
LONGEST_ID = 200
"""Characters of the id of an account."""

LOOPBACK_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)

Result = TypeVar("Result")
_log = logging.getLogger("kam.service")


@dataclass(frozen=True)
class Terms:
    """Who may call, and how much. Without `tokens` everybody may who calls by a loopback name.

    `rate` is in events a second and caller. `level` is the class of values that are shown to a
    caller without a token.
    """

    tokens: Tokens | None
    rate: float = 500.0
    level: Classification = DEFAULT_LEVEL


class Service:
    """The state of a running service, and a handler for each route."""

    def __init__(
        self, desk: Desk, terms: Terms, today: Callable[[], date], metrics: Metrics
    ) -> None:
        self.desk = desk
        self.terms = terms
        self.metrics = metrics
        self.rates = Rates(terms.rate)
        self.batcher = Batcher(desk, metrics.batches.observe)
        self.is_stopping = False
        self._today = today
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="kam-reads")

    def start(self) -> None:
        self.batcher.start()

    def close(self) -> None:
        """Answers what has come in. The desk is left to whoever opened it."""
        self.is_stopping = True
        self.batcher.close()
        self._readers.shutdown()

    # --- routes ------------------------------------------------------------------------------

    async def post_events(self, request: Request) -> Response:
        caller = self.admit(request, "send")
        sent = await read_sent(request)
        self.rates.charge(caller.name, len(sent.events) - 1)
        request.state.events = len(sent.events)
        first = sent.events[0]
        if sent.form == "one" and isinstance(first, Rejected):
            self.metrics.count([first])
            raise refusal_of(first)
        answers = await self._within(self.batcher.submit(sent.events))
        self.metrics.count(answers)
        level = caller.level if "read" in caller.roles else "public"
        if sent.form == "one":
            return _answer(answers[0], level)
        return _answers(sent, [answer_document(one, level) for one in answers])

    async def post_evaluate(self, request: Request) -> Response:
        caller = self.admit(request, "read")
        event = await read_event(request)
        if isinstance(event, Rejected):
            raise refusal_of(event)
        answer = await self._read(lambda: self.desk.evaluate(event))
        return _answer(answer, caller.level)

    async def get_account(self, request: Request) -> Response:
        caller = self.admit(request, "read")
        # Not from the parameters of the route, which lose a line break at the end.
        account = str(request.scope["path"]).removeprefix(ACCOUNTS)
        if not 0 < len(account) <= LONGEST_ID or not account.isprintable():
            raise RefusalError(404, "unknown-account", "there is no such account")
        return _json(await self._read(lambda: self.desk.account(account, caller.level)))

    async def get_metrics(self, request: Request) -> Response:
        self.admit(request, "operate")
        self.metrics.waiting.set(self.batcher.waiting)
        try:
            self.metrics.night_age.set(self._age(await self._read(lambda: self.desk.night)))
        except KamError:
            self.metrics.night_age.set(float("nan"))
        return Response(self.metrics.text(), media_type=measured.MEDIA_TYPE)

    async def get_live(self, request: Request) -> Response:
        del request
        return _json({"status": "live"})

    async def get_ready(self, request: Request) -> Response:
        """Whether events are decided here and now."""
        del request
        if self.is_stopping:
            raise RefusalError(503, "stopping", "the service is stopping", retry_after=5)
        if not self.batcher.is_alive:
            raise RefusalError(503, "defect", "the thread that answers has ended")
        night = await self._read(lambda: self.desk.night)
        said = {"status": "ready", "night": night, "age_days": self._age(night),
                "waiting": self.batcher.waiting, "version": __version__}  # fmt: skip
        return _json(said)

    async def get_openapi(self, request: Request) -> Response:
        del request
        return _json(openapi())

    # --- who may, and how much ---------------------------------------------------------------

    def admit(self, request: Request, role: Role) -> Caller:
        """Who calls; raises `RefusalError` 401, 403, 421, 429 or, when the service stops, 503."""
        caller = self._caller(request)
        request.state.caller = caller.name
        if role not in caller.roles:
            message = f"'{caller.name}' does not have the role '{role}'"
            raise RefusalError(403, "role-missing", message)
        if self.is_stopping:
            close = {"Connection": "close"}
            raise RefusalError(
                503, "stopping", "the service is stopping", retry_after=5, headers=close
            )
        if seconds := self.rates.wait(caller.name):
            message = f"more than {self.terms.rate:g} a second"
            raise RefusalError(429, "rate-exceeded", message, retry_after=seconds)
        return caller

    def _caller(self, request: Request) -> Caller:
        if self.terms.tokens is None:
            return self._neighbour(request)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            challenge = {"WWW-Authenticate": 'Bearer realm="kam"'}
            message = "the request has no bearer token"
            raise RefusalError(401, "token-missing", message, headers=challenge)
        caller = self.terms.tokens.caller(token.strip())
        if caller is None:
            challenge = {"WWW-Authenticate": 'Bearer realm="kam", error="invalid_token"'}
            raise RefusalError(401, "token-unknown", "the token is nobody's", headers=challenge)
        return caller

    def _neighbour(self, request: Request) -> Caller:
        """Whoever is on this machine. A page in a browser that reached this port under a name
        of its own is not: no browser lets it forge the host."""
        # The whole of it: behind the colon nothing but a port.
        if not LOOPBACK_HOST.fullmatch(request.headers.get("host", "")):
            message = "without tokens the service answers to localhost alone"
            raise RefusalError(421, "host-unknown", message)
        return Caller("loopback", frozenset(ROLES), self.terms.level)

    # --- threads -----------------------------------------------------------------------------

    async def _read(self, call: Callable[[], Result]) -> Result:
        try:
            future = self._readers.submit(call)
        except RuntimeError:  # the threads have been shut down
            raise RefusalError(503, "stopping", "the service is stopping", retry_after=5) from None
        return await self._within(future)

    async def _within(self, future: Future[Result]) -> Result:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            message = f"there is no answer after {ANSWER_SECONDS:g} seconds"
            hint = "send it again: an event that has been taken gets its first answer"
            raise RefusalError(503, "answer-late", message, hint=hint, retry_after=5) from None

    def _age(self, night: str) -> int:
        """Days from the date of the night to today."""
        return (self._today() - date.fromisoformat(night[:10])).days


def application(
    desk: Desk, terms: Terms, today: Callable[[], date] = date.today
) -> tuple[ASGIApp, Service]:
    """The application over a desk, and its state. Its lifespan starts and closes the state."""
    metrics = Metrics()
    service = Service(desk, terms, today, metrics)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        del app
        service.start()
        try:
            yield
        finally:
            await asyncio.to_thread(service.close)

    app = Starlette(
        routes=[
            Route("/v1/events", service.post_events, methods=["POST"]),
            Route("/v1/evaluate", service.post_evaluate, methods=["POST"]),
            Route(f"{ACCOUNTS}{{account:path}}", service.get_account, methods=["GET"]),
            Route("/health/live", service.get_live, methods=["GET"]),
            Route("/health/ready", service.get_ready, methods=["GET"]),
            Route("/metrics", service.get_metrics, methods=["GET"]),
            Route("/openapi.json", service.get_openapi, methods=["GET"]),
        ],
        exception_handlers=_HANDLERS,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return Surface(app, metrics), service


# --- answers ---------------------------------------------------------------------------------


def _answer(answer: Answer | Rejected, level: Classification) -> Response:
    if isinstance(answer, Rejected):
        raise refusal_of(answer)
    document = answer_document(answer, level)
    response = _json(document, 202 if document.get("status") == "queued" else 200)
    if not answer.is_first:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _answers(sent: Sent, documents: list[dict[str, Any]]) -> Response:
    """200 if all are decided, 202 if some wait, 207 if some are rejected."""
    statuses = {one.get("status") for one in documents}
    status = 207 if "rejected" in statuses else 202 if "queued" in statuses else 200
    if sent.form == "list":
        return _json(documents, status)
    lines = "".join(f"{_dumps(one)}\n" for one in documents)
    return Response(lines.encode(), status, media_type=sent.media_type)


def _json(document: object, status: int = 200) -> Response:
    return Response(_dumps(document).encode(), status, media_type=JSON)


def _dumps(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _request_id(request: Request) -> str:
    return str(request.state.request_id)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusalError)
    return problem_response(error, _request_id(request))


async def _kam_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, KamError)
    refusal = refusal_of_error(error)
    if refusal.status >= 500:
        fields = {"request": _request_id(request), "problem": str(error)}
        _log.warning("desk", extra={"fields": fields})
    return problem_response(refusal, _request_id(request))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "unknown-path", 405: "method-not-allowed"}.get(error.status_code, "bad-request")
    refusal = RefusalError(error.status_code, code, error.detail, headers=error.headers)
    return problem_response(refusal, _request_id(request))


async def _defect(request: Request, error: Exception) -> Response:
    del error  # the surface writes it into the log; it is raised again
    refusal = RefusalError(500, "defect", "the log of the service says what happened")
    return problem_response(refusal, _request_id(request))


_HANDLERS: Mapping[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    RefusalError: _refused,
    KamError: _kam_error,
    HTTPException: _http_error,
    Exception: _defect,
}
