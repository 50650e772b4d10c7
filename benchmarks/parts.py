"""`python -m benchmarks.parts WORKSPACE [DATE]`: where one night spends its time.

Prints one JSON object: seconds on the clock by part, in the order of the night; and those of
them that the evidence takes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from benchmarks.hooks import timed
from benchmarks.measure import ROOT
from benchmarks.second_night import changed_orders, day_after

TITLES = {
    "policy": "policies, checks and plan",
    "facts": "sources: read, typed, quarantined",
    "measures": "measures, scores, statistics, tier candidates",
    "decisions": "tiers, warnings, obligations, milestones, actions, evidence",
    "files": "facts, decisions and obligations as Parquet, manifest",
    "log": "decision log and actions in SQLite",
}

EVIDENCE = {
    "sources": "engine.facts.scan:scan",
    "files": "engine.audit.manifest:sha256_of_file",
    "salts": "engine.runner.night:prepare_salts",
    "tree": "engine.audit.recording:Recording._attest",
    "commit": "engine.audit.store:Store.commit",
}
"""What is timed inside the night; `commit` has `tree` in it."""

EVIDENCE_TITLES = {
    "sources": "hashes of the sources",
    "files": "hashes of the files of the run",
    "salts": "salts of personal values",
    "tree": "leaves, tree and checkpoint",
    "log": "decision log and actions in SQLite, without the tree",
}


@dataclass(frozen=True)
class Parts:
    """Seconds of a night by part, and of its evidence by part of that."""

    night: dict[str, float]
    evidence: dict[str, float]


def of_night(workspace: Path) -> Parts:
    """Seconds of each part of a night on an empty store, from a process of its own."""
    shutil.rmtree(workspace / "store", ignore_errors=True)
    return _measured(workspace)


def of_night_after(workspace: Path) -> Parts:
    """The same of the night after, over the store that the first has left."""
    with changed_orders(workspace):
        return _measured(workspace, day_after(workspace).isoformat())


def _measured(workspace: Path, *as_of: str) -> Parts:
    arguments = [sys.executable, "-m", "benchmarks.parts", str(workspace), *as_of]
    done = subprocess.run(arguments, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return Parts(**json.loads(done.stdout))


def main() -> None:
    from engine.runner import run_night

    workspace, *as_of = sys.argv[1:]
    with timed(EVIDENCE) as seconds:
        report = run_night(Path(workspace), *map(date.fromisoformat, as_of))
    log = seconds.pop("commit") - seconds["tree"]
    json.dump(asdict(Parts(dict(report.seconds), {**seconds, "log": log})), sys.stdout)


if __name__ == "__main__":
    main()
