"""Can a set of conditions hold at once? A small tableau over regions.

Each condition comes with a `Mode`: it must be true, false, not true (false or unknown) or
not false (true or unknown); so missing values are reasoned about as Kleene's logic treats
them. A test constrains its subject to a `Region`; what cannot be expressed so constrains
nothing. Therefore "impossible" is a proof, and "possible" comes with a witness that is
only as good as the tests that were understood.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from engine.language.checks.facts import SCALES, Fact
from engine.language.checks.regions import (
    ANY_WORD,
    Interval,
    Numbers,
    Region,
    Values,
    Words,
    common,
    numbers,
    union,
    words,
)
from engine.model import (
    NUMERIC_TYPES,
    AllOf,
    AnyOf,
    Condition,
    MeasureRef,
    NoneOf,
    Operand,
    ParameterRef,
    Scalar,
    Test,
)

Mode = Literal["true", "false", "not_true", "not_false"]
Goal = tuple[Condition, Mode]
Context = Mapping[str, Region]
Literals = Iterable[tuple[str, Region]]

STEPS_AT_MOST = 5000
"""Beyond that the question counts as too hard, and as possible."""

_OPPOSITE: Mapping[Mode, Mode] = {
    "true": "false",
    "false": "true",
    "not_true": "not_false",
    "not_false": "not_true",
}
_NUMBERED = NUMERIC_TYPES | {"date", "datetime"}
_SIGNS: Mapping[str, frozenset[str]] = {
    "eq": frozenset("="),
    "ne": frozenset("<>"),
    "gt": frozenset(">"),
    "gte": frozenset(">="),
    "lt": frozenset("<"),
    "lte": frozenset("<="),
}
_FLIPPED = str.maketrans("<>", "><")


@dataclass(frozen=True)
class Knowledge:
    """What the tests are about: the facts, and the values of the parameters, by name."""

    facts: Mapping[str, Fact]
    parameters: Mapping[str, Scalar]
    _asked: dict[tuple[Test, Mode], Literals] = field(default_factory=dict, compare=False)

    def literals(self, test: Test, mode: Mode) -> Literals:
        """As `literals`; the same test stands in many questions."""
        found = self._asked.get((test, mode))
        if found is None:
            found = self._asked[test, mode] = tuple(literals(test, mode, self))
        return found

    def universe(self, subject: str) -> Region:
        """Every value that a subject may have."""
        fact = self.facts.get(subject)
        if fact is None:
            return Region(ANY_WORD, missing=True)
        return Region(universe_of(fact), fact.can_be_missing)


def universe_of(fact: Fact) -> Values:
    """Every value of a fact that is there."""
    if fact.type in _NUMBERED:
        return numbers([Interval(fact.low, fact.high)], fact.is_whole)
    if fact.type == "boolean":
        return words("true", "false")
    return words(*fact.values) if fact.values else ANY_WORD


@dataclass
class Solver:
    """Looks for values that meet all goals; `steps` counts what it has tried."""

    knowledge: Knowledge
    steps: int = field(default=0, init=False)

    def solve(self, goals: Iterable[Goal], given: Context | None = None) -> Context | None:
        """Regions that meet every goal, or None if nothing can; `{}` if it is too hard."""
        self.steps = 0
        try:
            return self._solve(list(goals), [], dict(given or {}))
        except _TooHardError:
            return {}

    def is_possible(self, *goals: Goal, given: Context | None = None) -> bool:
        return self.solve(goals, given) is not None

    def _solve(
        self, goals: list[Goal], choices: list[list[Goal]], context: dict[str, Region]
    ) -> Context | None:
        """Meet what leaves no choice first; then try the alternatives one by one."""
        while goals:
            self._count()
            condition, mode = goals.pop()
            if isinstance(condition, Test):
                if not self._assume(context, condition, mode):
                    return None
                continue
            parts, all_of_them = _decompose(condition, mode)
            if all_of_them:
                goals.extend(parts)
            else:
                choices = [*choices, parts]
        if not choices:
            return context
        for alternative in choices[0]:
            found = self._solve([alternative], choices[1:], dict(context))
            if found is not None:
                return found
        return None

    def _assume(self, context: dict[str, Region], test: Test, mode: Mode) -> bool:
        """Narrow the context to what the test asks for; false if nothing is left."""
        for subject, region in self.knowledge.literals(test, mode):
            known = context.get(subject) or self._first(subject)
            context[subject] = narrowed = known.intersect(region)
            if narrowed.is_empty:
                return False
        return True

    def _first(self, subject: str) -> Region:
        if subject in self.knowledge.facts:
            return self.knowledge.universe(subject)
        if subject.startswith(("top ", "bottom ")):
            return Region(_RANKS, missing=True)
        return Region(ANY_WORD, missing=True)

    def _count(self) -> None:
        self.steps += 1
        if self.steps > STEPS_AT_MOST:
            raise _TooHardError


class _TooHardError(Exception):
    pass


def _decompose(condition: AllOf | AnyOf | NoneOf, mode: Mode) -> tuple[list[Goal], bool]:
    """The goals of the parts, and whether all of them are needed or one is enough."""
    inner = _OPPOSITE[mode] if isinstance(condition, NoneOf) else mode
    holds = mode in ("true", "not_false")
    all_of_them = holds != isinstance(condition, AnyOf)
    return [(part, inner) for part in condition.parts], all_of_them


# --- tests as regions ---------------------------------------------------------------------

_RANKS = Numbers((Interval(Decimal(0), Decimal(1), low_open=True),))
"""Where an account stands in its population, as a share: 5% is ``Decimal("0.05")``."""


def literals(test: Test, mode: Mode, knowledge: Knowledge) -> Literals:
    """What a test asks of which subject; nothing if it cannot be said by regions.

    >>> from engine.errors import Location
    >>> from engine.model import Quantity
    >>> here = Location("x")
    >>> facts = {"n": Fact("n", "integer", here)}
    >>> test = Test("n", "gt", (Quantity(Decimal(2), "2", here),), here)
    >>> [(_, region)] = literals(test, "true", Knowledge(facts, {}))
    >>> region.values.intervals[0].low, region.missing
    (Decimal('3'), False)
    """
    fact = knowledge.facts.get(test.subject)
    if fact is None:
        return ()
    if test.operator == "missing":
        return _missing(test, fact, mode)
    if any(isinstance(operand, MeasureRef) for operand in test.operands):
        return _against_measure(test, mode, knowledge)
    operands = [_value(operand, knowledge) for operand in test.operands]
    if any(operand is None for operand in operands):
        return ()
    values = [operand for operand in operands if operand is not None]
    if test.operator in ("top", "bottom"):
        return _ranked(test, fact, mode, values[0])
    satisfying = satisfying_values(fact, test.operator, values)
    if satisfying is None:
        return ()
    return ((test.subject, _in_mode(satisfying, universe_of(fact), mode)),)


def _in_mode(satisfying: Values, universe: Values, mode: Mode) -> Region:
    values = satisfying if mode in ("true", "not_false") else satisfying.complement()
    return Region(common(values, universe), mode in ("not_true", "not_false"))


def _value(operand: Operand, knowledge: Knowledge) -> Scalar | None:
    if isinstance(operand, ParameterRef):
        return knowledge.parameters.get(operand.name)
    return None if isinstance(operand, MeasureRef) else operand.value


def _missing(test: Test, fact: Fact, mode: Mode) -> Literals:
    wanted = getattr(test.operands[0], "value", None)
    if not isinstance(wanted, bool):
        return ()
    if wanted == (mode in ("true", "not_false")):
        return ((fact.name, Region(words(), missing=True)),)
    return ((fact.name, _present(fact)),)


def _present(fact: Fact) -> Region:
    return Region(universe_of(fact), missing=False)


def _ranked(test: Test, fact: Fact, mode: Mode, share: Scalar) -> Literals:
    """`top` and `bottom` are false, not unknown, for a missing value."""
    if not isinstance(share, Decimal):
        return ()
    rank = f"{test.operator} {test.subject}"
    within = numbers([Interval(Decimal(0), share, low_open=True)])
    if mode in ("true", "not_false"):
        return ((rank, Region(within, missing=False)), (fact.name, _present(fact)))
    return ((rank, Region(common(within.complement(), _RANKS), missing=True)),)


def _against_measure(test: Test, mode: Mode, knowledge: Knowledge) -> Literals:
    """Another fact: which of ``< = >`` hold between the two, in the order of their names."""
    operand = test.operands[0]
    signs = _SIGNS.get(test.operator)
    if not isinstance(operand, MeasureRef) or operand.name not in knowledge.facts:
        return
    if mode in ("true", "false"):
        for name in (test.subject, operand.name):
            yield name, _present(knowledge.facts[name])
    if signs is not None:
        one, other = test.subject, operand.name
        if other < one:
            one, other = other, one
            signs = frozenset(sign.translate(_FLIPPED) for sign in signs)
        yield f"{one} ? {other}", _in_mode(Words(signs), words("<", "=", ">"), mode)


def satisfying_values(fact: Fact, operator: str, operands: list[Scalar]) -> Values | None:
    """The values for which `operator operands` is true; None if that cannot be said."""
    if fact.type in _NUMBERED:
        return _satisfying_numbers(fact, operator, operands)
    if fact.type == "ordinal" and operator in _ORDERED:
        return _satisfying_ordinals(fact, operator, operands)
    listed = words(*(_word(operand) for operand in operands))
    if not _fits(fact, operands):
        return None
    if operator in ("eq", "in"):
        return listed
    return listed.complement() if operator in ("ne", "not_in") else None


def _fits(fact: Fact, operands: list[Scalar]) -> bool:
    """Whether the operands are words that the fact may have; the checks of types say more."""
    if fact.type == "boolean":
        return all(isinstance(operand, bool) for operand in operands)
    known = fact.values
    return all(isinstance(one, str) and (not known or one in known) for one in operands)


_ORDERED = frozenset({"gt", "gte", "lt", "lte", "between"})


def _satisfying_numbers(fact: Fact, operator: str, operands: list[Scalar]) -> Values | None:
    points = [_number(operand) for operand in operands]
    known = [point for point in points if point is not None]
    scale = SCALES.get(fact.type)
    outside = scale is not None and any(not scale[0] <= one <= scale[1] for one in known)
    if outside or len(known) != len(points):
        return None  # the checks of types say what is wrong
    if operator in _ORDERED:
        return numbers([_interval(operator, known)], fact.is_whole)
    found: Values = numbers([], fact.is_whole)
    for point in known:
        found = union(found, numbers([Interval(point, point)], fact.is_whole))
    return found if operator in ("eq", "in") else found.complement()


def _interval(operator: str, points: list[Decimal]) -> Interval:
    if operator == "between":
        return Interval(points[0], points[1])
    if operator in ("gt", "gte"):
        return Interval(low=points[0], low_open=operator == "gt")
    return Interval(high=points[0], high_open=operator == "lt")


def _satisfying_ordinals(fact: Fact, operator: str, operands: list[Scalar]) -> Values | None:
    order = fact.values
    if any(operand not in order for operand in operands):
        return None
    ranks = [Decimal(order.index(str(operand))) for operand in operands]
    admitted = numbers([_interval(operator, ranks)])
    return words(
        *(
            value
            for rank, value in enumerate(order)
            if not admitted.intersect(numbers([Interval(Decimal(rank), Decimal(rank))])).is_empty
        )
    )


def _number(value: Scalar) -> Decimal | None:
    if isinstance(value, Decimal):
        return value
    return Decimal(value.toordinal()) if isinstance(value, date) else None


def _word(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def tests_about(condition: Condition, subject: str) -> Iterator[Test]:
    """The tests of one subject."""
    if isinstance(condition, Test):
        if condition.subject == subject:
            yield condition
    else:
        for part in condition.parts:
            yield from tests_about(part, subject)
