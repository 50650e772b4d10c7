"""A small workspace on disk that tests change file by file, night by night."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from engine.audit.store import open_store
from engine.runner import NightReport
from tests.books.tables import Table, facts_yaml, vocabulary_yaml
from tests.books.workspace import Workspace, kam_yaml, pack_head

NIGHT = date(2026, 6, 30)
FIRST = f"{NIGHT}.1"
"""The first run of `Book.run`."""

GUARDS = """\
guards:
  quarantined: {at_most: 50%}
  accounts: {at_least: 50% of previous}
  tier_changes: {at_most: 90%}
"""

TABLES = {
    "accounts": Table(
        {
            "name": "text",
            "status": "{type: enum, values: [active, closed]}",
            "rating": "{type: ordinal, values: [C, B, A]}",
        },
        key="account_id",
    ),
    "orders": Table({"ordered_on": "date", "amount": "money"}, time="ordered_on"),
    "complaints": Table({"opened_on": "date"}, time="opened_on"),
}

RULES = """\
parameters:
  big: {value: 100万, owner: office, judgement: true}

measures:
  purchase: {type: money, sum: orders.amount, window: 365 days, title: {zh: 交易额, en: Purchase}}
  complaints_90d:
    {type: integer, count: complaints, window: 90 days, title: {zh: 投诉数, en: Complaints}}
  share: {type: ratio, formula: purchase / total(purchase), title: {zh: 占比, en: Share}}

tiers:
  population: {status: active}
  levels:
    gold:
      title: {zh: 金, en: Gold}
      when: {purchase: {gte: $big}, rating: {gte: B}}
    silver:
      title: {zh: 银, en: Silver}
      when: {purchase: {top: 50%}}
  default: {id: plain, title: {zh: 普通, en: Plain}}

entitlements:
  hotline: {kind: channel, tiers: [gold], title: {zh: 热线, en: Hotline}}

milestones:
  nearly_gold:
    title: {zh: 接近金级, en: Nearly gold}
    from: silver
    when: {purchase: {gte: 80万}}

warnings:
  complaints:
    title: {zh: 投诉, en: Complaints}
    layer: data
    levels:
      yellow: {when: {complaints_90d: {gte: 2}}}
      red: {when: {complaints_90d: {gte: 4}}}
    action: {yellow: call, red: visit}

actions:
  call:
    title: {zh: 致电, en: Call}
    owner: office
    due: 1 day
    text: {zh: "{name} 投诉 {complaints_90d} 次", en: "{name}: {complaints_90d} complaints"}
  visit:
    title: {zh: 拜访, en: Visit}
    owner: office
    due: 3 days
    priority: high
    text: {zh: "拜访 {name}", en: "Visit {name}"}
"""

PACK_YAML = "\n".join(
    [pack_head("small", "小制度", "Small policy"), vocabulary_yaml(TABLES), RULES]
)

ACCOUNTS_CSV = """\
account_id,name,status,rating
a1,长江重工,active,A
a2,黄河电气,active,C
a3,泰山水泥,active,B
a4,已关闭,closed,A
"""

ORDERS_CSV = """\
account_id,ordered_on,amount
a1,2026-05-01,900000.00
a1,2026-01-01,200000.00
a2,2026-03-01,850000.00
a3,2026-02-01,10.50
"""

COMPLAINTS_CSV = """\
account_id,opened_on
a1,2026-06-01
a1,2026-06-02
"""

FILES = {
    "kam.yaml": kam_yaml(more=GUARDS),
    "facts.yaml": facts_yaml(TABLES),
    "policies/small/pack.yaml": PACK_YAML,
    "data/accounts.csv": ACCOUNTS_CSV,
    "data/orders.csv": ORDERS_CSV,
    "data/complaints.csv": COMPLAINTS_CSV,
}


class Book(Workspace):
    """The workspace, and what its store holds.

    With `files` it is written, over whatever stands in the folder; without any it is as it is.
    """

    def __init__(self, root: Path, files: Mapping[str, str | bytes] = FILES) -> None:
        super().__init__(root)
        self.write_all(files)

    def copy(self, root: Path) -> Book:
        shutil.copytree(self.root, root)
        return Book(root, files={})

    def run(self, as_of: date | None = NIGHT) -> NightReport:
        return super().run(as_of)

    def tiers(self, run_id: str) -> dict[str, str | None]:
        return {row["account_id"]: row["tier"] for row in self.decisions(run_id)}

    def decisions(self, run_id: str) -> list[dict[str, Any]]:
        path = str(self.store / "runs" / run_id / "decisions.parquet")
        with duckdb.connect() as connection:
            cursor = connection.execute("SELECT * FROM read_parquet(?) ORDER BY account_id", [path])
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def log(self, run_id: str) -> list[tuple[Any, ...]]:
        """(kind, account, rule, from, to) of every line of a run but the sources'."""
        return self.lines(
            "SELECT l.kind, account_id, r.rule_id, from_value, to_value FROM decision_log AS l "
            "JOIN runs USING (run_no) LEFT JOIN rules AS r USING (rule_no) "
            "WHERE run_id = ? AND l.kind NOT IN "
            "('source_read', 'data_rejected', 'policy_changed') ORDER BY seq",
            run_id,
        )

    def rejected(self, run_id: str) -> list[dict[str, Any]]:
        """The evidence of the run's rejected rows."""
        rows = self.lines(
            "SELECT evidence FROM decision_log JOIN runs USING (run_no) "
            "WHERE run_id = ? AND decision_log.kind = 'data_rejected' ORDER BY seq",
            run_id,
        )
        return [json.loads(evidence) for (evidence,) in rows]

    def fingerprint(self) -> dict[str, str]:
        """Hash of every file that a store keeps, and of the content of its database."""
        found = {
            path.relative_to(self.store).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((self.store / "runs").rglob("*"))
            if path.is_file()
        }
        with open_store(self.store, read_only=True) as opened:
            dump = "\n".join(opened.database.conn.iterdump())
        found["kam.db"] = hashlib.sha256(dump.encode()).hexdigest()
        return found
