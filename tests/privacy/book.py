"""A workspace whose accounts are persons: names, contacts and birthdays are personal."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from tests.books.tables import Table, facts_yaml, vocabulary_yaml
from tests.books.workspace import pack_head
from tests.night.book import Book

FIRST, SECOND, THIRD = date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 2)
FORGOTTEN = "p1"
SECRETS = {
    "p1": ("Qiu Yangming", "Tang Quexin", "1961-03-07"),
    "p2": ("Zhuo Wanrong", "Bian Lüqiao", "1984-11-23"),
    "p3": ("Xun Mobei", "Guan Jiuling", "1959-08-30"),
}
"""Account → name, contact and birthday: texts that stand nowhere else."""

TABLES = {
    "accounts": Table(
        {"name": "text", "contact": "text", "born": "date", "margin": "money", "region": "text"},
        key="account_id",
        mapped={
            "name": "{type: text, class: personal}",
            "contact": "{type: text, class: personal}",
            "born": "{type: date, class: personal}",
            "margin": "{type: money, class: confidential}",
            "region": "{type: text, class: public}",
        },
    ),
    "visits": Table(
        {"visited_on": "date", "guest": "text", "spent": "money"},
        time="visited_on",
        mapped={"guest": "{type: text, class: personal}"},
    ),
}

RULES = """\
measures:
  age: {type: integer, formula: "floor((as_of - born) / 365.25)", title: {zh: 年龄, en: Age}}
  guests: {type: integer, count_distinct: visits.guest, window: 365 days}
  spent: {type: money, sum: visits.spent, window: 365 days}
  margin_rate: {type: ratio, formula: "margin / nullif(spent, 0)"}
  share: {type: ratio, formula: "spent / total(spent)"}

scorecards:
  closeness:
    title: {zh: 亲近度, en: Closeness}
    missing: zero
    criteria:
      age: {measure: age, weight: 60, points: [[20, 0], [70, 100]]}
      margin: {measure: margin_rate, weight: 40, points: [[0%, 0], [50%, 100]]}
  value:
    title: {zh: 价值, en: Value}
    missing: zero
    criteria:
      margin: {measure: margin_rate, weight: 100, points: [[0%, 0], [50%, 100]]}

tiers:
  levels:
    gold:
      title: {zh: 金, en: Gold}
      when: {age: {gte: 60}}
  default: {id: plain, title: {zh: 普通, en: Plain}}

warnings:
  thin_margin:
    title: {zh: 毛利过低, en: Thin margin}
    layer: data
    levels:
      yellow: {when: {margin_rate: {lt: 20%}, guests: {gte: 1}, region: {missing: false}}}
    action: call

actions:
  call:
    title: {zh: 致电, en: Call}
    owner: office
    due: 1 day
    text:
      zh: "致电 {name} 的 {contact}，年龄 {age}，毛利率 {margin_rate}，交易额 {spent}"
      en: "Call {contact} ({age}) of {name}: margin rate {margin_rate} of {spent}"
"""

PACK = "\n".join([pack_head("small", "小制度", "Small policy"), vocabulary_yaml(TABLES), RULES])

VISITS = """\
account_id,visited_on,guest,spent
p1,2026-05-01,Ke Shuyan,900000.00
p2,2026-05-02,Nong Anzhi,800000.00
p3,2026-05-03,Ke Shuyan,10.00
"""
GUESTS = ("Ke Shuyan", "Nong Anzhi")


def accounts(**margins: int) -> str:
    """The rows of accounts.csv; margins of 100000.00 unless said otherwise."""
    rows = ["account_id,name,contact,born,margin,region"]
    rows += [
        f"{account},{name},{contact},{born},{margins.get(account, 100000)}.00,north"
        for account, (name, contact, born) in SECRETS.items()
    ]
    return "\n".join(rows) + "\n"


class Persons(Book):
    """The workspace, and what its store holds."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.write("facts.yaml", facts_yaml(TABLES))
        self.write("policies/small/pack.yaml", PACK)
        self.write("data/accounts.csv", accounts())
        self.write("data/visits.csv", VISITS)

    def copy(self, root: Path) -> Persons:
        """The same workspace and store at another place, to go on from."""
        shutil.copytree(self.root, root)
        return Persons(root)

    def folder(self, run_id: str) -> Path:
        return self.store / "runs" / run_id

    def rows(self, run_id: str, file: str) -> dict[str, dict[str, Any]]:
        """Account → its row of a file of a run."""
        with duckdb.connect() as connection:
            cursor = connection.execute(
                "SELECT * FROM read_parquet(?)", [str(self.folder(run_id) / file)]
            )
            names = [column[0] for column in cursor.description or ()]
            found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return {row["account_id"]: row for row in found}

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(f"file:{self.store / 'kam.db'}?mode=ro", uri=True)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def found(self, *texts: str) -> set[str]:
        """The places of the store where one of the texts can be read: files, and of Parquet
        files what is in their columns."""
        return {
            path.relative_to(self.store).as_posix()
            for path in sorted(self.store.rglob("*"))
            if path.is_file() and any(text in content for text in texts for content in _all(path))
        }


def _all(path: Path) -> Iterator[str]:
    """Everything that can be read of a file, as text."""
    if path.suffix != ".parquet":
        yield path.read_bytes().decode("utf-8", errors="replace")
        return
    with duckdb.connect() as connection:
        relation = connection.read_parquet(str(path))
        for name in relation.columns:
            quoted = '"' + name + '"'
            for (value,) in relation.project(f"{quoted}::VARCHAR").distinct().fetchall():
                yield value or ""


def secrets(*accounts: str) -> tuple[str, ...]:
    return tuple(text for account in accounts or SECRETS for text in SECRETS[account])


def plain(text: str) -> str:
    """The text of a page without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
