"""What counts as tested: seen both ways, by an expectation that would notice."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.often import seldom
from tests.policy_tests.conftest import Run

ALL = """
base: {account: {status: active, size: 3}}
tests:
  - {name: plain, expect: {tier: plain, entitlements: [], milestones: [], portfolio: []}}
  - {name: silver, account: {size: 5}, expect: {tier: silver, entitlements: [desk]}}
  - name: gold
    account: {share: 20%, purchase: 1}
    portfolio: {largest: 50%}
    expect: {tier: gold, entitlements: [desk, talk], portfolio: [dependent]}
  - {name: grown, tier: plain, account: {size: 4}, expect: {milestones: [grown]}}
  - {name: out, account: {size: -1}, expect: {tier: plain}}
  - {name: closed, account: {status: closed}, expect: {tier: none}}
  - {name: at 0.199, account: {share: 19.9%, purchase: 1}, expect: {tier: plain}}
  - {name: second, account: {share: 20%, purchase: {rank: 2, of: 10}}, expect: {tier: plain}}
  - name: yellow
    account: {size: 2}
    nights:
      - {on: 2026-02-11, expect: {warnings: []}}
      - {on: 2026-02-12, expect: {warnings: {small: yellow}}}
  - name: red
    account: {size: 1}
    nights: [{on: 2026-02-11}, {on: 2026-02-12, expect: {warnings: {small: red}}}]
  - {name: none, expect: {warnings: [], portfolio: []}, portfolio: {largest: 49%}}
"""


def missing(run: Run, text: str) -> dict[str, str]:
    return {one.label: one.lacks for one in run(text).coverage.missing_rules}


def test_rules_seen_both_ways_are_covered(run: Run) -> None:
    result = run(ALL)
    assert [one.test.name for one in result.failed] == []
    assert [one.label for one in result.coverage.missing_rules] == []
    assert result.coverage.share_of_rules == 1.0
    assert len(result.coverage.rules) == 11


def test_nothing_is_covered_without_tests_that_look(run: Run) -> None:
    result = run("tests: [{name: a, account: {status: active}, expect: {values: {size: 1}}}]")
    assert result.coverage.share_of_rules == 0.0


@pytest.mark.parametrize(
    ("test", "label", "lacks"),
    [
        ("yellow", "warning small yellow", "never true"),
        ("gold", "tier gold", "never true"),
        ("grown", "milestone grown", "never true"),
        ("out", "exclusion", "never true"),
        ("closed", "population", "never false"),
        *seldom(
            ("red", "warning small red", "never true"),
            ("silver", "tier silver", "never true"),
        ),
    ],
)
def test_rule_that_one_test_covers_is_missing_without_it(
    run: Run, test: str, label: str, lacks: str
) -> None:
    lines = ALL.splitlines(keepends=True)
    starts = [i for i, line in enumerate(lines) if line.startswith("  - ")] + [len(lines)]
    blocks = ["".join(lines[a:b]) for a, b in pairwise(starts)]
    kept = [one for one in blocks if f"name: {test}\n" not in one and f"name: {test}," not in one]
    assert len(kept) == len(blocks) - 1
    assert missing(run, "".join([*lines[: starts[0]], *kept]))[label] == lacks


def test_level_is_not_seen_where_any_level_would_do(run: Run) -> None:
    found = missing(run, ALL.replace("{small: red}", "[small]"))
    assert found == {"warning small red": "never true"}


def test_pending_warning_is_not_seen_true(run: Run) -> None:
    found = missing(run, ALL.replace("{warnings: {small: red}}", "{tier: plain}"))
    assert found == {"warning small red": "never true"}


@pytest.mark.slow
def test_conditions_are_counted_one_by_one(run: Run) -> None:
    coverage = run(ALL).coverage
    assert [one.label for one in coverage.missing_conditions] == []
    coverage = run(ALL.replace("rank: 2, of: 10", "rank: 1, of: 10")).coverage
    labels = [one.label for one in coverage.missing_conditions]
    assert labels == ["tier gold: purchase top 10%"]
