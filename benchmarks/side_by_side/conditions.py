"""Rules as every engine can be told them: comparisons, `Both` and `Either`, and nothing else.

There are no negations, so that engines of two truths and of three agree: a comparison that
needs a value which is missing does not hold, and nothing turns that into something that does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["money", "number", "integer", "text", "boolean"]
Scalar: TypeAlias = float | int | str | bool

SYMBOLS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "==", "ne": "!="}
"""Operators of one operand, as most languages write them."""


def literal(value: Scalar) -> str:
    """As SQL and most languages of rules write it."""
    return f"'{value}'" if isinstance(value, str) else str(value).lower()


@dataclass(frozen=True)
class Column:
    """A fact about an account. `values` are the texts that there are."""

    name: str
    kind: Kind
    largest: float = 0
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Test:
    """`column operator operands`; `gt gte lt lte eq ne` take one operand, `between` two,
    `in` and `not_in` some, `missing` and `present` none. All but `missing` need a value."""

    __test__ = False  # not one of pytest's

    column: str
    operator: str
    operands: tuple[Scalar, ...] = ()


@dataclass(frozen=True)
class Pair:
    """`column operator other`, for two columns of one kind. Both need a value."""

    column: str
    operator: str
    other: str


@dataclass(frozen=True)
class Both:
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Either:
    parts: tuple[Condition, ...]


Condition: TypeAlias = Test | Pair | Both | Either


@dataclass(frozen=True)
class Rule:
    id: str
    condition: Condition


def comparisons(condition: Condition) -> Iterator[Test | Pair]:
    """The comparisons of a condition, in order."""
    if isinstance(condition, Test | Pair):
        yield condition
    else:
        for part in condition.parts:
            yield from comparisons(part)


# --- as a file, for the processes that are measured ---------------------------------------

_FORMS: dict[str, type[Test | Pair | Both | Either]] = {
    one.__name__: one for one in (Test, Pair, Both, Either)
}


def write_rules(rules: tuple[Rule, ...], file: Path) -> None:
    """Rules as JSON."""
    listed = [{"id": one.id, "condition": _written(one.condition)} for one in rules]
    file.write_text(json.dumps(listed), encoding="utf-8")


def read_rules(file: Path) -> tuple[Rule, ...]:
    """What `write_rules` wrote."""
    listed = json.loads(file.read_text(encoding="utf-8"))
    return tuple(Rule(one["id"], _read(one["condition"])) for one in listed)


def _written(condition: Condition) -> dict[str, Any]:
    form = type(condition).__name__
    if isinstance(condition, Both | Either):
        return {"form": form, "parts": [_written(part) for part in condition.parts]}
    return {"form": form, **asdict(condition)}


def _read(found: dict[str, Any]) -> Condition:
    form = _FORMS[found.pop("form")]
    if form in (Both, Either):
        return form(tuple(_read(part) for part in found["parts"]))
    return form(**{name: tuple(one) if name == "operands" else one for name, one in found.items()})  # type: ignore[arg-type]
