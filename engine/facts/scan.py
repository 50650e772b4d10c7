"""One pass over the bytes of each source, beside the loading: its hash and its lines."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from engine.facts.catalog import Catalog
from engine.facts.places import locate

CHUNK = 1 << 20


@dataclass(frozen=True)
class Fingerprint:
    """The hash of a file, and what tells cheaply that it has changed since."""

    sha256: str
    size: int
    modified_ns: int

    def still_holds(self, path: Path) -> bool:
        status = path.stat()
        return (status.st_size, status.st_mtime_ns) == (self.size, self.modified_ns)


@dataclass(frozen=True)
class Lines:
    """The lines of a text file: what a fast reader must have found if it lost nothing.

    `count` is the number of lines that end outside quotation marks, an unfinished last
    one included. `regular` says that no line ends within them and no byte is NUL.
    """

    count: int
    regular: bool


@dataclass(frozen=True)
class Scan:
    fingerprint: Fingerprint
    lines: Lines


def fingerprint(catalog: Catalog, root: Path) -> dict[str, Fingerprint]:
    """Table name → fingerprint of its source, without loading anything.

    Raises `KamError` for a source that is missing or outside.
    """
    known: dict[Path, Fingerprint] = {}
    found = {}
    for table in catalog.tables:
        path = locate(table.source, root)
        if path not in known:
            known[path] = scan(path, lines=False).fingerprint
        found[table.name] = known[path]
    return found


def scan(path: Path, lines: bool, known: Fingerprint | None = None) -> Scan:
    """Hash a file, unless its fingerprint is known and holds, and count its lines if asked."""
    if known is not None and not known.still_holds(path):
        known = None
    digest = hashlib.sha256()
    counter = LineCounter()
    with path.open("rb") as stream:
        status = os.fstat(stream.fileno())
        while (known is None or lines) and (chunk := stream.read(CHUNK)):
            if known is None:
                digest.update(chunk)
            if lines:
                counter.add(chunk)
    fresh = Fingerprint(digest.hexdigest(), status.st_size, status.st_mtime_ns)
    return Scan(known or fresh, counter.lines())


class LineCounter:
    """Counts line ends, those within quotation marks apart."""

    def __init__(self) -> None:
        self.outside = 0
        self.within = 0
        self.quoted = False
        self.nul = False
        self.last = b""

    def add(self, chunk: bytes) -> None:
        self.last = chunk[-1:]
        self.nul = self.nul or b"\0" in chunk
        if b'"' not in chunk:
            self._add_part(chunk)
            return
        for index, part in enumerate(chunk.split(b'"')):
            if index:
                self.quoted = not self.quoted
            self._add_part(part)

    def _add_part(self, part: bytes) -> None:
        ends = part.count(b"\n")
        if self.quoted:
            self.within += ends
        else:
            self.outside += ends

    def lines(self) -> Lines:
        unfinished = 0 if self.last in (b"", b"\n") else 1
        return Lines(self.outside + unfinished, not (self.within or self.nul or self.quoted))
