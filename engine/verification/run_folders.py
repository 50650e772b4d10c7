"""The folders of the nights: every run has its own, and nothing but its files is in it.

A link in the place of a folder or a file leads to what may change behind the back of the store,
and a file that no run has written may be taken for evidence.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.audit.day_files import HASHES_FILE, RECORDS_FOLDER
from engine.audit.manifest import DATA_FILES, MANIFEST_FILE
from engine.audit.personal.files import PERSONAL_FILE
from engine.audit.run_folder import RUNS_FOLDER, published_runs
from engine.audit.store import Run, Store
from engine.verification.findings import Findings

_FILES = frozenset({MANIFEST_FILE, PERSONAL_FILE, *DATA_FILES})
_FOLDERS = frozenset({"inputs", RECORDS_FOLDER})
_PART = ".part"
"""What a process that died, or is at work, leaves beside a file that it replaces."""


def check_folders(store: Store, runs: Sequence[Run], findings: Findings) -> None:
    """Folders without a run, links, and files that no run has written."""
    known = {run.run_id for run in runs if run.kind == "night"}
    for name in published_runs(store.path / RUNS_FOLDER):
        if name not in known:
            findings.add(
                "run-without-record",
                None,
                f"there is a folder of run {name}, which kam.db does not know: the run was cut "
                "off, or it died and the next run removes its folder",
            )
    for run in runs:
        if run.kind == "night":
            _check_folder(run, findings)


def _check_folder(run: Run, findings: Findings) -> None:
    if run.path.is_symlink():
        message = "its folder is a link to another place and not a folder of the store"
        findings.add("run-folder-link", run.run_id, message)
        return
    for name, is_link in _entries(run.path):
        if is_link:
            message = f"{name} is a link to another place and not a file of the store"
            findings.add("run-folder-link", run.run_id, message)
        elif not _is_known(name):
            findings.add("stranger-file", run.run_id, f"no run has written {name} in its folder")


def _entries(folder: Path, above: str = "") -> Iterator[tuple[str, bool]]:
    """Every file and link below a folder by its path from there, and whether it is a link; and
    every folder that is not one of a run, without what is in it."""
    if not folder.is_dir():
        return  # named by the check of its files
    with os.scandir(folder) as scanned:
        found = sorted(scanned, key=lambda entry: entry.name)
    for entry in found:
        name = above + entry.name
        if not entry.is_symlink() and entry.is_dir() and _is_folder(name):
            yield from _entries(Path(entry.path), f"{name}/")
        else:
            yield name, entry.is_symlink()


def _is_folder(name: str) -> bool:
    return name in _FOLDERS or name == f".{RECORDS_FOLDER}{_PART}"


def _is_known(name: str) -> bool:
    """A file of a night, a record of the last one (`engine.audit.day_files`), or part of it."""
    folder, _, file = name.rpartition("/")
    written = _written(file)
    if folder in (RECORDS_FOLDER, f".{RECORDS_FOLDER}{_PART}"):
        return written == HASHES_FILE or written.endswith(".parquet")
    return (f"{folder}/{written}" if folder else written) in _FILES


def _written(file: str) -> str:
    """The file that a ``.name.part`` replaces, or the file itself."""
    if file.startswith(".") and file.endswith(_PART):
        return file.removeprefix(".").removesuffix(_PART)
    return file
