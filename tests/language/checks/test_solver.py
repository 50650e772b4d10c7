"""The reasoning about values, against trying every value there is."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Location
from engine.language.checks.facts import Fact
from engine.language.checks.regions import Interval, Numbers, Words, numbers, union, words
from engine.language.checks.solver import Knowledge, Mode, Solver
from engine.language.operators import OPERATORS
from engine.model import AllOf, AnyOf, Condition, MeasureRef, NoneOf, Quantity, Test

HERE = Location("x.yaml")
FACTS = {
    "n": Fact("n", "integer", HERE, (), Decimal(0), Decimal(3)),
    "m": Fact("m", "integer", HERE, (), Decimal(0), Decimal(3), can_be_missing=False),
    "kind": Fact("kind", "enum", HERE, ("a", "b", "c")),
    "rating": Fact("rating", "ordinal", HERE, ("low", "middle", "high")),
    "flag": Fact("flag", "boolean", HERE),
}
WHOLE = [Decimal(number) for number in range(4)]
VALUES: dict[str, list[object]] = {
    "n": [None, *WHOLE],
    "m": [*WHOLE],
    "kind": [None, "a", "b", "c"],
    "rating": [None, "low", "middle", "high"],
    "flag": [None, True, False],
}
EVERY = [dict(zip(VALUES, row, strict=True)) for row in product(*VALUES.values())]


def literal(value: object) -> Quantity:
    return Quantity(value, str(value), HERE)  # type: ignore[arg-type]


def comparison(subject: str, operator: str, *values: object) -> Test:
    return Test(subject, operator, tuple(literal(value) for value in values), HERE)


def single_tests() -> st.SearchStrategy[Condition]:
    number = st.sampled_from([Decimal(text) for text in ("-1", "0", "1", "1.5", "2", "3", "4")])
    compared = st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"])
    of_number = st.builds(comparison, st.sampled_from(["n", "m"]), compared, number)
    between = st.builds(comparison, st.just("n"), st.just("between"), number, number)
    listed = st.builds(
        lambda operator, values: comparison("kind", operator, *values),
        st.sampled_from(["in", "not_in"]),
        st.lists(st.sampled_from("abc"), min_size=1, max_size=2),
    )
    rating = st.builds(comparison, st.just("rating"), compared, st.sampled_from(["low", "middle"]))
    flag = st.builds(comparison, st.just("flag"), st.sampled_from(["eq", "ne"]), st.booleans())
    missing = st.builds(
        comparison, st.sampled_from(["n", "flag"]), st.just("missing"), st.booleans()
    )
    return st.one_of(of_number, between, listed, rating, flag, missing)


def trees(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    listed = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(*(st.builds(kind, listed, st.just(HERE)) for kind in (AllOf, AnyOf, NoneOf)))


CONDITIONS = st.recursive(single_tests(), trees, max_leaves=8)
MODES: dict[Mode, set[bool | None]] = {
    "true": {True},
    "false": {False},
    "not_true": {False, None},
    "not_false": {True, None},
}


def evaluate(condition: Condition, row: dict[str, object]) -> bool | None:
    """Kleene's logic, written down once more and without cleverness."""
    if isinstance(condition, Test):
        return evaluate_test(condition, row)
    truths = [evaluate(part, row) for part in condition.parts]
    if isinstance(condition, AllOf):
        return False if False in truths else None if None in truths else True
    some = True if True in truths else None if None in truths else False
    if isinstance(condition, AnyOf):
        return some
    return None if some is None else not some


def evaluate_test(test: Test, row: dict[str, object]) -> bool | None:
    value = row[test.subject]
    operands = [one.value for one in test.operands if isinstance(one, Quantity)]
    if test.operator == "missing":
        return (value is None) == operands[0]
    if value is None:
        return None
    if test.subject == "rating" and test.operator not in ("eq", "ne"):
        order = FACTS["rating"].values
        value, operands = order.index(str(value)), [order.index(str(one)) for one in operands]  # type: ignore[misc]
    return OPERATORS[test.operator].python(value, operands)


@given(st.lists(st.tuples(CONDITIONS, st.sampled_from(list(MODES))), min_size=1, max_size=3))
def test_solver_finds_a_value_exactly_if_there_is_one(
    goals: list[tuple[Condition, Mode]],
) -> None:
    exists = any(
        all(evaluate(condition, row) in MODES[mode] for condition, mode in goals) for row in EVERY
    )
    assert Solver(Knowledge(FACTS, {})).is_possible(*goals) == exists


def against(other: str, operator: str) -> Test:
    return Test("n", operator, (MeasureRef(other, HERE),), HERE)


@pytest.mark.parametrize(
    ("one", "mode", "other", "possible"),
    [
        ("gt", "true", "lte", False),
        ("gt", "true", "ne", True),
        ("gt", "true", "gte", True),
        ("eq", "true", "ne", False),
        ("gte", "not_true", "gt", False),
        ("gt", "not_true", "eq", True),
    ],
)
def test_two_comparisons_with_one_measure_are_related(
    one: str, mode: Mode, other: str, possible: bool
) -> None:
    solver = Solver(Knowledge(FACTS, {}))
    assert solver.is_possible((against("m", one), mode), (against("m", other), "true")) is possible


def test_ranks_are_nested_and_false_for_what_is_missing() -> None:
    solver = Solver(Knowledge(FACTS, {}))
    top5, top10 = (comparison("n", "top", Decimal(share)) for share in ("0.05", "0.1"))
    assert not solver.is_possible((top5, "true"), (top10, "not_true"))
    assert solver.is_possible((top10, "true"), (top5, "false"))
    missing = comparison("n", "missing", True)
    assert not solver.is_possible((missing, "true"), (top10, "true"))
    assert solver.is_possible((missing, "true"), (top10, "false"))


def test_complement_of_an_open_interval_has_its_bounds() -> None:
    inside = Interval(Decimal(1), Decimal(2), low_open=True, high_open=True)
    rest = numbers([inside]).complement()
    assert rest == Numbers((Interval(high=Decimal(1)), Interval(low=Decimal(2))))
    assert union(rest, numbers([inside])).complement().is_empty


def test_complement_of_words_is_every_other_word() -> None:
    assert words("a").complement() == Words(frozenset("a"), all_but=True)
    assert union(words("a"), words("a").complement()).complement().is_empty


@pytest.mark.parametrize(
    ("interval", "inside"),
    [
        (Interval(Decimal(1), Decimal(2)), "1.5"),
        (Interval(Decimal(1), Decimal(2), low_open=True), "2"),
        (Interval(Decimal(1), Decimal(2), high_open=True), "1"),
        (Interval(Decimal(1), Decimal(2), low_open=True, high_open=True), "1.5"),
        (Interval(low=Decimal(1), low_open=True), "2"),
        (Interval(high=Decimal(1)), "1"),
        (Interval(), "0"),
    ],
)
def test_witness_lies_in_its_interval(interval: Interval, inside: str) -> None:
    assert interval.witness() == Decimal(inside)
    assert not interval.intersect(Interval(Decimal(inside), Decimal(inside))).is_empty
