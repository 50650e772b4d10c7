"""What the evidence costs is told against its goal."""

from __future__ import annotations

import pytest

from benchmarks.parts import EVIDENCE_TITLES, Parts
from benchmarks.trail import evidence_table


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
