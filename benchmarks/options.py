"""The options of `python -m benchmarks`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import nights
from benchmarks.side_by_side.run import ROW_SECONDS

PARTS = ("nights", "floor", "engines", "evidence", "tpch")
"""In the order of docs/benchmarks.md."""

ENGINE_SIZES = (1_000, 100_000)
RULES = (20, 60, 200)
RUNS = 3


@dataclass(frozen=True)
class Options:
    """What is measured. `nights` and `engines` are sizes of books, in accounts."""

    parts: tuple[str, ...]
    nights: tuple[int, ...]
    engines: tuple[int, ...]
    rules: tuple[int, ...]
    row_seconds: float
    tpch: str
    runs: int
    keep: Path | None
    markdown: bool


def read_options(arguments: Sequence[str] | None = None) -> Options:
    """From the command line; exits with a message if it makes no sense."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.runs is not None and given.runs < 1:
        parser.error("--runs: at least 1")
    if min([1, *(given.accounts or ()), *(given.rules or ())]) < 1:
        parser.error("--accounts and --rules: at least 1")
    sizes, engines, rules, scale, runs = _extent(given)
    parts = tuple(part for part in PARTS if part in (given.only or PARTS))
    if given.quick and not given.only:
        parts = ("nights", "engines", "tpch")
    return Options(
        parts=parts,
        nights=tuple(sorted(set(given.accounts or sizes))),
        engines=tuple(sorted(set(given.accounts or engines))),
        rules=tuple(sorted(set(given.rules or rules))),
        row_seconds=0 if given.quick else ROW_SECONDS,
        tpch=given.tpch or scale,
        runs=given.runs or runs,
        keep=given.keep,
        markdown=given.markdown,
    )


def _extent(
    given: argparse.Namespace,
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], str, int]:
    """Sizes of the nights' books and the engines', numbers of rules, scale and runs."""
    if given.quick:
        return (nights.SMALL_NIGHT,), ENGINE_SIZES, RULES[:1], "0.01", 1
    if given.full:
        larger = (nights.FULL_SIZE,)
        return nights.SIZES + larger, ENGINE_SIZES + larger, RULES, "1", RUNS
    return nights.SIZES, ENGINE_SIZES, RULES, "0.1", RUNS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="How fast a night is, and kam beside other engines. See docs/benchmarks.md.",
    )
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--quick", action="store_true", help="the smallest of each part")
    extent.add_argument(
        "--full", action="store_true", help=f"books of {nights.FULL_SIZE:,} and TPC-H of scale 1"
    )
    parser.add_argument("--only", action="append", choices=PARTS, help="this part; repeatable")
    parser.add_argument("--accounts", type=int, action="append", help="size of a book; repeatable")
    parser.add_argument("--rules", type=int, action="append", help="number of rules; repeatable")
    parser.add_argument("--tpch", metavar="SCALE", help="scale of the data of TPC-H")
    parser.add_argument("--runs", type=int, help=f"runs of each (default: {RUNS}; quick: 1)")
    parser.add_argument("--keep", type=Path, help="folder for the books, kept and used again")
    parser.add_argument(
        "--markdown", action="store_true", help="write the tables and the chart into docs/"
    )
    return parser
