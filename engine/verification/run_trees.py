"""The tree of a run, computed again from its rows, and what in it no longer matches."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import duckdb

from engine.audit.hashed import Hashed, hashed
from engine.audit.leaf_workers import CHUNK, LeafWorkers, Lines, hashed_lines, row_count
from engine.audit.leaves import MARK, LineLeaves, Salt
from engine.audit.manifest import MANIFEST_FILE
from engine.audit.parquet_leaves import decision_hashes, decision_leaves
from engine.evidence.merkle import CompactRange, leaf_hash
from engine.verification.checkpoint_chain import Recorded
from engine.verification.findings import NAMED, Findings

Located = list[int] | None
"""The numbers of the lines that are not those whose marks were recorded; None without marks."""


@dataclass
class TreeCheck:
    """Checks the trees of runs one after another; `next_action` is the first of the next run."""

    connection: sqlite3.Connection
    database: duckdb.DuckDBPyConnection
    secret: bytes
    findings: Findings
    next_action: int = 1
    leaves: int = 0
    decisions: int = 0
    _begun: dict[tuple[int, str], Iterator[Hashed]] = field(default_factory=dict)
    """What workers hash already, by number of the run and part."""

    def begin(self, one: Recorded, first_action: int, file: Path, workers: LeafWorkers) -> None:
        """Hands the decisions and lines of a run that has many to `workers`, which read its file
        and the kam.db that `file` is; `check` takes what they return."""
        decided = one.run.path / "decisions.parquet"
        if one.counts["decisions"] > CHUNK:
            with suppress(duckdb.Error):  # `check` reads it again, and says so
                rows = row_count(self.database, decided)
                salt = Salt(self.secret, one.run.run_id)
                begun = workers.decisions(decided, salt, rows, 1)
                self._begun[one.run.run_no, "decisions"] = begun
        for part, lines in _lines(one, first_action).items():
            if one.counts[part] > CHUNK:  # beyond what is there, there is nothing to hand out
                there = lines._replace(
                    first=max(lines.first, 1), last=min(lines.last, self._last(part))
                )
                self._begun[one.run.run_no, part] = workers.stored(file, there)

    def check(self, one: Recorded) -> None:
        """Computes the run's root and compares it; where it differs, says where it does."""
        run = one.run
        try:
            manifest = (run.path / MANIFEST_FILE).read_bytes()
        except OSError:
            manifest = b""  # named by the check of the files
        leaves = LineLeaves(self.connection, Salt(self.secret, run.run_id))
        tree = CompactRange()
        tree.append(leaf_hash(manifest))
        self.leaves += 1
        decided = self._begun.pop((run.run_no, "decisions"), None)
        if decided is None:
            file = run.path / "decisions.parquet"
            decided = hashed(decision_hashes(self.database, file, leaves.salt), 1)
        located = {"decisions": self._part(one, "decisions", 0, decided, tree)}
        for part, lines in _lines(one, self.next_action).items():
            begun = self._begun.pop((run.run_no, part), None)
            found = hashed_lines(leaves, lines) if begun is None else begun
            located[part] = self._part(one, part, lines.first, found, tree)
        self.next_action += one.counts["actions"]
        self.decisions += one.counts["decisions"]
        agrees = tree.size == 1 + sum(one.counts.values()) and tree.root().hex() == one.root
        report_marks(one, agrees, located.values(), self.findings)
        if not agrees:
            for part, found_there in located.items():
                self._name(one, part, found_there or [], leaves)
            self.findings.add(
                "root-differs",
                run.run_id,
                "what the run decided and said does not hash to the root that it recorded",
            )

    def _part(
        self,
        one: Recorded,
        part: str,
        first: int,
        batches: Iterator[Hashed],
        tree: CompactRange,
    ) -> Located:
        """Appends the leaves of a part to the tree, and looks where they are not the recorded
        ones."""
        count = one.counts[part]
        found = bytearray()
        try:
            for batch in batches:
                if batch.place == tree.size:  # else leaves are missing before it
                    tree.append_range(batch.subtrees)
                found += batch.marks
        except (duckdb.Error, sqlite3.Error, UnicodeError) as error:
            self.findings.add(
                f"{part}-unreadable", one.run.run_id, f"{_NAMES[part]} cannot be read: {error}"
            )
            return []
        finally:
            seen = len(found) // MARK
            self.leaves += seen
        there: Sequence[int] = range(first, first + count)
        if seen != count:
            there = self._missing(one, part, first, count, seen)
        return differing_lines(there, found, first, count, self._marks(one, part))

    def _last(self, part: str) -> int:
        table, key = _TABLES[part]
        query = f"SELECT coalesce(max({key}), 0) FROM {table}"  # noqa: S608
        return int(self.connection.execute(query).fetchone()[0])

    def _marks(self, one: Recorded, part: str) -> bytes:
        rows = self.connection.execute(
            "SELECT marks FROM leaf_marks WHERE run_no = ? AND part = ? ORDER BY chunk_no",
            (one.run.run_no, part),
        )
        return b"".join(marks for (marks,) in rows)

    # --- where it is ------------------------------------------------------------------------

    def _missing(self, one: Recorded, part: str, first: int, count: int, seen: int) -> list[int]:
        """Names what is missing; the numbers of the lines that are there, in their order."""
        if part == "decisions":
            self.findings.add(
                "decisions-differ",
                one.run.run_id,
                f"decisions.parquet has {seen:,} rows, the run recorded {count:,}",
            )
            return []  # a row has no number of its own
        numbers = range(first, first + count)
        return report_missing(self.connection, part, one.run.run_id, numbers, self.findings)

    def _name(self, one: Recorded, part: str, numbers: list[int], lines: LineLeaves) -> None:
        def describe(number: int) -> str:
            about = self._about(one, part, number, lines)
            return f"{_LINE[part]} {number}{about} is not the one that was recorded"

        self.findings.add_each(f"{part}-altered", one.run.run_id, numbers, describe)

    def _about(self, one: Recorded, part: str, number: int, lines: LineLeaves) -> str:
        """What the line says now, for a person who looks for it."""
        if part == "log":
            leaf = lines.log_leaf(number)
        elif part == "actions":
            leaf = lines.action_leaf(number)
        else:
            file = one.run.path / "decisions.parquet"
            (leaf,) = decision_leaves(self.database, file, lines.salt, [number])
        said = json.loads(leaf.content)
        what = said.get("kind") or said.get("pack") or said.get("action")
        named = ", ".join(str(value) for value in (said.get("account"), what) if value)
        return f" ({named})" if named else ""


