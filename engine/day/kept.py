"""One account as the last night left it: what the day starts from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from engine.errors import Problem
from engine.executors.protocol import Row
from engine.lifecycle.account.state import Standing

Records = Mapping[str, Sequence[Row]]
"""Record table → the account's rows, by the columns that the plan reads. A table of which
records have a key holds it as `engine.facts.catalog.RECORD_ID`."""


class LazyRecords(Mapping[str, Sequence[Row]]):
    """Records of which a table is read when it is asked for first: an event is about one of them.

    `unread` gives the rows of every table.
    """

    def __init__(self, unread: Mapping[str, Callable[[], Sequence[Row]]]) -> None:
        self._unread = unread
        self._found: dict[str, Sequence[Row]] = {}

    def __getitem__(self, table: str) -> Sequence[Row]:
        if table not in self._found:
            self._found[table] = self._unread[table]()
        return self._found[table]

    def __iter__(self) -> Iterator[str]:
        return iter(self._unread)

    def __len__(self) -> int:
        return len(self._unread)

    def with_table(self, table: str, rows: Sequence[Row]) -> LazyRecords:
        """The same with other rows of one table."""
        other = LazyRecords({**self._unread, table: lambda: rows})
        other._found = {**self._found, table: rows}
        return other


def with_table(records: Records, table: str, rows: Sequence[Row]) -> Records:
    """The records with other rows of one table."""
    if isinstance(records, LazyRecords):
        return records.with_table(table, rows)
    return {**records, table: rows}


@dataclass(frozen=True)
class KeptAccount:
    """An account of the last night.

    `facts` is its row of ``facts``: personal values are there themselves, with their tokens
    beside them, and `account_no` is its number in that night. `owners` are the persons that
    hold a role. `now` is what the night decided, `previous` what the last run of an earlier date
    had, None if there was none. Of an account that `is_forgotten` there are no records, so that
    nothing can be decided about it before the next night.
    """

    account_no: int
    account_id: str
    facts: Row
    records: Records
    owners: Mapping[str, str]
    now: Standing
    previous: Standing | None = None
    is_forgotten: bool = field(default=False)


def forgotten(account: str) -> Problem:
    """Why nothing can be said about an account that was forgotten since its night."""
    return Problem(
        "event-account-forgotten",
        f"account '{account}' was forgotten since the last night: its records are gone",
        hint="the next night reads its sources again; send the event after it",
    )


class AccountSource(Protocol):
    """Where kept accounts are read from; a context manager that closes it."""

    def read(self, accounts: Sequence[str]) -> dict[str, KeptAccount]:
        """Those of `accounts` that the night has facts of, by id."""

    def why_not(self, account: str) -> Problem:
        """Why `read` knows no such account: `event-unknown-account`, with a near one, or
        `event-account-set-aside`."""

    def close(self) -> None: ...

    def __enter__(self) -> AccountSource: ...

    def __exit__(self, *_: object) -> None: ...
