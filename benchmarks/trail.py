"""What the evidence of a night costs, and how fast it is read: `kam verify`, `kam explain`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks import measure, parts
from benchmarks.books import last_run
from benchmarks.nights import met
from benchmarks.tables import Table

MOST_ADDED = 0.5
"""What the evidence may add to a night without it."""
VERIFIED_A_SECOND = 200_000
EXPLAIN_SECONDS = 1.0
WEEK = 7


def evidence_table(found: parts.Parts, accounts: int, night: str) -> Table:
    """The share of a night that its evidence takes; `night` is what it is called."""
    total = sum(found.night.values())
    rows = [
        [parts.EVIDENCE_TITLES[name], f"{spent:.2f}", f"{spent / total:.1%}", ""]
        for name, spent in found.evidence.items()
    ]
    spent = sum(found.evidence.values())
    added = spent / (total - spent)
    rows += [
        [f"all, at {accounts:,} accounts", f"{spent:.2f}", f"{spent / total:.1%}", ""],
        [
            "the night without them",
            f"{total - spent:.2f}",
            f"{1 - spent / total:.1%}",
            met(f"they add {added:.0%} (≤ {MOST_ADDED:.0%})", added <= MOST_ADDED),
        ],
    ]
    return Table((f"evidence and log within {night}", "wall s", "share", "goal"), rows)


def reading_table(workspace: Path, runs: int) -> Table:
    """How long it takes to verify the nights of a store, as it is and once it holds a week of
    them, and to explain one decision of the last."""
    return Table(("command", "wall s", "peak GB", "rate", "goal"), list(_reading(workspace, runs)))


def _reading(workspace: Path, runs: int) -> Iterator[list[str]]:
    yield _verify_row(workspace)
    run_until(workspace, WEEK)
    yield _verify_row(workspace)
    command = ["kam.py", "explain", _an_account(workspace), "-w", str(workspace)]
    measure.run(command)
    used = measure.middle([measure.run(command) for _ in range(max(runs, 3))])
    yield [
        "kam explain ACCOUNT",
        f"{used.wall:.2f}",
        f"{used.memory / 10**9:.2f}",
        "",
        met(f"< {EXPLAIN_SECONDS:.0f} s", used.wall < EXPLAIN_SECONDS),
    ]


def run_until(workspace: Path, nights: int) -> None:
    """A night on each of the following days, until the store holds so many."""
    first = date.fromisoformat(min(_nights(workspace)).partition(".")[0])
    for days in range(len(_nights(workspace)), nights):
        as_of = first + timedelta(days=days)
        measure.run(["kam.py", "run", str(workspace), "--as-of", as_of.isoformat()])


def _nights(workspace: Path) -> list[str]:
    return [folder.name for folder in (workspace / "store" / "runs").iterdir()]


def _verify_row(workspace: Path) -> list[str]:
    used, said = _verified(workspace)
    rate = said["decisions"] / used.wall
    return [
        f"kam verify, {len(said['runs'])} nights: {said['decisions']:,} decisions, "
        f"{said['leaves']:,} leaves",
        f"{used.wall:.2f}",
        f"{used.memory / 10**9:.2f}",
        f"{rate:,.0f} decisions/s",
        met(f"≥ {VERIFIED_A_SECOND:,}/s", rate >= VERIFIED_A_SECOND),
    ]


def _verified(workspace: Path) -> tuple[measure.Usage, dict[str, Any]]:
    """One `kam verify`, and what it says. Raises `RuntimeError` if it finds anything."""
    used, text = measure.told(["kam.py", "verify", str(workspace), "--format", "json"])
    [document] = [line for line in text.splitlines() if line.startswith("{")]
    said: dict[str, Any] = json.loads(document)
    return used, said


def _an_account(workspace: Path) -> str:
    """An account from the middle of the last night."""
    query = (
        "import duckdb, sys; print(duckdb.read_parquet(sys.argv[1]).project('account_id')"
        ".filter('account_id IS NOT NULL').aggregate('quantile_disc(account_id, 0.5)')"
        ".fetchall()[0][0])"
    )
    facts = last_run(workspace) / "facts.parquet"
    done = subprocess.run(
        [sys.executable, "-c", query, str(facts)], stdout=subprocess.PIPE, check=True, text=True
    )
    return done.stdout.strip()
