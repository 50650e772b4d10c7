"""Chats and mailboxes, through apprise: DingTalk, Feishu, WeCom and mail.

People read here, so that several actions go in one text. A chat cannot know a message again:
what was sent when a process died, and had no receipt yet, may be read twice.

apprise judges an answer by its HTTP status. The robots answer 200 whatever happens and say in
the body that they took nothing, because they are called too often or the text lacks a keyword;
so their answers are read here once more.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any

from engine.actions.digest import Part, Size, digests, single
from engine.actions.messages import Message
from engine.actions.sinks.base import Outcome, Parcel
from engine.actions.sinks.webhook import ANSWER_BYTES
from engine.errors import Problem
from engine.language.sinks import Sink

if TYPE_CHECKING:
    from apprise import NotifyBase


def utf8_size(text: str) -> int:
    """Bytes of the text itself."""
    return len(text.encode())


def json_size(text: str) -> int:
    r"""Bytes of the text within a request, where a Chinese character is ``\uXXXX``."""
    return len(json.dumps(text)) - 2


@dataclass(frozen=True)
class Channel:
    """What a kind of channel takes: at most `limit` as `size` measures a text."""

    schemas: frozenset[str]
    limit: int
    size: Size
    example: str
    busy: frozenset[int] = field(default_factory=frozenset)
    """Codes in its answers that say that it is called too often."""


CHANNELS: Mapping[str, Channel] = {
    "dingtalk": Channel(
        *(frozenset({"dingtalk"}), 19_000, json_size, "dingtalk://SECRET@TOKEN"),
        busy=frozenset({90030, 130101, 410100}),
    ),
    "feishu": Channel(
        *(frozenset({"feishu", "lark"}), 19_000, json_size, "feishu://TOKEN"),
        busy=frozenset({11232, 230020}),
    ),
    "wecom": Channel(
        frozenset({"wecombot"}), 2_000, utf8_size, "wecombot://KEY", frozenset({45009})
    ),
    "mail": Channel(
        *(frozenset({"mailto", "mailtos"}), 30_000, utf8_size),
        "mailtos://USER:PASSWORD@example.com?to=office@example.com",
    ),
}

_PAUSE_SECONDS = 0.25
_BLOCKED = timedelta(minutes=10)
"""For how long a robot that was called too often takes nothing."""


class Chat:
    """A channel that is ready to send; `plugin` is apprise's."""

    patience = 1

    def __init__(self, sink: Sink, channel: Channel, plugin: NotifyBase) -> None:
        self._sink = sink
        self._channel = channel
        self._plugin = plugin
        plugin.socket_connect_timeout = plugin.socket_read_timeout = float(sink.timeout_seconds)
        # The limit per minute is kept by who delivers; Feishu has one of five a second as well.
        plugin.request_rate_per_sec = _PAUSE_SECONDS

    def parcels(self, messages: Sequence[Message]) -> Iterator[Parcel]:
        for part in texts(messages, self._sink, self._channel):
            yield Parcel(part.messages, part.text.encode())

    def send(self, parcel: Parcel) -> Outcome:
        from apprise import Apprise, NotifyFormat

        text = parcel.content.decode()
        # Mail has a subject; elsewhere it would only repeat the first line.
        title = text.partition("\n")[0] if self._sink.kind == "mail" else ""
        sender = Apprise()
        sender.add(self._plugin)
        with _said() as words, _answers(sys.modules[type(self._plugin).__module__]) as answers:
            taken = sender.notify(body=text, title=title, body_format=NotifyFormat.TEXT)
        status, answer = answers[-1] if answers else (None, b"")
        if not taken:
            return Outcome("retry", self._without_secrets(words), status, answer)
        return self._judged(status, answer)

    def close(self) -> None:
        """Nothing stays open between two texts."""

    def _judged(self, status: int | None, answer: bytes) -> Outcome:
        code = _code(answer)
        if code in (None, 0):
            return Outcome("delivered", None, status, answer)
        wait = _BLOCKED if code in self._channel.busy else None
        return Outcome("retry", f"took nothing: code {code}", status, answer, wait)

    def _without_secrets(self, words: Sequence[str]) -> str:
        """What apprise says of a failure; a URL in it would hold the token."""
        kept = [one for one in words if "://" not in one]
        return " ".join(kept)[:300] or "the channel took nothing"