def check_last_line(one: Recorded, findings: Findings) -> None:
    """The row of the run claims as many lines as its tree has: one beyond them would belong to the
    run and yet stand under no checkpoint."""
    run = one.run
    last = run.first_seq + one.counts["log"] - 1
    if run.last_seq != last:
        message = f"its last line is {run.last_seq}, by its checkpoint it is {last}"
        findings.add("run-altered", run.run_id, message)


def report_marks(
    one: Recorded, agrees: bool, located: Iterable[Located], findings: Findings
) -> None:
    """Says once that the aid for locating is gone or altered. Where the root of the run `agrees`,
    no line is: what differs are the marks."""
    if agrees and any(found is None or found for found in located):
        said = "all that it decided and said is as it was recorded"
    elif not agrees and any(found is None for found in located):
        said = "which of its lines was altered cannot be said"
    else:
        return
    findings.add(
        "leaf-marks-altered",
        one.run.run_id,
        f"the marks by which an altered line is found (leaf_marks) are gone or altered: {said}",
    )


def report_missing(
    connection: sqlite3.Connection, part: str, run: str, numbers: range, findings: Findings
) -> list[int]:
    """Names the lines or actions of `numbers` that are not there; returns those that are, in their
    order. There may be as many numbers as somebody has written into a checkpoint."""
    table, key = _TABLES[part]
    query = f"SELECT {key} FROM {table} WHERE {key} BETWEEN ? AND ? ORDER BY {key}"  # noqa: S608
    there = [row[0] for row in connection.execute(query, (numbers.start, numbers.stop - 1))]
    known = set(there)
    gone = (number for number in numbers if number not in known)
    for number in islice(gone, NAMED):
        findings.add(f"{part}-missing", run, f"{_LINE[part]} {number} is gone")
    more = numbers.stop - numbers.start - len(there) - NAMED
    if more > 0:
        findings.add(f"{part}-missing", run, f"and {more:,} more")
    return there


_NAMES = {"decisions": "decisions.parquet", "log": "the log", "actions": "the actions"}
_LINE = {
    "decisions": "row",
    "log": "line",
    "actions": "action",
}
_TABLES = {"log": ("decision_log", "seq"), "actions": ("actions", "action_no")}


def _lines(one: Recorded, first_action: int) -> dict[str, Lines]:
    """Where the lines and actions of a run are, and how many leaves stand before them."""
    firsts, place = {"log": one.run.first_seq, "actions": first_action}, 1 + one.counts["decisions"]
    spans = {}
    for part, first in firsts.items():
        last = first + one.counts[part] - 1
        spans[part] = Lines(one.run.run_id, part, first, last, place)
        place += one.counts[part]
    return spans


def differing_lines(
    there: Sequence[int], found: bytes | bytearray, first: int, count: int, marks: bytes
) -> Located:
    """The lines whose leaves are not those that were recorded: `found` are the marks of the lines
    that are `there`, `marks` those of the `count` that should be, from `first` on."""
    if len(marks) != MARK * count:
        return None
    if found == marks or len(found) != MARK * len(there):  # else what was counted is not there
        return []
    return [
        number
        for place, number in enumerate(there)
        if found[MARK * place : MARK * (place + 1)]
        != marks[MARK * (number - first) : MARK * (number - first + 1)]
    ]
