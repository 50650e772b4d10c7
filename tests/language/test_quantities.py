"""Quantities are exact, and what only looks like one is refused."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import KamError, Location, Problem
from engine.language.quantities import NEAR, days, period, quantity, read_date, write
from engine.language.reading_hints import NUMBER
from engine.model import Period, Quantity, Scalar, Unit

HERE = Location("x.yaml", 3, 7)


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        ("20%", "0.20", "ratio"),
        ("0%", "0", "ratio"),
        ("-5%", "-0.05", "ratio"),
        ("0.5%", "0.005", "ratio"),
        ("120%", "1.2", "ratio"),
        ("500万", "5000000", "amount"),
        ("0.5万", "5000", "amount"),
        ("1.23456万", "12345.6", "amount"),
        ("1.2亿", "120000000", "amount"),
        ("-3亿", "-300000000", "amount"),
        ("90 days", "90", "days"),
        ("1 day", "1", "days"),
        ("24 hours", "24", "hours"),
        ("3 workdays", "3", "workdays"),
        (7, "7", None),
        (-7, "-7", None),
        (Decimal("2.50"), "2.50", None),
    ],
)
def test_quantity_is_exact_and_has_its_unit(written: object, value: str, unit: Unit | None) -> None:
    found = quantity(written, HERE)
    assert found == Quantity(Decimal(value), str(written), HERE, unit)
    assert "E" not in str(found.value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (True, True),
        ("2026-01-31", date(2026, 1, 31)),
        ("strategic", "strategic"),
        ("国企", "国企"),
        ("5G", "5G"),
        ("AAA", "AAA"),
        ("12:30", "12:30"),
        ("", ""),
        ("3 apples", "3 apples"),
    ],
)
def test_anything_else_is_a_date_a_truth_or_text(written: object, value: Scalar) -> None:
    found = quantity(written, HERE)
    assert found.value == value
    assert type(found.value) is type(value)
    assert found.unit is None


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("20 %", "write 20%"),
        ("２０％", "write 20%"),
        ("20percent", "write 20%"),
        ("1,000", "write 1000"),
        ("1,000万", "write 1000万"),
        ("5 00万", "write 500万"),
        ("500 万", "write 500万"),
        ("５００万", "write 500万"),
        ("500万元", "write 500万"),
        ("800元", "write 800"),
        ("90days", "write 90 days"),
        ("24h", "write 24 hours"),
        ("45天", "write 45 days"),
        ("3个工作日", "write 3 workdays"),
        ("2 weeks", "write it in days"),
        ("3 months", "write it in days"),
        ("1 night", "write it in days, hours or workdays"),
        ("5k", "write all digits"),
        ("1e5%", "write all digits, without an exponent"),
        ("2026/01/31", "write a date"),
        ("31.1.2026", "write a date"),
        ("2026年1月31日", "write a date"),
        ("-45 days", "a length of time is a whole number from 0 to 999999, as in 45 days"),
        ("1.5 days", "a length of time is a whole number"),
        ("1.5天", "a length of time is a whole number"),
        ("999,999 days", "write 999999 days"),
        ("1000000 days", "a length of time is a whole number"),
        ("-1 hours", "a length of time is a whole number"),
        ("+5%", "write 5%"),
        ("007%", "write 7%"),
        ("007 days", "write 7 days"),
        ("5.%", "write 5%"),
        ("1" * 18 + " %", "write " + "1" * 18 + "%"),
        ("1" * 19 + "%", "before % stand at most 18 digits, and 12 after their point"),
        ("0." + "1" * 13 + "万", "before 万 stand at most 18 digits"),
        ("1," * 18 + "1", "a number has at most 18 digits"),
    ],
)
def test_near_quantity_is_refused_unless_quoted(written: str, hint: str) -> None:
    with pytest.raises(KamError) as caught:
        quantity(written, HERE)
    (problem,) = caught.value.problems
    assert (problem.code, problem.location) == ("unclear-quantity", HERE)
    assert problem.hint is not None and problem.hint.startswith(hint)
    assert quantity(written, HERE, quoted=True) == Quantity(written, written, HERE)


@given(st.from_regex(NEAR, fullmatch=True))
def test_hint_never_repeats_what_is_refused(written: str) -> None:
    try:
        quantity(written, HERE)
    except KamError as error:
        (problem,) = error.problems
        hint = (problem.hint or "").removesuffix(", or put it in quotes if it is text")
        found = re.fullmatch("write (-?[0-9].*)", hint)
        if found:
            assert NUMBER.fullmatch(found[1]) or quantity(found[1], HERE).unit is not None


def test_quantity_in_quotes_is_one_all_the_same() -> None:
    assert quantity("20%", HERE, quoted=True).value == Decimal("0.20")
    assert quantity("20", HERE, quoted=True).value == "20"


@pytest.mark.parametrize("written", ["2026-02-29", "2026-13-01", "0000-00-00"])
def test_day_that_does_not_exist_is_refused(written: str) -> None:
    with pytest.raises(KamError) as caught:
        read_date(written, HERE)
    assert caught.value.problems[0].code == "not-a-date"
    assert read_date("2024-02-29", HERE) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("written", "count", "unit"),
    [
        ("quarter", 1, "quarter"),
        ("2 weeks", 2, "week"),
        ("1 night", 1, "night"),
        ("2 reviews", 2, "review"),
        ("3 workdays", 3, "workday"),
        ("24 hours", 24, "hour"),
        ("90 days", 90, "day"),
    ],
)
def test_period_keeps_its_own_unit(written: str, count: int, unit: str) -> None:
    assert period(written) == Period(count, unit, written)  # type: ignore[arg-type]


@pytest.mark.parametrize("written", ["", "0 days", "2", "2 fortnights", "-1 day", "1.5 days"])
def test_period_of_another_form_is_a_mistake_of_the_caller(written: str) -> None:
    with pytest.raises(ValueError, match="not a period"):
        period(written)


def test_days_are_counted_in_windows_and_endings() -> None:
    assert (days("365 days"), days("365 days ago"), days("1 day")) == (365, 365, 1)


decimals = st.decimals(
    min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=4
)
quantities = st.one_of(
    st.builds(Quantity, decimals, st.just(""), st.just(HERE), st.sampled_from([None, "amount"])),
    st.builds(Quantity, decimals, st.just(""), st.just(HERE), st.just("ratio")),
    st.builds(
        Quantity,
        st.integers(0, 99_999).map(Decimal),
        st.just(""),
        st.just(HERE),
        st.sampled_from(["days", "hours", "workdays"]),
    ),
    st.builds(Quantity, st.dates(), st.just(""), st.just(HERE)),
)


@given(quantities)
def test_quantity_written_reads_as_itself(value: Quantity) -> None:
    from engine.language.reading import parse_yaml

    plain = parse_yaml(f"a: {write(value)}".encode(), "x.yaml").data["a"]
    found = quantity(plain, HERE)
    assert found.value == value.value
    assert found.unit == (None if value.unit == "amount" else value.unit)


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_with_a_hint(text: str) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        assert quantity(text, HERE).text == text
    except KamError as error:
        problems = error.problems
    assert all(problem.hint for problem in problems)
