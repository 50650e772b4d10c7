"""What is given is what the pack decides on, and what differs is said."""

from __future__ import annotations

import pytest

from engine.policy_tests.running import PackResult
from tests.policy_tests.conftest import Run


def texts(result: PackResult) -> list[str]:
    return [one.text for failed in result.failed for one in failed.differences]


def test_expectation_that_holds_passes(run: Run) -> None:
    result = run("tests: [{name: a, account: {status: active, size: 5}, expect: {tier: silver}}]")
    assert [one.passed for one in result.results] == [True]


def test_expectation_that_fails_names_the_condition_that_decided(run: Run) -> None:
    result = run("tests: [{name: a, account: {status: active, size: 4}, expect: {tier: gold}}]")
    (failed,) = result.failed
    (difference,) = failed.differences
    assert difference.text == "tier: expected gold, got silver"
    assert [one.text for one in difference.reasons] == [
        "share is missing, compared with >= 20%",
    ]
    assert str(failed.test.location) == "small_rules/one.test.yaml:1:9"


def test_worse_tier_than_expected_says_what_it_lacks(run: Run) -> None:
    result = run(
        "tests: [{name: a, tier: plain, account: {status: active, size: 3}, "
        "expect: {candidate: silver}}]"
    )
    assert texts(result) == ["candidate: expected silver, got plain"]
    (failed,) = result.failed
    assert [one.text for one in failed.differences[0].reasons] == ["size is 3, not >= 5"]


def test_excluded_account_says_so(run: Run) -> None:
    result = run("tests: [{name: a, account: {status: active, size: -1}, expect: {tier: silver}}]")
    (failed,) = result.failed
    assert [one.text for one in failed.differences[0].reasons] == [
        "excluded: size is -1, and so < 0"
    ]


def test_given_measure_stands_instead_of_its_definition(run: Run) -> None:
    result = run(
        """
tests:
  - name: computed
    account: {status: active}
    records: {orders: [{ordered_on: 10 days ago, amount: 100}]}
    expect: {values: {purchase: 100, share: 100%}, tier: gold}
  - name: given
    account: {status: active, share: 19.9%}
    records: {orders: [{ordered_on: 10 days ago, amount: 100}]}
    expect: {values: {purchase: 100, share: 19.9%}, tier: plain}
  - name: missing
    account: {status: active, share: {missing: true}}
    records: {orders: [{ordered_on: 10 days ago, amount: 100}]}
    expect: {values: {share: {missing: true}}, tier: plain}
"""
    )
    assert texts(result) == []


def test_rank_is_the_place_among_so_many(run: Run) -> None:
    tests = [
        f"  - {{name: place {place}, account: {{status: active, share: 20%, "
        f"purchase: {{rank: {place}, of: 30}}}}, expect: {{tier: {tier}}}}}"
        for place, tier in ((1, "gold"), (3, "gold"), (4, "plain"), (30, "plain"))
    ]
    assert texts(run("\n".join(["tests:", *tests]))) == []


def test_account_outside_the_population_has_no_tier(run: Run) -> None:
    result = run("tests: [{name: a, account: {status: closed, size: 9}, expect: {tier: none}}]")
    assert texts(result) == []


@pytest.mark.slow
def test_nights_carry_over_what_is_not_said_again(run: Run) -> None:
    result = run(
        """
tests:
  - name: the warning waits a night and goes with its cause
    tier: plain
    account: {status: active, size: 1}
    nights:
      - {on: 2026-02-11, expect: {warnings: []}}
      - {on: 2026-02-12, expect: {warnings: {small: red}, actions: [call]}}
      - {on: 2026-02-13, expect: {warnings: {small: red}, actions: []}}
      - {on: 2026-02-14, account: {size: 3}, expect: {warnings: []}}
"""
    )
    assert texts(result) == []


def test_failure_of_a_later_night_names_its_date(run: Run) -> None:
    result = run(
        """
tests:
  - name: a
    account: {status: active, size: 2}
    nights:
      - {on: 2026-02-11}
      - {on: 2026-02-12, expect: {warnings: {small: red}}}
"""
    )
    (failed,) = result.failed
    (difference,) = failed.differences
    assert str(difference.on) == "2026-02-12"
    assert difference.text == "warnings: expected small red, got yellow"


def test_condition_that_holds_but_waits_is_told_apart(run: Run) -> None:
    result = run(
        "tests: [{name: a, account: {status: active, size: 1}, expect: {warnings: [small]}}]"
    )
    assert texts(result) == [
        "warnings: expected small, which is not there, though its condition holds"
    ]


def test_tier_that_is_given_waits_for_the_review(run: Run) -> None:
    result = run(
        """
tests:
  - name: before
    on: 2026-03-31
    tier: plain
    account: {status: active, share: 20%, purchase: 1}
    expect: {tier: plain, candidate: gold, entitlements: []}
  - name: on the day
    on: 2026-04-01
    tier: plain
    account: {status: active, share: 20%, purchase: 1}
    expect: {tier: gold, entitlements: [desk, talk]}
"""
    )
    assert texts(result) == []


def test_obligation_since_before_the_period_is_overdue(run: Run) -> None:
    result = run(
        """
base: {account: {status: active}}
tests:
  - {name: whole week before, tier: gold, since: 2026-02-02, expect: {obligations: {talk: overdue}}}
  - {name: part of it, tier: gold, since: 2026-02-03, expect: {obligations: {talk: open}}}
  - name: met
    tier: gold
    records: {contacts: [{contacted_on: 2 days ago, kind: talk}]}
    expect: {obligations: {talk: met}}
"""
    )
    assert texts(result) == []


def test_milestone_promotes_between_reviews(run: Run) -> None:
    result = run(
        """
tests:
  - name: reached
    tier: plain
    account: {status: active, size: 4}
    expect: {tier: silver, milestones: [grown]}
  - name: not reached
    tier: plain
    account: {status: active, size: 3}
    expect: {tier: plain, milestones: []}
"""
    )
    assert texts(result) == []


def test_override_and_its_end(run: Run) -> None:
    result = run(
        """
tests:
  - name: a
    account: {status: active, size: 5}
    overrides: [{tier: gold, until: 2026-02-12}]
    nights:
      - {on: 2026-02-12, expect: {tier: gold}}
      - {on: 2026-02-13, expect: {tier: silver}}
"""
    )
    assert texts(result) == []


def test_portfolio_has_its_own_warnings(run: Run) -> None:
    result = run(
        """
base: {account: {status: active}}
tests:
  - {name: at it, portfolio: {largest: 50%}, expect: {portfolio: {dependent: orange}}}
  - {name: below, portfolio: {largest: 49.9%}, expect: {portfolio: []}}
  - name: computed
    records: {orders: [{ordered_on: 10 days ago, amount: 100}]}
    expect: {portfolio: [dependent], warnings: []}
"""
    )
    assert texts(result) == []


def test_only_the_tests_with_the_text_run(run: Run) -> None:
    result = run(
        "tests: [{name: one, expect: {tier: none}}, {name: two, expect: {tier: none}}]", only="tw"
    )
    assert [one.test.name for one in result.results] == ["two"]
