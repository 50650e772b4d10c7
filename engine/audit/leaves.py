"""The leaves of a run: what it decided and said, line by line, as bytes that can be hashed.

A leaf is canonical JSON (RFC 8785). The values that a line saw do not stand in it: they stand
there as a salted commitment, so that a line without its values still hashes to its leaf, and
nobody can guess them. `docs/evidence.md` describes every field.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from engine.evidence.canonical import LineTemplate, canonical
from engine.evidence.merkle import leaf_hashes

PARTS = ("decisions", "log", "actions")
"""After the manifest, which is the first leaf."""

BATCH = 20_000

_LOG = LineTemplate(
    ("account", "from", "kind", "rule", "sealed", "seq", "to"), raw=("rule", "sealed")
)
_ACTION = LineTemplate(
    (
        *("account", "action", "cause", "due_on", "level", "no", "opened_on", "owner_role"),
        *("priority", "rule", "sealed", "template"),
    ),
    raw=("rule", "sealed", "template"),
)
_ACTION_TEXT = LineTemplate(("name", "evidence"))
_LOG_ROWS = """
SELECT account_id, from_value, kind, rule_no, evidence, seq, to_value
FROM decision_log WHERE seq BETWEEN ? AND ? ORDER BY seq
"""
_ACTION_ROWS = """
SELECT account_id, action_id, cause_id, due_on, level, action_no, opened_on, owner_role,
  priority, rule_no, account_name, evidence, template_no
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
        return hashlib.sha256(self.secret + f"{self.run_id}:{part}:{number}".encode()).digest()


def store_salt(connection: sqlite3.Connection) -> bytes:
    """The store's secret."""
    row = connection.execute("SELECT salt FROM commitment_salt").fetchone()
    return bytes(row[0])


# --- lines of the log and actions: in SQLite ------------------------------------------------


@dataclass
class LineLeaves:
    """Leaves of the rows of kam.db, as they are read."""

    connection: sqlite3.Connection
    salt: Salt

    def __post_init__(self) -> None:
        self._rules: dict[int | None, bytes] = {None: b"null"}
        for number, file, rule, kind, line, pack, policy, thresholds in self.connection.execute(
            _RULES
        ):
            self._rules[number] = canonical(
                {
                    "file": file,
                    "id": rule,
                    "kind": kind,
                    "line": line,
                    "pack": pack,
                    "policy": policy,
                    "thresholds": hashlib.sha256(thresholds.encode()).hexdigest(),
                }
            )
        self._rule_texts = {number: text.decode() for number, text in self._rules.items()}

    def log(self, first: int, last: int) -> Iterator[list[bytes]]:
        """Hashes of the lines `first` to `last`, batch by batch."""
        for rows in self._batches(_LOG_ROWS, first, last):
            yield leaf_hashes(self._log_lines(rows))

    def actions(self, first: int, last: int) -> Iterator[list[bytes]]:
        """Hashes of the actions `first` to `last`, batch by batch."""
        for rows in self._batches(_ACTION_ROWS, first, last):
            yield leaf_hashes(self._action_lines(rows))

    def log_leaf(self, number: int) -> Leaf:
        """The leaf of one line."""
        row = self.connection.execute(_LOG_ROWS, (number, number)).fetchone()
        (content,) = self._log_lines([row])
        evidence = row[4]
        return Leaf(content, None if evidence is None else (self.salt.of("log", row[5]), evidence))

    def action_leaf(self, number: int) -> Leaf:
        """The leaf of one action."""
        row = self.connection.execute(_ACTION_ROWS, (number, number)).fetchone()
        (content,) = self._action_lines([row])
        (text,) = _action_texts([row[10]], [row[11]])
        return Leaf(content, (self.salt.of("action", row[5]), text))

    def _batches(self, query: str, first: int, last: int) -> Iterator[list[tuple[object, ...]]]:
        cursor = self.connection.execute(query, (first, last))
        while rows := cursor.fetchmany(BATCH):
            yield rows

    def _log_lines(self, rows: Sequence[tuple[object, ...]]) -> list[bytes]:
        account, before, kind, rule, evidence, seq, after = zip(*rows, strict=True)
        sealed = self._sealed("log", "evidence", seq, evidence)
        return _LOG.lines((account, before, kind, self._rules_of(rule), sealed, seq, after))

    def _action_lines(self, rows: Sequence[tuple[object, ...]]) -> list[bytes]:
        (account, action, cause, due, level, number, opened, role, priority, rule, name, seen,
         template) = zip(*rows, strict=True)  # fmt: skip
        sealed = self._sealed("action", "evidence", number, _action_texts(name, seen))
        rules, templates = self._rules_of(rule), self._rules_of(template)
        known = (account, action, cause, due, level, number, opened, role, priority)
        return _ACTION.lines((*known, rules, sealed, templates))

    def _rules_of(self, numbers: Iterable[int | None]) -> list[str]:
        """A rule that nobody knows is named by its number, so that its line still has a leaf."""
        known = self._rule_texts
        return [known[one] if one in known else json.dumps(one) for one in numbers]

    def _sealed(
        self, part: str, name: str, numbers: Iterable[int], texts: Iterable[str | None]
    ) -> list[str]:
        before, sha256 = self.salt.secret + f"{self.salt.run_id}:{part}:".encode(), hashlib.sha256
        opening = f'{{"{name}":"'
        return [
            "{}"
            if text is None
            else opening
            + sha256(sha256(b"%b%d" % (before, number)).digest() + text.encode()).hexdigest()
            + '"}'
            for number, text in zip(numbers, texts, strict=True)
        ]


