"""YAML, strictly: only what a person can mean in one way, and where it stands.

Read from the parser's events, in one pass without recursion, so that neither a deeply
nested file nor one whose aliases multiply can harm the process. The differences from YAML
as PyYAML reads it: only ``true`` and ``false`` are booleans; numbers are whole or decimal,
exact, and never octal, hexadecimal, sexagesimal or with an exponent; dates stay text; keys
are text; no tags, no merge keys, no duplicate keys, one document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml

from engine.errors import KamError, Location, Problem, problem
from engine.language.documents import Document, Mark, Path
from engine.language.full_width import full_width_in_text
from engine.language.reading_hints import NUMBER, syntax_problem, unclear_number
from engine.language.symbols import symbol_hint_on
from engine.language.texts import SIZE_LIMIT, Texts

DEPTH_LIMIT = 64
ALIAS_LIMIT = 10_000
NODE_LIMIT = 100_000

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

ALMOST_NUMBER = re.compile(
    r"[-+]?(0[xob][0-9a-fA-F_]+|[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?"
    r"|\.[0-9]+([eE][-+]?[0-9]+)?|\.(inf|Inf|INF)|\.(nan|NaN|NAN))"
)
CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|\r(?!\n)"
    "|[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
"""What an editor does not show, or shows as something else: control characters, line ends
that are none to most programs, spaces without width, and marks that turn text around."""
NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def read_yaml(path: str, texts: Texts) -> Document:
    """Read one file. Problems that leave the data readable are in `Document.problems`.

    Raises `KamError` if the file cannot be read to its end or is not a mapping.
    """
    return parse_yaml(texts.read(path), path, texts.shown(path))


@lru_cache(maxsize=64)  # packs share files, and nobody changes what was read
def parse_yaml(content: bytes, path: str, file: str | None = None) -> Document:
    """Read the bytes of a file; see `read_yaml`.

    >>> parse_yaml(b"share: 20%\\ncount: 010\\n", "x.yaml").problems[0].code
    'unclear-number'
    """
    shown = file or path
    if len(content) > SIZE_LIMIT:
        raise problem("file-too-big", "the file is too big", Location(shown))
    text = decode(content, shown)
    builder = Builder(shown, text)
    data = builder.build()
    if data is None:
        raise problem("empty-file", "the file is empty", Location(shown))
    if not isinstance(data, dict):
        raise problem(
            "not-a-mapping",
            "the file must hold sections, each a key followed by a colon",
            Location(shown, builder.marks[()].line + 1, builder.marks[()].column + 1),
            full_width_in_text(text) or "for example 'measures:'",
        )
    return Document(
        path,
        shown,
        content,
        text,
        data,
        builder.marks,
        tuple(builder.problems),
        frozenset(builder.spoilt),
    )


def decode(content: bytes, file: str) -> str:
    """The text of a file. Raises `KamError` unless it is clean UTF-8 without a mark."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise problem("not-utf-8", "the file is UTF-16", Location(file), "save it as UTF-8")
    if content.startswith(b"\xef\xbb\xbf"):
        message = "the file begins with a byte order mark"
        raise problem("byte-order-mark", message, Location(file), "save it as UTF-8 without BOM")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        place = place_of(file, before, len(before))
        hint = "save it as UTF-8" + (" (it looks like GBK)" if is_gbk(content) else "")
        raise problem("not-utf-8", "the file is not UTF-8 text", place, hint) from error
    control = CONTROL.search(text)
    if control:
        raise problem(
            "control-character",
            f"there is an invisible character (U+{ord(control.group()):04X}) in the file",
            place_of(file, text, control.start()),
            "remove it, for example by typing the line again",
        )
    return text


def is_gbk(content: bytes) -> bool:
    try:
        content.decode("gbk")
    except UnicodeDecodeError:
        return False
    return True


def place_of(file: str, text: str, offset: int) -> Location:
    line = text.count("\n", 0, offset)
    return Location(file, line + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1)


