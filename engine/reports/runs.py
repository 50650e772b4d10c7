"""The runs that the store holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.audit.failures import store_errors
from engine.reports.listing import Listing, Row

if TYPE_CHECKING:
    from engine.audit.store import Run, Store


COLUMNS: tuple[str, ...] = (
    *("run", "as_of", "started_at", "finished_at", "log_lines", "actions", "engine_version"),
    *("plan_hash", "facts_fingerprint", "manifest_sha256", "previous_run", "counts"),
)


def runs(store: Store, *, limit: int | None = None) -> Listing:
    """The nights, the last one first."""
    with store_errors(store.path):
        query = "SELECT count(*) FROM runs WHERE kind = 'night'"
        total = store.connection.execute(query).fetchone()[0]
    return Listing(COLUMNS, map(_run_row, store.runs(limit=limit)), total)


def _run_row(run: Run) -> Row:
    return {
        "run": run.run_id,
        "as_of": run.as_of,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "log_lines": run.last_seq - run.first_seq + 1,
        "actions": run.actions,
        "engine_version": run.engine_version,
        "plan_hash": run.plan_hash,
        "facts_fingerprint": run.facts_fingerprint,
        "manifest_sha256": run.manifest_sha256,
        "previous_run": run.previous_run,
        "counts": run.counts,
    }
