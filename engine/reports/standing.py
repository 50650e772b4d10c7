"""The actions that stood open on the night of a run, whatever has become of them since.

The store keeps the present state of an action; what happened after a run is in the log and
in the marks of people, so the state of any night can be told from what is never rewritten.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.audit.failures import store_errors

if TYPE_CHECKING:
    from engine.audit.store import Run, Store

_STOOD = """
WITH revived AS (
    SELECT json_extract(evidence, '$.action') AS action_id
    FROM decision_log
    WHERE seq > :last_seq AND kind = 'action_expired'
),
finished AS (
    SELECT DISTINCT action_no FROM marks WHERE kind = 'done' AND mark_no > :last_mark
),
handed_on AS (
    SELECT DISTINCT action_no FROM marks WHERE kind = 'assign' AND mark_no > :last_mark
),
assigned AS (
    SELECT action_no, person, max(mark_no) FROM marks
    WHERE kind = 'assign' AND mark_no <= :last_mark
    GROUP BY action_no
),
standing AS (
    SELECT
        a.action_no, a.action_id, a.account_id, a.account_name, a.level, a.owner_role,
        CASE WHEN a.action_no NOT IN (SELECT action_no FROM handed_on) THEN a.owner
            ELSE coalesce(s.person, (
                SELECT json_extract(l.evidence, '$.owner') FROM decision_log AS l
                WHERE l.account_id = a.account_id AND l.run_no = a.run_no
                    AND l.kind = 'action_emitted'
                    AND json_extract(l.evidence, '$.action') = a.action_id
            ))
        END AS owner,
        a.priority, a.opened_on, a.due_on, a.snoozed_until,
        u.kind AS rule_kind, u.rule_id, u.title_zh AS rule_zh, u.title_en AS rule_en,
        t.rule_id AS template_id, t.title_zh, t.title_en, p.pack
    FROM actions AS a
    CROSS JOIN rules AS u ON u.rule_no = a.rule_no
    CROSS JOIN rules AS t ON t.rule_no = a.template_no
    CROSS JOIN policy_versions AS p ON p.policy_no = u.policy_no
    LEFT JOIN assigned AS s ON s.action_no = a.action_no
    WHERE a.run_no <= :run_no
      AND (
        a.status IN ('open', 'snoozed')
        OR (a.status = 'done' AND a.action_no IN (SELECT action_no FROM finished))
        OR (a.status = 'expired' AND a.action_id IN (SELECT action_id FROM revived))
      )
)
"""


def standing_actions(
    store: Store, run: Run, query: str, **values: object
) -> Iterator[dict[str, Any]]:
    """The rows of `query`, a SELECT over ``standing``, as of the night of `run`.

    ``standing`` has the columns of the view ``action_lines`` that say what is to be done, by
    whom and by when. `query` is a constant of its module; `values` are bound by name.
    """
    bound = {"run_no": run.run_no, "last_seq": run.last_seq, "last_mark": run.last_mark}
    with store_errors(store.path):
        cursor = store.connection.execute(_STOOD + query, {**bound, **values})
        names = [column[0] for column in cursor.description]
        yield from [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
