"""From a source as facts.yaml writes it to a file, which must lie where it may."""

from __future__ import annotations

import os
from pathlib import Path

from engine.errors import KamError, problem
from engine.facts.catalog import Source
from engine.nearest import did_you_mean

DATA_VARIABLE = "KAM_DATA"
"""The environment variable by which the operator of the machine admits one more folder."""

PREFIX = "${" + DATA_VARIABLE + "}/"


def locate(source: Source, root: Path) -> Path:
    """The file of a source: below the workspace, or below ``${KAM_DATA}`` if it says so.

    Neither ``..`` nor a symbolic link leads out of either. Raises `KamError`:
    path-outside, unset-variable, missing-source, not-a-file, unreadable-source.
    """
    base, rest = root, source.path
    if source.path.startswith("${"):
        base, rest = _data_folder(source)
    found = _inside(base, rest, source)
    if not found.exists():
        raise problem(
            "missing-source",
            f"there is no file {source.path!r}",
            source.location,
            _neighbours(found) or "a source is named relative to the folder of kam.yaml",
        )
    if not found.is_file():
        raise problem("not-a-file", f"{source.path!r} is not a file", source.location)
    try:
        found.open("rb").close()
    except OSError as error:
        raise unreadable(source, error.strerror or str(error)) from error
    return found


def unreadable(source: Source, why: str, hint: str | None = None) -> KamError:
    """The error for a file that is there but cannot be read as what it should be."""
    return problem("unreadable-source", f"{source.path!r} {why}", source.location, hint)


def _data_folder(source: Source) -> tuple[Path, str]:
    if not source.path.startswith(PREFIX):
        raise problem(
            "path-outside",
            f"{source.path!r} names a variable other than {DATA_VARIABLE}",
            source.location,
            f"write {PREFIX}... and set {DATA_VARIABLE} to a folder",
        )
    folder = os.environ.get(DATA_VARIABLE, "")
    if not Path(folder).is_absolute():
        state = "not an absolute path" if folder else "not set"
        raise problem(
            "unset-variable",
            f"{source.path!r} needs the environment variable {DATA_VARIABLE}, which is {state}",
            source.location,
            f"set {DATA_VARIABLE} to the folder that holds the files",
        )
    return Path(folder), source.path.removeprefix(PREFIX)


def _inside(base: Path, path: str, source: Source) -> Path:
    wrong = path.startswith(("/", "~")) or "\\" in path or "\0" in path or path[1:2] == ":"
    parts = path.split("/")
    if wrong or ".." in parts or not path:
        raise _outside(source, "leaves the folder of the workspace")
    full = base.joinpath(*parts)
    try:
        resolved, folder = full.resolve(), base.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links
        raise unreadable(source, "cannot be resolved") from error
    if not resolved.is_relative_to(folder):
        raise _outside(source, "is a link to a place outside the workspace")
    return resolved


def _outside(source: Source, why: str) -> KamError:
    return problem(
        "path-outside",
        f"{source.path!r} {why}",
        source.location,
        f"put the file into the workspace, or name it {PREFIX}... and set {DATA_VARIABLE}",
    )


def _neighbours(missing: Path) -> str | None:
    """A hint from what the folder does hold."""
    if not missing.parent.is_dir():
        return None
    names = [entry.name for entry in missing.parent.iterdir() if entry.is_file()]
    return did_you_mean(missing.name, names)
