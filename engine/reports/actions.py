"""Actions with their texts, as ``schemas/action.schema.json`` describes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.actions.render import LEVEL_TITLES, Show, render_action
from engine.audit.failures import store_errors
from engine.audit.records import JsonText
from engine.model import Title
from engine.reports.listing import Listing, Row, Where, chosen_run, query

if TYPE_CHECKING:
    from engine.audit.store import Store


@dataclass(frozen=True)
class ActionFilter:
    """What to list; everything that is set must hold.

    `status` is ``open``, ``overdue`` (open, and due before the as-of date of the last run),
    ``snoozed``, ``done``, ``expired`` or ``all``. Without it the open and the overdue are
    listed: what there is to do.
    """

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
    "snoozed_until",
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
    _add_status(where, wanted.status, today)
    rows, total = query(store, "action_lines", where, _ORDER, limit)
    policies = _Policies(store)
    return Listing(COLUMNS, (_action_row(row, today, policies, show) for row in rows), total)


def _add_status(where: Where, status: str | None, today: str) -> None:
    if status in (None, "open", "overdue"):
        where.add_equal({"status": "open"})
    elif status != "all":
        where.add_equal({"status": status})
    if status in ("open", "overdue"):
        where.add("coalesce(due_on < ?, 0) = ?", today, status == "overdue")


@dataclass(frozen=True)
class _Names:
    """What a policy calls things: `types` of values by name, `tiers` by id."""

    types: Mapping[str, str]
    tiers: Mapping[str, Title]


class _Policies:
    """Policy number → its names, read when first asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[int, _Names] = {}

    def names(self, policy_no: int) -> _Names:
        if policy_no not in self._known:
            with store_errors(self._store.path):
                self._known[policy_no] = self._read(policy_no)
        return self._known[policy_no]

    def _read(self, policy_no: int) -> _Names:
        database = self._store.database
        rows = list(database.table("policy_columns").rows_where("policy_no = ?", [policy_no]))
        by_column = {row["fact_column"]: row["type"] for row in rows}
        tiers = database.table("rules").rows_where(
            "policy_no = ? AND kind = 'tier'", [policy_no], select="rule_id, title_zh, title_en"
        )
        return _Names(
            by_column | {row["name"]: row["type"] for row in rows},
            {row["rule_id"]: Title(zh=row["title_zh"], en=row["title_en"]) for row in tiers},
        )


def _action_row(row: Mapping[str, Any], today: str, policies: _Policies, show: Show) -> Row:
    template = json.loads(row["template"])
    names = policies.names(row["policy_no"])
    evidence = json.loads(row["evidence"], parse_float=Decimal)
    rule = Title(zh=row["rule_zh"], en=row["rule_en"])
    tier = evidence.get("tier")
    text = render_action(
        Title(zh=template["text_zh"], en=template["text_en"]),
        {
            "name": row["account_name"] or row["account_id"],
            "account_id": row["account_id"],
            # Whichever of the two asked: a template may serve both.
            "warning": rule,
            "milestone": rule,
            "level": LEVEL_TITLES.get(row["level"]),
            "tier": names.tiers.get(tier, tier),
        },
        evidence,
        names.types,
        show,
    )
    due, status = row["due_on"], row["status"]
    is_overdue = status == "open" and due is not None and due < today
    stored = {"run": "run_id", "account": "account_id", "name": "account_name"}
    stored |= {"action": "action_id", "rule": "rule_id", "template": "template_id"}
    return {
        **{key: row.get(stored.get(key, key)) for key in COLUMNS},
        "text_zh": text.zh,
        "text_en": text.en,
        "status": "overdue" if is_overdue else status,
        "evidence": JsonText(row["evidence"]),
    }
