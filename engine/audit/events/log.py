"""Events into the store: what they were, what they changed, and the evidence of it.

All of a run that answered events is one transaction, as all of a night is. It costs the same
however long the log has become: numbers of rules, leaves of rules and the tree over all runs are
kept from one run to the next.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from engine.audit import outbox, writing
from engine.audit.attesting import RunTree, entry_of
from engine.audit.events.actions import expire_actions, insert_actions
from engine.audit.events.leaves import EventLeaves, KeptEvent, Span, event_document
from engine.audit.events.records import EventRecord, EventRun, content_hash, json_text
from engine.audit.failures import store_errors
from engine.audit.hashed import hashed
from engine.audit.kinds import KIND_NAMES, KINDS_BY_STORE
from engine.audit.leaves import PARTS, store_salt
from engine.audit.personal import values as personal_values
from engine.audit.recording import Committed
from engine.audit.records import LogRow, PolicyRecord, RuleKey
from engine.audit.run_folder import altered
from engine.audit.run_rows import IDS, utc_text
from engine.audit.store import Store
from engine.audit.transactions import transaction
from engine.errors import problem
from engine.evidence.checkpoints import Checkpoint
from engine.evidence.merkle import CompactRange, leaf_hash
from engine.evidence.notes import Signer, sign
from engine.language.sinks import Sink

FOLD_AFTER = 8000
"""Pages of the write-ahead log (128 MiB) after which it is folded into kam.db. An event writes some
twenty, and one of four hundred waits for the fold."""


@dataclass
class _Entries:
    """The tree over all runs, as far as it has been read."""

    tree: CompactRange = field(default_factory=CompactRange)
    run_no: int = 0
    note: str | None = None

    def advance(self, connection: sqlite3.Connection, run_no: int) -> None:
        """Reads the checkpoints of the runs before `run_no` that are new."""
        rows = connection.execute(
            "SELECT run_no, entry, note FROM checkpoints WHERE run_no > ? AND run_no < ? "
            "ORDER BY run_no",
            (self.run_no, run_no),
        )
        for number, entry, note in rows:
            self.add(number, entry.encode(), note)

    def add(self, run_no: int, entry: bytes, note: str) -> None:
        self.tree.append(leaf_hash(entry))
        self.run_no, self.note = run_no, note


class EventLog:
    """Writes runs that answer events into an open store; not for several threads at once.

    `origin` and `signer` are as for a night, `sinks` what takes its actions and checkpoints.
    One that has waited goes on after whatever else was written to the store meanwhile.
    """

    def __init__(
        self, store: Store, origin: str, signer: Signer | None = None, sinks: Sequence[Sink] = ()
    ) -> None:
        self.store = store
        self._origin, self._signer, self._sinks = origin, signer, tuple(sinks)
        self._connection = store.connection
        with store_errors(store.path):
            self._connection.execute(f"PRAGMA wal_autocheckpoint = {FOLD_AFTER}")
            self._leaves = EventLeaves(self._connection, store_salt(self._connection))
        self._entries = _Entries()
        self._rules: frozenset[int] = frozenset()

    # --- before a run ------------------------------------------------------------------

    def rule_numbers(self, policies: Sequence[PolicyRecord]) -> dict[RuleKey, int]:
        """(pack, kind, id) → rule_no; rules that the store does not have yet are inserted.

        A date that changes a parameter makes new rules of a policy that is known. Call it once
        per plan, under the lock. Raises `KamError`.
        """
        with store_errors(self.store.path):
            found = list(writing.numbered_rules(self._connection, policies))
            fresh = [(policy, rule, number) for policy, rule, number, known in found if not known]
            if fresh:
                self.store.require_lock()
                with transaction(self._connection):
                    for policy, rule, number in fresh:
                        policy_no = writing.insert_policy(self._connection, policy)
                        writing.insert_rule(self._connection, number, policy_no, rule)
        return {(policy.pack, rule.kind, rule.id): number for policy, rule, number, _ in found}

    def next_run_id(self, as_of: date) -> str:
        """``2026-06-30.e1`` for the first run that answers events as of that day."""
        with store_errors(self.store.path):
            row = self._connection.execute(
                "SELECT run_id FROM runs WHERE kind = 'event' AND as_of = ? "
                "ORDER BY run_no DESC LIMIT 1",
                (as_of.isoformat(),),
            ).fetchone()
        if row is not None and IDS["event"].fullmatch(row[0]) is None:
            raise altered(self.store.path, f"a run that answered events is called {row[0]!r}")
        last = 0 if row is None else int(row[0].rpartition(".e")[2])
        return f"{as_of.isoformat()}.e{last + 1}"

    # --- a run -------------------------------------------------------------------------

    def commit(self, *runs: EventRun) -> list[Committed]:
        """Records runs in their order: all of them or nothing. Call it under the lock.

        Raises: `KamError`; the store is then as before. ``event-known`` if an event of a run is
        in the store already.
        """
        self.store.require_lock()
        try:
            with store_errors(self.store.path), transaction(self._connection):
                return [self._commit(run) for run in runs]
        except BaseException:
            self._entries = _Entries()  # it may hold what has been rolled back
            raise

    def _commit(self, run: EventRun) -> Committed:
        connection = self._connection
        run_no = writing.next_run_no(connection)
        first_seq, first_action = writing.next_seq(connection), _next_action(connection)
        kept = self._insert_events(run, run_no)
        document = event_document(
            run.run_id,
            run.as_of,
            run.night.run_id,
            run.engine_version,
            run.plan_hash,
            kept,
            self._leaves.salt(run.run_id),
        )
        connection.executemany(
            "INSERT INTO event_decisions VALUES (?, ?, ?, ?)",
            [
                (run_no, account, run.as_of.isoformat(), json_text(content))
                for account, content in run.decisions.items()
            ],
        )
        self._insert_log(run_no, run.log_rows)
        expire_actions(connection, run_no, run.as_of, run.ended_causes, tuple(run.decisions))
        insert_actions(connection, run_no, run.action_rows)
        personal_values.write_openings(connection, run_no, run.personal)
        log = Span(first_seq, writing.next_seq(connection) - 1)
        actions = Span(first_action, _next_action(connection) - 1)
        emitted = actions.last - actions.first + 1
        self._insert_run(run, run_no, document, log, emitted)
        note = self._attest(run, run_no, document, log, actions)
        outbox.enqueue(connection, run_no, self._sinks, max(first_action, 1))
        outbox.enqueue_checkpoint(connection, run_no, self._sinks, note)
        known = len(run.action_rows) - emitted
        return Committed(run_no, log.last - log.first + 1, emitted, known)

    def _insert_events(self, run: EventRun, run_no: int) -> list[KeptEvent]:
        connection, kept = self._connection, []
        for event in run.events:
            rest = _rest(event)
            cursor = connection.execute(
                "INSERT INTO events (event_id, run_no, content, sha256, account_id, type, record, "
                "key, at, day, given, before, answer) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING",
                (event.event_id, run_no, event.text, event.sha256, *rest),
            )
            if not cursor.rowcount:
                raise problem(
                    "event-known",
                    f"the event '{event.event_id}' has been answered already",
                    hint="this is a defect of the engine: please report it with this message",
                )
            number = int(cursor.lastrowid or 0)
            kept.append(KeptEvent(number, event.event_id, event.sha256, rest))
        return kept

    def _insert_log(self, run_no: int, rows: Sequence[LogRow]) -> None:
        """As `writing.insert_log`, without what pays only for many lines."""
        self._check(rows)
        self._connection.executemany(
            "INSERT INTO decision_log (run_no, account_id, kind, rule_no, from_value, to_value, "
            "evidence) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(run_no, *row) for row in rows],
        )

    def _check(self, rows: Sequence[LogRow]) -> None:
        wanted = {row[2] for row in rows if row[2] is not None}
        if not wanted <= self._rules:
            found = self._connection.execute("SELECT rule_no FROM rules").fetchall()
            self._rules = frozenset(number for (number,) in found)
        wrong = {f"kind {row[1]!r}" for row in rows} - {
            f"kind {kind!r}" for kind in KIND_NAMES - KINDS_BY_STORE
        }
        wrong |= {f"rule number {number}" for number in wanted - self._rules}
        if wrong:
            raise problem(
                "store-refused",
                f"the decision log takes no line with {', '.join(sorted(wrong))}",
                hint="this is a defect of the engine: please report it with this message",
            )

    def _insert_run(
        self, run: EventRun, run_no: int, document: str, log: Span, emitted: int
    ) -> None:
        night = run.night
        counts = {"accounts": len(run.decisions), "events": len(run.events)}
        self._connection.execute(
            "INSERT INTO runs (run_no, run_id, as_of, started_at, finished_at, engine_version, "
            "plan_hash, facts_fingerprint, manifest_sha256, folder, previous_run, first_seq, "
            "last_seq, last_mark, actions, counts, kind) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?, 'event')",
            (
                *(run_no, run.run_id, run.as_of.isoformat(), utc_text(run.started_at)),
                *(utc_text(run.finished_at), run.engine_version, run.plan_hash),
                *(night.facts_fingerprint, content_hash(document), night.run_id),
                *(log.first, log.last, night.last_mark, emitted, json.dumps(counts)),
            ),
        )
        self._connection.execute(
            "INSERT INTO event_runs VALUES (?, ?, ?)", (run_no, night.run_no, document)
        )

    # --- evidence ----------------------------------------------------------------------

    def _attest(self, run: EventRun, run_no: int, document: str, log: Span, actions: Span) -> str:
        """Closes the tree of the run, and the checkpoint over all runs; returns the note."""
        connection = self._connection
        tree = RunTree()
        tree.begin(document.encode())
        hashes = self._leaves.hashes(run_no, run.run_id, log, actions)
        for part in PARTS:
            for number, marks in enumerate(tree.add(part, hashed(hashes[part], tree.tree.size))):
                connection.execute(
                    "INSERT INTO leaf_marks VALUES (?, ?, ?, ?)", (run_no, part, number, marks)
                )
        entries = self._entries
        entries.advance(connection, run_no)
        said = {
            "as_of": run.as_of,
            "engine": run.engine_version,
            "finished_at": utc_text(run.finished_at),
            "kind": "event",
            "manifest": content_hash(document),
            "run": run.run_id,
            "started_at": utc_text(run.started_at),
        }
        entry = entry_of(said, tree, entries.note)
        note = self._note(entries.tree, entry)
        connection.execute(
            "INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?)",
            (run_no, *(tree.counts[part] for part in PARTS), tree.root, entry.decode(), note),
        )
        entries.add(run_no, entry, note)
        return note

    def _note(self, before: CompactRange, entry: bytes) -> str:
        tree = CompactRange(before.subtrees)
        tree.append(leaf_hash(entry))
        text = Checkpoint(self._origin, tree.size, tree.root()).text()
        return text if self._signer is None else sign(text, self._signer)


def _rest(event: EventRecord) -> tuple[str | None, ...]:
    """The columns of its row that `KeptEvent.rest` names."""
    before = None if event.before is None else json_text(event.before)
    return (
        *(event.account, event.type, event.record, event.key, outbox.utc_text(event.at)),
        *(event.day.isoformat(), json_text(event.given), before, json_text(event.answer)),
    )


def _next_action(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT coalesce(max(action_no), 0) + 1 FROM actions").fetchone()
    return int(row[0])
