"""A demo workspace whose nights are run twice: by `run_night` into its store, and by the model."""

from __future__ import annotations

import csv
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

from engine.audit.marks import Said
from engine.audit.opening import DATABASE_FILE
from engine.audit.store import open_store
from engine.checking import prepare
from engine.demo.book import Book
from engine.demo.build import write_demo
from engine.prepared import Prepared
from engine.runner import run_night
from tests.lifecycle.agreement import Model, compare
from tests.lifecycle.demo_book.facts import Sources, Tonight, read_sources
from tests.lifecycle.demo_book.packs import pack_of
from tests.lifecycle.harness import Night
from tests.lifecycle.model.days import Almanac
from tests.lifecycle.model.inputs import Approval, Inputs, Mark, Override
from tests.lifecycle.reading import actions_of, log_of, states_of

END = date(2026, 6, 30)
"""The last day of the book."""
APPROVER = "王建国"
"""The general manager, who may approve in every pack."""


class DemoYear:
    """The book of a seed. What people decide and say between the nights goes through the files
    and the store, as they do it; what is changed of the accounts, through the account file."""

    def __init__(self, folder: Path, accounts: int, seed: int, packs: Iterable[str]) -> None:
        self.folder = folder
        write_demo(folder, Book(accounts, seed, END), lambda step: None, packs)
        self._live_on()
        self._marks: list[Mark] = []
        self._prepared: Prepared | None = None
        self._sources: Sources | None = None
        with self._accounts_file.open(encoding="utf-8-sig", newline="") as file:
            self._rows = list(csv.DictReader(file))
        self._away: tuple[set[str], set[str]] = (set(), set())
        self.model = Model([pack_of(policy) for policy in self.prepared.policies])

    def _live_on(self) -> None:
        """Nights have the dates that they are given, and no guard refuses one."""
        path = self.folder / "kam.yaml"
        text = re.sub(r"^as_of:.*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
        path.write_text(re.sub(r"^guards:(\n|.)*", "", text, flags=re.MULTILINE), "utf-8")

    @property
    def prepared(self) -> Prepared:
        if self._prepared is None:
            self._prepared = prepare(self.folder)
        return self._prepared

    # --- nights --------------------------------------------------------------------------

    def run(self, as_of: date) -> Night:
        """Raises AssertionError where engine and model differ, with the first account."""
        tonight = self._inputs(as_of)
        book = self.model.run(tonight)
        found = self.record(as_of)
        compare(book, found, tonight)
        return found

    def record(self, as_of: date) -> Night:
        """The night alone, which takes a third less without the model."""
        # Reading the packs again takes longer than deciding by them; they do not change.
        with patch("engine.runner.prepare", return_value=self.prepared):
            report = run_night(self.folder, as_of)
        assert not report.repeated
        return self._recorded(report.run_id, as_of)

    def _inputs(self, as_of: date) -> Inputs:
        plan = self.prepared.plan(as_of)
        if self._sources is None:
            self._sources = read_sources(self.prepared, plan)
        tonight = Tonight(plan, self._sources)
        decided, workspace = self.prepared.overrides, self.prepared.workspace
        inputs = Inputs(
            as_of,
            tonight.accounts(),
            self._sources.set_aside,
            records=tuple(tonight.records()),
            assignments=tuple(tonight.assignments()),
            overrides=tuple(
                Override(one.account, one.pack, one.tier, one.starts, one.until)
                for one in decided.tiers
            ),
            approvals=tuple(
                Approval(one.account, one.pack, one.milestone, one.on)
                for one in decided.approvals
                if one.milestone is not None
            ),
            marks=tuple(self._marks),
            people={role: names[0] for role, names in workspace.people.items()},
            almanac=Almanac(china=True, zone=workspace.timezone),
        )
        tiers = self.model.effective_tiers(inputs)
        return replace(inputs, entities=tonight.entities(tiers, inputs))

    def _recorded(self, run_id: str, as_of: date) -> Night:
        """What the store holds of a run."""
        with open_store(self._store) as store, self._ask() as ask:
            run = store.run(run_id)
            assert run is not None
            with duckdb.connect(config={"threads": 1}) as connection:
                for name in ("decisions", "obligations"):
                    file = str(run.path / f"{name}.parquet")
                    connection.read_parquet(file).create_view(name)
                states = states_of(connection)
            actions = actions_of(_dated(ask(_ACTIONS + " WHERE run_id = ?", run_id)))
            standing = actions_of(_dated(ask(_ACTIONS + " WHERE status = 'open'")))
            return Night(
                as_of,
                states,
                log_of(ask(_LOG, run_id)),
                [action for _, action in actions.values()],
                [action for _, action in standing.values()],
                tuple(actions),
                [],
                [],
            )

    @contextmanager
    def _ask(self) -> Iterator[Any]:
        connection = sqlite3.connect(f"file:{self._store / DATABASE_FILE}?mode=ro", uri=True)
        try:
            yield lambda query, *values: connection.execute(query, values).fetchall()
        finally:
            connection.close()

    @property
    def _store(self) -> Path:
        return self.prepared.workspace.store_folder

    # --- what people decide --------------------------------------------------------------

    def override(self, account: str, pack: str, tier: str, starts: date, until: date) -> None:
        self._decide(
            "overrides",
            f"tier: {tier}, reason: 试点, from: {starts}, until: {until}",
            account,
            pack,
        )

    def approve(self, account: str, pack: str, milestone: str, on: date) -> None:
        self._decide("approvals", f"milestone: {milestone}, on: {on}", account, pack)

    def _decide(self, section: str, what: str, account: str, pack: str) -> None:
        entry = f"  - {{account: {account}, pack: {pack}, approver: {APPROVER}, {what}}}"
        path = self.folder / "overrides.yaml"
        text, found = re.subn(
            rf"^{section}:.*$", f"{section}:\n{entry}", path.read_text("utf-8"), flags=re.MULTILINE
        )
        assert found == 1
        path.write_text(text, "utf-8")
        self._prepared = None

    def say(self, kind: str, pack: str, account: str, rule: str, day: date,
            until: date | None = None) -> None:  # fmt: skip
        """About a warning: ``ack``, or ``silence`` until a day."""
        at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        with open_store(self._store) as store:
            store.say(
                Said(kind, APPROVER, at, day, pack=pack, account=account, rule=rule, until=until)
            )
        self._marks.append(Mark(kind, pack, account, rule, day, until))

    # --- what becomes of accounts --------------------------------------------------------

    @property
    def accounts(self) -> list[str]:
        return [row["account_id"] for row in self._rows]

    def change_accounts(self, gone: Iterable[str] = (), spoilt: Iterable[str] = ()) -> None:
        """The account file as it was at first, but for those that left it and those of which a
        cell is no date."""
        gone, spoilt = set(gone), set(spoilt)
        if (gone, spoilt) == self._away:
            return
        self._away = (gone, spoilt)
        with self._accounts_file.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(self._rows[0]))
            writer.writeheader()
            for row in self._rows:
                if row["account_id"] not in gone:
                    is_bad = row["account_id"] in spoilt
                    writer.writerow({**row, "cooperation_since": "soon"} if is_bad else row)
        self._sources = None

    @property
    def _accounts_file(self) -> Path:
        return self.folder / "data" / "accounts.csv"


_LOG = (
    "SELECT kind, pack, account_id, rule_id, from_value, to_value, "
    "coalesce(json_extract(evidence, '$.part'), '') FROM decision_log_lines "
    "WHERE run_id = ? AND kind NOT IN ('data_rejected', 'person_said', 'action_emitted', "
    "'action_expired', 'action_reopened', 'source_read', 'policy_changed')"
)
_ACTIONS = (
    "SELECT action_id, cause_id, pack, account_id, rule_id, level, template_id, owner_role, owner, "
    "due_on, priority, opened_on FROM (SELECT line.*, action.cause_id FROM action_lines AS line "
    "JOIN actions AS action USING (action_no))"
)


def _dated(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for *row, due, priority, opened in rows:
        yield (
            *row,
            None if due is None else date.fromisoformat(due),
            priority,
            date.fromisoformat(opened),
        )
