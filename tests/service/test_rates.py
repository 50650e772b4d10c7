"""A token bucket a caller."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.service.rates import BURST_SECONDS, Rates


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_bucket_holds_the_burst_and_then_fills_by_the_rate() -> None:
    clock = Clock()
    rates = Rates(10, clock)
    burst = int(10 * BURST_SECONDS)
    assert [rates.wait("crm") for _ in range(burst)] == [0.0] * burst
    assert rates.wait("crm") == pytest.approx(0.1)
    assert rates.wait("erp") == 0.0
    clock.now += 0.1
    assert rates.wait("crm") == 0.0
    assert rates.wait("crm") > 0


def test_call_that_is_refused_costs_nothing() -> None:
    clock = Clock()
    rates = Rates(1, clock)
    while not rates.wait("crm"):
        pass
    waits = [rates.wait("crm") for _ in range(3)]
    assert waits == [waits[0]] * 3


def test_list_is_let_in_whole_and_paid_for_afterwards() -> None:
    clock = Clock()
    rates = Rates(10, clock)
    assert rates.wait("crm") == 0.0
    rates.charge("crm", 119)
    assert rates.wait("crm") == pytest.approx(10.1)
    clock.now += 10.1
    assert rates.wait("crm") == 0.0


@given(
    st.floats(0.1, 1000),
    st.lists(st.tuples(st.floats(0, 5), st.integers(0, 50)), min_size=1, max_size=40),
)
def test_never_more_than_burst_and_rate_and_one_call(
    rate: float, calls: list[tuple[float, int]]
) -> None:
    clock = Clock()
    rates, taken, last = Rates(rate, clock), 0, 0
    for pause, more in calls:
        clock.now += pause
        if rates.wait("crm") == 0.0:
            rates.charge("crm", more)
            taken, last = taken + 1 + more, 1 + more
    most = max(1.0, rate * BURST_SECONDS) + (clock.now - 100) * rate + last
    assert taken <= most + 1e-6
