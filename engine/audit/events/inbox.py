"""Events that wait for the store: a run holds its lock, and nobody's event may be lost.

Whoever cannot have the lock leaves its events in a file of their own under ``inbox/``, and
whoever has the lock next answers them. A file is there complete or not at all, and is removed
only when what it says has been committed. One that is answered and, after a crash, found again
does no harm: an event of a known id is answered with its first answer.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.audit.durable import sync
from engine.audit.failures import store_errors

INBOX_FOLDER = "inbox"
SUFFIX = ".jsonl"
REFUSED_FILE = "refused.log"
"""Events that had waited and could not be taken: JSON Lines, each with the code of the reason."""
_PART = ".part"


@dataclass(frozen=True)
class Waiting:
    """A file of the inbox with its lines, each an event as it was sent."""

    path: Path
    lines: tuple[str, ...]


def put(store: Path, events: Sequence[Mapping[str, Any]]) -> Path:
    """Leaves events in the inbox of a store, on the disk when this returns.

    Raises: `KamError` of `engine.audit.failures` if that cannot be done; nothing is queued then.
    """
    lines = "".join(json.dumps(event) + "\n" for event in events)  # ASCII: one line each
    folder = store / INBOX_FOLDER
    with store_errors(store):
        folder.mkdir(mode=0o700, exist_ok=True)
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        path = folder / f"{moment}-{secrets.token_hex(8)}{SUFFIX}"
        part = path.with_name(f".{path.name}{_PART}")
        try:
            _write(part, lines.encode("ascii"))
            part.rename(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        sync(folder)
    return path


def take(store: Path) -> Iterator[Waiting]:
    """The files that wait, the oldest first. Call it under the lock of the store.

    A file is removed when the next one is asked for: what it says is to be committed by then. It
    stays if the caller stops before.
    """
    for path in waiting(store):
        with store_errors(store):
            try:
                # A file that was damaged must not keep the others waiting for ever.
                text = path.read_text(encoding="utf-8", errors="replace")
            except FileNotFoundError:  # the lock was not held, or somebody removed it
                continue
        yield Waiting(path, tuple(line for line in text.split("\n") if line))
        with store_errors(store):
            path.unlink(missing_ok=True)
            sync(path.parent)


def set_aside(store: Path, line: str, code: str) -> None:
    """Keeps an event of the inbox that was refused, as `code` says; on the disk on return.

    What is no JSON object stands there as a text, under ``line``.
    """
    try:
        content = json.loads(line)
    except ValueError:
        content = None
    kept = content if isinstance(content, dict) else {"line": line}
    said = json.dumps({"refused": code, **kept}) + "\n"
    with store_errors(store), (store / INBOX_FOLDER / REFUSED_FILE).open("ab") as stream:
        stream.write(said.encode("ascii"))
        stream.flush()
        os.fsync(stream.fileno())


def waiting(store: Path) -> list[Path]:
    """The files that wait, the oldest first; none if there is no inbox."""
    with store_errors(store):
        return sorted((store / INBOX_FOLDER).glob(f"*{SUFFIX}"))


def remove_parts(store: Path) -> None:
    """Removes what processes left that died while they wrote; call it under the lock.

    Such a file was never answered as queued. One that is being written now is left alone for an
    hour.
    """
    with store_errors(store):
        now = datetime.now(UTC).timestamp()
        for path in (store / INBOX_FOLDER).glob(f".*{_PART}"):
            with suppress(FileNotFoundError):
                if now - path.stat().st_mtime > _HOUR:
                    path.unlink()


_HOUR = 3600.0


def contents(store: Path) -> list[tuple[str, bytes]]:
    """Name and bytes of every file that waits, for a copy of the store."""
    found = []
    for path in waiting(store):
        with store_errors(store), suppress(FileNotFoundError):
            found.append((path.name, path.read_bytes()))
    return found


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
