"""`python -m benchmarks`: kam beside a hand-written night, as whole processes, in one session."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import machine, measure, parts
from benchmarks.books import Book, DisagreementError
from benchmarks.measure import Usage
from benchmarks.tables import aligned, markdown, write_between_markers

SIZES = (300, 100_000)
FULL_SIZE = 1_000_000
SMALL_CHECK = 2_000
"""Accounts of the book on which the two nights are compared before anything is timed."""

DOCUMENT = measure.ROOT / "docs" / "benchmarks.md"
GIGABYTE = 10**9

NIGHT_HEAD = (
    "accounts",
    "records",
    "night",
    "wall s",
    "cpu s",
    "peak GB",
    "accounts/s",
    "ratio",
    "goal",
)
COMMAND_HEAD = ("command", "wall s", "cpu s", "peak GB", "goal", "")
PARTS_HEAD = ("part of one kam run", "wall s", "share")

COMMANDS = {
    "kam check policies/key_account_rules": (["check", "policies/key_account_rules"], 0.5),
    "kam check policies/engineering": (["check", "policies/engineering"], 0.5),
    "kam --help": (["--help"], 0.2),
}
"""What a person waits for, and the seconds that it may take."""

SMALL_NIGHT = 300
SMALL_NIGHT_SECONDS = 2.0
MOST_RATIO = 2.0
MOST_SECOND = 1.3
MOST_MEMORY = 6 * GIGABYTE


@dataclass(frozen=True)
class Pair:
    """kam, the hand-written script and kam's second night, run one after the other."""

    kam: Usage
    by_hand: Usage
    again: Usage


def main() -> None:
    options = _options()
    with _folder(options.keep) as folder:
        head = [machine.describe(), _conditions(options.runs)]
        _say(*head)
        try:
            tables = _measure(options, folder)
        except DisagreementError as error:
            sys.exit(f"no timings: {error}")
    for table in tables:
        print(f"\n{aligned(*table)}")
    if options.markdown:
        text = "\n\n".join(["\n".join(head), *(markdown(*table) for table in tables)])
        write_between_markers(DOCUMENT, text)


def _conditions(runs: int) -> str:
    return f"load before measuring: {machine.load():.1f}; runs of each after the warm-up: {runs}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--accounts", type=int, action="append", help="size of a book; repeatable")
    parser.add_argument("--full", action="store_true", help=f"a book of {FULL_SIZE:,} as well")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default: 5)")
    parser.add_argument("--keep", type=Path, help="folder for the books, kept and used again")
    parser.add_argument(
        "--markdown", action="store_true", help=f"write the tables into {DOCUMENT.name}"
    )
    options = parser.parse_args()
    options.accounts = options.accounts or list(SIZES)
    if options.full:
        options.accounts.append(FULL_SIZE)
    return options


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="kam-benchmarks-") as name:
            yield Path(name)
    else:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()


def _measure(
    options: argparse.Namespace, folder: Path
) -> list[tuple[tuple[str, ...], list[list[str]]]]:
    """Tables of nights, of commands and of the largest night's parts.

    Raises `DisagreementError`.
    """
    _warm_up(Book(folder, SMALL_CHECK))
    nights: list[list[str]] = []
    for accounts in sorted(set(options.accounts)):
        _say(f"{accounts:,} accounts: writing the book")
        book = Book(folder, accounts)
        _warm_up(book)
        pairs = []
        for number in range(options.runs):
            _say(f"{accounts:,} accounts: run {number + 1} of {options.runs}")
            pairs.append(Pair(book.kam(), book.by_hand(), book.kam_again()))
        nights += _night_rows(book, pairs)
    largest = Book(folder, max(options.accounts))
    return [
        (NIGHT_HEAD, nights),
        (COMMAND_HEAD, _commands(options.runs)),
        (PARTS_HEAD, _parts(largest)),
    ]


def _warm_up(book: Book) -> None:
    """Both nights once, so that files are in memory, and whether they agree."""
    _say(f"{book.accounts:,} accounts: do both nights decide the same?")
    book.kam()
    book.by_hand()
    book.check_agreement()


def _night_rows(book: Book, pairs: list[Pair]) -> Iterator[list[str]]:
    kam = measure.middle([one.kam for one in pairs])
    by_hand = measure.middle([one.by_hand for one in pairs])
    again = measure.middle([one.again for one in pairs])
    ratio = median(one.kam.wall / one.by_hand.wall for one in pairs)
    second = median(one.again.wall / one.kam.wall for one in pairs)
    goal = _met(f"≤ {MOST_SECOND} of the first", second <= MOST_SECOND)
    for name, used, share, judged in (
        ("kam run", kam, f"{ratio:.2f}", _goal(book.accounts, ratio, kam)),
        ("by hand", by_hand, "", ""),
        ("kam run, the night after", again, f"{second:.2f}", goal),
    ):
        yield [
            f"{book.accounts:,}",
            f"{book.records():,}",
            name,
            f"{used.wall:.2f}",
            f"{used.cpu:.2f}",
            f"{used.memory / GIGABYTE:.2f}",
            f"{book.accounts / used.wall:,.0f}",
            share,
            judged,
        ]


def _goal(accounts: int, ratio: float, kam: Usage) -> str:
    if accounts == SMALL_NIGHT:
        return _met(f"< {SMALL_NIGHT_SECONDS:.0f} s", kam.wall < SMALL_NIGHT_SECONDS)
    if accounts not in (SIZES[-1], FULL_SIZE):
        return ""
    goals = [_met(f"ratio ≤ {MOST_RATIO:.0f}", ratio <= MOST_RATIO)]
    if accounts == FULL_SIZE:
        goals.append(_met(f"< {MOST_MEMORY // GIGABYTE} GB", kam.memory < MOST_MEMORY))
    return "; ".join(goals)


def _commands(runs: int) -> list[list[str]]:
    rows = []
    for name, (arguments, most) in COMMANDS.items():
        _say(name)
        measure.run(["kam.py", *arguments])
        used = measure.middle([measure.run(["kam.py", *arguments]) for _ in range(max(runs, 5))])
        figures = [f"{used.wall:.2f}", f"{used.cpu:.2f}", f"{used.memory / GIGABYTE:.2f}"]
        rows.append([name, *figures, f"< {most} s", "met" if used.wall < most else "not met"])
    return rows


def _parts(book: Book) -> list[list[str]]:
    _say(f"{book.accounts:,} accounts: where the time goes")
    seconds = parts.of_night(book.path)
    total = sum(seconds.values())
    rows = [
        [parts.TITLES.get(part, part), f"{spent:.2f}", f"{spent / total:.0%}"]
        for part, spent in seconds.items()
    ]
    return [*rows, [f"all, at {book.accounts:,} accounts", f"{total:.2f}", "100%"]]


def _met(goal: str, is_met: bool) -> str:
    return f"{goal}: {'met' if is_met else 'not met'}"


def _say(*lines: str) -> None:
    """What is going on; the figures alone go to standard output."""
    print(*lines, sep="\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
