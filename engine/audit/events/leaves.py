"""The tree of a run that answered events: its document, its decisions, its lines, its actions.

The leaves are those of a night with two differences. The first is the document of the run in
place of a manifest; and a decision is one leaf for the account, which stands in ``event_decisions``
and is sealed as a whole.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.audit.leaves import Leaf, LineLeaves, Salt, rule_texts
from engine.audit.manifest import canonical_json
from engine.evidence.merkle import leaf_hash

FORM = 1
"""Of the document of a run."""


@dataclass(frozen=True)
class KeptEvent:
    """A row of ``events``, as far as the document of its run vouches for it."""

    event_no: int
    event_id: str
    sha256: str
    rest: Sequence[str | None]
    """account_id, type, record, key, at, day, given, before, answer: as they are kept."""


KEPT_EVENTS = """
SELECT event_no, event_id, sha256, content, account_id, type, record, key, at, day, given, before,
  answer
FROM events WHERE run_no = ? ORDER BY event_no
"""
_DECISION_ROWS = """
SELECT account_id, content FROM event_decisions WHERE run_no = ? ORDER BY account_id
"""


def event_document(
    run_id: str,
    as_of: date,
    night: str,
    engine: str,
    plan: str,
    events: Iterable[KeptEvent],
    salt: Salt,
) -> str:
    """The document of a run, canonical JSON: what it answered, and under which policy.

    Of each event it has the hash of its content, and a salted commitment to the rest of its row.
    """
    return canonical_json(
        {
            "as_of": as_of.isoformat(),
            "engine": engine,
            "events": [
                {"event": one.event_id, "kept": kept_hash(one, salt), "sha256": one.sha256}
                for one in events
            ],
            "form": FORM,
            "night": night,
            "plan": plan,
            "run": run_id,
        }
    )


def kept_hash(event: KeptEvent, salt: Salt) -> str:
    """The commitment to what was typed, what the source said before, and what was answered."""
    text = canonical_json(list(event.rest))
    return hashlib.sha256(salt.of("event", event.event_no) + text.encode()).hexdigest()


def decision_leaf(account: str, number: int, content: str, salt: Salt) -> Leaf:
    """The leaf of one account; `number` is its place among those of the run, from 0."""
    secret = salt.of("decision", number)
    sealed = hashlib.sha256(secret + content.encode()).hexdigest()
    leaf = canonical_json({"account": account, "row": number, "sealed": {"content": sealed}})
    return Leaf(leaf.encode(), (secret, content))  # of texts and integers both forms are one


def decision_leaves(connection: sqlite3.Connection, run_no: int, salt: Salt) -> list[Leaf]:
    """The leaves of the decisions of a run, in their order."""
    return [
        decision_leaf(account, number, content, salt)
        for number, (account, content) in enumerate(connection.execute(_DECISION_ROWS, (run_no,)))
    ]


@dataclass(frozen=True)
class Span:
    """The numbers of a run's lines and actions: `first` to `last`, none if `last` is less."""

    first: int
    last: int


class EventLeaves:
    """Leaves of many small runs; what all of them share is read once."""

    def __init__(self, connection: sqlite3.Connection, secret: bytes) -> None:
        self._connection = connection
        self.secret = secret
        self._texts: Mapping[int | None, str] = {}
        self._rules: int | None = None

    def salt(self, run_id: str) -> Salt:
        return Salt(self.secret, run_id)

    def lines(self, run_id: str) -> LineLeaves:
        """The leaves of lines and actions of a run."""
        ((rules,),) = self._connection.execute("SELECT max(rule_no) FROM rules").fetchall()
        if rules != self._rules:
            self._texts, self._rules = rule_texts(self._connection), rules
        return LineLeaves(self._connection, self.salt(run_id), self._texts)

    def hashes(
        self, run_no: int, run_id: str, log: Span, actions: Span
    ) -> Mapping[str, Iterator[list[bytes]]]:
        """Part → the hashes of its leaves, after the document, which is the first leaf."""
        lines = self.lines(run_id)
        return {
            "decisions": self._decisions(run_no, run_id),
            "log": lines.log(log.first, log.last),
            "actions": lines.actions(actions.first, actions.last),
        }

    def _decisions(self, run_no: int, run_id: str) -> Iterator[list[bytes]]:
        leaves = decision_leaves(self._connection, run_no, self.salt(run_id))
        yield [leaf_hash(leaf.content) for leaf in leaves]
