"""What is measured is the same every time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.side_by_side.conditions import Column, read_rules, write_rules
from benchmarks.side_by_side.engines.protocol import rows
from benchmarks.side_by_side.generate import COLUMNS, MISSING_PERCENT, policy, write_accounts


def test_a_smaller_policy_is_the_beginning_of_a_larger_one() -> None:
    assert policy(20) == policy(60)[:20]
    assert policy(20, seed=1) != policy(20, seed=2)


def test_rules_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_rules(policy(200), tmp_path / "rules.json")
    assert read_rules(tmp_path / "rules.json") == policy(200)


def test_accounts_are_the_same_twice(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_accounts(50, tmp_path / name)
    assert rows(tmp_path / "one") == rows(tmp_path / "two")


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """So many that the share of what is missing is within 3 points (5 deviations) of the wanted."""
    file = tmp_path_factory.mktemp("generated") / "accounts"
    write_accounts(2_000, file)
    return rows(file)


@pytest.mark.parametrize("column", COLUMNS, ids=lambda one: one.name)
def test_some_values_of_every_column_are_missing(
    column: Column, accounts: list[dict[str, Any]]
) -> None:
    values = [row[column.name] for row in accounts]
    share = 100 * values.count(None) / len(values)
    assert MISSING_PERCENT - 3 < share < MISSING_PERCENT + 3
    assert len(set(values)) >= 3
