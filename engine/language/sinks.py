"""`sinks:` of kam.yaml: where actions go when a run has emitted them, and which of them.

What a sink needs to be reached and trusted (a robot's URL, the secret of a signature) never
stands in the file: kam.yaml is kept with every run and passed on to auditors. It names the
variable of the environment that holds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from engine.errors import Location, Problem
from engine.language.documents import Document, Node
from engine.language.texts import normalised
from engine.model import Classification, laxest

CHAT_KINDS = ("dingtalk", "feishu", "wecom", "mail")
"""Sinks that are read by people; the others are read by programs."""

TIMEOUT_SECONDS = 10
ATTEMPTS = 10
"""With the back-off of `engine.actions.backoff`: a little more than a day."""

LIMITS: Mapping[str, int] = {"dingtalk": 20, "feishu": 100, "wecom": 20, "mail": 10}
"""Requests a minute that a channel admits: DingTalk then blocks a robot for ten minutes, WeCom
drops messages without an error."""

DEFAULT_READER: Classification = "confidential"
_SECRET_NAMES = re.compile(r"(?i)(^|_)(access_?token|api_?key|auth|key|pass(word)?|pwd|secret|"
                           r"sig|sign|signature|token)$")  # fmt: skip


@dataclass(frozen=True)
class WantedActions:
    """Which actions go to a sink; an empty tuple asks for nothing, and all that is set holds."""

    priorities: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    """Of the rules that ask: ``warning``, ``milestone``, ``entitlement``."""


@dataclass(frozen=True)
class Sink:
    """A sink as written, with the defaults of its kind.

    `path` is set for ``jsonl``, `url` or `url_env` and `secret_env` for ``webhook``, and
    `url_env` for the channels that people read.
    """

    name: str
    kind: str
    location: Location
    path: str | None = None
    """Under the root of the workspace."""
    url: str | None = None
    url_env: str | None = None
    secret_env: str | None = None
    digest: bool = True
    lang: str = "zh"
    reader: Classification = DEFAULT_READER
    """The class up to which it may read columns; not above `privacy.reader`, if it is not said."""
    per_minute: int | None = None
    """Requests; None: as many as it takes."""
    timeout_seconds: int = TIMEOUT_SECONDS
    attempts: int = ATTEMPTS
    checkpoints: bool = False
    actions: WantedActions = field(default_factory=WantedActions)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the environment that it needs."""
        return tuple(name for name in (self.url_env, self.secret_env) if name is not None)


def read_sinks(document: Document) -> tuple[Sink, ...]:
    """The sinks of a kam.yaml that agrees with its schema, in the order written."""
    most = document.data.get("privacy", {}).get("reader", DEFAULT_READER)
    reader = laxest(most, DEFAULT_READER)
    return tuple(_sink(node, reader) for node in document.root.entries("sinks"))


def _sink(node: Node, reader: Classification) -> Sink:
    written: Mapping[str, Any] = node.value
    kind = written["kind"]
    path = written.get("path")
    wanted = written.get("actions", {})
    return Sink(
        name=node.key,
        kind=kind,
        location=node.location,
        path=None if path is None else normalised(path) or path,
        url=written.get("url"),
        url_env=written.get("url_env"),
        secret_env=written.get("secret_env"),
        digest=written.get("digest", True),
        lang=written.get("lang", "zh"),
        reader=written.get("reader", reader),
        per_minute=_number(written.get("limit"), LIMITS.get(kind)),
        timeout_seconds=_number(written.get("timeout"), TIMEOUT_SECONDS) or TIMEOUT_SECONDS,
        attempts=int(written.get("attempts", ATTEMPTS)),
        checkpoints=written.get("checkpoints", False),
        actions=WantedActions(
            *(tuple(wanted.get(key, ())) for key in ("priority", "roles", "packs", "kinds"))
        ),
    )


def _number(written: str | None, default: int | None) -> int | None:
    """The number at the beginning of ``20 per minute`` or ``10 seconds``."""
    return default if written is None else int(written.split()[0])


# --- what a schema cannot say ---------------------------------------------------------------


def sink_problems(document: Document) -> list[Problem]:
    """Secrets within addresses, and files that are outside or have two sinks."""
    problems: list[Problem] = []
    files: dict[str, str] = {}
    for node in document.root.entries("sinks"):
        if "path" in node:
            problems.extend(_path_problems(node, files))
        if "url" in node:
            problems.extend(_url_problems(node["url"]))
    return problems


def _path_problems(node: Node, files: dict[str, str]) -> Iterator[Problem]:
    place, written = node["path"].value_location, node.value["path"]
    path = normalised(written)
    if path in (None, "."):
        message = f"'{written}' lies outside the workspace"
        hint = "write a path under the folder of kam.yaml"
        yield Problem("path-outside", message, place, hint)
    elif path in files:
        message = f"'{written}' is the file of the sink '{files[path]}' already"
        yield Problem("file-of-two-sinks", message, place, "give each sink a file of its own")
    else:
        files[str(path)] = node.key


def _url_problems(node: Node) -> Iterator[Problem]:
    try:
        parts = urlsplit(node.value)
        host = parts.hostname
        _ = parts.port  # says whether it is a number
    except ValueError:
        host = None
    if not host:
        message = f"'{node.value}' is not a web address"
        hint = "for example: https://erp.example/hooks/kam"
        yield Problem("wrong-form", message, node.value_location, hint)
        return
    secret = next((key for key, _ in parse_qsl(parts.query) if _SECRET_NAMES.search(key)), None)
    if parts.username is not None or secret is not None:
        # The address is not shown: it would stand in the log of whoever checks the file.
        holder = f"'{secret}'" if secret is not None else "a user name or password"
        message = f"this address holds a secret ({holder}), and a file is no place for one"
        hint = "put the address into the environment, and name its variable as 'url_env'"
        yield Problem("secret-in-file", message, node.value_location, hint)
