"""Who calls: bearer tokens with roles, from the environment alone.

An entry is ``name:roles:token``, and the roles stand with commas between them. ``read`` may be
given a class, as in ``read=internal``: the highest whose values the caller sees.

The tokens themselves are not kept, only their SHA-256. A token is long and random, so that a
fast hash is enough; it is compared in constant time, with every entry.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Literal, get_args

from engine.errors import KamError, Problem, problem
from engine.model import CLASSES, Classification, laxest

FILE_VARIABLE = "KAM_API_TOKENS_FILE"
VARIABLE = "KAM_API_TOKENS"
SHORTEST = 32
"""Characters of a token: with `openssl rand -hex 32` it has 64."""

Role = Literal["send", "read", "operate"]
ROLES: tuple[Role, ...] = get_args(Role)

DEFAULT_LEVEL: Classification = "confidential"

_OTHERS = 0o007
"""A group may read it: a file of root's for the group of a service, or one that systemd passes on,
whose access list shows as bits of the group."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_FORM = "write name:roles:token, for example crm:send:… or sales:send,read=internal:…"


@dataclass(frozen=True)
class Caller:
    """Somebody with a token. `level` is the highest class of values that they are shown."""

    name: str
    roles: frozenset[Role]
    level: Classification


@dataclass(frozen=True)
class Tokens:
    """The callers by the SHA-256 of their token."""

    entries: tuple[tuple[bytes, Caller], ...]

    def caller(self, token: str) -> Caller | None:
        """Whose token this is; None if it is nobody's."""
        digest = _digest(token)
        found = None
        for known, caller in self.entries:
            if compare_digest(known, digest):
                found = caller  # and on, so that the time says nothing about the place
        return found


def read_tokens(environ: Mapping[str, str], most: Classification | None = None) -> Tokens | None:
    """The tokens of the environment; None if there are none.

    `most` limits the class of a reader for whom none is written. Raises `KamError` with
    everything that is wrong; no message repeats a token.
    """
    lines = list(_lines(environ))
    found: list[tuple[bytes, Caller]] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(_entry(line, laxest(DEFAULT_LEVEL, most or DEFAULT_LEVEL)))
        except KamError as error:
            problems += (
                Problem(one.code, f"entry {number} of the tokens: {one.message}", hint=one.hint)
                for one in error.problems
            )
    if len({digest for digest, _ in found}) < len(found):
        problems.append(Problem("bad-token", "two entries have the same token"))
    if problems:
        raise KamError(problems)
    return Tokens(tuple(found)) if found else None


def _lines(environ: Mapping[str, str]) -> Iterator[str]:
    file, given = environ.get(FILE_VARIABLE), environ.get(VARIABLE)
    if file and given:
        message = f"{FILE_VARIABLE} and {VARIABLE} are both set"
        raise problem("bad-token", message, hint="set one of them")
    if not file:
        yield from (given or "").split()
        return
    kept = (line.strip() for line in _read(Path(file)).splitlines())
    yield from (line for line in kept if line and not line.startswith("#"))


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            # Asked of the open file, so that it is the one that is read.
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and mode & _OTHERS:
                message = f"{path} is open to everybody on this machine"
                hint = f"chmod 640 {shlex.quote(str(path))}, and make new tokens"
                raise problem("exposed-tokens", message, hint=hint)
            return file.read()
    except (OSError, ValueError) as error:
        message = f"the file of {FILE_VARIABLE} cannot be read: {error}"
        raise problem("bad-token", message) from None


def _entry(line: str, default: Classification) -> tuple[bytes, Caller]:
    name, _, rest = line.partition(":")
    listed, found, token = rest.partition(":")
    if not found or not _NAME.fullmatch(name):
        raise problem("bad-token", "it has another form", hint=_FORM)
    if len(token) < SHORTEST or not _TOKEN.fullmatch(token):
        message = f"the token of '{name}' is not a token of at least {SHORTEST} characters"
        raise problem("bad-token", message, hint="make one with: openssl rand -hex 32")
    roles, level = _roles(name, listed.split(","), default)
    return _digest(token), Caller(name, roles, level)


def _roles(
    name: str, listed: list[str], level: Classification
) -> tuple[frozenset[Role], Classification]:
    by_name: dict[str, Role] = {role: role for role in ROLES}
    classes: dict[str, Classification] = {one: one for one in CLASSES}
    roles: set[Role] = set()
    for written in listed:
        role, has_class, said = written.partition("=")
        if role not in by_name or (has_class and role != "read"):
            message = f"'{name}' has the role '{written}', which there is not"
            raise problem("bad-token", message, hint=f"choose from: {', '.join(ROLES)}")
        if has_class and said not in classes:
            message = f"'{name}' reads the class '{said}', which there is not"
            raise problem("bad-token", message, hint=f"choose from: {', '.join(CLASSES)}")
        roles.add(by_name[role])
        level = classes[said] if has_class else level
    return frozenset(roles), level


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
