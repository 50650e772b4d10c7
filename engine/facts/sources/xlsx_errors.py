"""Finds the cells of a sheet that hold an error (``#REF!``), which calamine reads as empty."""

from __future__ import annotations

import posixpath
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
ERROR = re.compile(rb'<c\s[^>]*?\bt="e"[^>]*>.{0,10000}?</c>', re.DOTALL)
PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]+)"')
VALUE = re.compile(rb"<v>([^<]*)</v>")


def error_cells(path: Path, sheet: str) -> dict[int, dict[int, str]]:
    """Row (from 1) → column (from 0) → error. Empty if the sheet has none."""
    found: dict[int, dict[int, str]] = {}
    with zipfile.ZipFile(path) as archive:
        part = _part(archive, sheet)
        if part is None:
            return found
        content = archive.read(part)
    if b't="e"' not in content:
        return found
    for match in ERROR.finditer(content):
        place, value = PLACE.search(match[0]), VALUE.search(match[0])
        if place:
            column = _column(place[1].decode())
            text = value[1].decode("utf-8", "replace") if value else "#?"
            found.setdefault(int(place[2]), {})[column] = text
    return found


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
