"""What a night of the engine came to, in the model's own types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb

from tests.lifecycle.model.state import Action, Duty, Firing, Key, Line, Open, State, Waiting
from tests.lifecycle.plans import TIMED

Rows = Iterable[Sequence[Any]]


def states_of(connection: duckdb.DuckDBPyConnection) -> dict[Key, State]:
    """From the relations ``decisions`` and ``obligations``, as the files of a run keep them."""
    found: dict[Key, State] = {}
    cursor = connection.execute(
        "SELECT pack, scope, account_id, in_population, candidate, computed, tier, tier_since, "
        "worse_reviews, held_reviews, held_until, override_until, warnings, waiting, milestones, "
        "entitlements FROM decisions"
    )
    for (
        pack,
        scope,
        account,
        inside,
        *tier,
        warnings,
        waiting,
        milestones,
        owed,
    ) in cursor.fetchall():
        if scope == "account" and not inside:
            assert (warnings, waiting, milestones) == ([], [], [])
            continue
        state = State(*tier) if scope == "account" else State()
        state.warnings = {one["rule"]: _firing(one) for one in warnings}
        state.waiting = {
            one["rule"]: Waiting(
                one["state"],
                one["since"] if one["state"] == "pending" else None,
                one["until"],
            )
            for one in waiting
        }
        state.milestones = {one["rule"]: _open(one) for one in milestones}
        state.entitlements = frozenset(owed)
        assert len(owed) == len(state.entitlements)
        assert (pack, scope, account) not in found
        found[pack, scope, account] = state
    query = (
        "SELECT pack, account_id, rule_id, part, kind, state, owed_since, asked_on, limit_at, "
        "due_on, done FROM obligations"
    )
    for (
        pack,
        account,
        rule,
        part,
        kind,
        state_name,
        since,
        asked,
        limit_at,
        due,
        done,
    ) in connection.execute(query).fetchall():
        timed = kind in TIMED
        duties = found[pack, "account", account].duties
        assert (rule, part) not in duties
        duties[rule, part] = Duty(
            kind, state_name, since, None, asked, limit_at,
            None if kind == "response" else due, None if timed else done,
        )  # fmt: skip
    return found


def _open(one: Mapping[str, Any]) -> Open:
    said_on = one["said_on"] if one["effect"] == "propose" else None
    return Open(one["effect"], one["since"], said_on)


def _firing(one: Mapping[str, Any]) -> Firing:
    return Firing(
        one["level"], one["since"], one["raised"], one["clear_since"], one["acknowledged"],
        one["escalated"], one["silenced_until"], one["is_inhibited"], frozenset(one["called"]),
    )  # fmt: skip


_WITH_VALUES = {"tier_assigned", "tier_moved", "account_left", "warning_opened",
                "warning_level_changed", "warning_resolved", "warning_acknowledged",
                "warning_silenced"}  # fmt: skip


def log_of(rows: Rows) -> set[Line]:
    """From rows of (kind, pack, account, rule, from, to, part of the obligation)."""
    found: list[Line] = []
    for kind, pack, account, rule, first, last, part in rows:
        group = kind.partition("_")[0]
        name = None if group in ("tier", "account", "override") else rule
        values = (first, last) if kind in _WITH_VALUES else (None, None)
        if group == "obligation":
            values = (None, part)
        found.append((kind, pack, account, name, *values))
    assert len(found) == len(set(found)), "the log says a thing twice"
    return set(found)


def actions_of(rows: Rows) -> dict[str, tuple[str, Action]]:
    """Action id → its cause, and itself; from rows of (id, cause, pack, account, rule, level,
    template, owner's role, owner, due on, priority, opened on)."""
    found = {}
    for key, cause, pack, account, rule, level, *rest in rows:
        assert key not in found, "two actions of one night have the same id"
        found[key] = (cause, Action(pack, account, rule, level or None, *rest))
    return found
