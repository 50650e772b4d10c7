"""How fast events are decided: `python -m benchmarks.events WORKSPACE`.

WORKSPACE is a demo with a night behind it (`kam demo DIR --accounts 100000 --nights last`); it is
written to, so take a copy. Four kinds of events about random accounts, each account once, through
the desk of the service, without HTTP.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from engine.day.events import Answer, Event
from engine.language.load import load_workspace
from engine.runner.desk import EventDesk

WARM_UP = 20
SINGLE = 1000
BATCHES, BATCH = 30, 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    workspace = load_workspace(given.workspace)
    day = _last_day(workspace.store_folder / "kam.db")
    begun = time.perf_counter()
    with EventDesk(given.workspace, indexed=True) as desk:
        print(f"desk open, with its index: {time.perf_counter() - begun:.1f} s")
        facts = workspace.store_folder / "runs" / desk.night / "facts.parquet"
        events = _events(_accounts(facts, given.seed), day, random.Random(given.seed))
        for _ in range(WARM_UP):
            desk.answer([next(events)])
        _single(desk, events)
        _batches(desk, events)


def _single(desk: EventDesk, events: Iterator[Event]) -> None:
    spent, taken, processor = [], 0, time.process_time()
    for _ in range(SINGLE):
        event, begun = next(events), time.perf_counter()
        (answer,) = desk.answer([event])
        spent.append(1000 * (time.perf_counter() - begun))
        taken += isinstance(answer, Answer)
    each = 1000 * (time.process_time() - processor) / SINGLE
    spent.sort()
    p50, p95, p99 = (spent[int(share * SINGLE)] for share in (0.5, 0.95, 0.99))
    print(
        f"one by one: p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms, "
        f"{each:.1f} ms of processor each; {taken} of {SINGLE} taken"
    )


def _batches(desk: EventDesk, events: Iterator[Event]) -> None:
    begun, processor = time.perf_counter(), time.process_time()
    for _ in range(BATCHES):
        desk.answer([next(events) for _ in range(BATCH)])
    taken = BATCHES * BATCH
    each = 1000 * (time.process_time() - processor) / taken
    print(
        f"in batches of {BATCH}: {taken / (time.perf_counter() - begun):.0f} events a second, "
        f"{each:.1f} ms of processor each"
    )


def _last_day(database: Path) -> str:
    connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
    query = "SELECT as_of FROM runs WHERE kind = 'night' ORDER BY run_no DESC LIMIT 1"
    ((day,),) = connection.execute(query).fetchall()
    connection.close()
    return str(day)


def _accounts(facts: Path, seed: int) -> list[str]:
    """As many accounts as events, from the run that the desk works on."""
    rows = duckdb.read_parquet(str(facts)).project("account_id").fetchall()
    found = sorted(account for (account,) in rows)
    random.Random(seed).shuffle(found)
    needed = WARM_UP + SINGLE + BATCHES * BATCH
    return (found * (needed // len(found) + 1))[:needed]


def _events(accounts: list[str], day: str, chance: random.Random) -> Iterator[Event]:
    for account in accounts:
        name = uuid.uuid4().hex
        kinds: tuple[tuple[str | None, dict[str, Any]], ...] = (
            (
                "signals",
                {
                    "observed_on": day,
                    "kind": chance.choice(["management_change", "payment_default"]),
                    "severity": chance.randint(1, 5),
                },
            ),
            ("issues", {"issue_id": name, "opened_at": f"{day} 09:00", "class": "complaint"}),
            ("contacts", {"contacted_on": day, "kind": "visit"}),
            (None, {"credit_rating": chance.choice(["A", "B", "D"])}),
        )
        record, values = chance.choice(kinds)
        kind: Any = "account" if record is None else "record"
        yield Event(name, kind, account, values, record)


if __name__ == "__main__":
    main()
