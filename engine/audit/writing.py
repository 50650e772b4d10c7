"""The rows of a night into the database: its log, its actions, its sources, its policies."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping

from engine.audit.grouped_rows import insert_grouped
from engine.audit.kinds import KIND_NAMES, KINDS_BY_STORE
from engine.audit.manifest import canonical_json
from engine.audit.records import ActionRow, LogRow, PolicyRecord, RuleRecord, SourceRecord
from engine.audit.run_rows import last_run_no
from engine.audit.schema.log import ACTION_INDEXES
from engine.errors import problem

_LOG_INSERT = (
    "INSERT INTO decision_log (run_no, account_id, kind, rule_no, from_value, to_value, evidence)"
)
_ACTION_INSERT = (
    "INSERT INTO actions (run_no, status, action_id, cause_id, account_id, account_name, rule_no, "
    "template_no, level, owner_role, owner, priority, opened_on, due_on, evidence)"
)

_POLICY_CHANGED = """
INSERT INTO decision_log (run_no, kind, rule_no, from_value, to_value)
SELECT
  ?, 'policy_changed', min(rule_no),
  (SELECT policy_hash FROM policy_versions WHERE policy_no = ?),
  (SELECT policy_hash FROM policy_versions WHERE policy_no = ?)
FROM rules
WHERE policy_no = ? AND kind = 'pack'
"""
ACTIONS_EMITTED = """
INSERT INTO decision_log (run_no, account_id, kind, rule_no, to_value, evidence)
SELECT
  a.run_no, a.account_id, 'action_emitted', a.rule_no, t.rule_id,
  json_object(
    'action', a.action_id, 'owner_role', a.owner_role, 'owner', a.owner, 'due_on', a.due_on
  )
