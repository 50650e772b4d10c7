"""The tree of a run and the checkpoint over all runs, within the transaction that records it.

The checkpoint's tree has one leaf per run, the *entry*: what the run was, the root of its own
tree, and the hash of the checkpoint before. So one signature covers every line of every night,
and a later checkpoint cannot be had without the earlier ones.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import duckdb

from engine.audit.hashed import Hashed
from engine.audit.leaves import MARK, PARTS
from engine.audit.night_leaves import NightLeaves
from engine.audit.side_tables import side_tables_of
from engine.evidence.canonical import canonical
from engine.evidence.checkpoints import Checkpoint
from engine.evidence.merkle import CompactRange, leaf_hash
from engine.evidence.notes import Signer, sign

MARKS = 50_000
"""Leaves of one chunk of `leaf_marks`."""


@dataclass(frozen=True)
class Attestor:
    """Whose log it is, the database that reads Parquet, and the key that signs, if any."""

    origin: str
    database: duckdb.DuckDBPyConnection
    signer: Signer | None = None


@dataclass
class RunTree:
    """The tree of one run, as its leaves stream past; `counts` are its leaves by part."""

    tree: CompactRange = field(default_factory=CompactRange)
    counts: dict[str, int] = field(default_factory=dict)

    def begin(self, manifest: bytes) -> None:
        self.tree.append(leaf_hash(manifest))

    def add(self, part: str, leaves: Iterable[Hashed]) -> Iterator[bytes]:
        """Adds the leaves of a part; yields their marks, chunk by chunk."""
        marks = bytearray()
        self.counts[part] = 0
        for found in leaves:
            self.tree.append_range(found.subtrees)
            self.counts[part] += found.count
            marks += found.marks
            while len(marks) >= MARK * MARKS:
                yield bytes(marks[: MARK * MARKS])
                del marks[: MARK * MARKS]
        if marks:
            yield bytes(marks)

    @property
    def root(self) -> str:
        """Hexadecimal."""
        return self.tree.root().hex()


def attest_run(
    connection: sqlite3.Connection,
    run_no: int,
    run: Mapping[str, object],
    manifest: bytes,
    leaves: NightLeaves,
    attestor: Attestor,
) -> str:
    """Writes the run's row of ``checkpoints`` and its marks; returns the note.

    `run` are the fields of the entry that the run itself knows (see `entry_of`), with the log
    and the actions of the run in kam.db already; `leaves` have seen their rows pass.
    """
    tree = RunTree()
    tree.begin(manifest)
    parts = leaves.parts(
        _span(connection, "decision_log", "seq", run_no),
        _span(connection, "actions", "action_no", run_no),
    )
    for part in PARTS:
        for number, marks in enumerate(tree.add(part, parts[part])):
            connection.execute(
                "INSERT INTO leaf_marks VALUES (?, ?, ?, ?)", (run_no, part, number, marks)
            )
    entries = list(entries_before(connection, run_no))
    previous = connection.execute(
        "SELECT note FROM checkpoints WHERE run_no < ? ORDER BY run_no DESC LIMIT 1", (run_no,)
    ).fetchone()
    said = {**run, "tables": side_tables_of(connection, run_no)}
    entry = entry_of(said, tree, None if previous is None else str(previous[0]))
    note = checkpoint_of([*entries, entry], attestor.origin, attestor.signer)
    connection.execute(
        "INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?)",
        (run_no, *(tree.counts[part] for part in PARTS), tree.root, entry.decode(), note),
    )
    return note


def entry_of(run: Mapping[str, object], tree: RunTree, previous: str | None) -> bytes:
    """The leaf of a run in the tree over all runs.

    `run` holds run, as_of, engine, started_at, finished_at and manifest (its SHA-256), of a night
    also what stood in the tables beside the log (`engine.audit.side_tables`);
    `previous` is the note before, of which the text alone counts, not who signed it.
    """
    return canonical(
        {
            **run,
            "leaves": {"manifest": 1, **tree.counts},
            "previous": None if previous is None else note_hash(previous),
            "root": tree.root,
            "size": tree.tree.size,
        }
    )


def note_hash(note: str) -> str:
    """SHA-256 of a note's text without its signatures, hexadecimal."""
    text, separator, _ = note.partition("\n\n")
    return hashlib.sha256(f"{text}\n".encode() if separator else note.encode()).hexdigest()


def entries_before(connection: sqlite3.Connection, run_no: int) -> Iterator[bytes]:
    """The leaves of the runs before one."""
    rows = connection.execute(
        "SELECT entry FROM checkpoints WHERE run_no < ? ORDER BY run_no", (run_no,)
    )
    for (entry,) in rows:
        yield entry.encode()


def checkpoint_of(entries: Iterable[bytes], origin: str, signer: Signer | None = None) -> str:
    """The note over the tree of these entries; its text alone if there is no key."""
    tree = CompactRange()
    for entry in entries:
        tree.append(leaf_hash(entry))
    text = Checkpoint(origin, tree.size, tree.root()).text()
    return text if signer is None else sign(text, signer)


def _span(connection: sqlite3.Connection, table: str, key: str, run_no: int) -> tuple[int, int]:
    """First and last number of the run's rows; an empty span if it has none."""
    query = f"SELECT min({key}), max({key}) FROM {table} WHERE run_no = ?"  # noqa: S608
    first, last = connection.execute(query, (run_no,)).fetchone()
    return (1, 0) if first is None else (first, last)
