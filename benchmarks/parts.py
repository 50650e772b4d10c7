"""`python -m benchmarks.parts WORKSPACE`: where one night on an empty store spends its time.

Prints one JSON object: seconds on the clock by part, in the order of the night.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import ROOT

TITLES = {
    "policy": "policies, checks and plan",
    "facts": "sources: read, typed, quarantined",
    "measures": "measures, scores, statistics, tier candidates",
    "decisions": "tiers, warnings, obligations, milestones, actions, evidence",
    "files": "facts, decisions and obligations as Parquet, manifest",
    "log": "decision log and actions in SQLite",
}


def of_night(workspace: Path) -> dict[str, float]:
    """Seconds of each part, from a process of its own."""
    shutil.rmtree(workspace / "store", ignore_errors=True)
    arguments = [sys.executable, "-m", "benchmarks.parts", str(workspace)]
    done = subprocess.run(arguments, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    from engine.runner import run_night

    report = run_night(Path(sys.argv[1]))
    json.dump(dict(report.seconds), sys.stdout)


if __name__ == "__main__":
    main()
