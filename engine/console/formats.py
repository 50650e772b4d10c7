"""Lists of rows as JSON, JSON Lines or CSV, written as they come.

The CSV is made for spreadsheets: UTF-8 with a byte order mark, so that Excel reads
Chinese, and no cell that a spreadsheet would take for a formula.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any, BinaryIO

from engine.audit.records import JsonText, Masked, SeenText
from engine.reports.listing import Listing

FORMATS: tuple[str, ...] = ("table", "json", "jsonl", "csv")

# The first characters that make a spreadsheet calculate, in their full width too.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_FLUSH_AT = 1 << 16


def write_listing(listing: Listing, form: str, stream: BinaryIO) -> None:
    """Writes all rows in one of `FORMATS` other than ``table``."""
    writers = {"json": _json, "jsonl": _jsonl, "csv": _csv}
    buffer = bytearray()
    for part in writers[form](listing):
        buffer += part.encode()
        if len(buffer) >= _FLUSH_AT:
            stream.write(buffer)
            buffer.clear()
    stream.write(buffer)
    stream.flush()


def json_row(row: Mapping[str, Any]) -> str:
    """One row as JSON in one line; a `JsonText` passes as it is, and what is masked as null.

    >>> json_row({"name": "华东", "since": date(2026, 6, 30), "seen": JsonText('{"x":1.50}')})
    '{"name":"华东","since":"2026-06-30","seen":{"x":1.50}}'
    >>> json_row({"name": Masked("••••")})
    '{"name":null,"masked":["name"]}'
    """
    parts = [f'"{key}":{_json_value(value)}' for key, value in row.items()]
    if masked := [name for key, value in row.items() for name in _masked(key, value)]:
        parts.append(f'"masked":{_json_value(masked)}')
    return "{" + ",".join(parts) + "}"


def _masked(key: str, value: object) -> Iterator[str]:
    """The names of the values that the reader may not see: of a column, or within it."""
    if isinstance(value, Masked):
        yield key
    elif isinstance(value, Mapping):
        yield from (f"{key}.{name}" for name, one in value.items() if isinstance(one, Masked))
    elif isinstance(value, SeenText):
        yield from (f"{key}.{name}" for name in value.masked)


def csv_cell(value: object) -> str:
    """The text of a cell. A text that looks like a formula gets an apostrophe before it.

    >>> csv_cell("=1+1"), csv_cell("-5"), csv_cell(-0.5), csv_cell("-5%"), csv_cell(None)
    ("'=1+1", '-5', '-0.5', "'-5%", '')
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return _plain(value)
    if isinstance(value, SeenText):
        return value.marked
    if isinstance(value, JsonText) or _NUMBER.fullmatch(value):
        return value
    # Some spreadsheets pass over spaces before they look for the sign.
    return f"'{value}" if value.lstrip(" \u00a0\u3000\ufeff").startswith(_FORMULA) else value


def _json(listing: Listing) -> Iterator[str]:
    separator = "[\n"
    for row in listing.rows:
        yield separator + json_row(row)
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def _jsonl(listing: Listing) -> Iterator[str]:
    for row in listing.rows:
        yield json_row(row) + "\n"


def _csv(listing: Listing) -> Iterator[str]:
    text = StringIO()
    writer = csv.writer(text)
    yield "\ufeff"
    writer.writerow(listing.columns)
    for row in listing.rows:
        writer.writerow([csv_cell(row[column]) for column in listing.columns])
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def _json_value(value: object) -> str:
    if isinstance(value, JsonText):
        return value
    if isinstance(value, Masked):
        return "null"
    if isinstance(value, Mapping):
        value = {key: None if isinstance(one, Masked) else one for key, one in value.items()}
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
    )


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return str(value)
    return _json_value(value)
