"""Making a store again out of a backup: beside its place, checked, and only then in it.

A store that is there already is never deleted, nor is a backup unpacked over it: it is moved
aside, under its lock.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.audit.durable import sync
from engine.audit.lock import HOLDER_FILE, hold
from engine.audit.store import open_store
from engine.backup.archive import unpack
from engine.backup.failures import reading_errors, writing_errors
from engine.backup.taking import FORM
from engine.errors import KamError, problem
from engine.evidence.notes import Verifier
from engine.verification.verdict import Verdict
from engine.verification.verify import verify_store


@dataclass(frozen=True)
class Restored:
    """A store out of a backup; `aside` is where the one that was there before has gone."""

    folder: Path
    verdict: Verdict
    aside: Path | None


def check_backup(file: Path, verifiers: Sequence[Verifier] = ()) -> Verdict:
    """Unpacks a backup into a temporary folder (see TMPDIR), and verifies it as a store.

    Raises as `restore_backup` does for what is wrong with the file itself.
    """
    with _workshop(Path(tempfile.gettempdir()), "kam") as unpacked:
        return _unpacked(file, unpacked, verifiers)


def restore_backup(
    file: Path,
    folder: Path,
    verifiers: Sequence[Verifier] = (),
    *,
    replacing: bool = False,
    unsound: bool = False,
) -> Restored:
    """Makes the store in `folder` the one of a backup, if everything in it verifies.

    With `replacing`, a store that is there is moved aside; with `unsound`, findings of the
    verification do not stop it.

    Raises: `KamError` ``store-exists``, ``store-busy``, ``backup-unreadable``,
    ``not-a-backup``, ``backup-damaged``, ``backup-newer``, ``backup-unsound``,
    ``backup-full`` or ``backup-not-written``. The place is then as it was.
    """
    place = folder.resolve()
    if _is_taken(place) and not replacing:
        raise problem(
            "store-exists",
            f"there is something at {folder} already",
            hint="name another folder with --to, or use --force, which moves it aside",
        )
    with writing_errors(place):
        place.parent.mkdir(parents=True, exist_ok=True)
    with _workshop(place.parent, f".{place.name}") as unpacked:
        verdict = _unpacked(file, unpacked, verifiers)
        if not (verdict.is_sound or unsound):
            raise _unsound(file, verdict)
        with writing_errors(place):
            aside = _move_aside(place) if _is_taken(place) else None
            unpacked.rename(place)
            sync(place.parent)
    return Restored(folder, verdict, aside)


def _is_taken(place: Path) -> bool:
    return place.exists() and not (place.is_dir() and not any(place.iterdir()))


@contextmanager
def _workshop(parent: Path, name: str) -> Iterator[Path]:
    """A folder for a store, which goes away unless it is moved out."""
    with writing_errors(parent):
        around = tempfile.TemporaryDirectory(
            dir=parent, prefix=f"{name}.", suffix=".restoring", ignore_cleanup_errors=True
        )
    with around as path:
        unpacked = Path(path) / "store"
        with writing_errors(parent):
            unpacked.mkdir()
        yield unpacked


def _unpacked(file: Path, folder: Path, verifiers: Sequence[Verifier]) -> Verdict:
    with reading_errors(file):
        file.open("rb").close()  # so that later errors are those of the disk that is written to
    with writing_errors(folder.parent.parent):
        unpack(file, folder, lambda header: _accept(file, header))
    try:
        _bring_up_to_date(folder)
        return verify_store(folder, verifiers)
    except KamError as error:
        found = error.problems[0]
        raise problem(
            "backup-newer" if found.code == "store-newer" else "backup-unsound",
            f"the backup {file} holds no store that can be used here: {found.message}",
            hint=found.hint,
        ) from error


def _bring_up_to_date(folder: Path) -> None:
    """A backup of an older version gets what is new; one that was altered stays as it is, for the
    verification names what was."""
    try:
        with open_store(folder, create=False):
            pass
    except KamError as error:
        if error.problems[0].code != "store-altered":
            raise


def _accept(file: Path, header: bytes) -> None:
    try:
        said = json.loads(header)
        form, version = int(said["backup"]), str(said["engine_version"])
    except (ValueError, KeyError, TypeError) as error:
        raise problem(
            "not-a-backup",
            f"{file} is not a backup of kam: its header says nothing of one",
            hint="name a file that `kam backup` wrote",
        ) from error
    if form > FORM:
        raise problem(
            "backup-newer",
            f"the backup {file} was taken by a newer version of kam ({version})",
            hint="install that version or a later one",
        )


def _unsound(file: Path, verdict: Verdict) -> KamError:
    first = verdict.findings[0]
    more = len(verdict.findings) - 1
    return problem(
        "backup-unsound",
        f"the store in {file} does not verify: {first.code} {first.run or 'store'}: "
        f"{first.message}" + (f" (and {more:,} more findings)" if more else ""),
        hint="`kam restore --check` lists all of them; --unsound restores it nevertheless",
    )


def _move_aside(place: Path) -> Path:
    """Renames what is there, while no run holds it; returns the new path."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = place.with_name(f"{place.name}.replaced-{moment}")
    if not place.is_dir():
        return place.rename(aside)
    with hold(place):
        place.rename(aside)
        (aside / HOLDER_FILE).unlink(missing_ok=True)
    return aside
