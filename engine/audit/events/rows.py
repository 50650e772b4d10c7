"""Lines of the log and actions of single accounts, as ``log.sql`` makes them of a whole night."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from engine.audit.records import ActionRow, LogRow, RuleKey

Row = Mapping[str, Any]

_LAST = "\U0010ffff"
"""Sorts after every text: what is missing comes last, as in a night."""


def log_rows(changes: Iterable[Row], numbers: Mapping[RuleKey, int]) -> list[LogRow]:
    """The lines of `changes`, in the order of the log.

    A change is a row of the relation ``changes``: kind_order, pack, account_id, kind, rule_id,
    from_value, to_value, and evidence as JSON text. What ends because its rule has left names its
    pack, and the former rule in its evidence.
    """
    keyed = []
    for change in changes:
        pack, rule = change["pack"], change["rule_id"]
        number = numbers.get((pack, rule_kind(change["kind"]), rule))
        evidence = change["evidence"]
        if number is None:
            number = numbers.get((pack, "pack", pack))
            evidence = evidence if evidence is not None else _json({"former_rule": rule})
        row: LogRow = (
            *(change["account_id"], change["kind"], number),
            *(change["from_value"], change["to_value"], evidence),
        )
        last = (_or_last(number), evidence is None, evidence or "")
        keyed.append(((change["account_id"], pack, change["kind_order"], *last), row))
    return [row for _, row in sorted(keyed, key=lambda pair: pair[0])]


def action_rows(
    emitted: Iterable[Row],
    numbers: Mapping[RuleKey, int],
    names: Mapping[tuple[str, str], str | None],
) -> list[ActionRow]:
    """The actions of `emitted`, in the order of the store.

    Each is a row of the relation ``emitted_actions``: action_id, cause_id, pack, account_id,
    kind, rule_id, level, template, owner_role, owner, priority, opened_on, due_on (dates), and
    evidence as JSON text. `names` are (account, pack) → the name that the pack calls it.
    """
    keyed = []
    for one in emitted:
        pack, account = one["pack"], one["account_id"]
        cause = numbers[pack, one["kind"], one["rule_id"]]
        row: ActionRow = (
            *(one["action_id"], one["cause_id"], account, names.get((account, pack)), cause),
            *(numbers[pack, "action", one["template"]], one["level"], one["owner_role"]),
            *(one["owner"], one["priority"], _day(one["opened_on"]), _due(one["due_on"])),
            one["evidence"],
        )
        level = _LAST if one["level"] is None else one["level"]
        keyed.append(((account, pack, cause, level, one["action_id"]), row))
    return [row for _, row in sorted(keyed, key=lambda pair: pair[0])]


_RULE_KINDS = {
    "tier": "tier",
    "override": "tier",
    "warning": "warning",
    "milestone": "milestone",
    "obligation": "entitlement",
}


def rule_kind(kind: str) -> str:
    """The kind of the rule that a line of this kind names."""
    return _RULE_KINDS.get(kind.partition("_")[0], "pack")


def _or_last(number: int | None) -> float:
    return float("inf") if number is None else number


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _day(day: date | str) -> str:
    return day if isinstance(day, str) else day.isoformat()


def _due(day: date | str | None) -> str | None:
    return None if day is None else _day(day)
