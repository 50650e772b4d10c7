"""Personal values of a past night: what has been destroyed of them, and the salts of the rest."""

from __future__ import annotations

import duckdb

from engine.audit.personal.files import PERSONAL_FILE
from engine.audit.personal.known_salts import load_salts, salt_accounts
from engine.audit.personal.values import FACTS_FILE, expired_files
from engine.audit.store import Run, Store
from engine.errors import problem
from engine.plan.classes import with_sealing
from engine.plan.steps import Plan
from engine.recall import KeptNight


def require_values(store: Store, night: KeptNight) -> None:
    """Raises `KamError` ``run-not-kept`` if facts that the run decided by have expired."""
    gone = expired_files(store.connection, store.path).get(night.run.run_no, {})
    needed = [FACTS_FILE, *([PERSONAL_FILE] if with_sealing(night.plan).sealed else [])]
    for file in needed:
        if file in gone:
            raise problem(
                "run-not-kept",
                f"{file} of run {night.run.run_id} had its time, and was removed on {gone[file]}",
                night.workspace.location,
                "'privacy:' in kam.yaml says how long facts are kept",
            )


def forgotten_accounts(store: Store, run: Run) -> frozenset[str]:
    """The accounts whose personal values of the run were destroyed since."""
    rows = store.connection.execute(
        "SELECT DISTINCT account_id FROM forgettings WHERE last_run_no >= ?", (run.run_no,)
    )
    return frozenset(account for (account,) in rows)


def lay_out_salts(connection: duckdb.DuckDBPyConnection, store: Store, plan: Plan) -> None:
    """``account_salts(account_no, salt)``, by which the night made its tokens, if it made any."""
    if not with_sealing(plan).sealed:
        return
    load_salts(store.connection, connection)
    salt_accounts(connection)
