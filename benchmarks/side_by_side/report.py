"""Results as tables, against the goals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.side_by_side.registry import KAM, KAM_VALUES, RETE, SCRIPT, VALUES
from benchmarks.side_by_side.run import Result, best_rates
from benchmarks.tables import Table

TIMES_ROW_ENGINE = 300
TIMES_SCRIPT = 1.5

HEAD = (
    "engine",
    "rules",
    "accounts",
    "rules ready s",
    "facts loaded s",
    "evaluated s",
    "accounts/s",
    "peak GB",
    "hits",
    "kam columnar is",
)


def figures(results: Sequence[Result]) -> Table:
    """Every result; the last column is how many times as fast kam's columnar executor is."""
    rows = []
    for one in results:
        kam = _of(results, KAM.name, one.rules, one.accounts)
        times = "" if kam is None or one.engine == KAM else _times(kam.rate / one.rate)
        rows.append(
            [
                one.engine.title,
                f"{one.rules}",
                f"{one.accounts:,}",
                f"{one.measured.prepare:.3f}",
                f"{one.measured.load:.2f}",
                _seconds(one.measured.evaluate),
                f"{one.rate:,.0f}",
                f"{one.measured.memory / 10**9:.2f}",
                f"{one.hits:,}",
                times,
            ]
        )
    return Table(HEAD, rows)


def goals(results: Sequence[Result]) -> Table:
    """What was aimed at, for each number of rules, and what came out."""
    head = ("goal", "rules", "kam columnar", "the other", "ratio", "")
    return Table(head, list(_goals(results)))


def _goals(results: Sequence[Result]) -> Iterator[list[str]]:
    for rules in sorted({one.rules for one in results}):
        best = {one.engine.name: one for one in best_rates(results, rules)}
        kam = best.get(KAM.name)
        rows = [one for one in best.values() if not one.engine.bulk and one.engine != RETE]
        if kam is None:
            continue
        if rows:
            fastest = max(rows, key=lambda one: one.rate)
            ratio = kam.rate / fastest.rate
            yield _goal(
                f"≥ {TIMES_ROW_ENGINE} times the best row engine, in bulk",
                (kam, fastest),
                ratio,
                ratio >= TIMES_ROW_ENGINE,
            )
        largest = max(one.accounts for one in results if one.engine == KAM)
        for ours, entry, judged in ((KAM, SCRIPT, True), (KAM_VALUES, VALUES, False)):
            kam = _of(results, ours.name, rules, largest)
            other = _of(results, entry.name, rules, largest)
            if kam is not None and other is not None:
                ratio = kam.measured.evaluate / other.measured.evaluate
                title = f"beside it: {entry.title}"
                if judged:
                    title = f"≤ {TIMES_SCRIPT} times the time of {entry.title}"
                met = ratio <= TIMES_SCRIPT if judged else None
                yield _goal(title, (kam, other), ratio, met)


def _goal(title: str, pair: tuple[Result, Result], ratio: float, met: bool | None) -> list[str]:
    kam, other = (f"{one.rate:,.0f}/s at {one.accounts:,} ({one.engine.title})" for one in pair)
    judged = "" if met is None else "met" if met else "not met"
    kam = kam.partition(" (")[0]
    return [title, f"{pair[0].rules}", kam, other, _plain(ratio), judged]


def _of(results: Sequence[Result], name: str, rules: int, accounts: int) -> Result | None:
    for one in results:
        if (one.engine.name, one.rules, one.accounts) == (name, rules, accounts):
            return one
    return None


def _times(ratio: float) -> str:
    return f"× {_plain(ratio)}"


def _plain(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.1f}" if ratio >= 10 else f"{ratio:.2f}"


def _seconds(spent: float) -> str:
    return f"{spent:.3f}" if spent < 10 else f"{spent:.1f}"
