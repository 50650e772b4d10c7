"""The names of the fields of dataclasses, of which a plan or an explanation has thousands."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache


@cache
def field_names(kind: type) -> tuple[str, ...] | None:
    """The names of the fields of a dataclass, in their order; None of any other class."""
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else None
