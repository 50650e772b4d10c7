"""What the evidence costs is told against its goal."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from benchmarks import measure
from benchmarks.parts import EVIDENCE_TITLES, Parts
from benchmarks.trail import evidence_table, run_until


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        (5.0, "they add 50% (≤ 50%): met"),
        (5.1, "they add 51% (≤ 50%): not met"),
    ],
)
def test_evidence_is_compared_with_the_night_without_it(evidence: float, told: str) -> None:
    spent = dict.fromkeys(EVIDENCE_TITLES, 0.0) | {"tree": evidence}
    table = evidence_table(Parts({"facts": 10.0, "log": evidence}, spent), 1_000, "the first night")
    assert table.rows[-1][1:] == ["10.00", f"{10 / (10 + evidence):.1%}", told]
    assert table.rows[-2][:2] == ["all, at 1,000 accounts", f"{evidence:.2f}"]


@pytest.mark.parametrize(("there", "days"), [(1, [1, 2]), (2, [2]), (3, []), (4, [])])
def test_a_store_gets_a_night_a_day_until_it_holds_so_many(
    there: int, days: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, ran = date(2026, 6, 30), list[str]()
    for day in range(there):
        (tmp_path / "store" / "runs" / f"{first + timedelta(days=day)}.1").mkdir(parents=True)
    monkeypatch.setattr(measure, "run", lambda arguments: ran.append(arguments[-1]))
    run_until(tmp_path, 3)
    assert ran == [(first + timedelta(days=day)).isoformat() for day in days]
