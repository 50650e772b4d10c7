"""The reference evaluator piece by piece, at the boundaries where executors could part."""

from __future__ import annotations

import doctest
import math
from datetime import date, datetime
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from engine.console import values as console_values
from engine.errors import KamError, Location
from engine.executors import predicates, values
from engine.executors.expressions import evaluate
from engine.executors.predicates import truth_of
from engine.executors.protocol import apply_changes
from engine.executors.statistics import points, positions, statistic
from engine.executors.values import as_type, exact_sum, nearest_integer, rounded
from engine.model import (
    AsOf,
    Call,
    Case,
    Name,
    Number,
    Operation,
    ParameterRef,
    Text,
    Truth,
)
from engine.plan.steps import Comparison, Points, Ranked, Ranking, Statistic

AS_OF = date(2026, 6, 30)
HERE = Location("policies/x/tiers.yaml", 1, 1)


def name(column: str) -> Name:
    return Name(column, HERE)


def number(text: str) -> Number:
    return Number(Decimal(text))


def value_of(tree: Any, **row: Any) -> Any:
    return evaluate(tree, row, AS_OF)


@pytest.mark.parametrize("module", [values, predicates, console_values])
def test_examples_in_docstrings_hold(module: ModuleType) -> None:
    result = doctest.testmod(module, extraglobs={"Decimal": Decimal})
    assert result.attempted
    assert result.failed == 0


# --- numbers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (0.5, 0),
        (1.5, 2),
        (-0.5, 0),
        (-2.5, -2),
        (2.0**63, None),
        (-(2.0**63), -(2**63)),
        (2.0**63 - 1024, 2**63 - 1024),
        (math.inf, None),
        (math.nan, None),
    ],
)
def test_nearest_integer_is_half_even_and_fits_64_bits(given: float, expected: Any) -> None:
    assert nearest_integer(given) == expected


def test_rounded_is_half_even_at_the_last_decimal() -> None:
    assert [rounded(value, 2) for value in (0.125, 0.375, 0.126)] == [0.12, 0.38, 0.13]
    assert rounded(1e13, 6) is None
    assert rounded(9.2e12, 6) == 9.2e12


def test_money_keeps_its_scale_and_its_limit() -> None:
    assert str(as_type(Decimal("1.1"), "money", 2)) == "1.10"
    assert str(as_type(7, "money", 2)) == "7.00"
    assert as_type(Decimal("9999999999999999.99"), "money", 2) == Decimal("9999999999999999.99")
    assert as_type(Decimal("10000000000000000.00"), "money", 2) is None
    assert as_type(0.125, "money", 2) == Decimal("0.12")


def test_whole_numbers_are_integers_and_the_rest_are_doubles() -> None:
    assert repr(as_type(2.5, "integer", 0)) == "2"
    assert repr(as_type(Decimal(2), "ratio", 6)) == "2.0"
    assert as_type("text", "text", None) == "text"  # type: ignore[arg-type]


def test_sum_of_doubles_does_not_depend_on_their_order() -> None:
    numbers = [0.1] * 10 + [1e9, -1e9]
    assert exact_sum(numbers, 6) == exact_sum(reversed(numbers), 6) == Decimal("1.000000")


# --- formulas ----------------------------------------------------------------------------


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "=", "<"])
def test_missing_input_makes_a_formula_missing(operator: str) -> None:
    assert value_of(Operation(operator, (name("x"), number("1")))) is None
    assert value_of(Operation(operator, (number("1"), name("x")))) is None


def test_division_by_zero_is_missing() -> None:
    assert value_of(Operation("/", (number("1"), name("x"))), x=0) is None
    assert value_of(Operation("/", (number("1"), name("x"))), x=Decimal("0.00")) is None
    assert value_of(Operation("/", (number("1"), name("x"))), x=4) == 0.25


@pytest.mark.parametrize(
    ("operator", "left", "right", "expected"),
    [
        ("and", False, None, False),
        ("and", True, None, None),
        ("or", True, None, True),
        ("or", False, None, None),
    ],
)
def test_and_or_follow_kleene(operator: str, left: Any, right: Any, expected: Any) -> None:
    tree = Operation(operator, (name("x"), name("y")))
    assert value_of(tree, x=left, y=right) is expected


def test_not_of_unknown_is_unknown() -> None:
    assert value_of(Operation("not", (name("x"),))) is None
    assert value_of(Operation("not", (Truth(False),))) is True


def test_case_takes_the_first_true_branch_and_skips_unknown_ones() -> None:
    tree = Case(((name("x"), number("1")), (name("y"), number("2"))), None)
    assert value_of(tree, x=None, y=True) == 2.0
    assert value_of(tree, x=False, y=None) is None


@pytest.mark.parametrize("function", ["least", "greatest"])
def test_least_and_greatest_are_missing_if_an_argument_is(function: str) -> None:
    assert value_of(Call(function, (number("1"), name("x")))) is None
    assert value_of(Call(function, (number("1"), name("x"))), x=1) == 1.0


def test_coalesce_and_nullif_are_those_of_sql() -> None:
    assert value_of(Call("coalesce", (name("x"), number("3")))) == 3.0
    assert value_of(Call("nullif", (number("0"), number("0")))) is None
    assert value_of(Call("nullif", (number("1"), name("x")))) == 1.0


@pytest.mark.parametrize(
    ("moment", "expected"),
    [(datetime(2026, 6, 30, 23, 59, 59), True), (datetime(2026, 7, 1), False)],
)
def test_datetime_is_its_day_when_it_meets_a_date(moment: datetime, expected: bool) -> None:
    assert value_of(Operation("<=", (name("x"), AsOf())), x=moment) is expected


