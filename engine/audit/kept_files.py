"""The texts that a run read beside its policies: kept once for all runs, by their hashes."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.audit.records import KeptFile
from engine.errors import KamError, problem
from engine.language.texts import KeptTexts
from engine.language.workspace import WORKSPACE_FILE
from engine.lifecycle.kept_calendar import calendar_text
from engine.lifecycle.workdays import Calendar
from engine.model import PolicyFile

if TYPE_CHECKING:
    from engine.prepared import Prepared

CALENDAR = "calendar"
"""The role, and the path, of what the calendar said; every other file people wrote."""


def files_read(prepared: Prepared, calendar: Calendar) -> tuple[KeptFile, ...]:
    """kam.yaml, facts.yaml and the files that they name, and what the calendar said."""
    text = calendar_text(calendar).encode()
    said = KeptFile(CALENDAR, CALENDAR, hashlib.sha256(text).hexdigest(), text)
    return (*_written(prepared), said)


def _written(prepared: Prepared) -> Iterator[KeptFile]:
    workspace = prepared.workspace
    roles = {WORKSPACE_FILE: "workspace"}
    if workspace.calendar.file is not None:
        roles[workspace.calendar.file.path] = "company_calendar"
    if workspace.overrides is not None:
        roles[workspace.overrides] = "overrides"
    for file in workspace.files:
        yield _kept(roles[file.path], file)
    for file in prepared.catalog.files:
        yield _kept("catalog", file)


def _kept(role: str, file: PolicyFile) -> KeptFile:
    return KeptFile(role, file.path, file.sha256, file.content)


def insert_files(connection: sqlite3.Connection, run_no: int, files: Iterable[KeptFile]) -> None:
    """Keeps the texts of a run; one that the store has already takes no more room."""
    for file in files:
        connection.execute(
            "INSERT INTO policy_files VALUES (?, ?) ON CONFLICT DO NOTHING",
            (file.sha256, file.content),
        )
        connection.execute(
            "INSERT INTO run_files VALUES (?, ?, ?, ?)",
            (run_no, file.role, file.path, file.sha256),
        )


def kept_files(connection: sqlite3.Connection, run_no: int) -> tuple[KeptFile, ...]:
    """The texts of a run, in order of role and path; none of a run of version 0.2."""
    rows = connection.execute(
        "SELECT role, path, sha256, content FROM run_files JOIN policy_files USING (sha256) "
        "WHERE run_no = ? ORDER BY role, path",
        (run_no,),
    )
    return tuple(KeptFile(*row) for row in rows)


@dataclass(frozen=True)
class RunTexts:
    """What people wrote for a run, by path; and what the calendar said, which a run of version
    0.2 did not keep."""

    written: KeptTexts
    calendar: str | None


def texts_of(connection: sqlite3.Connection, run_no: int, manifest: Mapping[str, Any]) -> RunTexts:
    """The texts of a run, each as its manifest names it.

    A manifest of version 0.2 holds them itself. Raises `KamError` ``kept-file-changed`` if a
    text is not the one that the manifest names, or is gone.
    """
    if manifest["manifest"] == 1:
        held = {path: text.encode() for path, text in manifest["workspace"].items()}
        return RunTexts(KeptTexts(held), None)
    kept = {(one.role, one.path): one.content for one in kept_files(connection, run_no)}
    texts, calendar = {}, None
    for said in manifest["texts"]:
        content = kept.get((said["role"], said["path"]))
        if content is None or hashlib.sha256(content).hexdigest() != said["sha256"]:
            raise changed(manifest["run"], said["path"])
        if said["role"] == CALENDAR:
            calendar = content.decode()
        else:
            texts[said["path"]] = content
    return RunTexts(KeptTexts(texts), calendar)


def changed(run_id: str, path: str) -> KamError:
    """The error for a kept text that is gone, or is not the one that the run read."""
    return problem(
        "kept-file-changed",
        f"kam.db does not hold {path} as run {run_id} read it",
        hint="kam.db was changed; kam verify says what else is wrong with it",
    )
