"""What the tests of replays share: nights of small books, and what they ask of a store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path

import duckdb
from click.testing import CliRunner, Result

from engine.audit.store import open_store
from engine.commands.replay import replay as command
from engine.language.workspace import load_workspace
from engine.replay.backtest import Backtest, backtest
from engine.replay.past import chosen_runs
from engine.replay.policies import other_policies
from engine.replay.rerun import Replayed, replay
from tests.books.triggers import without_triggers
from tests.night.book import NIGHT

PACK = "policies/small/pack.yaml"
AS_OF = date(2026, 6, 30)
"""The last night of the demo book."""
SPOKEN = date(2026, 5, 29)
"""A night of its history, after which somebody speaks."""


def day(count: int) -> date:
    """A number of days after the first night."""
    return NIGHT + timedelta(days=count)


def replayed(root: Path, *run_ids: str) -> dict[str, Replayed]:
    """What comes of the runs, or of all, by run."""
    folder = load_workspace(root).store_folder
    with open_store(folder, create=False, read_only=True) as store:
        wanted = run_ids or [run.run_id for run in store.runs()]
        return {run.run_id: replay(root, store, run) for run in chosen_runs(store, wanted)}


def states(root: Path) -> dict[str, str]:
    return {run_id: one.state for run_id, one in replayed(root).items()}


def backtested(root: Path, policy: Path | str, *run_ids: str) -> Backtest:
    """A backtest of the runs, or of all."""
    folder = load_workspace(root).store_folder
    with open_store(folder, create=False, read_only=True) as store:
        wanted = run_ids or [run.run_id for run in store.runs()]
        return backtest(root, store, chosen_runs(store, wanted), other_policies(str(policy)))


def kam_replay(root: Path, *arguments: str) -> Result:
    """The command, as somebody calls it."""
    return CliRunner().invoke(command, [*arguments, "-w", str(root), "--lang", "en"])


def rewrite(file: Path, query: str) -> None:
    """Writes a Parquet file again as a query over its rows, which it calls ``rows``."""
    part = file.with_suffix(".part")
    with duckdb.connect() as connection:
        connection.read_parquet(str(file)).create_view("rows")
        connection.query(query).write_parquet(str(part), compression="zstd")
    part.replace(file)


@contextmanager
def tampering(root: Path) -> Iterator[sqlite3.Connection]:
    """kam.db in the hands of somebody who takes its triggers away."""
    with closing(sqlite3.connect(root / "store" / "kam.db")) as connection:
        with without_triggers(connection):
            yield connection
        connection.commit()
