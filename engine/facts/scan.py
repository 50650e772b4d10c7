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

    `count` is the number of lines that end outside quotation marks, with an unfinished last
    one, without empty ones at the end. `regular` says that no line ends within quotation
    marks and that no byte is NUL.
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
        self.tail = b""

    def add(self, chunk: bytes) -> None:
        self.tail = (self.tail + chunk[-64:])[-64:]
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
        ends = self.tail[len(self.tail.rstrip(b"\r\n")) :].count(b"\n")
        unfinished = 1 if self.tail and not ends else 0
        blank = max(ends - 1, 0)  # empty lines at the end of a file are common and mean nothing
        regular = not (self.within or self.nul or self.quoted)
        return Lines(self.outside + unfinished - blank, regular)
