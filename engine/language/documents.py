"""A YAML file once read: plain data, and where each piece of it stands.

`Document` is the file; `Node` is a cursor into it that knows its path and location, which
is what the builders of policy elements work with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from engine.errors import Location, Problem

_VISIBLE = re.compile(r"\S")

Path = tuple[str | int, ...]
"""Keys and list positions from the top of the file: ``("tiers", "levels", "core")``."""


class Mark(NamedTuple):
    """Where an entry stands in the text: line, column and offset count from 0."""

    key_line: int
    key_column: int
    line: int
    column: int
    start: int
    end: int
    style: str | None
    """Of a scalar: None plain, or one of ``' " | >``."""


@dataclass(frozen=True)
class Document:
    """A file as read: `data` is a mapping with text keys, numbers are int or Decimal."""

    path: str
    """Under the root that it was read from."""
    file: str
    """As locations name it."""
    content: bytes
    text: str
    data: dict[str, Any]
    marks: dict[Path, Mark]
    problems: tuple[Problem, ...]
    """What is wrong with the text although it could be read to its end."""
    spoilt: frozenset[Path]
    """The values that one of `problems` is about; another stands in their place."""

    @property
    def root(self) -> Node:
        return Node(self, (), self.data)

    def key_location(self, path: Path) -> Location:
        """Of the key of a mapping entry; of the value in a list and at the top."""
        mark = self.marks[path]
        return Location(self.file, mark.key_line + 1, mark.key_column + 1)

    def value_location(self, path: Path) -> Location:
        mark = self.marks[path]
        return Location(self.file, mark.line + 1, mark.column + 1)

    def text_location(self, path: Path, offset: int) -> Location:
        """Of a character of a scalar's value, by its offset in the value.

        YAML folds the lines of a scalar but keeps its other characters, so the place is
        found by counting the characters that are not white space.
        """
        mark = self.marks[path]
        read = str(self._value(path))[:offset]
        position = mark.start
        if mark.style in ("|", ">"):
            position = self.text.find("\n", position) + 1
        elif mark.style:
            position += 1
        start, before = position, 0
        if self.text.startswith(read, position):  # nothing is folded or escaped up to there
            start += len(read)
        else:
            before = len("".join(read.split()))
        found = next(islice(_VISIBLE.finditer(self.text, start, mark.end), before, None), None)
        position = position if found is None else found.start()
        line = mark.line + self.text.count("\n", mark.start, position)
        column = position - (self.text.rfind("\n", 0, position) + 1)
        return Location(self.file, line + 1, column + 1)

    def _value(self, path: Path) -> Any:
        value: Any = self.data
        for part in path:
            value = value[part]
        return value


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a document, with its path. `key` is the last part of the path."""

    document: Document
    path: Path
    value: Any

    @property
    def key(self) -> str:
        return str(self.path[-1])

    @property
    def location(self) -> Location:
        """Of the element: its key in a mapping, the value itself in a list."""
        return self.document.key_location(self.path)

    @property
    def value_location(self) -> Location:
        return self.document.value_location(self.path)

    @property
    def is_quoted(self) -> bool:
        """Whether the value stands in quotes, as text does that looks like something else."""
        return bool(self.document.marks[self.path].style)

    def text_location(self, offset: int) -> Location:
        return self.document.text_location(self.path, offset)

    def __getitem__(self, key: str | int) -> Node:
        return Node(self.document, (*self.path, key), self.value[key])

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def get(self, key: str) -> Node | None:
        return self[key] if key in self.value else None

    def read(self, key: str, default: Any = None) -> Any:
        """The plain value of an entry, or the default."""
        return self.value.get(key, default)

    def entries(self, *keys: str) -> Iterator[Node]:
        """The entries of a mapping in the order written; of the mapping at `keys`, if any."""
        node: Node | None = self
        for key in keys:
            node = node.get(key) if node is not None else None
        if node is not None:
            yield from (node[key] for key in node.value)

    def elements(self) -> Sequence[Node]:
        """The elements of a list."""
        return [self[index] for index in range(len(self.value))]
