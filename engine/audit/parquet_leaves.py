"""Leaves of what stands in Parquet: the decisions of a night, and its lines on their way into
kam.db. See `engine.audit.leaves`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.audit.leaves import BATCH, Leaf, LineTexts, Salt, hashes_of, seen_by_action
from engine.evidence.merkle import leaf_hashes

if TYPE_CHECKING:
    import duckdb

EVERY_ROW = range(1 << 62)

_LINES = {
    "log": "account_id, from_value, kind, rule_no, encode(evidence::VARCHAR), "
    "$first + file_row_number, to_value",
    "actions": "account_id, action_id, cause_id, due_on, level, $first + file_row_number, "
    "opened_on, owner_role, priority, rule_no, template_no, evidence::VARCHAR, account_name",
}
"""Part → the columns of `LOG_ROWS` or `ACTION_ROWS`; of an action what it saw is two of them."""


def line_hashes(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    texts: LineTexts,
    part: str,
    first: int,
    rows: range,
) -> Iterator[list[bytes]]:
    """Hashes of rows of a file of ``log`` or ``actions``, as they are handed to the store, batch by
    batch; `first` is the number that the first row of the file gets there."""
    cursor = connection.cursor().execute(
        f"SELECT {_LINES[part]} FROM read_parquet($path, file_row_number = true) "  # noqa: S608
        "WHERE file_row_number BETWEEN $from AND $to",
        {"path": str(file), "first": first, "from": rows.start, "to": rows.stop - 1},
    )
    while found := cursor.fetchmany(BATCH):
        yield hashes_of(texts, part, _actions(found) if part == "actions" else found)


def _actions(rows: Sequence[Any]) -> list[Any]:
    return [(*row, seen_by_action(evidence, name)) for *row, evidence, name in rows]


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
