"""What a network is asked, without the library that matches it: the truth, said twice.

These hold where durable-rules is not installed, too.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.errors import KamError, Location
from engine.executors.predicates import truth_of
from engine.executors.reference import ReferenceExecutor, in_population
from engine.executors.rete_compile import compile_program
from engine.executors.rete_literals import (
    POSSIBLY,
    SURELY,
    Both,
    Formula,
    Literal,
    Test,
    UnsayableError,
    formula,
)
from engine.executors.rete_values import (
    DAY,
    DOUBLE,
    LARGEST,
    OTHER_TEXT,
    Columns,
    encoded,
    exact,
    order_of,
    place,
)
from engine.plan.build import build_plan
from engine.plan.steps import ColumnRef, Comparison, PackPlan, Predicate
from tests.executors.generate import Example, examples
from tests.executors.pools import AS_OF

HERE = Location("policies/case/pack.yaml")
Fact = Mapping[str, int]


# --- a network in ten lines --------------------------------------------------------------

COMPARE = {
    "eq": operator.eq, "ne": operator.ne, "gt": operator.gt,
    "gte": operator.ge, "lt": operator.lt, "lte": operator.le,
}  # fmt: skip


def passes(test: Test, fact: Fact) -> bool:
    """Reads no property that is not there: that would be a `KeyError`."""
    if test.operator in ("missing", "present"):
        return test.property in fact
    if test.property not in fact:
        return False
    value = fact[test.property]
    operands = [fact[one] if isinstance(one, str) else one for one in test.operands]
    if test.operator in ("in", "not_in"):
        return (value in operands) == (test.operator == "in")
    if test.operator == "between":
        return operands[0] <= value <= operands[1]
    return COMPARE[test.operator](value, operands[0])


def matches(wanted: Formula, fact: Fact) -> bool:
    if isinstance(wanted, bool):
        return wanted
    if isinstance(wanted, Literal):
        found = [all(passes(test, fact) for test in chain) for chain in wanted.alternatives]
        assert sum(found) <= 1, f"{wanted} holds twice"
        return any(found)
    joined = all if isinstance(wanted, Both) else any
    return joined([matches(part, fact) for part in wanted.parts])


def predicates(pack: PackPlan) -> list[Predicate]:
    found = [one.predicate for one in pack.tiers if one.predicate is not None]
    return found + [predicate for rule in pack.rules for _, predicate in rule.levels]


@pytest.mark.slow
@settings(
    max_examples=40,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(examples())
def test_surely_is_true_and_possibly_is_not_false(found: Example) -> None:
    plan = build_plan(found.policies, found.mapped, AS_OF)
    evaluation = ReferenceExecutor().evaluate(plan, found.tables, found.changes)
    for program in compile_program(plan).packs:
        pack, columns = program.pack, program.columns
        for facts, tier in zip(evaluation.facts, evaluation.candidates[pack.id], strict=True):
            if not in_population(pack, facts):
                continue
            lookup = {**facts, **evaluation.statistics, pack.tier_column: tier}
            fact = {
                **program.account_fact(lookup, program.account_properties),
                **program.tier_fact(tier),
            }
            for predicate in predicates(pack):
                truth = truth_of(predicate, lookup)
                assert matches(formula(predicate, columns, SURELY), fact) == (truth is True)
                assert matches(formula(predicate, columns, POSSIBLY), fact) == (truth is not False)


# --- values ------------------------------------------------------------------------------


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_doubles_keep_their_order(one: float, other: float) -> None:
    assert (order_of(one) < order_of(other)) == (one < other)
    assert (order_of(one) == order_of(other)) == (one == other)


@given(st.floats(allow_nan=False))
def test_neighbouring_doubles_are_told_apart(one: float) -> None:
    above = math.nextafter(one, math.inf)
    assert (order_of(above) > order_of(one)) == (above > one)


THRESHOLDS = st.decimals(-(10**16), 10**16, allow_nan=False, places=4)
AMOUNTS = st.integers(-(10**18) + 1, 10**18 - 1).map(lambda units: Decimal(units).scaleb(-2))
"""DECIMAL(18, 2)."""


def columns(**types: Any) -> Columns:
    return Columns(types, 2, {})


@pytest.mark.parametrize("name", ["eq", "ne", "gt", "gte", "lt", "lte"])
@given(data=st.data())
def test_money_meets_a_threshold_with_any_number_of_decimals(name: str, data: Any) -> None:
    threshold = data.draw(THRESHOLDS)
    near = threshold.quantize(Decimal("0.01"))
    amount = data.draw(st.one_of(AMOUNTS, st.sampled_from([near, near + Decimal("0.01")])))
    wanted = Comparison("balance", name, (threshold,), "", HERE)
    known = columns(balance="money")
    fact = {"balance.exact2": encoded("balance", exact(2), amount)}
    assert matches(formula(wanted, known, SURELY), fact) == COMPARE[name](amount, threshold)


@pytest.mark.parametrize("name", ["eq", "ne", "gt", "gte", "lt", "lte"])
@pytest.mark.parametrize("value", [LARGEST, -(2**63), 0])
@pytest.mark.parametrize(
    "threshold", [Decimal(10) ** 30, -(Decimal(10) ** 30), Decimal(LARGEST), Decimal("0.5")]
)
def test_a_threshold_beyond_every_integer_is_beyond_it(
    name: str, value: int, threshold: Decimal
) -> None:
    wanted = Comparison("visits", name, (threshold,), "", HERE)
    fact = {"visits.exact0": exact(0).value(value)}
    found = matches(formula(wanted, columns(visits="integer"), SURELY), fact)
    assert found == COMPARE[name](value, threshold)


@pytest.mark.parametrize("name", ["eq", "ne", "gt", "gte", "lt", "lte"])
@given(one=AMOUNTS, other=st.integers(-(2**63), 2**63 - 1))
def test_money_meets_a_whole_number_exactly(name: str, one: Decimal, other: int) -> None:
    wanted = Comparison("balance", name, (ColumnRef("visits"),), "", HERE)
    form = exact(2)
    fact = {"balance.exact2": form.value(one), "visits.exact2": form.value(other)}
    found = matches(formula(wanted, columns(balance="money", visits="integer"), SURELY), fact)
    assert found == COMPARE[name](one, other)


def test_a_datetime_is_its_day() -> None:
    day = date(2026, 6, 30)
    late = datetime(2026, 6, 30, 23, 59, 59)
    assert DAY.value(late) == DAY.value(day) == DAY.literal(day)[0]
    assert DAY.value(late + timedelta(seconds=1)) == DAY.value(day) + 1


def test_texts_that_no_condition_names_are_all_the_same() -> None:
    names = place(["", "0", "北京"])
    assert [names.value(text) for text in ("", "0", "北京", "上海", "00")] == [
        0, 1, 2, OTHER_TEXT, OTHER_TEXT,
    ]  # fmt: skip


def test_a_mistyped_value_names_its_column_and_what_it_was() -> None:
    with pytest.raises(KamError, match=r"'growth' is '0\.2'") as caught:
        encoded("growth", DOUBLE, "0.2")
    assert caught.value.problems[0].code == "mistyped-fact"


# --- what cannot be said -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (Comparison("name", "eq", (ColumnRef("status"),), "", HERE), "not both numbers"),
        (Comparison("since", "gt", (ColumnRef("visits"),), "", HERE), "not both numbers"),
        (Comparison("vip", "eq", (ColumnRef("visits"),), "", HERE), "not both numbers"),
        (Comparison("visits", "eq", (ColumnRef("nobody"),), "", HERE), "not both numbers"),
        (Comparison("nobody", "eq", (Decimal(1),), "", HERE), "type of 'nobody'"),
        (Comparison("visits", "eq", ("1",), "'1'", HERE), "not of the type of 'visits'"),
        (Comparison("vip", "eq", (Decimal(1),), "1", HERE), "not of the type of 'vip'"),
        (Comparison("since", "gt", ("2026",), "'2026'", HERE), "not of the type of 'since'"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_reason(wanted: Comparison, reason: str) -> None:
    known = columns(
        name="text", status="enum", since="date", visits="integer", vip="boolean", growth="ratio"
    )
    with pytest.raises(UnsayableError, match=reason) as caught:
        formula(wanted, known, SURELY)
    assert caught.value.location == HERE
