"""The file of a backup: a plain tar, so that it can be read without kam.

Its members, in this order::

    backup.json           what it is a backup of, and by which version
    kam.db                the database, as of one moment
    runs/RUN/...          the files of every night that this database knows
    inbox/...             events that waited for the store
    SHA256SUMS            the hash of every member above, as `sha256sum --check` reads it

The sums stand last because files are hashed while they are copied, and so that a backup that
was cut off is known by their absence. Parquet is compressed already; the tar is not.
"""

from __future__ import annotations

import hashlib
import os
import re
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import IO, Protocol

from engine.audit.durable import sync
from engine.audit.events.inbox import INBOX_FOLDER
from engine.audit.opening import DATABASE_FILE
from engine.audit.run_folder import RUNS_FOLDER
from engine.errors import KamError, problem

HEADER_FILE = "backup.json"
SUMS_FILE = "SHA256SUMS"

_CHUNK = 1 << 20
_MOST_IN_MEMORY = 1 << 28
"""Bytes of the sums: room for a century of nights."""
_NAMES = re.compile(
    rf"{HEADER_FILE}|{SUMS_FILE}|{DATABASE_FILE}|"
    rf"{RUNS_FOLDER}/\d{{4}}-\d{{2}}-\d{{2}}\.[1-9]\d*(/[a-z][a-z_]*){{0,2}}/[a-z][a-z_]*\.[a-z]+|"
    rf"{INBOX_FOLDER}/\d{{8}}T\d{{6}}\.\d{{6}}Z-[0-9a-f]{{16}}\.jsonl"
)
_SUM = re.compile(r"([0-9a-f]{64})  (\S+)")


class Readable(Protocol):
    """What is copied from."""

    def read(self, size: int = ..., /) -> bytes: ...


class Writer:
    """Writes members one after another; `close` adds the sums, and makes it a backup.

    All of them get the same time of change, in seconds since 1970.
    """

    def __init__(self, stream: IO[bytes], changed_at: float) -> None:
        self._tar = tarfile.open(fileobj=stream, mode="w:", format=tarfile.GNU_FORMAT)  # noqa: SIM115
        self._changed_at = int(changed_at)
        self._sums: list[str] = []

    def add(self, name: str, content: Readable, size: int) -> str:
        """Copies `size` bytes; returns their SHA-256. Raises EOFError if there are fewer."""
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = size, self._changed_at, 0o600
        reader = _Hashing(content)
        try:
            self._tar.addfile(member, reader)
        except OSError as error:
            if error.errno is None and reader.count < size:
                raise EOFError(f"{name} has only {reader.count:,} bytes") from error
            raise
        digest = reader.hash.hexdigest()
        self._sums.append(f"{digest}  {name}\n")
        return digest

    def add_bytes(self, name: str, content: bytes) -> None:
        """A member that is at hand."""
        self.add(name, BytesIO(content), len(content))

    def close(self) -> None:
        """Ends the archive; the stream stays open."""
        self.add_bytes(SUMS_FILE, "".join(self._sums).encode())
        self._tar.close()


class _Hashing:
    """Hashes and counts what is read."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.hash = hashlib.sha256()
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.hash.update(chunk)
        self.count += len(chunk)
        return chunk


def unpack(file: Path, folder: Path, accept: Callable[[bytes], None]) -> None:
    """Writes the store of a backup into an empty folder; `accept` is given the header first.

    Every member is a plain file under a name that a store has, and is as it was when it was
    backed up: anything else is refused. All of it is synced to the disk.

    Raises: `KamError` ``not-a-backup`` or ``backup-damaged``, and what `accept` does; OSError.
    """
    found: dict[str, str] = {}
    small: dict[str, bytes] = {}
    try:
        with tarfile.open(file, mode="r:") as tar:
            for member in tar:
                _require_expected(file, member, found)
                content = tar.extractfile(member)
                assert content is not None  # it is a plain file
                if member.name in (HEADER_FILE, SUMS_FILE):
                    small[member.name] = content.read()
                    found[member.name] = hashlib.sha256(small[member.name]).hexdigest()
                    if member.name == HEADER_FILE:
                        accept(small[HEADER_FILE])
                else:
                    found[member.name] = _copy(content, folder / member.name)
    except tarfile.TarError as error:
        if HEADER_FILE not in found:
            raise _not_a_backup(file, str(error)) from error
        raise _damaged(file, str(error)) from error
    if HEADER_FILE not in found:
        raise _not_a_backup(file, "it is empty")
    if SUMS_FILE not in found:
        raise _damaged(file, "its end is missing")
    _require_sums(file, small[SUMS_FILE], found)
    for path in (folder, *(item for item in folder.rglob("*") if item.is_dir())):
        sync(path)


def _require_expected(file: Path, member: tarfile.TarInfo, found: dict[str, str]) -> None:
    """The header first, the sums last, and between them the plain files of a store, once each.

    Names are of a closed form, so that no member can leave the folder.
    """
    if not found and member.name != HEADER_FILE:
        raise _not_a_backup(file, f"it begins with {member.name!r}")
    if SUMS_FILE in found:
        raise _damaged(file, f"{member.name!r} stands after its end")
    if not _NAMES.fullmatch(member.name) or member.name in found:
        raise _damaged(file, f"{member.name!r} does not belong in it")
    if member.type != tarfile.REGTYPE or member.issparse():
        raise _damaged(file, f"{member.name} is not a plain file in it")
    if member.name in (HEADER_FILE, SUMS_FILE) and member.size > _MOST_IN_MEMORY:
        raise _damaged(file, f"{member.name} has {member.size:,} bytes")


def _copy(content: IO[bytes], path: Path) -> str:
    """Writes a file and syncs it; returns its SHA-256. A member that is cut off raises."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("xb") as out:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _require_sums(file: Path, sums: bytes, found: dict[str, str]) -> None:
    said = {}
    for line in sums.decode("ascii", errors="replace").splitlines():
        if not (match := _SUM.fullmatch(line)):
            raise _damaged(file, f"{SUMS_FILE} has a line that is none of its own: {line[:80]!r}")
        said[match[2]] = match[1]
    for name in sorted(said.keys() | (found.keys() - {SUMS_FILE})):
        if name not in found:
            raise _damaged(file, f"{name} is missing")
        if said.get(name) != found[name]:
            raise _damaged(file, f"{name} is not as it was backed up")
    if DATABASE_FILE not in found:
        raise _damaged(file, f"{DATABASE_FILE} is missing")


def _not_a_backup(file: Path, why: str) -> KamError:
    return problem(
        "not-a-backup",
        f"{file} is not a backup of kam: {why}",
        hint="name a file that `kam backup` wrote",
    )


def _damaged(file: Path, why: str) -> KamError:
    return problem(
        "backup-damaged",
        f"the backup {file} is damaged: {why}",
        hint="take another backup; nothing has been restored from this one",
    )
