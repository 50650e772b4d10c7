"""CSV as bytes and text: encodings, and records one at a time.

The ordinary file never comes here beyond its header: DuckDB reads it. A file that DuckDB
refuses, or whose rows it may have joined or dropped, is read record by record instead, so
that each bad row is found and the others go on.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from engine.facts.sources.staging import LINE_LIMIT

BOM = b"\xef\xbb\xbf"
CHUNK = 1 << 20
OPEN_LINES = 200
"""Lines that one quoted value may span."""

GBK = "gb18030"
"""The encoding that contains GBK and GB2312."""

WIDE_UTF8 = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
"""A Chinese character in UTF-8; text in GBK that is valid UTF-8 as a whole hardly has one."""


def decodes(path: Path, encoding: str) -> bool:
    """Whether the whole file is text in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def detect(path: Path) -> str:
    """The encoding of the file, or of most of its lines where they differ.

    Nearly any bytes pass for GBK, so a file that is not UTF-8 throughout counts as GBK only
    if most of its lines with more than ASCII are not UTF-8 either.
    """
    if decodes(path, "utf-8"):
        return "utf-8"
    votes = 0
    for line in lines_of(path):
        if not line.isascii():
            votes += 1 if is_text(line, "utf-8") else -1
    return "utf-8" if votes > 0 else GBK


def is_text(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def is_suspicious(content: bytes) -> bool:
    """Whether a row of a GBK file is rather UTF-8."""
    return WIDE_UTF8.search(content) is not None and is_text(content, "utf-8")


def transcode(path: Path, target: Path, encoding: str) -> None:
    """Copy a file into UTF-8. The caller knows that it `decodes`."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as source, target.open("wb") as copy:
        while chunk := source.read(CHUNK):
            copy.write(decoder.decode(chunk).encode("utf-8"))
        copy.write(decoder.decode(b"", final=True).encode("utf-8"))


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a file with their ends: LF, CR LF or CR, mixed as they come.

    Of a line longer than `LINE_LIMIT`, enough to see that it is too long.
    """
    carry = b""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            pieces = (carry + chunk).splitlines(keepends=True)
            carry = pieces.pop()  # may go on in the next chunk, as a CR LF may
            yield from pieces
            if len(carry) > LINE_LIMIT and not carry.endswith((b"\n", b"\r")):
                carry = carry[: LINE_LIMIT + 1]
    if carry:
        yield carry


class Record(NamedTuple):
    """One row as the file has it: `lines` lines of it, the first of which is `number`.

    A `plain` record has no quotation marks: its fields are between the delimiters of its
    text. The others have `fields`, unless a fault keeps them from being told apart.
    """

    number: int
    lines: int
    text: str
    fault: str | None
    plain: bool
    fields: list[str] | None = None


class Records:
    """The records of a CSV file, faults included; blank lines are passed over.

    `width` is the number of fields that a record should have, if it is known yet.
    `suspicious` looks for rows of UTF-8 in a file that was found to be GBK.
    """

    def __init__(
        self,
        path: Path,
        encoding: str,
        delimiter: str,
        width: int | None = None,
        suspicious: bool = False,
    ) -> None:
        self.path = path
        self.encoding = encoding
        self.delimiter = delimiter
        self.width = width
        self.suspicious = suspicious
        after = re.escape(delimiter)
        self.quoted = re.compile(rf' *"([^"]*(?:""[^"]*)*)" *(?={after}|\Z)')
        self.opening = re.compile(r' *"')
        self.spaced = re.compile(r' "|" ')
        self.unfinished = re.compile(r' *"[^"]*(?:""[^"]*)*\Z')

    def __iter__(self) -> Iterator[Record]:
        number = 1
        waiting: list[bytes] = []  # lines read ahead, the next one last
        lines = lines_of(self.path)
        while (line := waiting.pop() if waiting else next(lines, None)) is not None:
            if number == 1:
                line = line.removeprefix(BOM)
            if not line.strip():
                number += 1
                continue
            if b'"' not in line:
                text, fault = self._decode(line)
                record = Record(number, 1, text, fault, True)
            else:
                record = self._quoted_record(number, line, waiting, lines)
            number += record.lines
            yield record

    def _quoted_record(
        self, number: int, line: bytes, waiting: list[bytes], lines: Iterator[bytes]
    ) -> Record:
        """A record with quotation marks, which may go on over several lines.

        A mark that is never closed spoils its own line only: the lines after it are put
        back. So do those of a record that would come out right without its first line.
        """
        taken = [line]
        text, fault = self._decode(line)
        fields, state = self._split(text)
        while state == "open" and not fault and len(taken) < OPEN_LINES:
            ahead = waiting.pop() if waiting else next(lines, None)
            if ahead is None:
                break
            taken.append(ahead)
            if b'"' in ahead:
                text, fault = self._decode(b"".join(taken))
                fields, state = self._split(text)
        if len(taken) > 1 and (state != "whole" or self._hides_record(fields, taken[1:])):
            waiting.extend(reversed(taken[1:]))
            taken, state = [line], "open"
            text, fault = self._decode(line)
        if state == "open":
            fields, fault = None, fault or "opens a quotation mark that is never closed"
        elif state == "bad":
            fields, fault = None, fault or "has text after a closing quotation mark"
        return Record(number, len(taken), text, fault, False, fields)

    def _hides_record(self, fields: list[str] | None, lines: list[bytes]) -> bool:
        """Whether a record of the wrong width has swallowed a line of the right one."""
        if self.width is None or fields is None or len(fields) == self.width:
            return False
        for line in lines:
            alone, state = self._split(self._decode(line)[0])
            if state == "whole" and alone is not None and len(alone) == self.width:
                return True
        return False

    def _decode(self, content: bytes) -> tuple[str, str | None]:
        fault = None
        if len(content) > LINE_LIMIT:
            fault = f"is longer than {LINE_LIMIT} bytes"
        elif b"\0" in content:
            fault = "contains a NUL byte"
        elif self.suspicious and is_suspicious(content):
            fault = "is UTF-8 in a file that is GBK; if it is not, declare `encoding: gbk`"
        try:
            text = content.decode(self.encoding)
        except UnicodeDecodeError:
            name = "GBK" if self.encoding == GBK else "UTF-8"
            text = content.decode(self.encoding, "replace")
            fault = fault or f"holds bytes that are not {name}; the file is read as {name}"
        return text.rstrip("\r\n"), fault

    def _split(self, text: str) -> tuple[list[str] | None, str]:
        """The fields, and whether they are whole, the last is open, or a mark is misplaced."""
        if not self.spaced.search(text):
            try:  # fifty times as fast as what follows, but it does not say what is wrong
                return next(csv.reader([text], delimiter=self.delimiter, strict=True)), "whole"
            except csv.Error:
                pass
        fields, position = [], 0
        while True:
            match = self.quoted.match(text, position)
            if match:
                fields.append(match[1].replace('""', '"'))
                position = match.end()
            elif self.opening.match(text, position):
                return None, "open" if self.unfinished.match(text, position) else "bad"
            else:
                end = text.find(self.delimiter, position)
                end = len(text) if end < 0 else end
                fields.append(text[position:end])
                position = end
            if position == len(text):
                return fields, "whole"
            position += 1  # the delimiter
