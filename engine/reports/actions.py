"""Actions with their texts, as ``schemas/action.schema.json`` describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.actions.render import Show
from engine.actions.texts import action_text, role_titles
from engine.audit.failures import store_errors
from engine.audit.policy_names import PolicyNames
from engine.audit.privacy import Reader
from engine.reports.day import recorded_run
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
    *("owner_role", "role_zh", "role_en", "owner", "priority", "opened_on", "due_on", "status"),
    "snoozed_until",
    *("evidence", "file", "line", "policy_hash"),
)

_ORDER = (
    "CASE priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END, "
    "due_on IS NULL, due_on, action_no"
)


def actions(
    store: Store,
    wanted: ActionFilter,
    show: Show,
    *,
    limit: int | None = None,
    reader: Reader | None = None,
) -> Listing:
    """Actions, the most urgent first, then by due date; `show` formats values in texts.

    Texts name what the reader may see.
    """
    sees = reader or Reader.usual(store.connection)
    today = chosen_run(store, None).as_of.isoformat()
    if wanted.run_id is not None:
        recorded_run(store, wanted.run_id)
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
    policies = PolicyNames(store.connection)

    def shown(row: Row) -> Row:
        with store_errors(store.path):
            seen = sees.evidence(row["evidence"], sees.classes(row["run_no"], row["policy_no"]))
            return _action_row(sees.action(row), today, policies, show) | {"evidence": seen}

    return Listing(COLUMNS, map(shown, rows), total)


def _add_status(where: Where, status: str | None, today: str) -> None:
    if status in (None, "open", "overdue"):
        where.add_equal({"status": "open"})
    elif status != "all":
        where.add_equal({"status": status})
    if status in ("open", "overdue"):
        where.add("coalesce(due_on < ?, 0) = ?", today, status == "overdue")


def _action_row(row: Mapping[str, Any], today: str, policies: PolicyNames, show: Show) -> Row:
    text = action_text(row, policies, show)
    due, status = row["due_on"], row["status"]
    is_overdue = status == "open" and due is not None and due < today
    stored = {"run": "run_id", "account": "account_id", "name": "account_name"}
    stored |= {"action": "action_id", "rule": "rule_id", "template": "template_id"}
    return {
        **{key: row.get(stored.get(key, key)) for key in COLUMNS},
        **role_titles(row, policies),
        "text_zh": text.zh,
        "text_en": text.en,
        "status": "overdue" if is_overdue else status,
    }
