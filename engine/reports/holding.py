"""Where an account is still to be found: in runs of the store, and in the sources of the last."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from engine.audit.failures import store_errors
from engine.errors import problem
from engine.nearest import did_you_mean_first

if TYPE_CHECKING:
    from engine.audit.store import Run, Store


def require_known(store: Store, account: str) -> None:
    """Makes sure that some run of the store knows the account.

    Raises `KamError` ``unknown-account`` with the nearest that there is, or ``no-run``.
    """
    last = store.last_run()
    if last is None:
        raise problem("no-run", "the store holds no run yet", hint="run the night: kam run")
    if _is_in_database(store, account):
        return
    if any(_decided(run, account) for run in store.runs()):
        return
    raise problem(
        "unknown-account",
        f"no run of {store.path} knows an account '{account}'",
        hint=did_you_mean_first(account, _ids(last), "kam accounts TEXT finds one by name"),
    )


def sources_holding(store: Store, account: str) -> list[str]:
    """The files that the last run read, that of the accounts first, if it found the account."""
    last = store.last_run()
    if last is None or not _decided(last, account, "AND account_no IS NOT NULL"):
        return []
    with store_errors(store.path):
        rows = store.connection.execute(
            "SELECT file FROM sources WHERE run_no = ? "
            "GROUP BY file ORDER BY max(name = 'accounts') DESC, file",
            [last.run_no],
        ).fetchall()
    return [file for (file,) in rows]


def _is_in_database(store: Store, account: str) -> bool:
    with store_errors(store.path):
        return any(
            store.connection.execute(query, [account]).fetchone() is not None for query in _KNOWN
        )


_KNOWN = (
    "SELECT 1 FROM salts WHERE account_id = ? LIMIT 1",
    "SELECT 1 FROM sealed_values WHERE account_id = ? LIMIT 1",
    "SELECT 1 FROM forgettings WHERE account_id = ? LIMIT 1",
    "SELECT 1 FROM decision_log WHERE account_id = ? LIMIT 1",
)


def _decided(run: Run, account: str, also: str = "") -> bool:
    """Whether a run decided about the account; `also` is a constant of this module."""
    import duckdb

    file = run.path / "decisions.parquet"
    if not file.exists():
        return False
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT 1 FROM read_parquet($path) "  # noqa: S608
            f"WHERE account_id = $account AND scope = 'account' {also} LIMIT 1",
            {"path": os.fspath(file), "account": account},
        ).fetchall()
    return bool(rows)


def _ids(run: Run) -> list[str]:
    import duckdb

    file = run.path / "decisions.parquet"
    if not file.exists():
        return []
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT DISTINCT account_id FROM read_parquet($path) WHERE scope = 'account'",
            {"path": os.fspath(file)},
        ).fetchall()
    return [account for (account,) in rows]