def _action_texts(names: Sequence[object], seen: Sequence[object]) -> list[str]:
    """What actions say beside their leaves: the name of the account and the values seen."""
    return [text.decode() for text in _ACTION_TEXT.lines((names, seen))]


# --- decisions: in Parquet -------------------------------------------------------------------

_DECISION = """
SELECT
  {account_json} AS account_json,
  to_json({{
    'candidate': candidate, 'computed': computed, 'entitlements': entitlements,
    'held_reviews': held_reviews, 'held_until': held_until, 'in_population': in_population,
    'milestones': list_transform(milestones, lambda one: {{
      'effect': one.effect, 'rule': one.rule, 'said_on': one.said_on, 'since': one.since
    }}),
    'override_until': override_until, 'pack': pack, 'row': number, 'scope': scope
  }})::VARCHAR AS before_seal,
  to_json({{
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
  }})::VARCHAR AS after_seal,
  to_json({{
    'milestones': list_transform(milestones, lambda one: one.evidence), 'name': name,
    'scores': list_transform(map_entries(scores), lambda one: [one.key, one.value::VARCHAR]),
    'waiting': list_transform(waiting, lambda one: one.evidence),
    'warnings': list_transform(warnings, lambda one: one.evidence)
  }})::VARCHAR AS seen,
  unhex(sha256($secret || encode($prefix || number))) AS salt,
  number
FROM (
  SELECT *, file_row_number AS number
  FROM read_parquet($path, file_row_number = true)
)
"""
_ACCOUNT_JSON = "to_json(account_id)::VARCHAR"
for _code in (0x0B, *range(0x0E, 0x20)):
    if f"{_code:04X}" != f"{_code:04x}":  # to_json writes \u001F where RFC 8785 asks for \u001f
        _ACCOUNT_JSON = f"replace({_ACCOUNT_JSON}, '\\u{_code:04X}', '\\u{_code:04x}')"
_CONTENT = """
  '{"account":' || account_json || ',' || before_seal[2:-2] || ',"sealed":{"values":"'
  || sha256(salt || encode(seen)) || '"},' || after_seal[2:]
"""


def _decisions() -> str:
    rows = _DECISION.format(account_json=_ACCOUNT_JSON)
    return f"SELECT {_CONTENT} AS content, salt, seen, number FROM ({rows})"  # noqa: S608


def decision_hashes(
    connection: duckdb.DuckDBPyConnection, file: Path, salt: Salt
) -> Iterator[list[bytes]]:
    """Hashes of the rows of a decisions.parquet, in their order, batch by batch."""
    query = f"SELECT unhex(sha256('\\x00'::BLOB || encode(content))) FROM ({_decisions()})"  # noqa: S608
    cursor = connection.cursor().execute(query, _parameters(file, salt))
    while rows := cursor.fetchmany(BATCH):
        yield [one for (one,) in rows]


def decision_leaves(
    connection: duckdb.DuckDBPyConnection, file: Path, salt: Salt, numbers: Sequence[int]
) -> list[Leaf]:
    """The leaves of some rows of a decisions.parquet."""
    query = (
        f"SELECT content, salt, seen FROM ({_decisions()}) WHERE number IN $numbers ORDER BY number"  # noqa: S608
    )
    rows = connection.execute(query, {**_parameters(file, salt), "numbers": list(numbers)})
    return [Leaf(content.encode(), (salt, seen)) for content, salt, seen in rows.fetchall()]


def _parameters(file: Path, salt: Salt) -> Mapping[str, object]:
    return {"path": str(file), "secret": salt.secret, "prefix": f"{salt.run_id}:decision:"}
