"""Files that another file names: read them, and blame the line that names them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from engine.errors import KamError, Problem
from engine.language.documents import Node
from engine.language.texts import normalised
from engine.model import PolicyFile

Read = TypeVar("Read")

_NOT_THERE = ("missing-file", "not-a-file", "path-outside")


def read_named(name: Node, read: Callable[[str], Read]) -> Read:
    """What `read` makes of the path that a node holds.

    Raises `KamError`; that the file cannot be found is a fault of the line that names it.
    """
    try:
        return read(normalised(name.value) or name.value)
    except KamError as error:
        first = error.problems[0]
        if first.code not in _NOT_THERE:
            raise
        message = f"'{name.value}': {first.message}"
        raise KamError(Problem(first.code, message, name.value_location, first.hint)) from error


def kept_file(path: str, content: bytes) -> PolicyFile:
    """A file as a run keeps it."""
    return PolicyFile(path, hashlib.sha256(content).hexdigest(), content)
