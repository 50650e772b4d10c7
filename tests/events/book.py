"""A demo workspace of which some records are kept back, to be told as events later."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engine.audit.store import Run
from engine.day.events import Event
from engine.demo.book import Book
from engine.demo.build import DEMO_PACKS, write_demo
from engine.model.tokens import is_token
from tests.books.shared import shared
from tests.books.workspace import Workspace

END = date(2026, 6, 30)
"""The last day of the book."""

KEPT_BACK: dict[str, str] = {
    "issues": "opened_at",
    "signals": "observed_on",
    "documents": "submitted_on",
    "deliveries": "recorded_on",
    "service_nodes": "recorded_on",
    "equipment_signals": "observed_on",
    "value_reviews": "reviewed_on",
    "assignments": "assigned_on",
}
"""Record table, a CSV file each → the column that dates its records."""


class EventBook(Workspace):
    """A workspace; `events` are what its sources do not say."""

    def __init__(self, root: Path, events: Sequence[Event] = ()) -> None:
        super().__init__(root)
        self.events = tuple(events)

    def night(self, day: date = END) -> Run:
        """The night of a date, over the sources and the events so far."""
        self.on(day)
        report = self.run()
        assert not report.repeated
        return self.kept(report)


def write_book(
    root: Path, accounts: int, packs: Iterable[str] = DEMO_PACKS, seed: int = 7
) -> EventBook:
    """The whole book, of which nothing is kept back."""
    write_demo(root, Book(accounts, seed, END), lambda step: None, packs)
    path = root / "kam.yaml"
    text = re.sub(r"^guards:(\n|.)*", "", path.read_text("utf-8"), flags=re.MULTILINE)
    path.write_text(text, "utf-8")
    return EventBook(root)


def after_one_night(factory: pytest.TempPathFactory) -> EventBook:
    """30 accounts after their night: a copy of one's own."""
    return EventBook(shared(factory, "after-one-night", lambda root: write_book(root, 30).night()))


def keep_back(book: EventBook, since: date, most: int = 16) -> EventBook:
    """The same book without its latest records: of every table up to `most` that are dated on
    `since` or later."""
    events: list[Event] = []
    for table, time in KEPT_BACK.items():
        file = book.root / "data" / f"{table}.csv"
        events += _take_out(file, table, time, since, most)
    return EventBook(book.root, events)


def _take_out(file: Path, table: str, time: str, since: date, most: int) -> Iterator[Event]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    late = [row for row in rows if row[time][:10] >= since.isoformat()]
    out = sorted(late, key=lambda row: row[time])[-most:]
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(row for row in rows if row not in out)
    for number, row in enumerate(out):
        values = {name: value for name, value in row.items() if name != "account_id" and value}
        yield Event(f"{table}-{number}", "record", row["account_id"], values, table)


def decisions(run: Run, accounts: Iterable[str] | None = None) -> dict[str, dict[str, Any]]:
    """Account → its rows of decisions and obligations, as comparable values."""
    found: dict[str, dict[str, Any]] = {}
    with duckdb.connect() as connection:
        for name, order in (("decisions", "pack"), ("obligations", "pack, rule_id, part")):
            where = " WHERE scope = 'account'" if name == "decisions" else ""
            cursor = connection.execute(
                f"SELECT * FROM read_parquet(?){where} ORDER BY account_id, {order}",
                [str(run.path / f"{name}.parquet")],
            )
            names = [column[0] for column in cursor.description or ()]
            for row in cursor.fetchall():
                said = dict(zip(names, row, strict=True))
                account = found.setdefault(said["account_id"], {"decisions": [], "obligations": []})
                account[name].append(plain(said))
    wanted = None if accounts is None else set(accounts)
    return {one: said for one, said in found.items() if wanted is None or one in wanted}


def plain(value: Any) -> Any:
    """A row as JSON would have it, evidence opened; tokens depend on the salts of the store."""
    if isinstance(value, str) and is_token(value):
        return "token"
    if isinstance(value, dict):
        return {
            name: plain(json.loads(one) if name == "evidence" and isinstance(one, str) else one)
            for name, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
