"""Reads single accounts from the files of the last night, however large they are."""

# ruff: noqa: S608 - engine.facts.sql quotes every name and text

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from engine.audit.data_files import reading_errors, require_data_files
from engine.audit.day_files import open_records
from engine.audit.store import Run
from engine.day.kept import KeptAccount
from engine.day.standings import Found, standing_of
from engine.errors import Problem
from engine.executors.protocol import Row
from engine.facts.sql import identifier, literal
from engine.lifecycle.account.state import Standing
from engine.nearest import did_you_mean_first
from engine.recall import KeptNight
from engine.recall_facts import facts_query

DECISIONS = "decisions.parquet"
OBLIGATIONS = "obligations.parquet"
OWNERS = "inputs/owners.parquet"


class NightAccounts:
    """The accounts of a night, read from its files: tens of milliseconds for one, and little
    more for a hundred at once.

    `before` is the last run of an earlier date. Raises `KamError` if a file of either is not as
    it was written. Not for several threads at once.
    """

    def __init__(self, night: KeptNight, before: Run | None = None) -> None:
        self.night = night
        self.before = before
        require_data_files(night.run)
        if before is not None:
            require_data_files(before, DECISIONS, OBLIGATIONS)
        self.records = open_records(night.run.path)
        self.connection = duckdb.connect(config={"autoinstall_known_extensions": False})
        self.connection.execute("SET parquet_metadata_cache = true")
        self.connection.execute("SET enable_progress_bar = false")
        query = facts_query(night.run, night.plan)
        self.connection.execute(f"CREATE VIEW facts AS {query}")

    # --- accounts ------------------------------------------------------------------------

    def read(self, accounts: Sequence[str]) -> dict[str, KeptAccount]:
        """Those of `accounts` that the night has facts of, by id."""
        wanted = sorted(set(accounts))
        if not wanted:
            return {}
        runs = [self.night.run] if self.before is None else [self.night.run, self.before]
        with reading_errors(*runs):
            facts = self._facts(wanted)
            numbers = sorted(row["account_no"] for row in facts)
            return self._accounts(facts, numbers) if facts else {}

    def _facts(self, wanted: Sequence[str]) -> list[Found]:
        return self._rows(f"SELECT * FROM facts WHERE {_among('account_id', wanted)}")

    def _accounts(self, facts: Sequence[Found], numbers: Sequence[int]) -> dict[str, KeptAccount]:
        records = {
            name: _grouped(self._numbered(file, numbers), "account_no")
            for name, file in self.records.files.items()
        }
        owners = _grouped(self._numbered(self.night.run.path / OWNERS, numbers), "account_no")
        ids = sorted(row["account_id"] for row in facts)
        now = self._standing(self.night.run, _among("account_no", numbers))
        before = None
        if self.before is not None:
            before = self._standing(self.before, _among("account_id", ids))
        found = {}
        for row in facts:
            number, account = row["account_no"], row["account_id"]
            found[account] = KeptAccount(
                number,
                account,
                row,
                {name: tuple(rows.get(number, ())) for name, rows in records.items()},
                {str(one["role"]): str(one["person"]) for one in owners.get(number, ())},
                now.get(account, Standing(self.night.run.as_of)),
                None if before is None else before.get(account, self._nothing_before()),
                number in self.records.forgotten,
            )
        return found

    def _nothing_before(self) -> Standing:
        assert self.before is not None
        return Standing(self.before.as_of)

    def _numbered(self, file: Path, numbers: Sequence[int]) -> list[Found]:
        return self._rows(f"SELECT * FROM {parquet(file)} WHERE {_among('account_no', numbers)}")

    def _standing(self, run: Run, which: str) -> dict[str, Standing]:
        decisions = self._rows(
            f"SELECT * FROM {parquet(run.path / DECISIONS)} WHERE scope = 'account' AND {which} "
            "ORDER BY pack"
        )
        obligations = self._rows(
            f"SELECT * FROM {parquet(run.path / OBLIGATIONS)} WHERE {which} "
            "ORDER BY pack, rule_id, part"
        )
        return standings(run.as_of, decisions, obligations)

    def _rows(self, query: str) -> list[Found]:
        cursor = self.connection.execute(query)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    # --- accounts that are not there -----------------------------------------------------

    def why_not(self, account: str) -> Problem:
        """Why `read` knows no such account."""
        run = self.night.run
        decided = self._rows(
            f"SELECT 1 FROM {parquet(run.path / DECISIONS)} "
            f"WHERE scope = 'account' AND account_id = {literal(account)} LIMIT 1"
        )
        if decided:
            return Problem(
                "event-account-set-aside",
                f"the row of account '{account}' could not be used in run {run.run_id}: what was "
                "decided last stands",
                hint="kam log --kind data_rejected says why; send the event again once it is used",
            )
        near = self.connection.execute(
            f"SELECT account_id FROM facts ORDER BY levenshtein(account_id, {literal(account)}), "
            "account_id LIMIT 5"
        ).fetchall()
        return Problem(
            "event-unknown-account",
            f"run {run.run_id} knows no account '{account[:60]}'",
            hint=did_you_mean_first(
                account,
                [one for (one,) in near],
                "kam accounts TEXT finds one by name; one that is new is known from the next "
                "night on",
            ),
        )

    # --- closing -------------------------------------------------------------------------

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> NightAccounts:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def standings(
    as_of: date, decisions: Iterable[Found], obligations: Iterable[Found]
) -> dict[str, Standing]:
    """What a run decided, by account id."""
    decided: dict[str, list[Found]] = {}
    owed: dict[str, list[Found]] = {}
    for row in decisions:
        decided.setdefault(row["account_id"], []).append(row)
    for row in obligations:
        owed.setdefault(row["account_id"], []).append(row)
    return {
        account: standing_of(as_of, decided.get(account, ()), owed.get(account, ()))
        for account in decided | owed
    }


def parquet(file: Path) -> str:
    """A file as a relation of SQL."""
    return f"read_parquet({literal(os.fspath(file))})"


def _grouped(rows: Iterable[Found], column: str) -> Mapping[Any, list[Row]]:
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.pop(column), []).append(row)
    return groups


def _among(column: str, wanted: Sequence[int] | Sequence[str]) -> str:
    """A test that lets DuckDB pass over every group of rows that cannot hold one of `wanted`,
    which are in order."""
    texts = [str(one) if isinstance(one, int) else literal(one) for one in wanted]
    name = identifier(column)
    if len(texts) == 1:
        return f"{name} = {texts[0]}"
    return f"{name} BETWEEN {texts[0]} AND {texts[-1]} AND {name} IN ({', '.join(texts)})"
