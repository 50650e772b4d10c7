"""kam's night beside the hand-written one, over demo books; and what people wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import measure, parts
from benchmarks.books import Book
from benchmarks.measure import Usage
from benchmarks.tables import Table

SIZES = (300, 100_000)
FULL_SIZE = 1_000_000
RATIO_SIZES = (SIZES[-1], FULL_SIZE)
"""Accounts of the books for which the ratio to the script has a goal."""
SMALL_CHECK = 2_000
"""Accounts of the book on which the two nights are compared before anything is timed."""

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

Say = Callable[[str], None]


@dataclass(frozen=True)
class Pair:
    """kam, the hand-written script and kam's second night, run one after the other."""

    kam: Usage
    by_hand: Usage
    again: Usage


def nights_table(folder: Path, sizes: Sequence[int], runs: int, say: Say) -> Table:
    """Nights of all sizes. Raises `DisagreementError`."""
    rows: list[list[str]] = []
    if max(sizes) > SMALL_CHECK:
        _warm_up(Book(folder, SMALL_CHECK), say)
    for accounts in sorted(set(sizes)):
        say(f"{accounts:,} accounts: writing the book")
        book = Book(folder, accounts)
        _warm_up(book, say)
        pairs = []
        for number in range(runs):
            say(f"{accounts:,} accounts: run {number + 1} of {runs}")
            pairs.append(Pair(book.kam(), book.by_hand(), book.kam_again()))
        rows += _night_rows(book, pairs)
    return Table(NIGHT_HEAD, rows)


def _warm_up(book: Book, say: Say) -> None:
    """Both nights once, so that files are in memory, and whether they agree."""
    say(f"{book.accounts:,} accounts: do both nights decide the same?")
    book.kam()
    book.by_hand()
    book.check_agreement()


def _night_rows(book: Book, pairs: list[Pair]) -> Iterator[list[str]]:
    kam = measure.middle([one.kam for one in pairs])
    by_hand = measure.middle([one.by_hand for one in pairs])
    again = measure.middle([one.again for one in pairs])
    ratio = median(one.kam.wall / one.by_hand.wall for one in pairs)
    second = median(one.again.wall / one.kam.wall for one in pairs)
    goal = met(f"≤ {MOST_SECOND} of the first", second <= MOST_SECOND)
    for name, used, share, judged in (
        ("kam run", kam, f"{ratio:.2f}", _goal(book.accounts, ratio, kam)),
        ("by hand", by_hand, "", ""),
        ("kam run, the night after", again, f"{second:.2f}", goal),
    ):
        yield night_row(name, used, (book.accounts, book.records()), share, judged)


def night_row(
    name: str, used: Usage, size: tuple[int, int], share: str = "", judged: str = ""
) -> list[str]:
    """One row under `NIGHT_HEAD`; `size` is accounts and records."""
    accounts, records = size
    return [
        f"{accounts:,}",
        f"{records:,}",
        name,
        f"{used.wall:.2f}",
        f"{used.cpu:.2f}",
        f"{used.memory / GIGABYTE:.2f}",
        f"{accounts / used.wall:,.0f}",
        share,
        judged,
    ]


def _goal(accounts: int, ratio: float, kam: Usage) -> str:
    if accounts == SMALL_NIGHT:
        return met(f"< {SMALL_NIGHT_SECONDS:.0f} s", kam.wall < SMALL_NIGHT_SECONDS)
    if accounts not in RATIO_SIZES:
        return ""
    goals = [met(f"ratio ≤ {MOST_RATIO:.0f}", ratio <= MOST_RATIO)]
    if accounts == FULL_SIZE:
        goals.append(met(f"< {MOST_MEMORY // GIGABYTE} GB", kam.memory < MOST_MEMORY))
    return "; ".join(goals)


def commands_table(runs: int, say: Say) -> Table:
    """What a person waits for."""
    rows = []
    for name, (arguments, most) in COMMANDS.items():
        say(name)
        measure.run(["kam.py", *arguments])
        used = measure.middle([measure.run(["kam.py", *arguments]) for _ in range(runs)])
        figures = [f"{used.wall:.2f}", f"{used.cpu:.2f}", f"{used.memory / GIGABYTE:.2f}"]
        rows.append([name, *figures, f"< {most} s", "met" if used.wall < most else "not met"])
    return Table(COMMAND_HEAD, rows)


def parts_table(found: parts.Parts, accounts: int) -> Table:
    """Where one night spends its time."""
    total = sum(found.night.values())
    rows = [
        [parts.TITLES.get(part, part), f"{spent:.2f}", f"{spent / total:.0%}"]
        for part, spent in found.night.items()
    ]
    rows.append([f"all, at {accounts:,} accounts", f"{total:.2f}", "100%"])
    return Table(PARTS_HEAD, rows)


def met(goal: str, is_met: bool) -> str:
    return f"{goal}: {'met' if is_met else 'not met'}"
