"""Conditions as a policy writes them: comparisons, and how they are joined."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Location
from engine.model.values import Operand


@dataclass(frozen=True)
class Test:
    """One comparison: `subject operator operands`.

    `subject` names a measure, scorecard, account column or `tier`; inside `where:` it
    names a column of the record table. `between` has two operands, `in` and `not_in` any
    number, `missing` one boolean, `top` and `bottom` one ratio, every other operator one.
    """

    __test__ = False  # not a test case, whatever pytest thinks of the name

    subject: str
    operator: str
    operands: tuple[Operand, ...]
    location: Location


@dataclass(frozen=True)
class AllOf:
    """True if every part is; false if one is false; else unknown (Kleene)."""

    parts: tuple[Condition, ...]
    location: Location


@dataclass(frozen=True)
class AnyOf:
    """True if one part is; false if every part is false; else unknown (Kleene)."""

    parts: tuple[Condition, ...]
    location: Location


@dataclass(frozen=True)
class NoneOf:
    """The negation of `AnyOf`."""

    parts: tuple[Condition, ...]
    location: Location


Condition = Test | AllOf | AnyOf | NoneOf
