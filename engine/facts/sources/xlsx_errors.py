"""Finds the cells of a sheet that calamine reads as empty although they are not.

Those are errors (``#REF!``), and formulas that were never calculated: a program that only
writes workbooks, such as openpyxl, stores the formula and leaves the value to Excel.
"""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from engine.facts.sources.base import EXCERPT
from engine.facts.sources.staging import Cell

RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

ERROR = re.compile(
    rb"""<(?:\w+:)?c\s([^<>]*?\bt=["']e["'][^<>]*)(?<!/)>(.{0,10000}?)</(?:\w+:)?c>""", re.DOTALL
)
FORMULA = re.compile(
    rb"<(?:\w+:)?c\s([^<>]*)(?<!/)>\s*"
    rb"<(?:\w+:)?f\b(?:[^<>]*/>|[^<>]*>([^<]*)</(?:\w+:)?f>)\s*"
    rb"(<(?:\w+:)?v\b[^<>]*/>|<(?:\w+:)?v\b[^<>]*>\s*</(?:\w+:)?v>)?\s*"
    rb"(?:</(?:\w+:)?c>|<(?:\w+:)?extLst\b)"
)
"""A formula whose value is empty (the last group) or is not there at all."""

PLACE = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]+)["']""")
VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
TEXT = re.compile(rb"""\bt=["']str["']""")

Found = tuple[bytes, Cell]
"""The attributes of a cell, and what to make of it."""


def faulty_cells(path: Path, sheet: str) -> dict[int, dict[int, Cell]]:
    """Row (from 1) → column (from 0) → what stands there, and why it cannot be used."""
    found: dict[int, dict[int, Cell]] = {}
    with zipfile.ZipFile(path) as archive:
        part = _part(archive, sheet)
        if part is None:
            return found
        content = archive.read(part)
    for attributes, cell in (*_errors(content), *_uncalculated(content)):
        place = PLACE.search(attributes)
        if place:
            found.setdefault(int(place[2]), {})[_column(place[1].decode())] = cell
    return found


def _errors(content: bytes) -> Iterator[Found]:
    if b't="e"' not in content and b"t='e'" not in content:
        return
    for match in ERROR.finditer(content):
        value = VALUE.search(match[2])
        text = _shown(value[1]) if value else "#?"
        fault = f"is the error {text} of a formula; mend it in the workbook"
        yield match[1], Cell(text, fault=fault)


def _uncalculated(content: bytes) -> Iterator[Found]:
    if b"<f" not in content and b":f" not in content:
        return
    for match in FORMULA.finditer(content):
        if match[3] is not None and TEXT.search(match[1]):
            continue  # calculated: Excel stores an empty text so
        fault = "is a formula that was never calculated; open and save the workbook"
        yield match[1], Cell("=" + _shown(match[2] or b""), fault=fault)


def _shown(content: bytes) -> str:
    return html.unescape(content.decode("utf-8", "replace"))[:EXCERPT]


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The file within the workbook that holds the sheet."""
    names = set(archive.namelist())
    index, relations = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if index not in names or relations not in names:
        return None
    links = ElementTree.fromstring(archive.read(relations))  # noqa: S314
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    # Expat bounds the expansion of entities; calamine has read the same parts before.
    for one in ElementTree.fromstring(archive.read(index)).iter():  # noqa: S314
        if one.tag.endswith("}sheet") and one.get("name") == sheet:
            target = targets.get(one.get(RELATION), "")
            part = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
            return part if part in names else None
    return None


def _column(letters: str) -> int:
    """``A`` is 0, ``AA`` is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