class Builder:
    """Turns the events of one file into plain data and marks."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.marks: dict[Path, Mark] = {}
        self.problems: list[Problem] = []
        self.anchors: dict[str, tuple[Any, Path]] = {}
        self.open_anchors: list[str | None] = []
        # What is being read, None at the top, and where it stands; then what is around it.
        self.parent: dict[str, Any] | list[Any] | None = None
        self.path: Path = ()
        self.stack: list[tuple[Any, Path]] = []
        self.key: tuple[str, Any] | None = None
        self.duplicates: list[tuple[dict[str, Any], str]] = []
        self.grafted = 0
        self.spoilt: set[Path] = set()
        self.documents = 0
        self.result: Any = None

    def build(self) -> Any:
        read: Mapping[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self.scalar,
            yaml.MappingStartEvent: self.mapping,
            yaml.SequenceStartEvent: self.sequence,
            yaml.MappingEndEvent: self.end,
            yaml.SequenceEndEvent: self.end,
            yaml.AliasEvent: self.alias,
            yaml.DocumentStartEvent: self.document,
        }
        for event in self.events():
            reading = read.get(type(event))
            if reading is not None:
                reading(event)
            if len(self.marks) > NODE_LIMIT:
                self.stop("file-too-big", f"the file has more than {NODE_LIMIT} values", event)
        for mapping, name in self.duplicates:
            mapping.pop(name, None)
        return self.result

    def events(self) -> Iterator[Any]:
        loader = Loader(self.text)
        try:
            yield from iter(loader.get_event, None)
        except yaml.YAMLError as error:
            raise KamError((*self.problems, syntax_problem(error, self.file, self.text))) from error
        finally:
            loader.dispose()

    # --- events ----------------------------------------------------------------------

    def document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self.stop(
                "more-than-one-document",
                "the file holds more than one document",
                event,
                "remove the line '---' or use two files",
            )

    def scalar(self, event: Any) -> None:
        if self.key is None and isinstance(self.parent, dict):
            self.take_key(event, self.parent)
            return
        if event.tag is not None:
            self.refuse_tag(event)
        path = self.place(event)
        value = event.value if event.style else self.plain(event, path)
        if event.style == ">" and not event.value.strip():
            self.check_folded(event, path)
        if event.anchor:
            self.anchors[event.anchor] = (value, path)
        self.attach(path, value)

    def mapping(self, event: Any) -> None:
        self.start(event, {})

    def sequence(self, event: Any) -> None:
        self.start(event, [])

    def start(self, event: Any, container: dict[str, Any] | list[Any]) -> None:
        if self.key is None and isinstance(self.parent, dict):
            self.stop(
                "key-not-text",
                "a key must be plain text",
                event,
                "put quotes around text that begins with { or [",
            )
        if event.tag is not None:
            self.refuse_tag(event)
        path = self.place(event)
        if len(path) >= DEPTH_LIMIT:
            self.stop_at_depth(event)
        self.attach(path, container)
        self.stack.append((self.parent, self.path))
        self.parent, self.path = container, path
        self.open_anchors.append(event.anchor)

    def end(self, event: Any) -> None:
        path = self.path
        anchor = self.open_anchors.pop()
        if anchor:
            self.anchors[anchor] = (self.parent, path)
        start = self.marks[path]
        self.marks[path] = Mark(*start[:5], event.end_mark.index, start.style)
        self.parent, self.path = self.stack.pop()

    def alias(self, event: Any) -> None:
        if self.key is None and isinstance(self.parent, dict):
            self.stop("key-not-text", "a key must be plain text", event, "write the key out")
        if event.anchor in self.open_anchors:
            self.stop("recursive-alias", f"'*{event.anchor}' stands inside what it names", event)
        if event.anchor not in self.anchors:
            self.stop("unknown-anchor", f"there is no anchor '&{event.anchor}' above", event)
        value, source = self.anchors[event.anchor]
        path = self.place(event)
        self.graft(event, value, source, path)
        self.attach(path, value)

    # --- pieces ----------------------------------------------------------------------

    def place(self, event: Any) -> Path:
        """The path of the value that begins here; remembers its mark."""
        start = key = event.start_mark
        if self.key is not None:
            name, key = self.key
            path = (*self.path, name)
        elif self.parent is not None:
            path = (*self.path, len(self.parent))
        else:
            path = ()
        self.marks[path] = Mark(
            key.line,
            key.column,
            start.line,
            start.column,
            start.index,
            event.end_mark.index,
            event.style if type(event) is yaml.ScalarEvent else None,
        )
        return path

    def attach(self, path: Path, value: Any) -> None:
        if isinstance(self.parent, dict):
            self.parent[str(path[-1])] = value
            self.key = None
        elif self.parent is not None:
            self.parent.append(value)
        else:
            self.result = value

    def take_key(self, event: Any, parent: dict[str, Any]) -> None:
        if event.tag is not None:
            self.refuse_tag(event)
        name = event.value
        if not event.style and name == "<<":
            self.stop(
                "merge-key",
                "'<<' is not part of the language",
                event,
                "write the entries out, or share a section through include:",
            )
        elif not event.style and name in NULLS:
            self.stop("key-not-text", "the key is empty", event)
        if name in parent:
            first = self.marks[(*self.path, name)].key_line + 1
            self.report(
                "duplicate-key",
                f"'{name}' is already written on line {first}",
                event,
                "keep one of the two",
            )
            # The second value is read beside the first, to find its own problems.
            name = f"{name}\0{len(self.duplicates)}"
            self.duplicates.append((parent, name))
        self.key = (name, event.start_mark)

    def plain(self, event: Any, path: Path) -> Any:
        """The value of a scalar without quotes."""
        text: str = event.value
        if text in NULLS:
            return None
        if text in ("true", "false"):
            return text == "true"
        if text[0] in "0123456789-+." and ALMOST_NUMBER.fullmatch(text):
            if NUMBER.fullmatch(text):
                return Decimal(text) if "." in text else int(text)
            self.spoilt.add(path)
            message, hint = unclear_number(text, path)
            self.report("unclear-number", message, event, hint)
            return 0
        return text

    def check_folded(self, event: Any, path: Path) -> None:
        """A text of several lines without any: ``lines: >3`` was meant as a comparison."""
        line = self.line_of(event)
        hint = symbol_hint_on(line, event.start_mark.column)
        if hint is not None:
            self.spoilt.add(path)
            self.report("yaml-syntax", "'>' begins text on the lines below", event, hint)

    def line_of(self, event: Any) -> str:
        """The line on which an event begins."""
        start = event.start_mark.index - event.start_mark.column
        return self.text[start:].partition("\n")[0]

    def graft(self, event: Any, value: Any, source: Path, target: Path) -> None:
        """Give an aliased value marks at its new path: those of where it is written."""
        pending = [(value, source, target)]
        while pending:
            part, old, new = pending.pop()
            self.grafted += 1
            if self.grafted > ALIAS_LIMIT:
                self.stop(
                    "too-many-aliases",
                    f"the aliases of this file stand for more than {ALIAS_LIMIT} values",
                    event,
                    "write the values out",
                )
            if len(new) >= DEPTH_LIMIT:
                self.stop_at_depth(event)
            if new != target:
                self.marks[new] = self.marks[old]
            if isinstance(part, dict):
                pending.extend((item, (*old, key), (*new, key)) for key, item in part.items())
            elif isinstance(part, list):
                pending.extend((item, (*old, i), (*new, i)) for i, item in enumerate(part))

    # --- problems --------------------------------------------------------------------

    def refuse_tag(self, event: Any) -> None:
        if event.tag != "!":
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.stop(
                "tag-not-allowed",
                f"the tag '{tag}' is not part of the language",
                event,
                symbol_hint_on(self.line_of(event), event.start_mark.column)
                or "put the value in quotes to make it text",
            )

    def report(self, code: str, message: str, event: Any, hint: str | None = None) -> None:
        mark = event.start_mark
        place = Location(self.file, mark.line + 1, mark.column + 1)
        self.problems.append(Problem(code, message, place, hint))

    def stop(self, code: str, message: str, event: Any, hint: str | None = None) -> None:
        self.report(code, message, event, hint)
        raise KamError(self.problems)

    def stop_at_depth(self, event: Any) -> None:
        message = f"the file nests deeper than {DEPTH_LIMIT} levels"
        self.stop("nested-too-deeply", message, event)
