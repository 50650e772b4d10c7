"""The files of a run: failures of DuckDB while it writes them, and whether they still stand.

Later commands read the files of earlier runs. Somebody may have moved or cut them since, and
damage in the middle of a Parquet file can pass unseen, for it has no checksums of its own: so
they are compared with what the run recorded of them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from engine.audit.failures import store_error, system_code
from engine.audit.manifest import MANIFEST_FILE, sha256_of_file
from engine.errors import KamError, problem

if TYPE_CHECKING:
    from engine.audit.run_rows import Run

_ERRNO = re.compile(r'"errno":"(\d+)"')
_MARK = b"PAR1"
"""At both ends of a Parquet file."""


@contextmanager
def data_file_errors(folder: Path) -> Iterator[None]:
    """Turns an input or output error of DuckDB within the block into `KamError`."""
    try:
        yield
    except duckdb.IOException as error:
        numbers = _ERRNO.search(str(error))
        code = system_code(int(numbers[1])) if numbers else "store-io-error"
        raise store_error(code, folder, str(error).splitlines()[0]) from error


def require_data_files(run: Run, *names: str, whole: bool = False) -> None:
    """Makes sure that files of a run are as it recorded them; `names` of them, or all.

    A run of version 0.2 has no inputs, and one that is named is then passed over.

    Looks at the manifest and at the size and the ends of each file; with `whole` also at the
    hash of every byte (some 0.3 seconds per 100 MB), for a night that builds upon them.

    Raises: `KamError` ``missing-run-file``, ``unreadable-run-file`` or ``facts-expired``.
    """
    said = read_manifest(run)["files"]
    for name in names or said:
        if name in said:
            _require(run, name, said[name], whole)


def read_manifest(run: Run) -> dict[str, Any]:
    """The manifest of a run. Raises as `require_data_files` does."""
    with _opening(run, MANIFEST_FILE) as file:
        content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != run.manifest_sha256:
        raise _unreadable(run, MANIFEST_FILE, "it is not the one that the run wrote")
    document: dict[str, Any] = json.loads(content)
    return document


@contextmanager
def reading_errors(*runs: Run) -> Iterator[None]:
    """Turns an error of DuckDB within the block into that of the file which caused it.

    An error that no file of `runs` explains stays as it is.
    """
    try:
        yield
    except duckdb.Error:
        for run in runs:
            require_data_files(run, whole=True)
        raise


def _require(run: Run, name: str, said: dict[str, Any], whole: bool) -> None:
    if name in run.expired:
        raise problem(
            "facts-expired",
            f"{name} of run {run.run_id} was removed on {run.expired[name]}: its time was over",
            hint="`privacy: retention:` in kam.yaml says how long facts are kept; decisions and "
            "the log stay",
        )
    with _opening(run, name) as file:
        with file.open("rb") as stream:
            start = stream.read(len(_MARK))
            size = stream.seek(0, 2)
            stream.seek(max(size - len(_MARK), 0))
            end = stream.read()
        if size != said["bytes"]:
            raise _unreadable(run, name, f"it has {size:,} bytes instead of {said['bytes']:,}")
        changed = whole and sha256_of_file(file) != said["sha256"]
    if changed or start != _MARK or end != _MARK:
        raise _unreadable(run, name, "it is not the one that the run wrote")


@contextmanager
def _opening(run: Run, name: str) -> Iterator[Path]:
    """The path of a file of a run, and what the file system has against reading it."""
    try:
        yield run.path / name
    except (FileNotFoundError, NotADirectoryError) as error:
        raise problem(
            "missing-run-file",
            f"{name} of run {run.run_id} is missing: there is no {run.path / name}",
            hint=_HINT,
        ) from error
    except OSError as error:
        raise _unreadable(run, name, error.strerror or str(error)) from error


def _unreadable(run: Run, name: str, why: str) -> KamError:
    return problem(
        "unreadable-run-file",
        f"{name} of run {run.run_id} cannot be read: {why} ({run.path / name})",
        hint=_HINT,
    )


_HINT = "restore the folder of the run from a backup, readable for the user that runs kam"
