"""The leaves of a run: what it decided and said, line by line, as bytes that can be hashed.

A leaf is canonical JSON (RFC 8785). The values that a line saw do not stand in it: they stand
there as a salted commitment, so that a line without its values still hashes to its leaf, and
nobody can guess them. `docs/evidence.md` describes every field.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from json.encoder import encode_basestring as escape
from typing import Any

from engine.errors import problem
from engine.evidence.canonical import canonical
from engine.evidence.merkle import leaf_hashes

PARTS = ("decisions", "log", "actions")
"""After the manifest, which is the first leaf."""

MARK = 4
"""Bytes of a leaf's hash that `leaf_marks` keeps."""

BATCH = 2_048
"""Rows at a time. Beyond what the processor's own memory holds, a row costs half as much again."""

LOG_ROWS = """
SELECT account_id, from_value, kind, rule_no, CAST(evidence AS BLOB), seq, to_value
FROM decision_log WHERE seq BETWEEN ? AND ? ORDER BY seq
"""
ACTION_ROWS = """
SELECT account_id, action_id, cause_id, due_on, level, action_no, opened_on, owner_role,
  priority, rule_no, template_no,
  CAST(json_object('evidence', evidence, 'name', account_name) AS BLOB) AS seen
FROM actions WHERE action_no BETWEEN ? AND ? ORDER BY action_no
"""
_RULES = """
SELECT rule_no, file, rule_id, kind, line, pack, policy_hash, thresholds
FROM rules JOIN policy_versions USING (policy_no)
"""


@dataclass(frozen=True)
class Leaf:
    """A leaf with what opens its commitment; `opened` is (salt, text), None if nothing is sealed.

    The commitment is ``sha256(salt || text)``, the text in UTF-8.
    """

    content: bytes
    opened: tuple[bytes, str] | None


@dataclass(frozen=True)
class Salt:
    """Derives the salt of each line from the store's secret and the run."""

    secret: bytes
    run_id: str

    def of(self, part: str, number: int) -> bytes:
        return sha256(b"%b%d" % (self.prefix(part), number)).digest()

    def prefix(self, part: str) -> bytes:
        """What stands before the number of the line in what is hashed."""
        return self.secret + f"{self.run_id}:{part}:".encode()


def store_salt(connection: sqlite3.Connection) -> bytes:
    """The store's secret. Raises `KamError` ``store-altered`` if it is gone."""
    row = connection.execute("SELECT salt FROM commitment_salt").fetchone()
    if row is None:
        raise problem(
            "store-altered",
            "the secret of the store is gone from kam.db (commitment_salt): nothing that a run "
            "has recorded can be checked without it, and nothing recorded",
            hint="restore the store from a backup",
        )
    return bytes(row[0])


# Written out by hand and not through `canonical`: these are the millions of lines of a store, and
# each costs some microseconds. The tests hold them against `canonical`.


class LineTexts:
    """The leaves of rows that have been read. `rules` is what leaves say of a rule, by number;
    one that it does not know is named by its number, so that its line still has a leaf."""

    def __init__(self, rules: Mapping[int | None, str], salt: Salt) -> None:
        self.salt = salt
        self._rules = _Rules(rules)

    def log(self, rows: Sequence[Any]) -> list[bytes]:
        """Of rows of `LOG_ROWS`."""
        said, rules, before = _Texts(), self._rules, self.salt.prefix("log")
        leaves = []
        for account, old, kind, rule, seen, number, new in rows:
            no = str(number)
            if seen is None:
                sealed = "{}"
            else:
                salt = sha256(before + no.encode()).digest()
                sealed = f'{{"evidence":"{sha256(salt + seen).hexdigest()}"}}'
            leaves.append(
                f'{{"account":{said[account]},"from":{said[old]},"kind":{said[kind]},'
                f'"rule":{rules[rule]},"sealed":{sealed},"seq":{no},"to":{said[new]}}}'.encode()
            )
        return leaves

    def actions(self, rows: Sequence[Any]) -> list[bytes]:
        """Of rows of `ACTION_ROWS`."""
        said, rules, before = _Texts(), self._rules, self.salt.prefix("action")
        leaves = []
        for (
            account, action, cause, due, level, number, opened, role, priority, rule, template, seen
        ) in rows:  # fmt: skip
            no = str(number)
            salt = sha256(before + no.encode()).digest()
            leaves.append(
                f'{{"account":{said[account]},"action":{escape(action)},"cause":{escape(cause)},'
                f'"due_on":{said[due]},"level":{said[level]},"no":{no},'
                f'"opened_on":{said[opened]},"owner_role":{said[role]},'
                f'"priority":{said[priority]},"rule":{rules[rule]},'
                f'"sealed":{{"evidence":"{sha256(salt + seen).hexdigest()}"}},'
                f'"template":{rules[template]}}}'.encode()
            )
        return leaves


