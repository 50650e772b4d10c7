"""The leaves of a run that answered events, for proofs of it."""

from __future__ import annotations

import sqlite3

from engine.audit.events.leaves import EventLeaves, Span, decision_leaves
from engine.audit.leaves import PARTS, Leaf, store_salt
from engine.evidence.merkle import leaf_hash
from engine.verification.checkpoint_chain import Recorded


def first_leaf(connection: sqlite3.Connection, one: Recorded) -> bytes:
    """The document of the run; empty if it is gone."""
    row = connection.execute(
        "SELECT document FROM event_runs WHERE run_no = ?", (one.run.run_no,)
    ).fetchone()
    return b"" if row is None else str(row[0]).encode()


def event_leaves(connection: sqlite3.Connection, one: Recorded, first_action: int) -> list[Leaf]:
    """Every leaf of the run but its document, in order."""
    run, leaves = one.run, EventLeaves(connection, store_salt(connection))
    lines = leaves.lines(run.run_id)
    return [
        *decision_leaves(connection, run.run_no, lines.salt),
        *(lines.log_leaf(seq) for seq in range(run.first_seq, run.last_seq + 1)),
        *(lines.action_leaf(first_action + number) for number in range(one.counts["actions"])),
    ]


def event_leaves_of(
    connection: sqlite3.Connection, one: Recorded, first_action: int, account: str
) -> tuple[list[int], list[Leaf]]:
    """The account's leaves and their places among all leaves of the run."""
    run = one.run
    owners = [
        *_column(connection, "event_decisions", "run_no = ?", "account_id", (run.run_no,)),
        *_column(connection, "decision_log", "seq BETWEEN ? AND ?", "seq", _log(one)),
        *_column(
            connection,
            "actions",
            "action_no BETWEEN ? AND ?",
            "action_no",
            (first_action, first_action + one.counts["actions"] - 1),
        ),
    ]
    leaves = event_leaves(connection, one, first_action)
    places = [place for place, owner in enumerate(owners) if owner == account]
    return [1 + place for place in places], [leaves[place] for place in places]


def event_hashes(connection: sqlite3.Connection, one: Recorded, first_action: int) -> list[bytes]:
    """The hash of every leaf of the run."""
    leaves = EventLeaves(connection, store_salt(connection))
    actions = Span(first_action, first_action + one.counts["actions"] - 1)
    hashes = leaves.hashes(one.run.run_no, one.run.run_id, Span(*_log(one)), actions)
    rest = [leaf for part in PARTS for batch in hashes[part] for leaf in batch]
    return [leaf_hash(first_leaf(connection, one)), *rest]


def _log(one: Recorded) -> tuple[int, int]:
    return one.run.first_seq, one.run.last_seq


def _column(
    connection: sqlite3.Connection, table: str, where: str, order: str, values: tuple[int, ...]
) -> list[str | None]:
    """Whom each row is about; all but `values` are constants of this module."""
    query = f"SELECT account_id FROM {table} WHERE {where} ORDER BY {order}"  # noqa: S608
    return [account for (account,) in connection.execute(query, values)]
