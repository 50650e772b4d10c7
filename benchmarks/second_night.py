"""The night after: the store holds last night's state, and one account in a hundred has bought.

`python -m benchmarks.second_night WORKSPACE` rewrites the orders of a demo book that way.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from benchmarks.measure import run

ORDERS = "data/orders.parquet"
CHANGED = 100
"""One account in so many buys on the second night."""


def day_after(workspace: Path) -> date:
    """The as-of date of the second night: the day after the book's own."""
    import yaml

    written = yaml.safe_load((workspace / "kam.yaml").read_text(encoding="utf-8"))["as_of"]
    return date.fromisoformat(str(written)) + timedelta(days=1)


def add_orders(workspace: Path) -> None:
    """Every hundredth account orders once more, on the day of the second night."""
    import duckdb

    orders, day = workspace / ORDERS, day_after(workspace)
    changed = orders.with_suffix(".changed")
    with duckdb.connect() as connection:
        connection.read_parquet(str(orders)).create_view("orders")
        connection.execute(
            "CREATE TABLE changed AS SELECT * FROM orders UNION ALL SELECT one.* REPLACE "
            "($day AS ordered_on) FROM (SELECT min(orders) AS one FROM orders "
            "GROUP BY account_id HAVING hash(account_id) % $share = 0)",
            {"day": day, "share": CHANGED},
        )
        connection.table("changed").write_parquet(str(changed), compression="zstd")
    changed.replace(orders)


@contextmanager
def changed_orders(workspace: Path) -> Iterator[None]:
    """The book with the orders of the second night; afterwards it is as before."""
    orders = workspace / ORDERS
    kept = orders.with_suffix(".kept")
    shutil.copyfile(orders, kept)
    try:
        run(["-m", "benchmarks.second_night", str(workspace)])
        yield
    finally:
        kept.replace(orders)


if __name__ == "__main__":
    add_orders(Path(sys.argv[1]))
