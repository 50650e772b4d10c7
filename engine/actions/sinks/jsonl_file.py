"""A JSON Lines file: every message is one line, appended and on the disk before it counts.

A process may die at any point. Between the writing and the receipt, whole lines stand in the
file that the outbox still holds as pending: their keys are read back from the end of the file,
and they are not written a second time. In the middle of a line, half of it stands there: it is
taken away. Whoever reads the file may move it away at any time; a new one is begun.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.actions.messages import Message
from engine.actions.sinks.base import Outcome, Parcel
from engine.audit.durable import sync
from engine.errors import KamError, Problem, problem
from engine.language.sinks import Sink

LINES = 500
"""Of one parcel, and so the most that can stand in the file without a receipt."""

_BEGINNING = b'{"idempotency_key":'
_BLOCK = 1 << 16


class JsonLinesFile:
    """The file of a sink, open for appending."""

    patience = 1

    def __init__(self, path: Path) -> None:
        """Opens or makes the file, and repairs its end.

        Raises `OSError`, and `KamError` ``not-an-outbox`` if it ends in something else.
        """
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        self._file = os.open(path, flags, 0o640)
        try:
            sync(path.parent)
            self._written = self._repair()
        except BaseException:
            os.close(self._file)
            raise

    def parcels(self, messages: Sequence[Message]) -> Iterator[Parcel]:
        for start in range(0, len(messages), LINES):
            group = tuple(messages[start : start + LINES])
            lines = [one.document() + b"\n" for one in group if one.key not in self._written]
            yield Parcel(group, b"".join(lines))

    def send(self, parcel: Parcel) -> Outcome:
        before = os.lseek(self._file, 0, os.SEEK_END)
        try:
            _write_all(self._file, parcel.content)
            os.fsync(self._file)
        except OSError as error:
            return self._undone(before, error)
        skipped = sum(one.key in self._written for one in parcel.messages)
        reason = f"{skipped} stood in the file already" if skipped else None
        return Outcome("delivered", reason)

    def close(self) -> None:
        os.close(self._file)

    def _undone(self, size: int, error: OSError) -> Outcome:
        """Nothing or everything: what was written of a parcel is taken away again."""
        reason = f"{self._path.name}: {error.strerror or error}"
        try:
            os.ftruncate(self._file, size)
            os.fsync(self._file)
        except OSError as second:
            # Half a line may stand there now; the next to open the file takes it away.
            reason += f", and then: {second.strerror or second}"
        return Outcome("retry", reason)

    def _repair(self) -> set[str]:
        """Ends the file with a whole line; returns the keys of the last lines."""
        size = os.lseek(self._file, 0, os.SEEK_END)
        end = _last_lines(self._file, size, LINES + 1)
        whole, _, torn = end.rpartition(b"\n")
        if torn:
            if not _is_ours(torn):
                raise problem(
                    "not-an-outbox",
                    f"{self._path} ends in something that kam has not written",
                    hint="name another file as 'path' of the sink",
                )
            if _key(torn) is not None:  # it is whole, but for the end of the line
                _write_all(self._file, b"\n")
                whole = end
            else:
                os.ftruncate(self._file, size - len(torn))
            os.fsync(self._file)
        return {key for line in whole.splitlines() if (key := _key(line)) is not None}


def open_file(sink: Sink, root: Path) -> JsonLinesFile | Problem:
    """The file of a sink in the workspace at `root`, or why it cannot be used."""
    assert sink.path is not None
    path = root / sink.path
    if not path.resolve().is_relative_to(root.resolve()):
        hint = "a link on the way leads elsewhere; write a path that stays in the workspace"
        return Problem("path-outside", f"{sink.path} lies outside the workspace", hint=hint)
    try:
        return JsonLinesFile(path)
    except KamError as error:
        return error.problems[0]
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        hint = "make it a file that the user who runs kam may write"
        return Problem("sink-not-writable", message, hint=hint)


def _last_lines(file: int, size: int, lines: int) -> bytes:
    """The end of the file with at least so many lines, or all of it."""
    start, end = size, b""
    while start and end.count(b"\n") <= lines:
        step = min(_BLOCK, start)
        start -= step
        end = os.pread(file, step, start) + end
    return end


def _is_ours(torn: bytes) -> bool:
    return torn.startswith(_BEGINNING) or _BEGINNING.startswith(torn)


def _key(line: bytes) -> str | None:
    """The idempotency key of a line; None if it is not one of ours, or only half of one."""
    if not line.startswith(_BEGINNING):
        return None
    try:
        return str(json.loads(line)["idempotency_key"])
    except ValueError:
        return None


def _write_all(file: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]
