"""Who is measured on how large a book, and what is made of the figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.__main__ import panels
from benchmarks.books import DisagreementError
from benchmarks.side_by_side import report, run
from benchmarks.side_by_side.registry import DURABLE, KAM, KAM_VALUES, RETE, SCRIPT, ZEN, Entry
from benchmarks.side_by_side.run import SMALL, Bench, Result
from benchmarks.side_by_side.worker import Measured


def result(engine: Entry, accounts: int, seconds: float, rules: int = 20) -> Result:
    return Result(engine, rules, accounts, Measured(0.1, 0.2, seconds, 3, 10**8), 70)


def test_a_row_engine_is_measured_on_many_accounts_if_it_promises_to_be_done() -> None:
    def feasible(seconds: float, accounts: int = 100_000) -> bool:
        small = [result(ZEN, SMALL, seconds)]
        return run._is_feasible(ZEN, accounts, small, row_seconds=30)

    assert feasible(0.29)
    assert not feasible(0.31)
    assert not feasible(0.001, accounts=1_000_000)
    assert run._is_feasible(KAM, 1_000_000, [], row_seconds=0)
    assert run._is_feasible(ZEN, SMALL, [], row_seconds=0)
    assert not run._is_feasible(ZEN, 100_000, [], row_seconds=30)


def test_goals_compare_with_the_best_row_engine_that_is_not_kam() -> None:
    results = [
        result(KAM, SMALL, 0.1),
        result(KAM, 1_000_000, 1.0),
        result(SCRIPT, 1_000_000, 0.5),
        result(RETE, SMALL, 0.01),
        result(DURABLE, SMALL, 1.0),
        result(ZEN, SMALL, 0.5),
    ]
    first, second = report.goals(results).rows
    assert first[2:] == [
        "1,000,000/s at 1,000,000",
        "2,000/s at 1,000 (zen-engine, a decision)",
        "500",
        "met",
    ]
    assert second[3:] == ["2,000,000/s at 1,000,000 (DuckDB by hand)", "2.00", "not met"]


def test_a_panel_shows_the_highest_rate_of_each_engine() -> None:
    results = [result(KAM, SMALL, 0.1), result(KAM, 100_000, 1.0), result(ZEN, SMALL, 0.5)]
    [panel] = panels(results)
    assert [(bar.name, bar.rate, bar.accounts, bar.kind) for bar in panel.bars] == [
        ("kam columnar", 100_000, 100_000, "kam"),
        ("zen-engine, a decision", 2_000, SMALL, "row"),
    ]


def test_a_panel_tells_kam_from_scripts_and_row_engines() -> None:
    engines = {KAM: "kam", KAM_VALUES: "kam", RETE: "kam", SCRIPT: "bulk", ZEN: "row"}
    [panel] = panels([result(one, SMALL, 1.0) for one in engines])
    assert {bar.name: bar.kind for bar in panel.bars} == {
        one.title: kind for one, kind in engines.items()
    }


def test_other_hits_are_told_and_not_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path, 5, 1, lambda text: None)
    assert bench.measure(SCRIPT, 200).hits > 0
    reference = tmp_path / "hits-5-200.parquet"
    (tmp_path / "hits-5-300.parquet").write_bytes(reference.read_bytes())
    with pytest.raises(DisagreementError, match="DuckDB by hand finds other hits"):
        bench.measure(SCRIPT, 300)
