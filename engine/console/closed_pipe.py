"""A reader of standard output who has had enough, as in `kam accounts | head`.

That is no failure. A command that only lists stops, and exits with 0. Any other goes on unheard:
a night is still delivered, and the exit code says what it always says.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer


class ReaderGoneError(Exception):
    """Nobody reads standard output any more; what is still written to it is lost in silence.

    No `OSError`: rich would make an exit code of its own of that.
    """


class _Output(io.FileIO):
    """Standard output, which becomes nothing at all when nobody reads it any more, or when it
    cannot be written: then the first who writes is told."""

    stops = False

    def write(self, data: Buffer) -> int:
        try:
            return super().write(data) or 0
        except OSError as error:
            # What is left in buffers would fail a second time when Python ends.
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self.fileno())
            os.close(nothing)
            if not isinstance(error, BrokenPipeError):
                raise
            if self.stops:
                raise ReaderGoneError from None
            return super().write(data) or 0


def outlive_reader() -> None:
    """Makes standard output outlive its reader, where it is a file of its own."""
    stream = sys.stdout
    if type(stream) is not io.TextIOWrapper or stream is not sys.__stdout__:
        return  # somebody has put something else in its place, as tests do
    raw = _raw(stream)
    if type(raw) is not io.FileIO:
        return  # a console of Windows
    stream.flush()
    output = _Output(raw.fileno(), "wb", closefd=False)
    unbuffered = raw is stream.buffer  # PYTHONUNBUFFERED=1
    sys.stdout = io.TextIOWrapper(
        output if unbuffered else io.BufferedWriter(output),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def stop_without_reader() -> None:
    """From now on writing for nobody raises `ReaderGoneError`."""
    raw = _raw(sys.stdout)
    if isinstance(raw, _Output):
        raw.stops = True


def _raw(stream: object) -> object:
    """The file below a stream's buffer; the buffer itself of a stream that has none."""
    buffer = getattr(stream, "buffer", None)
    return getattr(buffer, "raw", buffer)