class LineLeaves:
    """Leaves of the rows of kam.db, as they are read; `rules` are `rule_texts`, where they have
    been read already."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        salt: Salt,
        rules: Mapping[int | None, str] | None = None,
    ) -> None:
        self.connection = connection
        self.salt = salt
        self.rules = rule_texts(connection) if rules is None else rules
        self.texts = LineTexts(self.rules, salt)

    def log(self, first: int, last: int) -> Iterator[list[bytes]]:
        """Hashes of the lines `first` to `last`, batch by batch."""
        for rows in self.log_rows(first, last):
            yield hashes_of(self.texts, "log", rows)

    def actions(self, first: int, last: int) -> Iterator[list[bytes]]:
        """Hashes of the actions `first` to `last`, batch by batch."""
        for rows in self.action_rows(first, last):
            yield hashes_of(self.texts, "actions", rows)

    def log_leaves(self, first: int, last: int) -> Iterator[Leaf]:
        """The leaves of the lines `first` to `last`."""
        for rows in self.log_rows(first, last):
            for row, content in zip(rows, self.texts.log(rows), strict=True):
                seen, number = row[4], row[5]
                opened = None if seen is None else (self.salt.of("log", number), seen.decode())
                yield Leaf(content, opened)

    def action_leaves(self, first: int, last: int) -> Iterator[Leaf]:
        """The leaves of the actions `first` to `last`."""
        for rows in self.action_rows(first, last):
            for row, content in zip(rows, self.texts.actions(rows), strict=True):
                yield Leaf(content, (self.salt.of("action", row[5]), row[11].decode()))

    def log_leaf(self, number: int) -> Leaf:
        """The leaf of one line."""
        return next(self.log_leaves(number, number))

    def action_leaf(self, number: int) -> Leaf:
        """The leaf of one action."""
        return next(self.action_leaves(number, number))

    def log_rows(self, first: int, last: int) -> Iterator[list[Any]]:
        """What `LineTexts.log` takes, batch by batch."""
        return self._batches(LOG_ROWS, first, last)

    def action_rows(self, first: int, last: int) -> Iterator[list[Any]]:
        """What `LineTexts.actions` takes, batch by batch."""
        return self._batches(ACTION_ROWS, first, last)

    def _batches(self, query: str, first: int, last: int) -> Iterator[list[Any]]:
        cursor = self.connection.execute(query, (first, last))
        while rows := cursor.fetchmany(BATCH):
            yield rows


def seen_by_action(evidence: str, name: str | None) -> bytes:
    """The column ``seen`` of `ACTION_ROWS`, as SQLite writes it."""
    said = "null" if name is None else escape(name)
    return f'{{"evidence":{escape(evidence)},"name":{said}}}'.encode()


def hashes_of(texts: LineTexts, part: str, rows: Sequence[Any]) -> list[bytes]:
    """The hashes of the leaves of rows of ``log`` or ``actions``."""
    return leaf_hashes(texts.log(rows) if part == "log" else texts.actions(rows))


def rule_texts(connection: sqlite3.Connection) -> dict[int | None, str]:
    """What leaves say of every rule of the store, by its number."""
    found: dict[int | None, str] = {None: "null"}
    for number, file, rule, kind, line, pack, policy, thresholds in connection.execute(_RULES):
        said = {
            "file": file,
            "id": rule,
            "kind": kind,
            "line": line,
            "pack": pack,
            "policy": policy,
            "thresholds": sha256(thresholds.encode()).hexdigest(),
        }
        found[number] = canonical(said).decode()
    return found


class _Rules(dict[int | None, str]):
    def __missing__(self, number: int) -> str:
        return str(number)


class _Texts(dict[str | None, str]):
    """Value → its JSON. Lines that follow one another say much the same."""

    def __missing__(self, value: str | None) -> str:
        text = self[value] = "null" if value is None else escape(value)
        return text
