"""An explanation, or anything that is made of its nodes, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal

from engine.audit.records import Masked
from engine.errors import Location


def to_json(node: object) -> object:
    """The tree as dictionaries, lists and JSON scalars.

    Decimals become strings, so that no digit is lost; dates are ISO 8601; a place in a
    file is ``file:line:column``. What the reader may not see is null, and named in ``masked``.
    """
    if isinstance(node, Masked):
        return None
    if isinstance(node, Location | Decimal):
        return str(node)
    if isinstance(node, date):
        return node.isoformat()
    if is_dataclass(node):
        kind = {"node": _KINDS[type(node).__name__]} if type(node).__name__ in _KINDS else {}
        values = {one.name: getattr(node, one.name) for one in fields(node)}
        masked = [name for name, value in values.items() if is_masked(value)]
        told = {"masked": masked} if masked else {}
        return kind | {name: to_json(value) for name, value in values.items()} | told
    if isinstance(node, Mapping):
        return {key: to_json(value) for key, value in node.items()}
    if isinstance(node, tuple | list):
        return [to_json(part) for part in node]
    return node


def is_masked(value: object) -> bool:
    """Whether the reader may not see a value, or one of a list of them."""
    if isinstance(value, tuple):
        return any(isinstance(one, Masked) for one in value)
    return isinstance(value, Masked)


_KINDS = {"TestNode": "test", "GroupNode": "group"}