def texts(messages: Sequence[Message], sink: Sink, channel: Channel) -> Iterator[Part]:
    """What people will read: digests, or one text for each message."""
    limits = (sink.lang, channel.limit, channel.size)
    if sink.digest:
        yield from digests(messages, *limits)
    else:
        yield from (single(one, *limits) for one in messages)


def open_chat(sink: Sink, environment: Mapping[str, str]) -> Chat | Problem:
    """The channel whose URL the environment holds, in a variable that is set."""
    channel = CHANNELS[sink.kind]
    plugin = plugin_of(environment[str(sink.url_env)].strip())
    if plugin is None or not channel.schemas & _schemas(plugin):
        message = f"the variable {sink.url_env} does not hold a URL of {sink.kind}"
        return Problem("wrong-address", message, sink.location, f"for example: {channel.example}")
    return Chat(sink, channel, plugin)


def plugin_of(url: str) -> NotifyBase | None:
    """What apprise makes of a URL; None if it can do nothing with it."""
    with warnings.catch_warnings(), _said():
        # It loads all of its plugins, and one of them a module that Python is about to drop.
        warnings.simplefilter("ignore", DeprecationWarning)
        from apprise import Apprise, NotifyBase

        plugin = Apprise.instantiate(url, suppress_exceptions=True)
    return plugin if isinstance(plugin, NotifyBase) else None


def _schemas(plugin: NotifyBase) -> set[str]:
    """The first words of the URLs that the plugin takes."""
    return set(plugin.schemas())  # type: ignore[no-untyped-call]


def _code(answer: bytes) -> int | None:
    """What a robot says in its answer: 0 if it took the text; None if it says nothing."""
    try:
        said = json.loads(answer)
    except ValueError:
        return None
    if not isinstance(said, dict):
        return None
    for name in ("errcode", "code", "StatusCode"):
        if isinstance(said.get(name), int):
            return int(said[name])
    return None


@contextmanager
def _said() -> Iterator[list[str]]:
    """The warnings that apprise logs meanwhile, which go nowhere else."""
    words: list[str] = []
    logger = logging.getLogger("apprise")

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            words.append(record.getMessage())

    listener, spreads = Listener(logging.WARNING), logger.propagate
    logger.addHandler(listener)
    logger.propagate = False
    try:
        yield words
    finally:
        logger.removeHandler(listener)
        logger.propagate = spreads


@contextmanager
def _answers(module: ModuleType) -> Iterator[list[tuple[int, bytes]]]:
    """The status and body of every answer that a plugin of apprise gets meanwhile.

    A plugin calls `requests.post` and throws the body away; there is no hook for it, so the
    name `requests` of its module stands for one who listens, as long as the text is sent.
    """
    answers: list[tuple[int, bytes]] = []
    real = getattr(module, "requests", None)
    if real is None:  # mail
        yield answers
        return
    module.requests = _Listening(real, answers)  # type: ignore[attr-defined]
    try:
        yield answers
    finally:
        module.requests = real  # type: ignore[attr-defined]


class _Listening:
    """The module `requests`, but for `post`, whose answers are kept."""

    def __init__(self, real: ModuleType, answers: list[tuple[int, bytes]]) -> None:
        self._real = real
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def post(self, *args: Any, **kwargs: Any) -> Any:
        send: Callable[..., Any] = self._real.post
        response = send(*args, **kwargs)
        self._answers.append((response.status_code, response.content[:ANSWER_BYTES]))
        return response
