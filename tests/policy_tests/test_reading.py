"""What is wrong with a test file is said where it stands, all of it at once."""

from __future__ import annotations

import pytest

from engine.errors import KamError
from tests.policy_tests.conftest import Run

WRONG = {
    "account: {sise: 5}": ("unknown-measure", "did you mean 'size'?"),
    "account: {unused: 5}": ("unused-value", None),
    "account: {status: activ}": ("not-one-of", "did you mean 'active'?"),
    "account: {size: many}": ("wrong-type", None),
    "account: {share: {rank: 3, of: 2}}": ("not-a-rank", None),
    "account: {share: {rank: 3}}": ("missing-key", None),
    "records: {order: []}": ("unknown-record", "did you mean 'orders'?"),
    "records: {orders: [{amout: 5}]}": ("unknown-column", "did you mean 'amount'?"),
    "records: {orders: [{ordered_on: soon}]}": ("not-a-date", None),
    "tier: gild": ("unknown-tier", "did you mean 'gold'?"),
    "portfolio: {larges: 5%}": ("unknown-measure", "did you mean 'largest'?"),
    "overrides: [{tier: glod, until: 2026-12-31}]": ("unknown-tier", "did you mean 'gold'?"),
    "approvals: [{milestone: grow, on: 2026-12-31}]": (
        "unknown-milestone",
        "did you mean 'grown'?",
    ),
    "acount: {}": ("unknown-key", "did you mean 'account'?"),
}

EXPECTED = {
    "{tier: gild}": ("unknown-tier", "did you mean 'gold'?"),
    "{warnings: [smal]}": ("unknown-name", "did you mean 'small'?"),
    "{warnings: {small: blue}}": ("not-one-of", "write one of red, yellow"),
    "{warnings: [dependent]}": ("unknown-name", None),
    "{entitlements: {excludes: [desc]}}": ("unknown-name", "did you mean 'desk'?"),
    "{obligations: {desk: met}}": ("unknown-name", None),
    "{obligations: {talk: meet}}": ("not-one-of", "did you mean 'met'?"),
    "{warnings: {includes: [small], small: red}}": ("misplaced", "put it under 'includes'"),
    "{actions: {call: red}}": ("not-one-of", "write a list"),
    "{values: {sise: 1}}": ("unknown-measure", "did you mean 'size'?"),
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_fact_is_one_problem_with_its_place(run: Run, line: str) -> None:
    code, hint = WRONG[line]
    with pytest.raises(KamError) as caught:
        run(f"tests:\n  - name: a\n    {line}\n    expect: {{tier: gold}}\n")
    (found,) = caught.value.problems
    assert found.code == code
    assert found.location is not None and found.location.line == 3
    assert hint is None or found.hint == hint


@pytest.mark.parametrize("expected", EXPECTED)
def test_wrong_expectation_is_one_problem(run: Run, expected: str) -> None:
    code, hint = EXPECTED[expected]
    with pytest.raises(KamError) as caught:
        run(f"tests:\n  - name: a\n    expect: {expected}\n")
    (found,) = caught.value.problems
    assert found.code == code
    assert found.location is not None and found.location.line == 3
    assert hint is None or found.hint == hint


def test_test_without_expectation_is_refused(run: Run) -> None:
    with pytest.raises(KamError) as caught:
        run("tests: [{name: a}]")
    assert [one.code for one in caught.value.problems] == ["missing-key"]


def test_nights_must_rise(run: Run) -> None:
    with pytest.raises(KamError) as caught:
        run("tests: [{name: a, nights: [{on: 2026-02-11}, {on: 2026-02-11}]}]")
    assert [one.code for one in caught.value.problems] == ["not-rising"]


def test_all_problems_of_all_tests_are_said_at_once(run: Run) -> None:
    with pytest.raises(KamError) as caught:
        run(
            "tests:\n"
            "  - {name: a, account: {sise: 1}, expect: {tier: gild}}\n"
            "  - {name: a, expect: {warnings: [smal]}}\n"
        )
    assert sorted(one.code for one in caught.value.problems) == [
        "duplicate-id",
        "unknown-measure",
        "unknown-name",
        "unknown-tier",
    ]
