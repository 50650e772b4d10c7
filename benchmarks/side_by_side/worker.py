"""`python -m benchmarks.side_by_side.worker ENGINE RULES ACCOUNTS [HITS]`: one engine, measured.

RULES is JSON, ACCOUNTS Parquet; the hits are written to HITS after the clock has stopped.
Prints one JSON object, `Measured`.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.measure import KILOBYTE
from benchmarks.side_by_side.conditions import read_rules
from benchmarks.side_by_side.registry import BY_NAME

TIMES = 3
LONG_ENOUGH = 4.0
"""Seconds after which an evaluation is not repeated."""


@dataclass(frozen=True)
class Measured:
    """Seconds to compile the rules, to load the accounts and to evaluate (the median of
    `times`), and the most bytes that the process held until then."""

    prepare: float
    load: float
    evaluate: float
    times: int
    memory: int


def measure(name: str, rules: Path, accounts: Path, hits: Path | None) -> Measured:
    engine = BY_NAME[name].make()
    read = read_rules(rules)
    prepare = _seconds(lambda: engine.prepare(read))
    load = _seconds(lambda: engine.load(accounts))
    spent: list[float] = []
    while len(spent) < TIMES and sum(spent) < LONG_ENOUGH:
        engine.forget()
        spent.append(_seconds(engine.evaluate))
    found = Measured(prepare, load, median(spent), len(spent), most_memory())
    if hits is not None:
        engine.write_hits(hits)
    return found


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def most_memory() -> int:
    """The most bytes this program held. What `getrusage` says includes, on Linux, what the
    process that started it held; the kernel's own account does not."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text(encoding="utf-8"), re.M)
        if found is not None:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILOBYTE


def main() -> None:
    name, rules, accounts = sys.argv[1:4]
    hits = Path(sys.argv[4]) if len(sys.argv) > 4 else None
    print(json.dumps(asdict(measure(name, Path(rules), Path(accounts), hits))), flush=True)
    os._exit(0)  # durable-rules' threads never end


if __name__ == "__main__":
    main()
