"""Records that begin alike in a source without keys are as many every night as they are."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import duckdb

from tests.lifecycle.harness import Machines
from tests.lifecycle.model.inputs import Facts, Inputs
from tests.lifecycle.model.policy import Entitlement, Pack
from tests.lifecycle.one_account import ME, record

DAY = date(2026, 3, 2)
BEGUN = datetime(2026, 3, 2, 9)
PACK = Pack(
    "p",
    ("gold", "plain"),
    entitlements={"reply": Entitlement("response", ("gold", "plain"), within=(24, "hour"))},
)


def owed(machines: Machines) -> list[tuple[str, str]]:
    """(part, state) of every obligation that the last night has kept."""
    file = machines.runs[-1][1] / "obligations.parquet"
    with duckdb.connect() as connection:
        query = "SELECT part, state FROM read_parquet(?) ORDER BY ALL"
        return connection.execute(query, [str(file)]).fetchall()


def test_records_of_one_name_do_not_double_from_night_to_night() -> None:
    name = str(BEGUN)
    answered = datetime(2026, 3, 4, 9)
    two = (
        record("reply", name, DAY, starts=BEGUN),
        record("reply", name, DAY, starts=BEGUN, stops=answered),
    )
    facts = {ME: {"p": Facts(candidate="plain")}}
    with Machines([PACK]) as machines:
        kept = []
        for number in range(6):
            machines.run(Inputs(DAY + timedelta(days=number), facts, records=two))
            kept.append([state for _, state in owed(machines)])
    assert [len(states) for states in kept] == [2, 2, 2, 1, 1, 1]
    assert sorted(kept[2]) == ["late", "overdue"]
    assert kept[-1] == ["overdue"]
