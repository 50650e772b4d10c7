"""Approvals of policies in the store: written once, read by the guard of the night."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from engine.audit.transactions import transaction


@dataclass(frozen=True)
class KeptPlan:
    """A plan as it was signed; `content` is canonical JSON without the approvals."""

    plan_id: str
    policy: str
    result: str
    run_id: str | None
    content: str


@dataclass(frozen=True)
class KeptApproval:
    """An approval with the note that says the same under a signature."""

    role: str
    by: str
    at: str
    note: str


def keep_approvals(
    connection: sqlite3.Connection, plan: KeptPlan, approvals: Sequence[KeptApproval]
) -> int:
    """Records a plan and its approvals, all or nothing; those that are there already stay as they
    are. Returns how many are new."""
    with transaction(connection):
        connection.execute(
            "INSERT INTO policy_plans VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (plan.plan_id, plan.policy, plan.result, plan.run_id, plan.content),
        )
        return sum(
            connection.execute(
                "INSERT INTO policy_approvals "
                "(plan_id, policy_hash, result_hash, role, said_by, said_at, note) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (note) DO NOTHING",
                (plan.plan_id, plan.policy, plan.result, one.role, one.by, one.at, one.note),
            ).rowcount
            for one in approvals
        )


def notes_about(connection: sqlite3.Connection, policy: str) -> list[str]:
    """The notes that approve a policy, given by its hash, in the order in which they came."""
    rows = connection.execute(
        "SELECT note FROM policy_approvals WHERE policy_hash = ? ORDER BY approval_no", (policy,)
    )
    return [note for (note,) in rows]
