"""How warnings and obligations stand on two nights, and what time and people did to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from engine.explain.difference import Reason
from engine.model import WarningRule

Kept = Mapping[str, Any]
"""A struct of decisions.parquet, or a row of obligations.parquet."""


def warning_states(decision: Kept | None) -> dict[str, Kept]:
    """Every warning that is firing, pending or cooling, by rule; with its ``state``."""
    found: dict[str, Kept] = {}
    for one in (decision or {}).get("waiting") or ():
        found[one["rule"]] = one
    for one in (decision or {}).get("warnings") or ():
        found[one["rule"]] = {**one, "state": "firing"}
    return found


def warning_word(kept: Kept | None) -> str | None:
    """``firing red``, ``pending yellow``, ``cooling``; None for no warning."""
    if kept is None:
        return None
    if kept["state"] == "cooling":
        return "cooling"
    return f"{kept['state']} {kept['level']}"


def warning_reasons(
    rule: WarningRule | None, before: Kept | None, after: Kept | None, says: str | None, on: date
) -> Iterator[Reason]:
    """What its clocks and people did; `says` is what the rule itself says on the later night."""
    one, other = _state(before), _state(after)
    if rule is None:
        yield Reason("rule_gone")
        return
    if other == "pending" and after is not None and rule.pending_for is not None:
        yield Reason("waits", {"since": after["since"], "days": rule.pending_for.count})
    if other == "firing" and after is not None:
        if one == "pending" and before is not None and rule.pending_for is not None:
            yield Reason("held", {"since": before["since"], "days": rule.pending_for.count})
        if after["clear_since"] is not None and rule.keep_firing_for is not None:
            days = rule.keep_firing_for.count
            yield Reason("keeps_firing", {"since": after["clear_since"], "days": days})
        if says == "unknown":
            yield Reason("unknown_keeps")
        yield from _marks(before or {}, after)
    if one == "firing" and other != "firing" and before is not None and rule.keep_firing_for:
        began = before["clear_since"]
        yield Reason("kept_firing", {"since": began, "days": rule.keep_firing_for.count})
    if other == "cooling" and after is not None:
        yield Reason("cools", {"until": after["until"]})
    if one == "cooling" and other != "cooling" and before is not None and before["until"] <= on:
        yield Reason("cooled", {"until": before["until"]})


def _state(kept: Kept | None) -> str | None:
    return None if kept is None else str(kept["state"])


def _marks(before: Kept, after: Kept) -> Iterator[Reason]:
    """What people said about a firing warning, and whom it was escalated to by time."""
    for column, word in (
        ("acknowledged", "acknowledged"),
        ("silenced_until", "silenced"),
        ("escalated", "escalated"),
    ):
        day = after[column]
        if day is not None and day != before.get(column):
            yield Reason(word, {"on": day})
    if after["is_inhibited"] and not before.get("is_inhibited"):
        yield Reason("inhibited")


def marked(before: Kept | None, after: Kept | None) -> bool:
    """Whether a firing warning differs by what people said, or by an escalation."""
    if _state(before) != "firing" or _state(after) != "firing":
        return False
    columns = ("acknowledged", "silenced_until", "escalated", "is_inhibited")
    assert before is not None
    assert after is not None
    return any(before[name] != after[name] for name in columns)


# --- obligations -------------------------------------------------------------------------

Key = tuple[str, str, str]
"""Rule, kind and part of an obligation."""


def obligation_states(rows: Sequence[Kept], pack: str) -> dict[Key, Kept]:
    """The obligations of one pack."""
    return {(row["rule_id"], row["kind"], row["part"]): row for row in rows if row["pack"] == pack}


def obligation_reasons(before: Kept | None, after: Kept | None, on: date) -> Iterator[Reason]:
    """Why an obligation stands differently: what was done, the period, or the limit."""
    if before is None and after is not None:
        yield Reason("owed_since", {"since": after["owed_since"]})
    if after is None:
        yield Reason("owed_no_more")
        return
    if before is not None and before["done"] != after["done"]:
        yield Reason("done", {"before": before["done"], "after": after["done"]})
    if before is not None and before["needed"] != after["needed"]:
        yield Reason("needed", {"before": before["needed"], "after": after["needed"]})
    if before is not None and before["due_on"] != after["due_on"] and after["due_on"]:
        yield Reason("new_limit", {"on": after["due_on"]})
    if after["state"] == "overdue":
        limit = after["limit_at"] or after["due_on"]
        day = limit.date() if hasattr(limit, "date") else limit
        if day is not None and day <= on:
            yield Reason("limit_passed", {"on": day})
        elif after["kind"] == "cadence":
            yield Reason("period_missed")
    elif after["state"] == "due" and after["due_on"]:
        yield Reason("near_limit", {"on": after["due_on"]})
