"""A row of ``runs`` as typed values, also where somebody has written something else there.

Whoever builds upon a run refuses such a row; whoever verifies the store says what is wrong with
it and goes on with a stand-in.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from engine.audit.run_folder import RUN_ID, RUNS_FOLDER


@dataclass(frozen=True)
class Run:
    """A run as recorded. Times are UTC; `path` is its folder.

    `kind` is ``night``, or ``event``: such a run answered events of the day and has no folder.
    `previous_run` is the night before.
    """

    run_no: int
    run_id: str
    as_of: date
    started_at: datetime
    finished_at: datetime
    engine_version: str
    plan_hash: str
    facts_fingerprint: str
    manifest_sha256: str
    previous_run: str | None
    first_seq: int
    last_seq: int
    last_mark: int
    actions: int
    counts: dict[str, Any]
    path: Path
    kind: str = "night"
    expired: Mapping[str, date] = field(default_factory=dict)
    """Files that were removed when their time was over → the as-of date of the run that did."""


PLAIN = (
    *("run_no", "run_id", "engine_version", "plan_hash", "facts_fingerprint", "manifest_sha256"),
    *("previous_run", "first_seq", "last_seq", "last_mark", "actions", "kind"),
)
"""Columns that are what they are: the types of the table hold them."""

IDS = {"night": RUN_ID, "event": re.compile(r"\d{4}-\d{2}-\d{2}\.e[1-9]\d*")}
"""What runs are called, by their kind."""


@dataclass
class RunRow:
    """The columns of a row by name, without ``folder``; and what was wrong, in words."""

    values: dict[str, Any]
    faults: list[str] = field(default_factory=list)


def read_run_row(row: Mapping[str, Any], otherwise: Mapping[str, Any] | None = None) -> RunRow:
    """Reads a row of ``runs``. What cannot be read is a fault, and stands as `otherwise` says of
    its column (in the same form), else as the beginning of time or nothing."""
    read = RunRow({name: row[name] for name in PLAIN})
    for name, (typed, what, default) in _TYPED.items():
        try:
            read.values[name] = typed(row[name])
        except (ValueError, TypeError, RecursionError):
            read.faults.append(f"'{name}' is {_short(row[name])}, which is not {what}")
            read.values[name] = _typed_or(typed, (otherwise or {}).get(name), default)
    ids = IDS.get(row["kind"])
    if ids is None:
        read.faults.append(f"'kind' is {_short(row['kind'])}, which is neither night nor event")
    elif ids.fullmatch(row["run_id"]) is None:
        read.faults.append(f"'run_id' is {_short(row['run_id'])}, as no {row['kind']} is called")
    wanted = "" if row["kind"] == "event" else f"{RUNS_FOLDER}/{row['run_id']}"
    if row["folder"] != wanted:
        read.faults.append(f"'folder' is {_short(row['folder'])}, and should be {wanted!r}")
    return read


def last_run_no(connection: sqlite3.Connection) -> int:
    """The number of the run that was recorded last, a night or not; 0 if there is none."""
    query = "SELECT coalesce(max(run_no), 0) FROM runs"
    return int(connection.execute(query).fetchone()[0])


def utc_text(moment: datetime) -> str:
    """A moment as the store keeps it, to the second. Raises ValueError if it is not aware."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def day_of(text: str) -> date:
    """A day as the store keeps it. Raises ValueError: as anything else it would be compared
    wrongly, because SQLite compares the text."""
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError("written in another way")
    return day


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or moment.isoformat(timespec="seconds") != text:
        raise ValueError("without a time zone, or written in another way")
    return moment


def _object(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value


_Typed = Callable[[str], Any]
_BEGINNING = datetime.min.replace(tzinfo=UTC)
_TYPED: Mapping[str, tuple[_Typed, str, Any]] = {
    "as_of": (day_of, "a day", date.min),
    "started_at": (_moment, "a time of UTC", _BEGINNING),
    "finished_at": (_moment, "a time of UTC", _BEGINNING),
    "counts": (_object, "an object of JSON", {}),
}


def _typed_or(typed: _Typed, text: Any, default: Any) -> Any:
    try:
        return typed(text)
    except (ValueError, TypeError, RecursionError):
        return default


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}\N{HORIZONTAL ELLIPSIS}"
