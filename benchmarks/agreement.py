"""Whether the hand-written night decides what kam decides: a faster wrong answer is none.

python -m benchmarks.agreement WORKSPACE RESULTS     (a workspace with a run in its store)
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from benchmarks.books import last_run

SHOWN = 10
"""Differences that are shown of each kind."""

KAM_TIERS = "SELECT pack, account_id, tier FROM decisions WHERE scope = 'account'"

# A warning that waits for its time is a hit as well. The tier's own entitlements are none: the
# script computes those with a condition. Nor are warnings beyond the account, which it leaves out.
KAM_HITS = """
SELECT pack, account_id, warning.rule AS rule, warning.level AS level
FROM (
    SELECT pack, account_id, unnest(warnings) AS warning FROM decisions WHERE scope = 'account'
)
UNION ALL
SELECT pack, account_id, waiting.rule, waiting.level
FROM (
    SELECT pack, account_id, unnest(waiting) AS waiting FROM decisions WHERE scope = 'account'
)
UNION ALL
SELECT pack, account_id, milestone.rule, ''
FROM (SELECT pack, account_id, unnest(milestones) AS milestone FROM decisions)
UNION ALL
SELECT pack, account_id, entitlement, ''
FROM (SELECT pack, account_id, unnest(entitlements) AS entitlement FROM decisions)
WHERE entitlement IN (SELECT unnest(?::VARCHAR[]))
"""


def differences(workspace: Path, results: Path) -> list[str]:
    """Lines that name each difference between kam's last night and the script's results.

    Empty if both have the same tiers and hits, row for row.
    """
    found = []
    with duckdb.connect() as connection:
        connection.read_parquet(str(last_run(workspace) / "decisions.parquet")).create_view(
            "decisions"
        )
        for name in ("tiers", "hits"):
            connection.read_parquet(str(results / f"{name}.parquet")).create_view(f"by_hand_{name}")
        connection.execute(f"CREATE TABLE kam_tiers AS {KAM_TIERS}")
        rules = conditional_entitlements(workspace)
        connection.execute(f"CREATE TABLE kam_hits AS {KAM_HITS}", [rules])
        for name in ("tiers", "hits"):
            found += _only(connection, f"kam_{name}", f"by_hand_{name}")
            found += _only(connection, f"by_hand_{name}", f"kam_{name}")
    return found


def conditional_entitlements(workspace: Path) -> list[str]:
    """Ids of the entitlements of all packs that ask for more than a tier."""
    from engine.checking import prepare

    return [
        entitlement.id
        for policy in prepare(workspace).policies
        for entitlement in policy.entitlements.values()
        if entitlement.when is not None
    ]


def _only(connection: duckdb.DuckDBPyConnection, left: str, right: str) -> list[str]:
    """What stands in `left` and not in `right`; duplicate rows count."""
    query = f"(FROM {left}) EXCEPT ALL (FROM {right})"
    rows = connection.execute(f"FROM ({query}) ORDER BY ALL LIMIT {SHOWN}").fetchall()
    ((total,),) = connection.execute(f"SELECT count(*) FROM ({query})").fetchall()
    lines = [f"only in {left}: {row}" for row in rows]
    return [*lines, f"only in {left}: {total - len(rows)} more"] if total > len(rows) else lines


def main() -> None:
    workspace, results = map(Path, sys.argv[1:3])
    found = differences(workspace, results)
    print("\n".join(found) or "the same tiers and hits")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
