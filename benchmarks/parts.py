"""`python -m benchmarks.parts WORKSPACE`: where one night on an empty store spends its time.

Prints one JSON object: seconds on the clock by part, in the order of the night; and those of
them that the evidence takes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.hooks import timed
from benchmarks.measure import ROOT

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
    "tree": "engine.audit.store:Store._attest",
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
    """Seconds of each part, from a process of its own."""
    shutil.rmtree(workspace / "store", ignore_errors=True)
    arguments = [sys.executable, "-m", "benchmarks.parts", str(workspace)]
    done = subprocess.run(arguments, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return Parts(**json.loads(done.stdout))


def main() -> None:
    from engine.runner import run_night

    with timed(EVIDENCE) as seconds:
        report = run_night(Path(sys.argv[1]))
    log = seconds.pop("commit") - seconds["tree"]
    json.dump(asdict(Parts(dict(report.seconds), {**seconds, "log": log})), sys.stdout)


if __name__ == "__main__":
    main()
