"""A webhook: every message is one signed POST request, as Standard Webhooks has it.

The headers ``webhook-id`` (the idempotency key), ``webhook-timestamp`` (seconds) and
``webhook-signature`` (``v1,`` and the HMAC-SHA256 over id, timestamp and body, joined by dots)
let the receiver check who sends, and know a message again that comes twice.

========================== ====================================================================
answer                     what it means
========================== ====================================================================
2xx                        delivered
409                        delivered: the receiver has had this key before
408, 425, 429, 3xx, 5xx    retry; where the answer has ``Retry-After``, the sink is left alone
other 4xx                  refused: the same request would be refused again
none, half of one, garbage retry: the receiver may have it, or not, and knows the key
========================== ====================================================================
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from engine.actions.messages import Message
from engine.actions.sinks.base import Outcome, Parcel
from engine.errors import Problem
from engine.language.sinks import Sink

if TYPE_CHECKING:
    import httpx

ANSWER_BYTES = 1 << 16
"""So much of an answer is read at most."""

LONGEST_WAIT = timedelta(days=1)
"""For which a sink may ask to be left alone."""

_PREFIX = "whsec_"  # what Standard Webhooks puts before a secret
_RETRIED = frozenset({408, 425, 429})
_ALREADY_THERE = 409


class Webhook:
    """An open connection to a web address. `now` gives the time of signatures."""

    patience = 5

    def __init__(
        self, url: str, secret: bytes, timeout_seconds: float, now: Callable[[], datetime]
    ) -> None:
        import httpx

        self._url = url
        self._secret = secret
        self._timeout = timeout_seconds
        self._now = now
        # One limit over everything, from the name of the host to the last byte of the answer:
        # a sink that sends a byte now and then would never exceed one of each step.
        self._loop = asyncio.Runner()
        self._client = httpx.AsyncClient(timeout=None, follow_redirects=False)  # noqa: S113

    def parcels(self, messages: Sequence[Message]) -> Iterator[Parcel]:
        for one in messages:
            yield Parcel((one,), one.document())

    def send(self, parcel: Parcel) -> Outcome:
        moment = self._now()
        headers = signed_headers(self._secret, parcel.messages[0].key, moment, parcel.content)
        return self._loop.run(self._post(parcel.content, headers, moment))

    def close(self) -> None:
        self._loop.run(self._client.aclose())
        self._loop.close()

    async def _post(self, body: bytes, headers: Mapping[str, str], moment: datetime) -> Outcome:
        import httpx

        try:
            async with (
                asyncio.timeout(self._timeout),
                self._client.stream(
                    "POST", self._url, content=body, headers={**_HEADERS, **headers}
                ) as response,
            ):
                return judged(response.status_code, response.headers, await _read(response), moment)
        except TimeoutError:
            return Outcome("retry", f"no whole answer within {self._timeout:g} seconds")
        except httpx.HTTPError as error:
            return Outcome("retry", f"{type(error).__name__}: {error}".rstrip(": "))


_HEADERS = {"content-type": "application/json; charset=utf-8", "user-agent": "kam"}


def open_webhook(
    sink: Sink, environment: Mapping[str, str], now: Callable[[], datetime]
) -> Webhook | Problem:
    """The sink with its address and secret from the environment, whose variables are set."""
    import httpx

    url = sink.url or environment[str(sink.url_env)].strip()
    secret = secret_bytes(environment[str(sink.secret_env)].strip())
    try:
        parts = httpx.URL(url)
        good = parts.scheme in ("http", "https") and bool(parts.host)
    except httpx.InvalidURL:
        good = False
    if not good:
        message = f"the variable {sink.url_env} does not hold a web address"  # which is secret
        return Problem(
            "wrong-address", message, sink.location, "for example: https://erp.example/hooks/kam"
        )
    if secret is None:
        message = f"what follows 'whsec_' in the variable {sink.secret_env} is not base64"
        return Problem("wrong-secret", message, sink.location, "copy the secret once more")
    return Webhook(url, secret, sink.timeout_seconds, now)


def secret_bytes(secret: str) -> bytes | None:
    """The key of the signature: base64 after ``whsec_``, else the text itself.

    >>> secret_bytes("whsec_a2Ft")
    b'kam'
    >>> secret_bytes("plain")
    b'plain'
    """
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        return None


def signed_headers(secret: bytes, key: str, moment: datetime, body: bytes) -> dict[str, str]:
    """The three headers of Standard Webhooks (https://www.standardwebhooks.com)."""
    seconds = str(int(moment.timestamp()))
    signed = b".".join((key.encode(), seconds.encode(), body))
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    return {
        "webhook-id": key,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def judged(status: int, headers: Mapping[str, str], body: bytes, moment: datetime) -> Outcome:
    """What an answer means; `moment` is when it came."""
    if 200 <= status < 300:
        return Outcome("delivered", None, status, body)
    if status == _ALREADY_THERE:
        return Outcome("delivered", "the receiver has had it before", status, body)
    if 300 <= status < 400:
        return Outcome("retry", "the address has moved; kam follows no redirect", status, body)
    if 400 <= status < 500 and status not in _RETRIED:
        return Outcome("refused", f"refused with {status}", status, body)
    wait = retry_after(headers.get("retry-after"), moment)
    return Outcome("retry", f"answered {status}", status, body, wait)


def retry_after(text: str | None, moment: datetime) -> timedelta | None:
    """What ``Retry-After`` asks for: seconds or a date; None if it says nothing that counts.

    >>> retry_after("120", datetime(2026, 6, 30, tzinfo=UTC))
    datetime.timedelta(seconds=120)
    >>> retry_after("soon", datetime(2026, 6, 30, tzinfo=UTC)) is None
    True
    """
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=min(int(text[:9]), LONGEST_WAIT.total_seconds()))
    else:
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return None
        wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - moment
    return min(max(wait, timedelta()), LONGEST_WAIT)


async def _read(response: httpx.Response) -> bytes:
    """The beginning of the answer as it came, neither unpacked nor decoded."""
    body = b""
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) >= ANSWER_BYTES:
            break
    return body[:ANSWER_BYTES]
