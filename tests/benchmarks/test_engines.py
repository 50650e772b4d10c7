"""Every engine finds the hits that the rules mean, or its speed means nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from benchmarks.measure import ROOT
from benchmarks.side_by_side.conditions import Pair, Rule, Test, comparisons, write_rules
from benchmarks.side_by_side.engines.protocol import rows
from benchmarks.side_by_side.generate import COLUMNS, policy, write_accounts
from benchmarks.side_by_side.registry import ENGINES, Entry
from tests.benchmarks import oracle
from tests.often import named

SEEDS = (1, 2, 3)
ACCOUNTS = 250
OPERATORS = {
    "gt", "gte", "lt", "lte", "between", "eq", "ne", "in", "not_in", "missing", "present",
}  # fmt: skip


def generated() -> tuple[Rule, ...]:
    """Rules of several seeds."""
    return tuple(
        replace(rule, id=f"s{seed}_{rule.id}") for seed in SEEDS for rule in policy(25, seed)
    )


def bounds() -> tuple[Rule, ...]:
    """Comparisons with values that some accounts have, where `gt` and `gte` differ."""
    tests = [
        Test(column, operator, (value,))
        for column, value in (("business_lines", 4), ("strategic_fit", 5), ("stage", "stable"))
        for operator in ("gt", "gte", "lt", "lte", "eq", "ne")
        if operator in ("eq", "ne") or column != "stage"
    ]
    tests += [
        Test("payment_days", "between", (0, 100)),
        Test("joint_development", "eq", (False,)),
        Test("industry", "not_in", ("food",)),
    ]
    return tuple(Rule(f"b{number:02}", one) for number, one in enumerate(tests))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with rules.json and accounts.parquet."""
    folder = tmp_path_factory.mktemp("engines")
    write_rules((*generated(), *bounds()), folder / "rules.json")
    write_accounts(ACCOUNTS, folder / "accounts.parquet")
    return folder


@pytest.fixture(scope="module")
def meant(book: Path) -> list[tuple[int, str]]:
    return oracle.hits((*generated(), *bounds()), rows(book / "accounts.parquet"))


def test_generated_rules_use_every_operator_and_every_column() -> None:
    tests = [test for rule in policy(200) for test in comparisons(rule.condition)]
    assert {test.operator for test in tests} == OPERATORS
    read = {test.column for test in tests}
    assert read | {test.other for test in tests if isinstance(test, Pair)} == {
        column.name for column in COLUMNS
    }


def test_some_percent_of_the_rules_hold(meant: list[tuple[int, str]]) -> None:
    found = [hit for hit in meant if hit[1].startswith("s")]
    assert 0.02 < len(found) / (ACCOUNTS * len(generated())) < 0.15


OFTEN = {"kam", "duckdb", "zen", "rete"}
"""kam, SQL by hand, an engine for rows, and one that keeps what it knows."""


@pytest.mark.parametrize("engine", named({one.name: one for one in ENGINES}, OFTEN))
def test_an_engine_finds_what_the_rules_mean(
    engine: Entry, book: Path, meant: list[tuple[int, str]]
) -> None:
    if not engine.is_installed:
        pytest.skip(f"{engine.library} is not installed: pip install 'kam[bench,events]'")
    hits = book / f"{engine.name}.parquet"
    command = [sys.executable, "-m", "benchmarks.side_by_side.worker", engine.name]
    done = subprocess.run(
        [*command, book / "rules.json", book / "accounts.parquet", hits],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout.splitlines()[-1])
    assert measured["evaluate"] > 0
    assert measured["memory"] > 20_000_000
    with duckdb.connect() as connection:
        query = "SELECT account_no::INTEGER, rule FROM read_parquet(?) ORDER BY ALL"
        assert connection.execute(query, [str(hits)]).fetchall() == meant