FROM actions AS a
JOIN rules AS t ON t.rule_no = a.template_no
"""
"""A line for actions; which ones and in what order is for whoever asks."""
_EMITTED_BY_RUN = f"{ACTIONS_EMITTED} WHERE a.run_no = ? ORDER BY a.action_no"


def insert_log(connection: sqlite3.Connection, run_no: int, rows: Iterable[LogRow]) -> None:
    """Appends the lines of a run.

    Raises: `KamError` ``store-refused`` for a kind or a rule that does not exist, and for
    a kind that only the store itself writes.
    """
    first = next_seq(connection)
    insert_grouped(connection, _LOG_INSERT, f"({run_no},?,?,?,?,?,?)", rows)
    _check_references(connection, first)


def insert_actions(connection: sqlite3.Connection, run_no: int, rows: Iterable[ActionRow]) -> int:
    """Inserts the actions that the store does not have yet; returns how many it was given."""
    if not has_actions(connection):
        given = _insert_first_actions(connection, run_no, rows)
        _log_actions(connection, run_no)
        return given
    before = connection.total_changes
    given = insert_grouped(
        connection,
        _ACTION_INSERT,
        _action_marks(run_no),
        rows,
        " ON CONFLICT (action_id) DO NOTHING",
    )
    if connection.total_changes > before:
        _log_actions(connection, run_no)
    return given


def has_actions(connection: sqlite3.Connection) -> bool:
    """Whether any night or event has emitted one."""
    return connection.execute("SELECT 1 FROM actions LIMIT 1").fetchone() is not None


def insert_sources(
    connection: sqlite3.Connection, run_no: int, sources: Iterable[SourceRecord]
) -> None:
    """The reconciliation of a run: a row and a line of the log for each source."""
    for source in sources:
        counts = (source.rows_read, source.rows_used, source.rows_quarantined)
        connection.execute(
            "INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?)",
            (run_no, source.name, source.file, source.sha256, *counts),
        )
        evidence = {
            "source": source.name,
            "file": source.file,
            "sha256": source.sha256,
            **dict(zip(("rows_read", "rows_used", "rows_quarantined"), counts, strict=True)),
        }
        connection.execute(
            f"{_LOG_INSERT} VALUES (?, NULL, 'source_read', NULL, NULL, NULL, ?)",
            (run_no, json.dumps(evidence, ensure_ascii=False)),
        )


def insert_policy(connection: sqlite3.Connection, policy: PolicyRecord) -> int:
    """Keeps a policy and its files unless the store has them; returns its policy_no."""
    if (known := policy_number(connection, policy.policy_hash)) is not None:
        return known
    span = (policy.effective_from, policy.effective_to)
    cursor = connection.execute(
        "INSERT INTO policy_versions (policy_hash, pack, version, title_zh, title_en, document, "
        "effective_from, effective_to) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(policy.policy_hash, policy.pack, policy.version),
            *(policy.title.zh, policy.title.en, policy.document),
            *(day.isoformat() if day else None for day in span),
        ),
    )
    number = int(cursor.lastrowid or 0)
    connection.executemany(
        "INSERT INTO policy_files VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(file.sha256, file.content) for file in policy.files],
    )
    connection.executemany(
        "INSERT INTO policy_version_files VALUES (?, ?, ?)",
        [(number, file.path, file.sha256) for file in policy.files],
    )
    connection.executemany(
        "INSERT INTO policy_columns VALUES (?, ?, ?, ?, ?, ?)",
        [
            (number, c.name, c.column, c.type, c.title and c.title.zh, c.title and c.title.en)
            for c in policy.columns
        ],
    )
    connection.executemany(
        "INSERT INTO policy_roles VALUES (?, ?, ?, ?)",
        [(number, role, title.zh, title.en) for role, title in policy.roles.items()],
    )
    return number


def policy_number(connection: sqlite3.Connection, policy_hash: str) -> int | None:
    """The number of a policy that the store knows."""
    row = connection.execute(
        "SELECT policy_no FROM policy_versions WHERE policy_hash = ?", (policy_hash,)
    ).fetchone()
    return None if row is None else int(row[0])


def known_rules(connection: sqlite3.Connection, policy_no: int) -> dict[tuple[str, str, str], int]:
    """(kind, id, thresholds) → rule_no of a policy."""
    rows = connection.execute(
        "SELECT kind, rule_id, thresholds, rule_no FROM rules WHERE policy_no = ?", (policy_no,)
    )
    return {(kind, rule, thresholds): number for kind, rule, thresholds, number in rows}


def numbered_rules(
    connection: sqlite3.Connection, policies: Iterable[PolicyRecord]
) -> Iterator[tuple[PolicyRecord, RuleRecord, int, bool]]:
    """Every rule with its number, and whether the store has it already."""
    fresh = next_rule_no(connection)
    for policy in policies:
        policy_no = policy_number(connection, policy.policy_hash)
        known = {} if policy_no is None else known_rules(connection, policy_no)
        for rule in policy.rules:
            number = known.get((rule.kind, rule.id, thresholds_text(rule)))
            yield policy, rule, fresh if number is None else number, number is not None
            fresh += number is None


def insert_rule(
    connection: sqlite3.Connection, rule_no: int, policy_no: int, rule: RuleRecord
) -> None:
    """A rule under a number that the store has chosen for it."""
    connection.execute(
        "INSERT INTO rules VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(rule_no, policy_no, rule.kind, rule.id, rule.title.zh, rule.title.en),
            *(rule.location.file, rule.location.line, thresholds_text(rule)),
            None if rule.template is None else canonical_json(rule.template),
            rule.layer,
        ),
    )


def insert_policy_changes(
    connection: sqlite3.Connection, run_no: int, before: Mapping[str, int], after: Mapping[str, int]
) -> None:
    """A line for each pack whose content differs from the previous run's.

    `before` and `after` map pack → policy_no; a pack may stand in one of them only.
    """
    for pack in sorted({*before, *after}):
        old, new = before.get(pack), after.get(pack)
        if old != new:
            connection.execute(
                _POLICY_CHANGED,
                (run_no, old, new, new if new is not None else old),
            )


def thresholds_text(rule: RuleRecord) -> str:
    """The thresholds as the store keeps and compares them."""
    return canonical_json(list(rule.thresholds))


def next_seq(connection: sqlite3.Connection) -> int:
    """The number of the line that comes next."""
    return int(
        connection.execute("SELECT coalesce(max(seq), 0) + 1 FROM decision_log").fetchone()[0]
    )


def next_run_no(connection: sqlite3.Connection) -> int:
    """The number of the run that comes next, a night or not."""
    return last_run_no(connection) + 1


def next_rule_no(connection: sqlite3.Connection) -> int:
    """The number of the rule that comes next."""
    return int(connection.execute("SELECT coalesce(max(rule_no), 0) + 1 FROM rules").fetchone()[0])


def _insert_first_actions(
    connection: sqlite3.Connection, run_no: int, rows: Iterable[ActionRow]
) -> int:
    """Without indexes while it writes; the ids of one run are all different."""
    for name in ACTION_INDEXES:
        connection.execute(f"DROP INDEX {name}")
    given = insert_grouped(connection, _ACTION_INSERT, _action_marks(run_no), rows)
    for statement in ACTION_INDEXES.values():
        connection.execute(statement)
    return given


def _action_marks(run_no: int) -> str:
    return f"({run_no},'open',?,?,?,?,?,?,?,?,?,?,?,?,?)"


def _log_actions(connection: sqlite3.Connection, run_no: int) -> None:
    connection.execute(_EMITTED_BY_RUN, (run_no,))


def _check_references(connection: sqlite3.Connection, first: int) -> None:
    """The foreign keys of the lines from `first` on, all at once: a check per row is slow."""
    used = connection.execute(
        "SELECT DISTINCT kind, rule_no FROM decision_log WHERE seq >= ?", (first,)
    ).fetchall()
    rules = {row[0] for row in connection.execute("SELECT rule_no FROM rules")} | {None}
    wrong = sorted({kind for kind, _ in used} - (KIND_NAMES - KINDS_BY_STORE))
    strangers = sorted({rule for _, rule in used} - rules)
    if wrong or strangers:
        what = [f"kind {kind!r}" for kind in wrong] + [f"rule number {rule}" for rule in strangers]
        raise problem(
            "store-refused",
            f"the decision log takes no line with {', '.join(what)}",
            hint="this is a defect of the engine: please report it with this message",
        )
