"""`python -m benchmarks.side_by_side.compare REFERENCE OTHER`: are these the same hits?

Exit code 1 and the first differences if not. A process of its own, as everything that is large.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

SHOWN = 5

FINGERPRINT = "SELECT count(*), sum(hash(account_no::INTEGER, rule)::HUGEINT) FROM read_parquet(?)"


def differences(reference: Path, other: Path) -> list[str]:
    """Lines that name hits that one of the files has and the other has not; duplicates count."""
    with duckdb.connect() as connection:
        prints = [
            connection.execute(FINGERPRINT, [str(file)]).fetchone() for file in (reference, other)
        ]
        if prints[0] == prints[1]:
            return []
        found = [f"{prints[0] and prints[0][0]} hits, and {prints[1] and prints[1][0]}"]
        for name, pair in (("missing", (reference, other)), ("too many", (other, reference))):
            query = (
                "(SELECT account_no::INTEGER, rule FROM read_parquet(?)) EXCEPT ALL "
                "(SELECT account_no::INTEGER, rule FROM read_parquet(?))"
            )
            rows = connection.execute(
                f"FROM ({query}) ORDER BY ALL LIMIT {SHOWN}", [str(file) for file in pair]
            ).fetchall()
            found += [f"{name}: account {account}, {rule}" for account, rule in rows]
        return found


def main() -> None:
    found = differences(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(found) or "the same hits")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
