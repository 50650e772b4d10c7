"""All engines over all sizes of books and policies, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median

from benchmarks.books import DisagreementError
from benchmarks.measure import ROOT
from benchmarks.side_by_side.conditions import write_rules
from benchmarks.side_by_side.generate import policy
from benchmarks.side_by_side.registry import ENGINES, SCRIPT, Entry
from benchmarks.side_by_side.worker import Measured

SMALL = 1_000
"""Accounts on which every engine is compared, and row engines are measured."""

ROW_SECONDS = 30.0
"""A row engine is measured on a larger book if its rate on the small one promises to be done
by then. Nothing is extrapolated: what is not measured stands in no table."""

ROW_MOST = 100_000

Say = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """One engine on so many rules and accounts."""

    engine: Entry
    rules: int
    accounts: int
    measured: Measured
    hits: int

    @property
    def rate(self) -> float:
        """Accounts a second, by the clock, of evaluation alone."""
        return self.accounts / self.measured.evaluate


def side_by_side(
    folder: Path,
    sizes: Sequence[int],
    rules: Sequence[int],
    runs: int,
    say: Say,
    row_seconds: float = ROW_SECONDS,
) -> tuple[list[Result], list[str]]:
    """Results in the order of rules, accounts and engines; and what was not measured, and why.

    A row engine is measured where its rate on `SMALL` accounts promises `row_seconds` at most.
    Raises `DisagreementError` if an engine finds other hits than the hand-written script.
    """
    installed = [one for one in ENGINES if one.is_installed]
    notes = [f"{one.title}: not installed" for one in ENGINES if not one.is_installed]
    results: list[Result] = []
    for count in rules:
        bench = Bench(folder, count, runs, say)
        bench.check(installed)
        for accounts in sorted(set(sizes)):
            for engine in installed:
                small = [one for one in results if one.rules == count and one.engine == engine]
                if _is_feasible(engine, accounts, small, row_seconds):
                    results.append(bench.measure(engine, accounts))
    return results, notes


def _is_feasible(
    engine: Entry, accounts: int, before: Sequence[Result], row_seconds: float
) -> bool:
    if engine.bulk or accounts <= SMALL:
        return True
    if accounts > ROW_MOST or not before:
        return False
    return accounts / max(one.rate for one in before) < row_seconds


class Bench:
    """A policy of so many rules, and the engines that are asked about it."""

    def __init__(self, folder: Path, rules: int, runs: int, say: Say) -> None:
        self.folder = folder
        self.count = rules
        self.runs = runs
        self.say = say
        self.rules = folder / f"rules-{rules}.json"
        write_rules(policy(rules), self.rules)

    def check(self, engines: Sequence[Entry]) -> None:
        """Every engine's hits on the small book, account by account, before anything is timed."""
        for engine in engines:
            self.say(f"{self.count} rules, {SMALL:,} accounts: the hits of {engine.title}")
            self._run(engine, SMALL)

    def measure(self, engine: Entry, accounts: int) -> Result:
        """The medians of some runs. The hits of each are compared once the clock has stopped."""
        self.say(f"{self.count} rules, {accounts:,} accounts: {engine.title}")
        found = [self._run(engine, accounts) for _ in range(self.runs)]
        measured = Measured(
            **{
                one.name: median(getattr(each, one.name) for each, _ in found)
                for one in fields(Measured)
            }
        )
        return Result(engine, self.count, accounts, measured, found[0][1])

    def _run(self, engine: Entry, accounts: int) -> tuple[Measured, int]:
        hits = self.folder / "hits.parquet"
        reference = self._reference(accounts)
        measured = _worker(engine, self.rules, self._accounts(accounts), hits)
        command = [sys.executable, "-m", "benchmarks.side_by_side.compare"]
        done = subprocess.run(
            [*command, reference, hits],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=False,
            text=True,
        )
        if done.returncode:
            raise DisagreementError(
                f"{engine.title} finds other hits than {SCRIPT.title}, with {self.count} rules "
                f"and {accounts:,} accounts:\n{done.stdout.rstrip()}"
            )
        return measured, _rows(hits)

    def _reference(self, accounts: int) -> Path:
        """The hits that all engines must find: what the hand-written script finds."""
        file = self.folder / f"hits-{self.count}-{accounts}.parquet"
        if not file.exists():
            _worker(SCRIPT, self.rules, self._accounts(accounts), file)
        return file

    def _accounts(self, count: int) -> Path:
        file = self.folder / f"accounts-{count}.parquet"
        if not file.exists():
            command = [sys.executable, "-m", "benchmarks.side_by_side.generate"]
            subprocess.run([*command, str(count), file], cwd=ROOT, check=True)
        return file


def _worker(engine: Entry, rules: Path, accounts: Path, hits: Path) -> Measured:
    command = [sys.executable, "-m", "benchmarks.side_by_side.worker", engine.name]
    done = subprocess.run(
        [*command, rules, accounts, hits],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{engine.title}: {done.stderr or done.stdout}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def _rows(file: Path) -> int:
    """Rows of a Parquet file, by a process that may load DuckDB."""
    query = "import duckdb, sys; print(len(duckdb.read_parquet(sys.argv[1])))"
    done = subprocess.run(
        [sys.executable, "-c", query, file], stdout=subprocess.PIPE, check=True, text=True
    )
    return int(done.stdout)


def best_rates(results: Sequence[Result], rules: int) -> Iterator[Result]:
    """Of every engine its highest rate on so many rules, in the order of the engines."""
    for engine in ENGINES:
        own = [one for one in results if one.engine == engine and one.rules == rules]
        if own:
            yield max(own, key=lambda one: one.rate)
