"""Which approvals of `overrides.yaml` have approved nothing, now that a night is recorded."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date

import duckdb

from engine.audit.failures import store_errors
from engine.audit.store import Run, Store
from engine.language.overrides import Approval

_APPROVED = """
SELECT max(runs.as_of) FROM decision_log AS log
JOIN runs USING (run_no)
JOIN rules AS rule USING (rule_no)
JOIN policy_versions AS policy USING (policy_no)
WHERE log.account_id = ? AND log.kind = 'milestone_approved'
  AND policy.pack = ? AND rule.rule_id = ?
"""
_PROPOSED = """
SELECT pack, account_id, milestone.rule, milestone.since
FROM (
    SELECT pack, account_id, unnest(milestones) AS milestone
    FROM read_parquet($path) WHERE list_contains($accounts, account_id)
)
WHERE milestone.effect = 'propose'
"""
_JUDGED = """
SELECT account_id FROM accounts WHERE list_contains($accounts, account_id)
"""


def approvals_without_effect(
    approvals: Iterable[Approval], run: Run, store: Store, connection: duckdb.DuckDBPyConnection
) -> dict[Approval, date | None]:
    """Approvals of proposals up to the night of a run that have approved nothing → since when
    such a proposal is open; None if there is none.

    An approval is used once: the log says when. Those of accounts that no source has, or whose
    row is in quarantine tonight, are left out.
    """
    given = [one for one in approvals if one.milestone is not None and one.on <= run.as_of]
    idle = [one for one in given if not _had_effect(one, store)]
    if not idle:
        return {}
    accounts = sorted({one.account for one in idle})
    rows = connection.execute(_JUDGED, {"accounts": accounts}).fetchall()
    judged = {account for (account,) in rows}
    file = os.fspath(run.path / "decisions.parquet")
    rows = connection.execute(_PROPOSED, {"path": file, "accounts": accounts}).fetchall()
    open_since = {(pack, account, rule): since for pack, account, rule, since in rows}
    return {
        one: open_since.get((one.pack, one.account, one.milestone))
        for one in idle
        if one.account in judged
    }


def _had_effect(approval: Approval, store: Store) -> bool:
    """Whether a proposal was approved on its day or later, by this approval or a newer one."""
    with store_errors(store.path):
        ((last,),) = store.connection.execute(
            _APPROVED, [approval.account, approval.pack, approval.milestone]
        ).fetchall()
    return last is not None and date.fromisoformat(last) >= approval.on
