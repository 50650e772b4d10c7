"""The runs of a store as its rows say, also where a row cannot be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.audit.personal.values import read_expired
from engine.audit.run_folder import RUN_ID, RUNS_FOLDER
from engine.audit.run_rows import read_run_row
from engine.audit.store import Run, Store
from engine.verification.findings import Findings
from engine.verification.guarding import guarding

_NOWHERE = ".none"
"""The folder of a night whose id names none."""


def recorded_runs(store: Store, findings: Findings) -> list[Run]:
    """Every run in order. What cannot be read is a finding, and what its checkpoint says of it
    stands in its place, so that it is said once."""
    runs: list[Run] = []
    with guarding(findings, None, "the table runs"):
        expired = _expired(store, findings)
        for row in store.database.table("runs").rows_where(order_by="run_no"):
            read = read_run_row(row)
            if read.faults:
                read = read_run_row(row, _entry(store, row["run_no"]))
            for fault in read.faults:
                findings.add("run-altered", row["run_id"], fault)
            values = read.values | {"path": store.path, "expired": expired.get(row["run_no"], {})}
            if row["kind"] != "event":
                is_named = RUN_ID.fullmatch(row["run_id"]) is not None
                values["path"] /= f"{RUNS_FOLDER}/{row['run_id'] if is_named else _NOWHERE}"
            runs.append(Run(**values))
    return runs


def _entry(store: Store, run_no: int) -> Mapping[str, Any]:
    """What the checkpoint of a run says; nothing if it has none, or none that can be read."""
    row = store.connection.execute(
        "SELECT entry FROM checkpoints WHERE run_no = ?", [run_no]
    ).fetchone()
    try:
        said = json.loads(row[0])
    except (TypeError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _expired(store: Store, findings: Findings) -> dict[int, dict[str, date]]:
    found: dict[int, dict[str, date]] = {}
    files, wrong = read_expired(store.connection)
    for one in files:
        found.setdefault(one.run_no, {})[one.file] = one.day
    for said in wrong:
        findings.add("expiry-altered", None, f"{said}, and no run writes that")
    return found
