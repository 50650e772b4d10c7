"""A night into the store: its rows, and the tree and the checkpoint over them.

Apart from `engine.audit.store`, because nearly every command opens a store and only a night
writes one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.audit import marks, outbox, writing
from engine.audit.attesting import Attestor, attest_run
from engine.audit.events.queries import insert_settled
from engine.audit.failures import store_errors
from engine.audit.kept_files import insert_files
from engine.audit.leaves import Salt, store_salt
from engine.audit.manifest import MANIFEST_FILE
from engine.audit.night_leaves import NightLeaves, night_leaves
from engine.audit.personal import values as personal_values
from engine.audit.records import ActionRow, LogRow, PolicyRecord, RunRecord, SourceRecord
from engine.audit.run_folder import RUNS_FOLDER
from engine.audit.run_rows import Run, utc_text
from engine.audit.transactions import transaction
from engine.language.sinks import Sink


@dataclass(frozen=True)
class Committed:
    """What a commit wrote. `actions_known` were handed over but had been emitted before."""

    run_no: int
    log_lines: int
    actions: int
    actions_known: int


@dataclass(frozen=True)
class Recording:
    """A night that is to be recorded in the store in the folder `store`, and whose own folder
    `folder` has been published. See `engine.audit.store.Store.commit`.

    `previous` is the night that was recorded last, `before` the last one of an earlier as-of date.
    """

    connection: sqlite3.Connection
    store: Path
    folder: Path
    run: RunRecord
    policies: Sequence[PolicyRecord]
    sources: Iterable[SourceRecord]
    attestor: Attestor
    sinks: Sequence[Sink]
    previous: Run | None
    before: Run | None

    def write(
        self,
        log_rows: Iterable[LogRow],
        action_rows: Iterable[ActionRow],
        ended_causes: Iterable[marks.EndedCause],
    ) -> Committed:
        """All of it or nothing. Raises `KamError`."""
        connection, files = self.connection, self.attestor.database
        decisions = self.folder / "decisions.parquet"
        with store_errors(self.store):
            salt = Salt(store_salt(connection), self.run.run_id)
            with (
                night_leaves(connection, files, decisions, salt) as leaves,
                transaction(connection),
            ):
                committed = self._write(log_rows, action_rows, ended_causes, leaves)
                note = self._attest(committed.run_no, leaves)
                outbox.enqueue(connection, committed.run_no, self.sinks)
                outbox.enqueue_checkpoint(connection, committed.run_no, self.sinks, note)
        return committed

    def _attest(self, run_no: int, leaves: NightLeaves) -> str:
        """Closes the tree of a run that is written, and the checkpoint over all runs."""
        run = self.run
        manifest = (self.folder / MANIFEST_FILE).read_bytes()
        entry = {
            "as_of": run.as_of,
            "engine": run.engine_version,
            "finished_at": utc_text(run.finished_at),
            "manifest": run.manifest_sha256,
            "run": run.run_id,
            "started_at": utc_text(run.started_at),
        }
        return attest_run(self.connection, run_no, entry, manifest, leaves, self.attestor)

    def _write(
        self,
        log_rows: Iterable[LogRow],
        action_rows: Iterable[ActionRow],
        ended_causes: Iterable[marks.EndedCause],
        leaves: NightLeaves,
    ) -> Committed:
        connection, run, previous = self.connection, self.run, self.previous
        run_no = writing.next_run_no(connection)
        before = _policies_of(connection, previous.run_no) if previous else {}
        first = writing.next_seq(connection)
        numbered = list(writing.numbered_rules(connection, self.policies))
        after = {policy.pack: writing.insert_policy(connection, policy) for policy in self.policies}
        for policy, rule, number, known in numbered:
            if not known:
                writing.insert_rule(connection, number, after[policy.pack], rule)
        writing.insert_policy_changes(connection, run_no, before, after)
        writing.insert_sources(connection, run_no, self.sources)
        insert_settled(connection, run_no, run.settled)
        leaves.passing("log", log_rows, writing.next_seq(connection))
        writing.insert_log(connection, run_no, log_rows)
        marks.log_marks(connection, run_no, previous.last_mark if previous else 0, run.last_mark)
        marks.advance_actions(connection, run_no, run.as_of, ended_causes)
        if not writing.has_actions(connection):  # else some may be known, and get no number
            leaves.passing("actions", action_rows, 1)
        given = writing.insert_actions(connection, run_no, action_rows)
        emitted = connection.execute(
            "SELECT count(*) FROM actions WHERE run_no = ?", (run_no,)
        ).fetchone()[0]
        self._write_personal(run_no, after)
        last = writing.next_seq(connection) - 1
        self._insert_run(run_no, first, last, emitted)
        insert_files(connection, run_no, run.files)
        connection.executemany(
            "INSERT INTO run_policies VALUES (?, ?)", [(run_no, no) for no in after.values()]
        )
        return Committed(run_no, last - first + 1, emitted, given - emitted)

    def _write_personal(self, run_no: int, numbers: Mapping[str, int]) -> None:
        """Who may read what, and what became of personal values; with its lines of the log."""
        connection, run, before = self.connection, self.run, self.before
        personal_values.write_classes(connection, run_no, self.policies, numbers)
        personal_values.write_openings(connection, run_no, run.personal)
        personal_values.log_forgettings(connection, run_no)
        expiry = personal_values.Expiry(
            self.store, run_no, run.as_of, () if before is None else (before.run_id,)
        )
        expiry.write(connection, self.attestor.database, run.personal.retention)

    def _insert_run(self, run_no: int, first: int, last: int, emitted: int) -> None:
        run, previous = self.run, self.previous
        row = {
            "run_no": run_no,
            "run_id": run.run_id,
            "as_of": run.as_of.isoformat(),
            "started_at": utc_text(run.started_at),
            "finished_at": utc_text(run.finished_at),
            "engine_version": run.engine_version,
            "plan_hash": run.plan_hash,
            "facts_fingerprint": run.facts_fingerprint,
            "manifest_sha256": run.manifest_sha256,
            "folder": f"{RUNS_FOLDER}/{run.run_id}",
            "previous_run": previous.run_id if previous else None,
            "first_seq": first,
            "last_seq": last,
            "last_mark": run.last_mark,
            "actions": emitted,
            "counts": json.dumps(run.counts, ensure_ascii=False, allow_nan=False),
        }
        places = ", ".join(f":{name}" for name in row)
        self.connection.execute(
            f"INSERT INTO runs ({', '.join(row)}) VALUES ({places})",  # noqa: S608
            row,
        )


def _policies_of(connection: sqlite3.Connection, run_no: int) -> dict[str, int]:
    rows = connection.execute(
        "SELECT p.pack, p.policy_no FROM run_policies JOIN policy_versions AS p "
        "USING (policy_no) WHERE run_no = ?",
        (run_no,),
    )
    return {pack: int(number) for pack, number in rows}
