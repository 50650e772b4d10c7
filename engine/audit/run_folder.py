"""The folder of one run: written aside, synced, renamed, and only then recorded.

A run that dies leaves a ``.<run id>.partial`` folder, or a published folder that the
database does not know; `remove_leftovers` takes both away.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from types import TracebackType

from engine.audit.durable import sync
from engine.audit.failures import store_errors
from engine.errors import KamError, problem

RUNS_FOLDER = "runs"

RUN_ID = re.compile(r"\d{4}-\d{2}-\d{2}\.[1-9]\d*")
_PARTIAL = re.compile(rf"\.{RUN_ID.pattern}\.partial")


def folder_of(store: Path, run_id: str) -> Path:
    """The folder of a night in a store: by the id of the run and by nothing else that kam.db says,
    so that no path leads out of the store. It may be gone.

    Raises: `KamError` ``store-altered`` if no night can have that id.
    """
    if RUN_ID.fullmatch(run_id) is None:
        raise altered(store, f"a night is called {run_id!r}, and there can be no folder of it")
    return store / RUNS_FOLDER / run_id


def own_folder_of(store: Path, run_id: str) -> Path:
    """As `folder_of`, for whoever removes or replaces what is in it: a folder that is a link to
    another place is refused too."""
    folder = folder_of(store, run_id)
    if folder.is_symlink():
        raise altered(store, f"the folder of run {run_id} is a link to another place")
    return folder


def altered(store: Path, what: str) -> KamError:
    """The error for a store that does not hold what kam writes; `what` says where."""
    return problem(
        "store-altered",
        f"the store {store} has been altered: {what}",
        hint="`kam verify` names everything that differs; restore the store from a backup",
    )


class RunFolder:
    """Context manager; leaving it removes the folder again unless it has been published.

    From then on only the database can say whether the run is recorded, for a commit that is
    interrupted may have succeeded: a folder that it does not know is withdrawn, or removed by
    the next run.
    """

    def __init__(self, runs: Path, run_id: str) -> None:
        self.run_id = run_id
        self.path = runs / f".{run_id}.partial"
        self.published = False
        self._final = runs / run_id

    def __enter__(self) -> RunFolder:
        with store_errors(self.path.parent):
            self.path.mkdir(parents=True)
        return self

    def publish(self) -> Path:
        """Syncs everything to disk and gives the folder its name; returns the new path."""
        with store_errors(self.path.parent):
            for item in sorted(self.path.rglob("*")):
                sync(item)
            sync(self.path)
            self.path.rename(self._final)
            self.path, self.published = self._final, True
            sync(self.path.parent)
        return self.path

    def withdraw(self) -> None:
        """Removes the folder although it is published: the run is not recorded."""
        shutil.rmtree(self.path, ignore_errors=True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self.published:
            # What cannot be removed now, the next run cleans up; the error that brought
            # us here matters more.
            shutil.rmtree(self.path, ignore_errors=True)


def published_runs(runs: Path) -> list[str]:
    """The names of the folders that runs have published, recorded or not."""
    if not runs.exists():
        return []
    return sorted(
        item.name for item in runs.iterdir() if item.is_dir() and RUN_ID.fullmatch(item.name)
    )


def mismatch(runs: Path, unknown: Sequence[str]) -> KamError:
    """The error for folders that the database should know and does not."""
    if len(unknown) == 1:
        message = f"{runs} has a run that kam.db does not know, {unknown[0]}"
    else:
        message = (
            f"{runs} has {len(unknown)} runs that kam.db does not know, "
            f"from {unknown[0]} to {unknown[-1]}"
        )
    return problem(
        "store-mismatch",
        message,
        hint="kam.db was lost or replaced: restore it, or move these folders away",
    )


def remove_leftovers(runs: Path, recorded: Collection[str]) -> tuple[str, ...]:
    """Removes the folders of runs that died; returns their names.

    A dead run leaves one published folder at the most. More of them mean that the
    database is not the one that they belong to, and nothing is removed.

    Raises: `KamError` ``store-mismatch``.
    """
    with store_errors(runs):
        names = sorted(item.name for item in runs.iterdir() if item.is_dir())
        partial = [name for name in names if _PARTIAL.fullmatch(name)]
        unknown = [name for name in published_runs(runs) if name not in recorded]
        if len(unknown) > 1:
            raise mismatch(runs, unknown)
        for name in (*partial, *unknown):
            shutil.rmtree(runs / name)
    return (*partial, *unknown)
