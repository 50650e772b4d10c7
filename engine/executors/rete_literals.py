"""Predicates → formulas over simple tests, which is all that a Rete network can match.

Kleene's logic has three values and a network only two: a rule fires or does not. So every
predicate is said twice, as *surely true* (all that it needs is there, and it holds) and as
*possibly true* (it holds, or something is missing that could make it hold). What is possibly
but not surely true is unknown. Negations are carried down to the tests, where an operator has
an opposite: a network must never match because something is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from engine.errors import Location
from engine.executors.rete_values import (
    LARGEST,
    SMALLEST,
    Columns,
    Encoding,
    MistypedError,
    marker_of,
)
from engine.language.operators import OPERATORS
from engine.model import Scalar
from engine.plan.steps import All, Any, ColumnRef, Comparison, Not, Predicate, Ranked


@dataclass(frozen=True)
class Test:
    """One operator of `OPERATORS` on a property; operands are integers or other properties."""

    __test__ = False  # not one of pytest's

    operator: str
    property: str
    operands: tuple[int | str, ...] = ()

    def to_json(self) -> dict[str, object]:
        operands = [one if isinstance(one, int) else {"$m": one} for one in self.operands]
        return OPERATORS[self.operator].rete(self.property, operands)


@dataclass(frozen=True)
class Literal:
    """Alternatives, of which no two hold at once; each is a chain of tests that must all hold.

    Every chain begins with a test that needs its property to be there, and comes to another
    property only after it has made sure of that one. `column` says which fact is asked.
    """

    column: str
    alternatives: tuple[tuple[Test, ...], ...]


@dataclass(frozen=True)
class Both:
    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Either:
    parts: tuple[Formula, ...]


Formula: TypeAlias = Literal | Both | Either | bool
"""A predicate without negations and unknowns; True and False are constants."""


class UnsayableError(Exception):
    """Something that durable-rules cannot say truthfully."""

    def __init__(self, reason: str, location: Location | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.location = location


@dataclass(frozen=True)
class Mode:
    """Which of its truths is asked of a predicate: of itself or of its negation (`holds`
    False), surely or possibly."""

    holds: bool = True
    possibly: bool = False

    @property
    def negated(self) -> Mode:
        return replace(self, holds=not self.holds)


SURELY = Mode()
POSSIBLY = Mode(possibly=True)


def formula(predicate: Predicate, columns: Columns, mode: Mode) -> Formula:
    """What must be matched for `predicate`. Raises `UnsayableError`."""
    if isinstance(predicate, Not):
        return formula(predicate.part, columns, mode.negated)
    if isinstance(predicate, All | Any):
        parts = [formula(part, columns, mode) for part in predicate.parts]
        return both(parts) if isinstance(predicate, All) == mode.holds else either(parts)
    if isinstance(predicate, Ranked):
        return _ranked(predicate, columns, mode)
    return _comparison(predicate, columns, mode)


def both(parts: Sequence[Formula]) -> Formula:
    """All of them; constants disappear."""
    rest = tuple(part for part in parts if part is not True)
    if False in rest:
        return False
    return Both(rest) if len(rest) > 1 else rest[0] if rest else True


def either(parts: Sequence[Formula]) -> Formula:
    """One of them; constants disappear."""
    rest = tuple(part for part in parts if part is not False)
    if True in rest:
        return True
    return Either(rest) if len(rest) > 1 else rest[0] if rest else False


def literals_of(found: Formula) -> Iterator[Literal]:
    if isinstance(found, Literal):
        yield found
    elif isinstance(found, Both | Either):
        for part in found.parts:
            yield from literals_of(part)


def properties_of(literal: Literal) -> Iterator[str]:
    """Every property that a literal reads."""
    for chain in literal.alternatives:
        for test in chain:
            yield test.property
            yield from (one for one in test.operands if isinstance(one, str))


# --- ranks -------------------------------------------------------------------------------


def _ranked(ranked: Ranked, columns: Columns, mode: Mode) -> Formula:
    """Beyond the cut-off, or on it and not after the last account that it admits.

    A rank is never unknown: where something is missing it is false. So it holds only surely,
    and its negation holds wherever it is possible.
    """
    column, place = ranked.column, ranked.location
    beyond = "gt" if ranked.side == "top" else "lt"

    def compare(left: str, operator: str, right: str) -> Comparison:
        return Comparison(left, operator, (ColumnRef(right),), ranked.written, place)

    inside: Predicate = Any(
        (
            compare(column, beyond, ranked.cutoff_value),
            All(
                (
                    compare(column, "eq", ranked.cutoff_value),
                    compare("account_no", "lte", ranked.cutoff_account),
                )
            ),
        )
    )
    if ranked.population is not None:
        member = Comparison(ranked.population, "eq", (True,), "", place)
        inside = All((member, inside))
    return formula(inside, columns, replace(mode, possibly=not mode.holds))


# --- comparisons -------------------------------------------------------------------------


def _comparison(comparison: Comparison, columns: Columns, mode: Mode) -> Formula:
    column, operator = comparison.column, comparison.operator
    if comparison.column not in columns.types:
        raise UnsayableError(f"the type of '{column}' is not known", comparison.location)
    if OPERATORS[operator].handles_missing:
        asked = operator if mode.holds else str(OPERATORS[operator].opposite)
        return _presence(column, asked, columns.encoding(column))
    if any(isinstance(one, ColumnRef) for one in comparison.operands):
        return _with_columns(comparison, columns, mode)
    encoding = columns.encoding(column)
    try:
        bounds = [encoding.literal(_scalar(one)) for one in comparison.operands]
    except MistypedError:
        reason = f"'{comparison.written}' is not of the type of '{column}'"
        raise UnsayableError(reason, comparison.location) from None
    return _with_literals(column, operator, bounds, encoding, mode)


def _scalar(operand: Scalar | ColumnRef) -> Scalar:
    assert not isinstance(operand, ColumnRef)
    return operand


def _presence(column: str, operator: str, encoding: Encoding) -> Literal:
    """`missing` and `present` are never unknown."""
    return Literal(column, ((_presence_test(column, operator, encoding),),))


def _presence_test(column: str, operator: str, encoding: Encoding) -> Test:
    if operator == "missing":
        return Test("missing", marker_of(column))
    return Test("present", encoding.property_of(column))


def _with_literals(
    column: str, operator: str, bounds: Sequence[tuple[int, int]], encoding: Encoding, mode: Mode
) -> Formula:
    if operator == "between":
        low, high = (
            _with_literals(column, name, [bound], encoding, mode)
            for name, bound in zip(("gte", "lte"), bounds, strict=True)
        )
        if mode.holds:
            return both((low, high))
        if bounds[0][0] > bounds[1][1]:  # below the one or above the other, and often both
            return mode.possibly or _presence(column, "present", encoding)
        return _merged(column, low, high)
    asked = operator if mode.holds else str(OPERATORS[operator].opposite)
    name = encoding.property_of(column)
    if asked in ("in", "not_in", "eq", "ne"):
        chain = _equality(asked, name, bounds)
    else:
        chain = _order(asked, name, bounds[0])
    chains: tuple[tuple[Test, ...], ...] = () if chain is None else (chain,)
    if mode.possibly:
        chains = ((_presence_test(column, "missing", encoding),), *chains)
    return Literal(column, chains) if chains else False


def _equality(
    operator: str, name: str, bounds: Sequence[tuple[int, int]]
) -> tuple[Test, ...] | None:
    """None if no value can pass; a value between two integers equals no integer."""
    whole = sorted({low for low, high in bounds if low == high and SMALLEST <= low <= LARGEST})
    if whole:
        if len(whole) == 1:
            operator = "eq" if operator in ("eq", "in") else "ne"
        return (Test(operator, name, tuple(whole)),)
    return None if operator in ("eq", "in") else (Test("present", name),)


def _order(operator: str, name: str, bound: tuple[int, int]) -> tuple[Test, ...] | None:
    """A comparison with a number between two integers is one with its neighbour."""
    low, high = bound
    limit = low if operator in ("gt", "lte") else high
    if SMALLEST <= limit <= LARGEST:
        return (Test(operator, name, (limit,)),)
    above = limit > LARGEST
    never = operator in ("gt", "gte") if above else operator in ("lt", "lte")
    return None if never else (Test("present", name),)


def _merged(column: str, *parts: Formula) -> Formula:
    """One literal of alternatives that cannot hold at once, instead of several."""
    chains: dict[tuple[Test, ...], None] = {}
    for part in parts:
        if isinstance(part, Literal):
            chains.update(dict.fromkeys(part.alternatives))
    return Literal(column, tuple(chains)) if chains else False


def _with_columns(comparison: Comparison, columns: Columns, mode: Mode) -> Formula:
    """`between`, `in` and `not_in` are taken apart, since each bound may be unknown by itself."""
    operator = comparison.operator
    if operator == "between":
        pairs = zip(("gte", "lte"), comparison.operands, strict=True)
        apart: Predicate = All(tuple(_single(comparison, name, one) for name, one in pairs))
        return formula(apart, columns, mode)
    if operator in ("in", "not_in"):
        apart = Any(tuple(_single(comparison, "eq", one) for one in comparison.operands))
        return formula(apart if operator == "in" else Not(apart), columns, mode)
    [other] = comparison.operands
    assert isinstance(other, ColumnRef)
    column = comparison.column
    known = other.column in columns.types
    encoding = columns.shared_encoding(column, other.column) if known else None
    if encoding is None:
        reason = f"'{column}' and '{other.column}' are compared, and are not both numbers or days"
        raise UnsayableError(reason, comparison.location)
    asked = operator if mode.holds else str(OPERATORS[operator].opposite)
    name, other_name = encoding.property_of(column), encoding.property_of(other.column)
    # durable-rules reads whatever memory holds if the other property is not there.
    chains: list[tuple[Test, ...]] = [
        (Test("present", other_name), Test(asked, name, (other_name,)))
    ]
    if mode.possibly:
        missing = _presence_test(other.column, "missing", encoding)
        chains.append((Test("missing", marker_of(column)),))
        if other.column != column:
            chains.append((Test("present", name), missing))
    return Literal(column, tuple(chains))


def _single(comparison: Comparison, operator: str, operand: Scalar | ColumnRef) -> Comparison:
    return replace(comparison, operator=operator, operands=(operand,))
