"""What parts of a plan are compiled to says what the parts say, walked through one by one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Location
from engine.executors.identity import ByIdentity
from engine.executors.predicates import (
    Lookup,
    Truth,
    all_of,
    any_of,
    negation,
    operand_values,
    truth_of,
)
from engine.language.operators import OPERATORS
from engine.plan.steps import All, Any, ColumnRef, Comparison, Not, Predicate, Ranked

HERE = Location("pack.yaml", 1, 1)
DAY = date(2026, 6, 30)
MOMENT = datetime(2026, 6, 30, 23, 59)

NUMBERS = st.one_of(
    st.none(),
    st.integers(-2, 2),
    st.sampled_from([-1.5, 0.0, 0.1, 2.0]),
    st.sampled_from([Decimal("0.10"), Decimal("-1.5"), Decimal(2)]),
)
DAYS = st.one_of(
    st.none(),
    st.sampled_from([DAY, MOMENT, DAY - timedelta(days=1), MOMENT + timedelta(days=1)]),
)
TEXTS = st.one_of(st.none(), st.sampled_from(["", "A", "B", "C"]))
VALUES = {"number": NUMBERS, "other": NUMBERS, "day": DAYS, "other_day": DAYS, "text": TEXTS}
BESIDE = {"number": "other", "day": "other_day"}
LITERALS = {
    "number": st.sampled_from([Decimal(-1), Decimal("0.1"), Decimal(0), Decimal(2)]),
    "day": st.sampled_from([DAY, DAY + timedelta(days=1)]),
    "text": st.sampled_from(["A", "B"]),
}
ORDERED = ("eq", "ne", "gt", "gte", "lt", "lte", "between", "in", "not_in")
ROWS = st.fixed_dictionaries(
    {**VALUES, "inside": st.sampled_from([True, False, None]), "cut": NUMBERS}
).map(lambda row: {**row, "account_no": 5, "last": 5})


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    column = draw(st.sampled_from(["number", "day", "text"]))
    operators = ORDERED if column != "text" else ("eq", "ne", "in", "not_in")
    operator = draw(st.sampled_from((*operators, "missing", "present")))
    if operator in ("missing", "present"):
        return Comparison(column, operator, (), operator, HERE)
    count = {"between": 2, "in": 3, "not_in": 2}.get(operator, 1)
    operand = LITERALS[column]
    if column in BESIDE:
        operand = st.one_of(operand, st.just(ColumnRef(BESIDE[column])))
    operands = tuple(draw(st.lists(operand, min_size=count, max_size=count)))
    return Comparison(column, operator, operands, operator, HERE)


@st.composite
def rankings(draw: st.DrawFn) -> Ranked:
    side = draw(st.sampled_from(["top", "bottom"]))
    population = draw(st.sampled_from([None, "inside"]))
    last = draw(st.sampled_from(["last", "account_no"]))
    return Ranked("number", side, Decimal("0.1"), population, "cut", last, side, HERE)


def nested(inner: st.SearchStrategy[Predicate]) -> st.SearchStrategy[Predicate]:
    parts = st.lists(inner, max_size=4).map(tuple)
    return st.one_of(parts.map(All), parts.map(Any), inner.map(Not))


PREDICATES: st.SearchStrategy[Predicate] = st.recursive(
    st.one_of(comparisons(), rankings()), nested, max_leaves=12
)


def walked(predicate: Predicate, row: Lookup) -> Truth:
    """Every part is looked at, and nothing is remembered."""
    if isinstance(predicate, All):
        return all_of([walked(part, row) for part in predicate.parts])
    if isinstance(predicate, Any):
        return any_of([walked(part, row) for part in predicate.parts])
    if isinstance(predicate, Not):
        return negation(walked(predicate.part, row))
    if isinstance(predicate, Ranked):
        return ranked(predicate, row)
    return compared(predicate, row)


def ranked(predicate: Ranked, row: Lookup) -> Truth:
    value, cutoff = row[predicate.column], row[predicate.cutoff_value]
    if predicate.population is not None and row[predicate.population] is not True:
        return False
    if value is None or cutoff is None:
        return False
    if OPERATORS[predicate.side].python(value, (cutoff,)):
        return True
    number, last = row["account_no"], row[predicate.cutoff_account]
    assert isinstance(number, int)
    assert isinstance(last, int)
    return OPERATORS["eq"].python(value, (cutoff,)) and number <= last


def compared(comparison: Comparison, row: Lookup) -> Truth:
    value = row[comparison.column]
    value = value.date() if isinstance(value, datetime) else value
    operator = OPERATORS[comparison.operator]
    if operator.handles_missing:
        return operator.python(value, ())
    if value is None:
        return None
    operands = operand_values(comparison, row)

    def holds(name: str, operand: object) -> Truth:
        return None if operand is None else OPERATORS[name].python(value, (operand,))

    if comparison.operator == "between":
        return all_of([holds("gte", operands[0]), holds("lte", operands[1])])
    if comparison.operator in ("in", "not_in"):
        found = any_of([holds("eq", one) for one in operands])
        return found if comparison.operator == "in" else negation(found)
    return holds(comparison.operator, operands[0])


@given(PREDICATES, st.lists(ROWS, min_size=1, max_size=3))
def test_a_compiled_predicate_says_what_its_parts_say(
    predicate: Predicate, rows: list[Lookup]
) -> None:
    for row in rows:
        assert truth_of(predicate, row) is walked(predicate, row)


def test_equal_parts_are_made_apart_and_the_same_part_once() -> None:
    made: list[list[int]] = []
    again = ByIdentity[list[int], int](lambda part: made.append(part) or len(made))  # type: ignore[func-returns-value]
    one, other = [1, 2], [1, 2]
    assert [again(one), again(other), again(one)] == [1, 2, 1]


def test_more_parts_than_are_kept_are_made_again() -> None:
    made: list[list[int]] = []
    again = ByIdentity[list[int], int](lambda part: made.append(part) or part[0])  # type: ignore[func-returns-value]
    parts = [[number] for number in range(50_001)]
    assert [again(part) for part in parts] == list(range(50_001))
    assert len(made) == 50_001
    assert again(parts[0]) == 0
    assert len(made) == 50_002
