"""The sources of a past night, for what it did not keep: if they are still those that it read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from engine.audit.events.told import merge_told_events
from engine.audit.manifest import sha256_of_file
from engine.audit.store import Store
from engine.errors import KamError
from engine.facts.loading import load_facts
from engine.facts.places import locate
from engine.facts.sealing import seal
from engine.plan.steps import Plan
from engine.plan.wanted import wanted_columns
from engine.recall import KeptNight


def changed_sources(night: KeptNight) -> tuple[str, ...]:
    """The files that are gone, or are not those that the night read."""
    said = {one["name"]: one["sha256"] for one in night.manifest["sources"]}
    hashes: dict[str, str | None] = {}
    for table in night.catalog.tables:
        if table.source.path not in hashes:
            try:
                found: str | None = sha256_of_file(locate(table.source, night.workspace.root))
            except (KamError, OSError):
                found = None
            hashes[table.source.path] = found
        if hashes[table.source.path] != said.get(table.name):
            hashes[table.source.path] = None
    return tuple(sorted(path for path, sha256 in hashes.items() if sha256 is None))


def load_sources(
    connection: duckdb.DuckDBPyConnection,
    night: KeptNight,
    store: Store,
    plan: Plan,
    folders: Iterable[Path],
) -> None:
    """What a night reads of its sources, as facts.yaml said then, for another plan; with what it
    had been told by events.

    From then on the connection reaches nothing but the store and `folders`. Raises `KamError`
    as `load_facts` does.
    """
    workspace = night.workspace
    wanted = wanted_columns(plan, night.catalog)
    load_facts(
        connection, night.catalog, workspace.root, wanted, plan.precision, workspace.timezone
    )
    seal(connection, [workspace.store_folder, *folders])
    merge_told_events(
        connection,
        store.connection,
        night.run.as_of,
        plan,
        night.catalog,
        night.policies,
        until_run=night.run.run_no - 1,
    )
