"""Taking a backup of a store that is in use.

The database is copied first, as of one moment; then the folders of the runs that this copy
knows. A folder is complete before its run is recorded and does not change afterwards, so the
two fit together although nights go on meanwhile. Only what is personal or past its time can
vanish from an old run in between: then the copy of the database is too old, and a new one is
taken.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from engine import __version__
from engine.audit.data_files import read_manifest, require_data_files
from engine.audit.durable import sync
from engine.audit.events import inbox
from engine.audit.failures import store_errors
from engine.audit.manifest import MANIFEST_FILE
from engine.audit.opening import DATABASE_FILE, open_for_copying, pending_migrations
from engine.audit.personal.files import PERSONAL_FILE
from engine.audit.run_folder import RUNS_FOLDER
from engine.audit.store import Run, open_store
from engine.backup.archive import HEADER_FILE, Writer
from engine.backup.failures import writing_errors
from engine.errors import KamError, problem
from engine.written_files import require_outside_stores

FORM = 1
"""Of backup.json and of the archive around it."""

_ATTEMPTS = 3
_GONE = "missing-run-file"


@dataclass(frozen=True)
class Backup:
    """A backup as it was taken: its runs, the last of them, and the bytes of the file."""

    file: Path
    runs: int
    last_run: str | None
    size: int


def take_backup(folder: Path, file: Path, *, replacing: bool = False) -> Backup:
    """Writes the store in `folder` into one file, which is there complete or not at all.

    Runs may go on meanwhile: the backup is the store as one of them left it.

    Raises: `KamError` ``backup-exists`` unless `replacing`, ``backup-within-store``,
    ``backup-full``, ``backup-not-written``, or what is wrong with the store: no
    store, or a file of a run that is not as the run wrote it.
    """
    _require_place(folder, file, replacing)
    for _ in range(_ATTEMPTS - 1):
        try:
            return _attempt(folder, file)
        except KamError as error:
            if error.problems[0].code != _GONE:
                raise
    return _attempt(folder, file)


def _require_place(folder: Path, file: Path, replacing: bool) -> None:
    if file.resolve().is_relative_to(folder.resolve()):
        raise problem(
            "backup-within-store",
            f"{file} would lie within the store that it is a backup of",
            hint="name a file outside of it, best on another disk",
        )
    require_outside_stores(file)
    if file.is_dir():
        raise problem("backup-exists", f"{file} is a folder", hint="name a file in it")
    if file.exists() and not replacing:
        raise problem(
            "backup-exists", f"there is a file {file} already", hint="name another, or use --force"
        )


def _attempt(folder: Path, file: Path) -> Backup:
    """Works in a folder beside the file, so that the last step is a rename on the same disk."""
    with writing_errors(file):
        part = tempfile.TemporaryDirectory(
            dir=file.parent,
            prefix=f".{file.name}.",
            suffix=".partial",
            ignore_cleanup_errors=True,
        )
    with part as name:
        return _take(folder, file, Path(name))


def _take(folder: Path, file: Path, part: Path) -> Backup:
    taken_at = datetime.now(UTC)
    # Before the database: what is answered meanwhile is in both then, and not in neither.
    queued = inbox.contents(folder)
    _copy_database(folder, file, part)
    with open_store(part, create=False, read_only=True, as_it_is=True) as copy:
        known = [replace(run, path=folder / run.path.relative_to(part)) for run in copy.runs()]
    runs = known[::-1]
    last_run = runs[-1].run_id if runs else None
    header = {
        "backup": FORM,
        "engine_version": __version__,
        "taken_at": taken_at.isoformat(timespec="seconds"),
        "runs": len(runs),
        "last_run": last_run,
    }
    packed = part / "backup.tar"
    with writing_errors(file):
        with packed.open("xb") as stream:
            writer = Writer(stream, taken_at.timestamp())
            _pack(writer, header, part / DATABASE_FILE, runs, queued)
            stream.flush()
            os.fsync(stream.fileno())
        size = packed.stat().st_size
        packed.chmod((folder / DATABASE_FILE).stat().st_mode & 0o777)  # it holds the same
        packed.replace(file)
        sync(file.parent)
    return Backup(file, len(runs), last_run, size)


def _copy_database(folder: Path, file: Path, part: Path) -> None:
    """kam.db as of one moment; a writer goes on meanwhile, as beside any reader. The copy of what
    an older version has written is brought up to date, the store stays as it is."""
    with closing(open_for_copying(folder)) as connection, store_errors(folder):
        is_outdated = pending_migrations(connection, folder)
        with closing(sqlite3.connect(part / DATABASE_FILE)) as target:
            target.execute("PRAGMA synchronous = OFF")  # it only lives until it is packed
            with writing_errors(file):
                connection.backup(target)
    if is_outdated:
        open_store(part, create=False).close()


def _pack(
    writer: Writer,
    header: dict[str, Any],
    database: Path,
    runs: Sequence[Run],
    queued: Sequence[tuple[str, bytes]],
) -> None:
    writer.add_bytes(HEADER_FILE, json.dumps(header, indent=1).encode() + b"\n")
    with database.open("rb") as content:
        writer.add(DATABASE_FILE, content, os.fstat(content.fileno()).st_size)
    for run in runs:
        _add_run(writer, run)
    for name, waiting in queued:
        writer.add_bytes(f"{inbox.INBOX_FOLDER}/{name}", waiting)
    writer.close()


def _add_run(writer: Writer, run: Run) -> None:
    """The files that the run recorded, each as it recorded it, and what is personal beside them."""
    said = read_manifest(run)["files"]
    _add_file(writer, run, MANIFEST_FILE)
    for name in sorted(said):
        if name not in run.expired:
            _add_recorded(writer, run, name, said[name]["sha256"])
    with suppress(FileNotFoundError):
        # It has no hash in the manifest, for it is replaced when somebody is forgotten.
        _add_file(writer, run, PERSONAL_FILE)


def _add_recorded(writer: Writer, run: Run, name: str, sha256: str) -> None:
    require_data_files(run, name)
    with suppress(FileNotFoundError, EOFError):
        if _add_file(writer, run, name) == sha256:
            return
    require_data_files(run, name, whole=True)
    raise problem(_GONE, f"{name} of run {run.run_id} changed while it was copied")


def _add_file(writer: Writer, run: Run, name: str) -> str:
    with (run.path / name).open("rb") as content:
        size = os.fstat(content.fileno()).st_size
        return writer.add(f"{RUNS_FOLDER}/{run.run_id}/{name}", _OfStore(content, run.path), size)


class _OfStore:
    """A file of the store, whose errors are the store's and not those of the backup."""

    def __init__(self, stream: IO[bytes], folder: Path) -> None:
        self._stream, self._folder = stream, folder

    def read(self, size: int = -1, /) -> bytes:
        with store_errors(self._folder):
            return self._stream.read(size)
