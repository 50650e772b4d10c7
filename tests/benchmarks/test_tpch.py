"""A data set that nobody here made: kam's night decides what a hand-written one decides."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from benchmarks import agreement
from benchmarks.tpch import data
from engine.runner import run_night

SCALE = "0.01"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        data.generator() is None, reason="tpchgen-cli is not installed: pip install 'kam[bench]'"
    ),
]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """TPC-H of a small scale after both nights."""
    folder = tmp_path_factory.mktemp("tpch")
    data.write_workspace(folder, SCALE)
    run_night(folder)
    data.by_hand(folder, folder / "by_hand")
    return folder


def rules_of(file: Path) -> set[str]:
    with duckdb.connect() as connection:
        query = "SELECT DISTINCT rule FROM read_parquet(?)"
        return {rule for (rule,) in connection.execute(query, [str(file)]).fetchall()}


def test_the_night_over_tpch_is_the_hand_written_one(workspace: Path) -> None:
    assert agreement.differences(workspace, workspace / "by_hand") == []


def test_every_row_of_tpch_is_used(workspace: Path) -> None:
    [manifest] = (workspace / "store" / "runs").glob("*/manifest.json")
    sources = json.loads(manifest.read_text(encoding="utf-8"))["sources"]
    assert {one["name"]: one["rows_used"] for one in sources} == {
        "accounts": 1_500,
        "orders": 15_000,
        "lines": 60_175,
    }
    assert sum(one["rows_quarantined"] for one in sources) == 0


def test_every_tier_and_every_rule_is_put_to_the_test(workspace: Path) -> None:
    with duckdb.connect() as connection:
        tiers = connection.execute(
            "SELECT tier, count(*) FROM read_parquet(?) GROUP BY tier",
            [str(workspace / "by_hand" / "tiers.parquet")],
        ).fetchall()
    assert {tier for tier, _ in tiers} == {"strategic", "core", "rising", "standard", None}
    assert {
        "silent", "decline", "discounts", "returns", "debt", "urgency", "slowing", "lumpy",
        "dependence", "doubled", "volume_service",
    } == rules_of(workspace / "by_hand" / "hits.parquet")  # fmt: skip


def test_a_tier_that_was_changed_is_found(workspace: Path, tmp_path: Path) -> None:
    """The comparison sees one account out of 1,500."""
    for name in ("tiers", "hits"):
        (tmp_path / f"{name}.parquet").write_bytes(
            (workspace / "by_hand" / f"{name}.parquet").read_bytes()
        )
    with duckdb.connect() as connection:
        connection.read_parquet(str(tmp_path / "tiers.parquet")).create_view("tiers")
        connection.query(
            "SELECT * REPLACE (CASE WHEN account_id = '7' THEN 'none' ELSE tier END AS tier) "
            "FROM tiers"
        ).write_parquet(str(tmp_path / "changed.parquet"))
    (tmp_path / "changed.parquet").replace(tmp_path / "tiers.parquet")
    found = agreement.differences(workspace, tmp_path)
    assert any("'7'" in line and "none" in line for line in found)
    assert len(found) == 2
