"""What a condition turns on, and whether somebody answers for its numbers.

Where a document contradicts itself or says too little, a policy decides: in the rule, or in
a parameter that has an owner. What somebody answers for is decided, and no finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from engine.errors import Location
from engine.language.checks.facts import TIER, Fact
from engine.language.checks.regions import Interval, Region, Words
from engine.language.checks.solver import Knowledge
from engine.language.checks.walk import tests
from engine.language.operators import OPERATORS
from engine.model import (
    AllOf,
    AnyOf,
    Condition,
    Measure,
    Name,
    Operand,
    Operation,
    ParameterRef,
    Policy,
    Population,
    Quantity,
    Scalar,
    Test,
)


def needed_parts(condition: Condition) -> Iterator[Condition]:
    """The parts that must all be true, whatever is joined inside them."""
    if isinstance(condition, AllOf):
        for part in condition.parts:
            yield from needed_parts(part)
    else:
        yield condition


def needed_tests(condition: Condition) -> Iterator[Test]:
    """The tests among them."""
    yield from (part for part in needed_parts(condition) if isinstance(part, Test))


def sole_tests(condition: Condition) -> Iterator[Test]:
    """The tests each of which makes the condition true for some tier, with no other's help.

    A comparison that stands beside another may only say for which accounts that one counts.
    """
    if isinstance(condition, AnyOf):
        for part in condition.parts:
            yield from sole_tests(part)
        return
    parts = [part for part in needed_parts(condition) if not _is_about_tier(part)]
    if len(parts) == 1 and isinstance(parts[0], Test):
        yield parts[0]
    elif len(parts) == 1 and isinstance(parts[0], AnyOf):
        yield from sole_tests(parts[0])


def _is_about_tier(condition: Condition) -> bool:
    return isinstance(condition, Test) and condition.subject == TIER


def is_answered_for(operand: Operand, policy: Policy) -> bool:
    """Whether an operand is a parameter that has an owner."""
    if not isinstance(operand, ParameterRef):
        return False
    parameter = policy.parameters.get(operand.name)
    return parameter is not None and parameter.owner is not None


def value_of(operand: Operand, knowledge: Knowledge) -> Scalar | None:
    """A literal, or the value of a parameter; None for another measure."""
    if isinstance(operand, Quantity):
        return operand.value
    return knowledge.parameters.get(operand.name) if isinstance(operand, ParameterRef) else None


def same_condition(one: object, other: object) -> bool:
    """Whether two conditions are written alike, wherever they stand."""
    return _without_places(one) == _without_places(other)


def _without_places(value: object) -> object:
    if isinstance(value, tuple | list):
        return tuple(_without_places(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        kept = (getattr(value, field.name) for field in fields(value))
        parts = [_without_places(part) for part in kept if not isinstance(part, Location)]
        return (type(value).__name__, *parts)
    return value


def share_of(measure: Measure | None) -> str | None:
    """``x`` if the measure is ``x / total(x)``: what the account has of a whole."""
    tree = None if measure is None or measure.formula is None else measure.formula.tree
    if not isinstance(tree, Operation) or tree.operator != "/":
        return None
    part, whole = tree.arguments
    if not isinstance(part, Name) or not isinstance(whole, Population):
        return None
    return part.name if (whole.function, whole.measure) == ("total", part.name) else None


# --- in the words of a message ------------------------------------------------------------

_PERCENT = Decimal("0.01")


def shown(number: Decimal, fact: Fact) -> str:
    """A value of a fact.

    >>> shown(Decimal("0.039"), Fact("share", "ratio", Location("x")))
    '3.9%'
    """
    if fact.type in ("date", "datetime"):
        return date.fromordinal(int(number)).isoformat()
    if fact.type == "ratio":
        return percent(number)
    return f"{number.normalize():f}"


def percent(number: Decimal) -> str:
    """A share: ``Decimal("0.20")`` is ``20%``."""
    return f"{(number * 100).normalize():f}%"


def example(region: Region, fact: Fact) -> str | None:
    """A value out of a region; None if it has only missing or unnamed ones."""
    values = region.values
    if isinstance(values, Words):
        return f"'{min(values.listed)}'" if values.listed and not values.all_but else None
    return shown(_inside(values.intervals[0], fact), fact) if values.intervals else None


def _inside(interval: Interval, fact: Fact) -> Decimal:
    """A value beside the bound, where there is one: 21% for everything above 20%."""
    number = interval.witness()
    if fact.type == "ratio" and interval.low is None and interval.high is not None:
        number = interval.high - _PERCENT if interval.high_open else interval.high
    elif fact.type == "ratio" and interval.high is None and interval.low is not None:
        number = interval.low + _PERCENT if interval.low_open else interval.low
    return number.to_integral_value(ROUND_FLOOR) if fact.is_whole else number


def asked(test: Test, knowledge: Knowledge) -> str:
    """A test with the values of its parameters: ``'share' ≥ 8%``."""
    fact = knowledge.facts.get(test.subject)
    values = [_operand(operand, fact, knowledge) for operand in test.operands]
    symbol = OPERATORS[test.operator].symbol.en
    if test.operator == "between" and len(values) == 2:
        return f"'{test.subject}' between {values[0]} and {values[1]}"
    return f"'{test.subject}' {symbol} {', '.join(values)}"


def _operand(operand: Operand, fact: Fact | None, knowledge: Knowledge) -> str:
    if isinstance(operand, Quantity):
        return operand.text
    value = value_of(operand, knowledge)
    if isinstance(value, Decimal) and fact is not None:
        return shown(value, fact)
    return f"'{operand.name}'" if value is None else str(value)


def subjects(condition: Condition) -> tuple[str, ...]:
    """What a condition compares, each once, in the order written."""
    return tuple(dict.fromkeys(test.subject for test in tests(condition)))