def test_date_parameter_arrives_as_text_and_is_read_as_a_date() -> None:
    tree = Operation(">=", (name("x"), Text("2026-06-30")))
    assert value_of(tree, x=date(2026, 6, 30)) is True
    assert value_of(tree, x=date(2026, 6, 29)) is False
    assert value_of(Operation("-", (AsOf(), Text("2026-06-01")))) == 29.0


def test_difference_of_dates_counts_days() -> None:
    tree = Operation("-", (AsOf(), name("x")))
    assert value_of(tree, x=date(2026, 6, 29)) == 1.0
    assert value_of(tree, x=datetime(2026, 7, 1, 9)) == -1.0


def test_days_are_added_to_a_date_until_the_calendar_ends() -> None:
    tree = Operation("+", (name("x"), number("1")))
    assert value_of(tree, x=date(2026, 2, 28)) == date(2026, 3, 1)
    assert value_of(tree, x=date.max) is None


def test_parameter_that_was_not_resolved_is_refused() -> None:
    with pytest.raises(KamError) as raised:
        value_of(ParameterRef("x", HERE))
    assert raised.value.problems[0].code == "unresolved-expression"


# --- conditions --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.2, True), (0.199999, False), (Decimal("0.20"), True), (None, None)],
)
def test_double_and_decimal_meet_a_threshold_alike(value: Any, expected: Any) -> None:
    test = Comparison("x", "gte", (Decimal("0.20"),), "20%", HERE)
    assert truth_of(test, {"x": value}) is expected


def ranked(population: str | None = None) -> Ranked:
    return Ranked("x", "top", Decimal("0.5"), population, "cut", "last", "50%", HERE)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"account_no": 9, "x": 3.1}, True),
        ({"account_no": 4, "x": 3.0}, True),
        ({"account_no": 5, "x": 3.0}, False),
        ({"account_no": 0, "x": 2.9}, False),
        ({"account_no": 0, "x": None}, False),
    ],
)
def test_ranking_breaks_a_tie_at_the_cutoff_by_account(row: Any, expected: bool) -> None:
    assert truth_of(ranked(), {**row, "cut": 3.0, "last": 4}) is expected


@pytest.mark.parametrize("inside", [False, None])
def test_ranking_is_false_outside_the_population(inside: Any) -> None:
    row = {"account_no": 0, "x": 9.0, "cut": 3.0, "last": 4, "inside": inside}
    assert truth_of(ranked("inside"), row) is False
    assert truth_of(ranked("inside"), {**row, "inside": True}) is True


def test_ranking_without_a_cutoff_is_false() -> None:
    assert truth_of(ranked(), {"account_no": 0, "x": 9.0, "cut": None, "last": None}) is False


# --- the population ----------------------------------------------------------------------


ROWS = [{"account_no": number, "x": value} for number, value in enumerate([5, 7, None, 7, 1])]


@pytest.mark.parametrize(
    ("side", "share", "value", "account"),
    [
        ("top", "0.2", 7, 1),
        ("top", "0.21", 7, 3),
        ("top", "0.4", 7, 3),
        ("top", "1", 1, 4),
        ("bottom", "0.2", 1, 4),
        ("bottom", "0.6", 7, 1),
        ("top", "0", None, None),
    ],
)
def test_cutoff_is_the_last_of_ceil_share_times_everyone(
    side: str, share: str, value: Any, account: Any
) -> None:
    def cutoff(kind: str) -> Any:
        step = Statistic("s", kind, "x", None, Decimal(share), side)
        return statistic(step, ROWS, 6)

    assert (cutoff("cutoff_value"), cutoff("cutoff_account")) == (value, account)


@pytest.mark.parametrize(
    ("share", "expected"), [("0", 1.0), ("0.25", 1.0), ("0.26", 5.0), ("0.5", 5.0), ("1", 7.0)]
)
def test_percentile_is_a_value_of_the_population(share: str, expected: float) -> None:
    step = Statistic("s", "percentile", "x", None, Decimal(share))
    assert statistic(step, ROWS, 6) == expected


def test_percentile_share_is_exact() -> None:
    """0.07 × 100 is 7, though the double product is 7.000000000000001."""
    rows = [{"account_no": number, "x": number} for number in range(100)]
    step = Statistic("s", "percentile", "x", None, Decimal("0.07"))
    assert statistic(step, rows, 6) == 6.0


def test_positions_start_at_the_largest_and_leave_out_missing() -> None:
    assert positions(Ranking("r", "x", None), ROWS) == {1: 1, 3: 2, 0: 3, 4: 4}


CURVE = Points("p", "x", 6, ((Decimal("0"), Decimal("10")), (Decimal("1"), Decimal("20"))), ())


@pytest.mark.parametrize(
    ("value", "expected"),
    [(-1.0, 10.0), (0.0, 10.0), (0.25, 12.5), (1.0, 20.0), (2.0, 20.0), (None, None)],
)
def test_curve_is_linear_between_knots_and_flat_outside(value: Any, expected: Any) -> None:
    assert points(CURVE, {"x": value}) == expected


def test_effective_tiers_leave_the_population_alone() -> None:
    accounts = [{"account_id": "a"}, {"account_id": "b"}, {"account_id": "c"}]
    candidates = {"pack": ("core", None, "core")}
    changes = {"pack": {"a": "strategic", "b": "strategic"}}
    assert apply_changes(candidates, accounts, changes) == {"pack": ("strategic", None, "core")}
