"""The files of a run: the bytes that it recorded, and that nobody is missing in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import duckdb

from engine.audit.data_files import read_manifest, require_data_files
from engine.audit.personal.check import is_whole, losses, misfits
from engine.audit.personal.files import PERSONAL_FILE
from engine.audit.store import Run
from engine.errors import KamError
from engine.verification.findings import Findings

_CODES = {"missing-run-file": "file-missing", "unreadable-run-file": "file-altered"}


def manifest_of(run: Run, findings: Findings) -> Mapping[str, Any] | None:
    """The manifest of a night; None, and a finding, if it is not the one that the run wrote."""
    try:
        return read_manifest(run)
    except KamError as error:
        _fault(run, error, findings)
        return None


def check_files(
    run: Run,
    manifest: Mapping[str, Any],
    connection: sqlite3.Connection,
    database: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> None:
    """Data files by hash, then the counts that they must agree on."""
    sound = True
    for name in manifest["files"]:
        try:
            require_data_files(run, name, whole=True)
        except KamError as error:
            if error.problems[0].code == "facts-expired":
                findings.notes.append(error.problems[0].message)
            else:
                _fault(run, error, findings)
            sound = False
    _check_sources(run, connection, manifest, findings)
    if sound:
        _check_counts(run, database, manifest, findings)


def check_personal(
    run: Run,
    connection: sqlite3.Connection,
    database: duckdb.DuckDBPyConnection,
    findings: Findings,
    before: Run | None = None,
) -> bool:
    """The personal values are those that the run sealed, and none is gone without a reason; reads
    ``known_salts``.

    True if every value that is there is the one that was sealed: as of the night `before`, which
    most values have been the same for.
    """
    if not (run.path / "facts.parquet").exists():
        return False  # removed under retention, or named already
    try:
        if is_whole(
            connection, database, run.path, run.run_no, None if before is None else before.path
        ):
            return True
        wrong = misfits(database, run.path)
        is_over = PERSONAL_FILE in run.expired
        lost = [] if is_over else losses(connection, database, run.path, run.run_no)
    except duckdb.Error as error:
        findings.add("personal-unreadable", run.run_id, f"personal.parquet: {error}")
        return False
    for account, column in wrong:
        findings.add(
            "personal-altered",
            run.run_id,
            f"'{column}' of {account} in personal.parquet is not the value that was sealed",
        )
    if lost and not (run.path / PERSONAL_FILE).exists():
        findings.add(
            "personal-missing",
            run.run_id,
            f"personal.parquet is gone, and with it values of {lost[0][0]}: nobody has said to "
            "forget the account, and the time of the file is not over",
        )
        return not wrong
    for account, columns in lost:
        findings.add(
            "personal-missing",
            run.run_id,
            f"{', '.join(columns)} of {account}: gone from personal.parquet, though nobody has "
            "said to forget the account, and the time of the file is not over",
        )
    return not wrong


def _fault(run: Run, error: KamError, findings: Findings) -> None:
    found = error.problems[0]
    findings.add(_CODES.get(found.code, found.code), run.run_id, found.message)


def _check_sources(
    run: Run, connection: sqlite3.Connection, manifest: Mapping[str, Any], findings: Findings
) -> None:
    """The reconciliation of kam.db is that of the manifest, and no row is lost in it."""
    rows = connection.execute(
        "SELECT name, file, sha256, rows_read, rows_used, rows_quarantined FROM sources "
        "WHERE run_no = ? ORDER BY name",
        (run.run_no,),
    ).fetchall()
    keys = ("name", "file", "sha256", "rows_read", "rows_used", "rows_quarantined")
    wanted = sorted(tuple(source[key] for key in keys) for source in manifest["sources"])
    if rows != wanted:
        findings.add("sources-altered", run.run_id, "its sources are not those of its manifest")
    for name, _, _, read, used, quarantined in wanted:
        if read != used + quarantined:
            findings.add(
                "rows-lost",
                run.run_id,
                f"{name}: {read:,} rows read, {used:,} used and {quarantined:,} quarantined",
            )


def _check_counts(
    run: Run,
    database: duckdb.DuckDBPyConnection,
    manifest: Mapping[str, Any],
    findings: Findings,
) -> None:
    """Accounts used = accounts with facts = accounts that each pack decided about."""
    used = next(one["rows_used"] for one in manifest["sources"] if one["name"] == "accounts")
    ((facts,),) = database.execute(
        "SELECT count(*) FROM read_parquet(?)", [str(run.path / "facts.parquet")]
    ).fetchall()
    decided = dict(
        database.execute(
            "SELECT pack, count(DISTINCT account_no) FROM read_parquet(?) "
            "WHERE scope = 'account' AND account_no IS NOT NULL GROUP BY pack",
            [str(run.path / "decisions.parquet")],
        ).fetchall()
    )
    if facts != used:
        findings.add(
            "accounts-missing",
            run.run_id,
            f"{used:,} accounts were used, facts.parquet has {facts:,}",
        )
    for policy in manifest["policies"]:
        count = decided.get(policy["pack"], 0)
        if count != used:
            findings.add(
                "accounts-undecided",
                run.run_id,
                f"{used:,} accounts in scope, {count:,} decided by {policy['pack']}",
            )
