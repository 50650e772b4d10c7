"""A store with runs and actions, without the nights that would make them: for the outbox."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.actions.delivery import DeliveryReport, Extent, deliver
from engine.audit import outbox, writing
from engine.audit.store import open_store
from engine.audit.transactions import transaction
from engine.console.values import bare_value
from engine.language.sinks import Sink
from engine.language.workspace import Workspace, load_workspace
from tests.audit.sample import sample_policy

START = datetime(2026, 6, 30, 18, 0, tzinfo=UTC)

KAM_YAML = """\
workspace: small
timezone: Asia/Shanghai
currency: CNY
facts: facts.yaml
policies: [policies/small]
sinks:
"""

Wanted = tuple[str, str]
"""(account, priority) of an action."""


class FakeClock:
    """Time passes when somebody sleeps, and a little with every look at it."""

    def __init__(self, tick: float = 0.001) -> None:
        self.moment = START
        self.tick = timedelta(seconds=tick)
        self.slept: list[float] = []

    def now(self) -> datetime:
        self.moment += self.tick
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


class Office:
    """A workspace with sinks, and a store in which nights have emitted actions."""

    def __init__(self, root: Path, sinks: str, environment: Mapping[str, str] = {}) -> None:
        self.root = root
        self.environment = dict(environment)
        self.clock = FakeClock()
        root.mkdir(parents=True, exist_ok=True)
        self.write_sinks(sinks)
        with open_store(self.workspace.store_folder) as store:
            connection = store.connection
            policy = sample_policy()
            with transaction(connection):
                number = writing.insert_policy(connection, policy)
                for rule_no, rule in enumerate(policy.rules, 1):
                    writing.insert_rule(connection, rule_no, number, rule)
        self._numbers = {rule.id: no for no, rule in enumerate(policy.rules, 1)}

    def write_sinks(self, sinks: str) -> None:
        (self.root / "kam.yaml").write_text(KAM_YAML + sinks, encoding="utf-8")

    @property
    def workspace(self) -> Workspace:
        return load_workspace(self.root)

    @property
    def sinks(self) -> Sequence[Sink]:
        return self.workspace.sinks

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        with open_store(self.workspace.store_folder, create=False) as store:
            yield store.connection

    def night(
        self,
        actions: Iterable[Wanted],
        role: str = "sponsor",
        name: str | None = None,
        then: BaseException | None = None,
    ) -> int:
        """A run that emits the actions and enqueues them, in one transaction; returns run_no.

        The accounts are called `name`, or after their ids. It fails with `then` at its very end,
        if that is given.
        """
        with self.database() as connection, transaction(connection):
            run_no = 1 + connection.execute("SELECT count(*) FROM runs").fetchone()[0]
            self._insert_run(connection, run_no)
            rows = [
                (
                    *(
                        f"{run_no:012x}{number:012x}",
                        f"c{number}",
                        account,
                        name or f"公司 {account}",
                    ),
                    *(self._numbers["complaints"], self._numbers["executive_visit"], "red", role),
                    *(None, priority, "2026-06-30", "2026-07-03"),
                    '{"annual_purchase": 5230000.50, "revenue_share": 0.213}',
                )
                for number, (account, priority) in enumerate(actions)
            ]
            writing.insert_actions(connection, run_no, rows)
            outbox.enqueue(connection, run_no, self.sinks)
            if then is not None:
                raise then
        return run_no

    def _insert_run(self, connection: sqlite3.Connection, run_no: int) -> None:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(runs)")]
        known = {
            "run_no": run_no,
            "run_id": f"2026-06-30.{run_no}",
            "as_of": "2026-06-30",
            "first_seq": 1,
            "last_seq": 0,
            "last_mark": 0,
            "actions": 0,
            "previous_run": None,
            "kind": "night",
        }
        values = [known.get(column, "x") for column in columns]
        marks = ",".join("?" * len(columns))
        connection.execute(f"INSERT INTO runs ({','.join(columns)}) VALUES ({marks})", values)

    def deliver(self, **more: Any) -> DeliveryReport:
        extent = Extent(more.pop("only", ()), more.pop("wait", False), more.pop("seconds", None))
        more.setdefault("clock", self.clock)
        return deliver(self.workspace, self.environment, bare_value, extent, **more)

    def statuses(self) -> dict[str, str]:
        """Key → status."""
        with self.database() as connection:
            rows = connection.execute("SELECT idempotency_key, status FROM outbox").fetchall()
        return dict(rows)

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for status in self.statuses().values():
            found[status] = found.get(status, 0) + 1
        return found

    def receipts(self) -> list[dict[str, Any]]:
        with self.database() as connection:
            cursor = connection.execute("SELECT * FROM deliveries ORDER BY delivery_no")
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
