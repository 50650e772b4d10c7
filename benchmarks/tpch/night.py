"""kam's night beside the hand-written one, over the data of TPC-H."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import measure
from benchmarks.books import check_agreement, first_night, records_read
from benchmarks.nights import NIGHT_HEAD, night_row
from benchmarks.tables import Table

CUSTOMERS = 150_000
"""Of scale 1."""


@dataclass(frozen=True)
class TpchBook:
    """A workspace over TPC-H of a scale."""

    path: Path
    scale: str

    def write(self) -> None:
        """Raises `RuntimeError` if tpchgen-cli fails."""
        if not (self.path / "kam.yaml").exists():
            measure.run(["-m", "benchmarks.tpch", "--write", str(self.path), self.scale])

    def kam(self) -> measure.Usage:
        return first_night(self.path)

    def by_hand(self) -> measure.Usage:
        return measure.run(["-m", "benchmarks.tpch", str(self.path)])

    def check_agreement(self) -> None:
        """Raises `DisagreementError` unless both nights decided the same."""
        check_agreement(self.path, self.path / "by_hand", f"over TPC-H of scale {self.scale}")


def tpch_table(folder: Path, scale: str, runs: int, say: Callable[[str], None]) -> Table:
    """Both nights of TPC-H of a scale, compared before they are timed."""
    book = TpchBook(folder / f"tpch-{scale}", scale)
    say(f"TPC-H of scale {scale}: writing the data")
    book.write()
    say(f"TPC-H of scale {scale}: do both nights decide the same?")
    book.kam()
    book.by_hand()
    book.check_agreement()
    pairs = []
    for number in range(runs):
        say(f"TPC-H of scale {scale}: run {number + 1} of {runs}")
        pairs.append((book.kam(), book.by_hand()))
    kam, by_hand = (measure.middle([pair[place] for pair in pairs]) for place in (0, 1))
    ratio = median(one.wall / other.wall for one, other in pairs)
    size = round(CUSTOMERS * float(scale)), records_read(book.path)
    return Table(
        NIGHT_HEAD[:-1],
        [
            night_row("kam run", kam, size, f"{ratio:.2f}")[:-1],
            night_row("by hand", by_hand, size)[:-1],
        ],
    )
