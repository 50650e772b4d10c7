"""The one place where text from a file or a policy becomes part of a statement."""

from __future__ import annotations

from collections.abc import Iterable


def literal(text: str) -> str:
    """A SQL string with this value.

    >>> literal("O'Neill")
    "'O''Neill'"
    """
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted name.

    >>> print(identifier('5" pipe'))
    "5"" pipe"
    """
    return '"' + name.replace('"', '""') + '"'


def file_literal(path: str) -> str:
    """A path for a reader that would otherwise take ``* ? [`` in it for a pattern."""
    return literal("".join(f"[{letter}]" if letter in "*?[" else letter for letter in path))


def choices(values: Iterable[str]) -> str:
    """The right side of `IN`."""
    return "(" + ", ".join(literal(value) for value in values) + ")"


def every(conditions: Iterable[str]) -> str:
    return " AND ".join(f"({condition})" for condition in conditions) or "true"
