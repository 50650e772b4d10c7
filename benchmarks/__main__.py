"""`python -m benchmarks`: everything that docs/benchmarks.md shows, in one session."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from benchmarks import machine, measure, nights, parts, trail
from benchmarks.books import Book, DisagreementError
from benchmarks.chart import Bar, Panel, chart
from benchmarks.floor import floor_table
from benchmarks.options import PARTS, Options, read_options
from benchmarks.side_by_side import report
from benchmarks.side_by_side.registry import ENGINES, KAM, KAM_VALUES, RETE, Entry
from benchmarks.side_by_side.run import Result, best_rates, side_by_side
from benchmarks.tables import Table, aligned, markdown, write_between_markers
from benchmarks.tpch.data import generator
from benchmarks.tpch.night import tpch_table

DOCUMENT = measure.ROOT / "docs" / "benchmarks.md"
CHART = DOCUMENT.with_suffix(".svg")

Found = Sequence[Table | str]
"""What a part has to show: tables, and lines of text between them."""


def main() -> None:
    options = read_options()
    with _folder(options.keep) as folder:
        for part in options.parts:
            head = f"{machine.describe()}. {_conditions(options.runs)}"
            _say(head)
            try:
                found = MEASURED[part](options, folder)
            except DisagreementError as error:
                sys.exit(f"no timings: {error}")
            _show(part, head, found, options.markdown)


def _conditions(runs: int) -> str:
    return f"Load before measuring: {machine.load():.1f}; runs of each: {runs}"


def _show(part: str, head: str, found: Found, write: bool) -> None:
    for one in found:
        print(f"\n{aligned(one) if isinstance(one, Table) else one}", flush=True)
    if write:
        listed = [markdown(one) if isinstance(one, Table) else one for one in found]
        write_between_markers(DOCUMENT, part, "\n\n".join([f"{head}.", *listed]))


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="kam-benchmarks-") as name:
            yield Path(name)
    else:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()


# --- the parts ---------------------------------------------------------------------------


def _nights(options: Options, folder: Path) -> Found:
    table = nights.nights_table(folder, options.nights, options.runs, _say)
    return [table, nights.commands_table(options.runs, _say)]


def _floor(options: Options, folder: Path) -> Found:
    """Of the books whose nights have a goal for their ratio."""
    sizes = [accounts for accounts in options.nights if accounts in nights.RATIO_SIZES]
    return [floor_table(folder, sizes or [max(options.nights)], _say)]


def _evidence(options: Options, folder: Path) -> Found:
    """Over the largest book; and what reads its log afterwards."""
    book = Book(folder, max(options.nights))
    _say(f"{book.accounts:,} accounts: where the time goes")
    first, after = parts.of_night(book.path), parts.of_night_after(book.path)
    return [
        nights.parts_table(first, book.accounts),
        trail.evidence_table(first, book.accounts, "the first night"),
        trail.evidence_table(after, book.accounts, "the night after"),
        trail.reading_table(book.path, 1),
    ]


def _engines(options: Options, folder: Path) -> Found:
    results, notes = side_by_side(
        folder, options.engines, options.rules, options.runs, _say, options.row_seconds
    )
    drawn = chart("Accounts judged in a second", panels(results))
    if options.markdown:
        CHART.write_text(drawn, encoding="utf-8")
    used = sorted({f"{one.library} {version(one.library)}" for one in ENGINES if one.is_installed})
    return [f"{', '.join(used)}.", report.goals(results), report.figures(results), *notes]


def panels(results: Sequence[Result]) -> list[Panel]:
    """Per number of rules, the highest rate of every engine."""
    found = []
    for rules in sorted({one.rules for one in results}):
        bars = [
            Bar(one.engine.title, one.rate, one.accounts, _kind(one.engine))
            for one in best_rates(results, rules)
        ]
        found.append(Panel(f"{rules} rules", bars))
    return found


def _kind(engine: Entry) -> str:
    if engine in (KAM, KAM_VALUES, RETE):
        return "kam"
    return "bulk" if engine.bulk else "row"


def _tpch(options: Options, folder: Path) -> Found:
    if generator() is None:
        return ["TPC-H: tpchgen-cli, which writes the data, is not installed"]
    table = tpch_table(folder, options.tpch, options.runs, _say)
    return [f"Scale {options.tpch}, tpchgen-cli {version('tpchgen-cli')}.", table]


MEASURED: dict[str, Callable[[Options, Path], Found]] = {
    "nights": _nights,
    "floor": _floor,
    "engines": _engines,
    "evidence": _evidence,
    "tpch": _tpch,
}
assert tuple(sorted(MEASURED)) == tuple(sorted(PARTS))


def _say(*lines: str) -> None:
    """What is going on; the figures alone go to standard output."""
    print(*lines, sep="\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
