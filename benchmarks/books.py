"""The demo books that are measured, generated once and kept in one folder."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import measure
from benchmarks.second_night import changed_orders, day_after


class DisagreementError(Exception):
    """kam and the hand-written night decide differently; the message shows where."""


class Book:
    """A demo workspace of some size. Both nights are written inside it."""

    def __init__(self, folder: Path, accounts: int) -> None:
        self.accounts = accounts
        self.path = folder / f"book-{accounts}"
        self._results = self.path / "by_hand"
        if not (self.path / "kam.yaml").exists():
            arguments = ["--accounts", str(accounts), "--nights", "none"]
            measure.run(["kam.py", "demo", str(self.path), *arguments])
            # The script knows the policy alone, not what people decided about single accounts.
            (self.path / "overrides.yaml").write_text("overrides: []\n", encoding="utf-8")

    def kam(self) -> measure.Usage:
        return first_night(self.path)

    def kam_again(self) -> measure.Usage:
        """The night after `kam`, over its state and with the orders of the new day."""
        with changed_orders(self.path):
            day = day_after(self.path).isoformat()
            return measure.run(["kam.py", "run", str(self.path), "--as-of", day])

    def by_hand(self) -> measure.Usage:
        """One night of the hand-written script."""
        return measure.run(["-m", "benchmarks.by_hand", str(self.path), str(self._results)])

    def check_agreement(self) -> None:
        """Raises `DisagreementError` unless both nights decided the same."""
        check_agreement(self.path, self._results, f"at {self.accounts:,} accounts")

    def records(self) -> int:
        """Rows of all sources but the accounts, as kam's last night counted them."""
        return records_read(self.path)


def first_night(workspace: Path) -> measure.Usage:
    """One night of kam on an empty store."""
    shutil.rmtree(workspace / "store", ignore_errors=True)
    return measure.run(["kam.py", "run", str(workspace)])


def check_agreement(workspace: Path, results: Path, where: str) -> None:
    """Raises `DisagreementError` unless kam's last night and the hand-written one decided the
    same; `where` begins its message."""
    # Not in this process: what it holds counts as memory of the processes that it starts.
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.agreement", str(workspace), str(results)],
        check=False,
        cwd=measure.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        found = done.stdout.rstrip().replace("\n", "\n  ")
        raise DisagreementError(f"{where} the nights differ:\n  {found}")


def records_read(workspace: Path) -> int:
    """Rows of all sources but the accounts, as the last night of a workspace counted them."""
    sources = sources_read(last_run(workspace))
    return sum(one["rows_read"] for one in sources if one["name"] != "accounts")


def last_run(workspace: Path) -> Path:
    """The folder of the last night of a workspace."""
    return max((workspace / "store" / "runs").iterdir())


def sources_read(run: Path) -> list[dict[str, Any]]:
    """What the manifest of a night says of each source."""
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    sources: list[dict[str, Any]] = manifest["sources"]
    return sources
