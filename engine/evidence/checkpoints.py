"""Checkpoints as C2SP defines them (https://c2sp.org/tlog-checkpoint): a tree's head as text."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from engine.errors import KamError, problem
from engine.evidence.merkle import EMPTY_ROOT, HASH_BYTES

SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
LINES_AT_LEAST = 3


@dataclass(frozen=True)
class Checkpoint:
    """Which log, how many leaves, and their root; `extensions` are lines of no fixed meaning.

    Raises `KamError` ``checkpoint-malformed`` when it is made of what its text cannot hold, so
    that the text says what the checkpoint says.

    >>> print(Checkpoint("example.com/kam", 0, EMPTY_ROOT).text(), end="")
    example.com/kam
    0
    47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for line in (self.origin, *self.extensions):
            if not line or any(character < " " for character in line):
                raise _malformed("a line is empty or has control characters")
        if not SIZE.fullmatch(str(self.size)):
            raise _malformed(f"{self.size} is not a size")
        if len(self.root) != HASH_BYTES:
            raise _malformed(f"a root has {HASH_BYTES} bytes, not {len(self.root)}")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise _malformed("the root is not that of a tree without leaves")

    def text(self) -> str:
        """The text to sign: the lines, each with its newline."""
        encoded = base64.b64encode(self.root).decode("ascii")
        return "".join(
            f"{line}\n" for line in (self.origin, str(self.size), encoded, *self.extensions)
        )

    @staticmethod
    def parse(text: str) -> Checkpoint:
        """Reads what `text` writes, and nothing else (``checkpoint-malformed``)."""
        if not text.endswith("\n") or len(lines := text[:-1].split("\n")) < LINES_AT_LEAST:
            raise _malformed("origin, size and root are needed, a line each")
        origin, size, encoded, *extensions = lines
        if not SIZE.fullmatch(size):
            raise _malformed(f"{size!r} is not a size")
        try:
            root = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise _malformed(f"{encoded!r} is not a root in base64") from None
        found = Checkpoint(origin, int(size), root, tuple(extensions))
        if found.text() != text:
            raise _malformed(f"{encoded!r} is not a root in base64")
        return found


def _malformed(why: str) -> KamError:
    return problem("checkpoint-malformed", f"this is not a checkpoint: {why}")
