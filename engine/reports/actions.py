"""Actions with their texts, as ``schemas/action.schema.json`` describes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.actions.render import Show, render_action
from engine.audit.records import JsonText
from engine.model import Title
from engine.reports.listing import Listing, Row, Where, chosen_run, query

if TYPE_CHECKING:
    from engine.audit.store import Store

ACTION_STATUSES: tuple[str, ...] = ("open", "overdue")
"""`overdue` is an open action whose due date lies before the as-of date of the last run."""


@dataclass(frozen=True)
class ActionFilter:
    """What to list; everything that is set must hold."""

    account: str | None = None
    pack: str | None = None
    rule: str | None = None
    owner: str | None = None
    role: str | None = None
    status: str | None = None
    priority: str | None = None
    run_id: str | None = None


COLUMNS: tuple[str, ...] = (
    *("action", "run", "pack", "account", "name"),
    *("rule_kind", "rule", "rule_zh", "rule_en", "level"),
    *("template", "title_zh", "title_en", "text_zh", "text_en"),
    *("owner_role", "owner", "priority", "opened_on", "due_on", "status"),
    *("evidence", "file", "line", "policy_hash"),
)

_ORDER = (
    "CASE priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END, "
    "due_on IS NULL, due_on, action_no"
)


def actions(store: Store, wanted: ActionFilter, show: Show, *, limit: int | None = None) -> Listing:
    """Actions, the most urgent first, then by due date; `show` formats values in texts."""
    today = chosen_run(store, None).as_of.isoformat()
    if wanted.run_id is not None:
        chosen_run(store, wanted.run_id)
    where = Where()
    where.add_equal(
        {
            "account_id": wanted.account,
            "pack": wanted.pack,
            "rule_id": wanted.rule,
            "owner": wanted.owner,
            "owner_role": wanted.role,
            "priority": wanted.priority,
            "run_id": wanted.run_id,
        }
    )
    if wanted.status is not None:
        where.add("coalesce(due_on < ?, 0) = ?", today, wanted.status == "overdue")
    rows, total = query(store, "action_lines", where, _ORDER, limit)
    types = _Types(store)
    return Listing(COLUMNS, (_action_row(row, today, types, show) for row in rows), total)


class _Types:
    """Policy number → name of a value → its type, read when first asked for."""

    def __init__(self, store: Store) -> None:
        self._table = store.database.table("policy_columns")
        self._known: dict[int, dict[str, str]] = {}

    def of(self, policy_no: int) -> Mapping[str, str]:
        if policy_no not in self._known:
            rows = list(self._table.rows_where("policy_no = ?", [policy_no]))
            by_column = {row["fact_column"]: row["type"] for row in rows}
            self._known[policy_no] = by_column | {row["name"]: row["type"] for row in rows}
        return self._known[policy_no]


def _action_row(row: Mapping[str, Any], today: str, types: _Types, show: Show) -> Row:
    template = json.loads(row["template"])
    rule = Title(zh=row["rule_zh"], en=row["rule_en"])
    text = render_action(
        Title(zh=template["text_zh"], en=template["text_en"]),
        {
            "name": row["account_name"] or row["account_id"],
            "account_id": row["account_id"],
            row["rule_kind"]: rule,
        },
        json.loads(row["evidence"] or "{}", parse_float=Decimal),
        types.of(row["policy_no"]),
        show,
    )
    due = row["due_on"]
    names = {"run": "run_id", "account": "account_id", "name": "account_name"}
    names |= {"action": "action_id", "rule": "rule_id", "template": "template_id"}
    return {
        **{key: row.get(names.get(key, key)) for key in COLUMNS},
        "text_zh": text.zh,
        "text_en": text.en,
        "status": "overdue" if due is not None and due < today else row["status"],
        "evidence": JsonText(row["evidence"]),
    }
