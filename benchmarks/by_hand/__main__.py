"""`python -m benchmarks.by_hand WORKSPACE [FOLDER]`: writes tiers.parquet and hits.parquet."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

PARTS = ("measures", "scores_tiers", "hits")


def run(workspace: Path, target: Path) -> None:
    """Read the sources of a demo workspace; write its tiers and hits as Parquet files."""
    target.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"SET file_search_path = '{workspace / 'data'}'")
        for part in PARTS:
            connection.execute(Path(__file__).with_name(f"{part}.sql").read_text(encoding="utf-8"))
        for name in ("tiers", "hits"):
            connection.execute(f"COPY {name} TO '{target / name}.parquet' (COMPRESSION zstd)")


if __name__ == "__main__":
    book = Path(sys.argv[1])
    run(book, Path(sys.argv[2]) if len(sys.argv) > 2 else book / "by_hand")
