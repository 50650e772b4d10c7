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
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import problem
from engine.evidence.canonical import canonical
from engine.evidence.merkle import leaf_hashes

if TYPE_CHECKING:
    import duckdb

PARTS = ("decisions", "log", "actions")
"""After the manifest, which is the first leaf."""

MARK = 4
"""Bytes of a leaf's hash that `leaf_marks` keeps."""

BATCH = 2_048
"""Rows at a time. Beyond what the processor's own memory holds, a row costs half as much again."""

EVERY_ROW = range(1 << 62)

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


# --- lines of the log and actions: in SQLite ------------------------------------------------
#
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


# --- decisions: in Parquet -------------------------------------------------------------------

_ROWS = """
SELECT *, file_row_number AS number,
  to_json({
    'milestones': list_transform(milestones, lambda one: one.evidence), 'name': name,
    'scores': list_transform(map_entries(scores), lambda one: [one.key, one.value::VARCHAR]),
    'waiting': list_transform(waiting, lambda one: one.evidence),
    'warnings': list_transform(warnings, lambda one: one.evidence)
  })::VARCHAR AS seen,
  unhex(sha256($prefix || encode(file_row_number::VARCHAR))) AS salt
FROM read_parquet($path, file_row_number = true)
WHERE file_row_number BETWEEN $first AND $last
"""
_WRITTEN = f"""
SELECT number, salt, seen, to_json({{
    'account': account_id, 'candidate': candidate, 'computed': computed,
    'entitlements': entitlements, 'held_reviews': held_reviews, 'held_until': held_until,
    'in_population': in_population,
    'milestones': list_transform(milestones, lambda one: {{
      'effect': one.effect, 'rule': one.rule, 'said_on': one.said_on, 'since': one.since
    }}),
    'override_until': override_until, 'pack': pack, 'row': number, 'scope': scope,
    'sealed': {{'values': sha256(salt || encode(seen))}},
    'tier': tier, 'tier_since': tier_since, 'unknowns': unknowns,
    'waiting': list_transform(waiting, lambda one: {{
      'level': one.level, 'rule': one.rule, 'since': one.since, 'state': one.state,
      'until': one.until
    }}),
    'warnings': list_transform(warnings, lambda one: {{
      'acknowledged': one.acknowledged, 'called': one.called, 'clear_since': one.clear_since,
      'escalated': one.escalated, 'is_inhibited': one.is_inhibited, 'level': one.level,
      'raised': one.raised, 'rule': one.rule, 'silenced_until': one.silenced_until,
      'since': one.since
    }}),
    'worse_reviews': worse_reviews
  }})::VARCHAR AS content
FROM ({_ROWS})
"""  # noqa: S608
_LOWER = "content"
for _code in (0x0B, *range(0x0E, 0x20)):
    if f"{_code:04X}" != f"{_code:04x}":  # to_json writes \u001F where RFC 8785 asks for \u001f
        _LOWER = f"replace({_LOWER}, '\\u{_code:04X}', '\\u{_code:04x}')"
_DECISIONS = f"""
SELECT CASE WHEN contains(content, '\\u00') THEN {_LOWER} ELSE content END AS content,
  number, salt, seen
FROM ({_WRITTEN})
"""  # noqa: S608
"""Only the id of an account can hold a control character; the rest are ids of the policy."""


def decision_hashes(
    connection: duckdb.DuckDBPyConnection, file: Path, salt: Salt, rows: range = EVERY_ROW
) -> Iterator[list[bytes]]:
    """Hashes of rows of a decisions.parquet, in their order, batch by batch."""
    # DuckDB composes the leaves, Python hashes them: its SHA-256 uses the processor's own.
    query = f"SELECT encode(content) FROM ({_DECISIONS})"  # noqa: S608
    cursor = connection.cursor().execute(query, _parameters(file, salt, rows))
    while found := cursor.fetchmany(BATCH):
        yield leaf_hashes([content for (content,) in found])


def decision_leaves(
    connection: duckdb.DuckDBPyConnection, file: Path, salt: Salt, numbers: Sequence[int]
) -> list[Leaf]:
    """The leaves of some rows of a decisions.parquet."""
    query = (
        f"SELECT content, salt, seen FROM ({_DECISIONS}) WHERE number IN $numbers ORDER BY number"  # noqa: S608
    )
    rows = connection.execute(query, {**_parameters(file, salt), "numbers": list(numbers)})
    return [Leaf(content.encode(), (salt, seen)) for content, salt, seen in rows.fetchall()]


def _parameters(file: Path, salt: Salt, rows: range = EVERY_ROW) -> Mapping[str, object]:
    prefix = salt.prefix("decision")
    return {"path": str(file), "prefix": prefix, "first": rows.start, "last": rows.stop - 1}
