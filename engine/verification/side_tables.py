"""The tables that say how the log is to be read, against what the entries of the nights say."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence

from engine.audit.kinds import LOG_KINDS
from engine.audit.side_tables import SIDE_TABLES, SideTable, said_of, seen_in
from engine.errors import KamError
from engine.evidence.approvals import read_approval
from engine.verification.checkpoint_chain import Recorded
from engine.verification.findings import Findings


def check_side_tables(
    connection: sqlite3.Connection, chain: Sequence[Recorded], findings: Findings
) -> None:
    """Every row that a night has recorded is there as it was; rows that came after the last night
    are covered by the next."""
    nights = [one for one in chain if said_of(one.said)]
    for table in SIDE_TABLES:
        if table.of_run:
            differing = [one for one in nights if _differs(connection, table, one)]
        else:  # the last night has seen what all before it saw
            differing = _first_differing(connection, table, nights)
        for one in differing:
            findings.add("table-altered", one.run.run_id, _message(table, one))
    _check_kinds(connection, findings)
    _check_event_days(connection, findings)
    _check_plans(connection, findings)


def _differs(connection: sqlite3.Connection, table: SideTable, one: Recorded) -> bool:
    said = said_of(one.said).get(table.name)
    if said is None:  # of a version that did not know the table
        return False
    last = said.get("last")
    return not isinstance(last, int) or seen_in(connection, table, last).document() != said


def _first_differing(
    connection: sqlite3.Connection, table: SideTable, nights: Sequence[Recorded]
) -> list[Recorded]:
    if not nights or not _differs(connection, table, nights[-1]):
        return []
    return [next(one for one in nights if _differs(connection, table, one))]


def _message(table: SideTable, one: Recorded) -> str:
    said = said_of(one.said)[table.name]
    which = "of the night" if table.of_run else f"up to {table.number} {said.get('last')}"
    return (
        f"the table {table.name} is not as this night recorded it ({said.get('rows')} rows "
        f"{which}): rows have been changed, removed or added"
    )


def _check_kinds(connection: sqlite3.Connection, findings: Findings) -> None:
    """What the kinds of lines are called is part of this version of kam."""
    known = {entry.kind: (entry.title.zh, entry.title.en) for entry in LOG_KINDS}
    there = {
        kind: (zh, en)
        for kind, zh, en in connection.execute("SELECT kind, title_zh, title_en FROM log_kinds")
    }
    for kind in sorted(known.keys() | there.keys()):
        if known.get(kind) != there.get(kind):
            findings.add(
                "table-altered",
                None,
                f"the table log_kinds says of {kind}: {there.get(kind)}; it is {known.get(kind)}",
            )


def _check_event_days(connection: sqlite3.Connection, findings: Findings) -> None:
    """A decision about an event is as of the day of its run."""
    rows = connection.execute(
        "SELECT r.run_id, d.account_id, d.as_of, r.as_of FROM event_decisions AS d "
        "JOIN runs AS r USING (run_no) WHERE d.as_of IS NOT r.as_of ORDER BY d.run_no, 2"
    )
    for run_id, account, said, day in rows:
        message = f"what it decided about {account} is as of {said}, not {day}"
        findings.add("decisions-altered", run_id, message)


def _check_plans(connection: sqlite3.Connection, findings: Findings) -> None:
    """A plan is the one that its hash names, and an approval says what its signed note says."""
    plans = {}
    for plan, policy, result, run, content in connection.execute(
        "SELECT plan_id, policy_hash, result_hash, run_id, content FROM policy_plans"
    ):
        plans[plan] = (policy, result)
        if hashlib.sha256(content.encode()).hexdigest() != plan or _said_by(content) != (
            policy,
            result,
            run,
        ):
            findings.add("plan-altered", None, f"the kept plan {plan} is not the one that was made")
    for number, plan, *columns, note in connection.execute(
        "SELECT approval_no, plan_id, policy_hash, result_hash, role, said_by, said_at, note "
        "FROM policy_approvals ORDER BY approval_no"
    ):
        if plan not in plans:
            message = f"approval {number} is of the plan {plan}, which is gone"
            findings.add("plan-missing", None, message)
        if not _says(note, plan, columns):
            message = f"approval {number} does not say what its signed note says"
            findings.add("approval-altered", None, message)


def _said_by(content: str) -> tuple[object, ...] | None:
    try:
        said = json.loads(content)
        return said["policy"]["hash"], said["result_hash"], said["facts"]["run"]
    except (ValueError, KeyError, TypeError):
        return None


def _says(note: str, plan: str, columns: Sequence[str]) -> bool:
    try:
        said = read_approval(note)
    except KamError:
        return False
    return [said.plan, said.policy, said.result, said.role, said.by, said.at] == [plan, *columns]
