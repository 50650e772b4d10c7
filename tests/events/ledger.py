"""A small workspace under a random policy without numbers of the population, whose sources and
events are drawn together: what is told during the day, and what the files say in the end."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from engine.audit.store import Run, open_store
from engine.day.events import Event
from engine.runner import run_night

FIRST = date(2026, 5, 29)
NIGHT = date(2026, 6, 9)
"""A Tuesday: no review starts between it and `LAST`, one has since `FIRST`."""
LAST = date(2026, 6, 12)

ACCOUNTS = tuple(f"A{number}" for number in range(1, 7))

KAM = """\
workspace: small
timezone: Asia/Shanghai
currency: CNY
as_of: 2026-06-09
facts: facts.yaml
policies: [policies/drawn]
store: store
people: {office: 陈静}
"""

FACTS = """\
accounts:
  source: data/accounts.csv
  key: account_id
  columns:
    name: text
    rating: {type: ordinal, values: [C, B, A]}
    credit: money
    home: text
    region: text
    active: boolean
    phone: {type: text, class: personal}
records:
  issues:
    source: data/issues.csv
    key: issue_id
    account: account_id
    time: opened_at
    columns:
      opened_at: datetime
      class: {type: enum, values: [complaint, request]}
      closed_at: datetime
      severity: integer
  orders:
    source: data/orders.csv
    account: account_id
    time: ordered_on
    columns: {ordered_on: date, amount: money}
  contacts:
    source: data/contacts.csv
    account: account_id
    time: met_on
    columns: {met_on: date, person: text}
  deliveries:
    source: data/deliveries.csv
    key: delivery_id
    account: account_id
    time: agreed_on
    columns: {agreed_on: date, due_on: date, done_on: date}
"""

VOCABULARY = """\
pack:
  id: drawn
  title: {zh: 制度, en: Policy}
  version: "1"
  effective: {from: 2020-01-01}
  owner: office
roles:
  office: {title: {zh: 办公室, en: Office}}
vocabulary:
  accounts:
    name: text
    rating: {type: ordinal, values: [C, B, A]}
    credit: money
    home: text
    region: text
    active: boolean
    phone: {type: text, class: personal}
  records:
    issues:
      time: opened_at
      columns:
        opened_at: datetime
        class: {type: enum, values: [complaint, request]}
        closed_at: datetime
        severity: integer
    orders: {time: ordered_on, columns: {ordered_on: date, amount: money}}
    contacts: {time: met_on, columns: {met_on: date, person: text}}
    deliveries: {time: agreed_on, columns: {agreed_on: date, due_on: date, done_on: date}}
measures:
  purchase: {type: money, sum: orders.amount, window: 180 days}
  average: {type: money, avg: orders.amount, at_least: 2}
  days_quiet: {type: integer, days_since_last: contacts}
  people: {type: integer, count_distinct: contacts.person, window: 60 days}
  complaints: {type: integer, count: issues, where: {class: complaint}, window: 90 days}
  open_issues: {type: integer, count: issues, where: {closed_at: {missing: true}}}
  worst: {type: integer, max: issues.severity, window: 90 days}
  room: {type: money, formula: "credit - coalesce(purchase, 0)"}
"""


def policy(rng: Random) -> str:
    """Tiers, milestones, warnings and entitlements with numbers and delays of chance."""
    review = rng.choice(["week", "month", "quarter"])
    gold, silver = rng.choice([300, 600]), rng.choice([100, 200])
    delays = [
        rng.choice(
            ["", "    for: 1 night\n", "    keep_firing_for: 2 days\n", "    cool_down: 2 days\n",
             "    escalate: {after: 1 day, to: office}\n"]
        )
        for _ in range(4)
    ]  # fmt: skip
    effect = rng.choice(["promote", "propose", "report"])
    to = "" if effect == "report" else "    to: gold\n    hold: 2 reviews\n"
    return f"""\
{VOCABULARY}
tiers:
  population: {{active: true}}
  review: {{every: {review}}}
  demotion: {{after: {rng.choice([1, 2])} reviews, steps: 1}}
  exclude: {{when: {{credit: {{lt: {rng.choice([0, 50])}}}}}}}
  levels:
    gold:
      title: {{zh: 金, en: Gold}}
      when: {{purchase: {{gte: {gold}}}, rating: {{gte: B}}}}
    silver:
      title: {{zh: 银, en: Silver}}
      when: {{any: [{{purchase: {{gte: {silver}}}}}, {{room: {{gte: {rng.choice([700, 900])}}}}}]}}
  default: {{id: plain, title: {{zh: 普通, en: Plain}}}}
milestones:
  rising:
    title: {{zh: 上升, en: Rising}}
{to}    when: {{average: {{gte: {rng.choice([100, 150])}}}, people: {{gte: 1}}}}
    effect: {effect}
    action: call
warnings:
  trouble:
    title: {{zh: 麻烦, en: Trouble}}
    layer: frontline
    levels:
      red: {{when: {{complaints: {{gte: {rng.choice([2, 3])}}}}}}}
      yellow: {{when: {{any: [{{complaints: {{gte: 1}}}}, {{worst: {{gte: 4}}}}]}}}}
{delays[0]}    action: {{yellow: call, red: visit}}
  left_alone:
    title: {{zh: 冷落, en: Left alone}}
    layer: data
    levels:
      orange: {{when: {{open_issues: {{gte: {rng.choice([2, 3])}}}}}}}
      blue: {{when: {{days_quiet: {{gt: {rng.choice([2, 30])}}}}}}}
{delays[1]}    action: {{orange: visit, blue: call}}
  moved:
    title: {{zh: 迁移, en: Moved}}
    layer: data
    levels:
      yellow: {{when: {{home: {{ne: {{measure: region}}}}}}}}
      blue: {{when: {{phone: {{missing: true}}}}}}
{delays[2]}    action: call
  golden_trouble:
    title: {{zh: 金级麻烦, en: Trouble of the best}}
    layer: management
    levels:
      red: {{when: {{tier: gold, complaints: {{gte: 1}}}}}}
{delays[3]}    action: visit
entitlements:
  meetings:
    title: {{zh: 会面, en: Meetings}}
    kind: cadence
    tiers: [gold, silver]
    every: {rng.choice(["week", "month"])}
    at_least: {rng.choice([1, 2])}
    met_by: {{records: contacts}}
    action: call
  closure:
    title: {{zh: 闭环, en: Closed in time}}
    kind: response
    tiers: [gold, silver, plain]
    records: issues
    from: opened_at
    to: closed_at
    within: {rng.choice(["24 hours", "72 hours"])}
    clock: calendar
    action: call
  promised:
    title: {{zh: 按期, en: Delivered in time}}
    kind: deadline
    tiers: [gold, silver, plain]
    records: deliveries
    due: due_on
    done: done_on
    remind: 1 day before
    action: call
actions:
  call:
    title: {{zh: 致电, en: Call}}
    owner: office
    due: 1 day
    text: {{zh: 致电, en: Call}}
  visit:
    title: {{zh: 拜访, en: Visit}}
    owner: office
    due: 3 days
    priority: high
    text: {{zh: 拜访, en: Visit}}
"""


HEADS = {
    "accounts": ("account_id", "name", "rating", "credit", "home", "region", "active", "phone"),
    "issues": ("issue_id", "account_id", "opened_at", "class", "closed_at", "severity"),
    "orders": ("account_id", "ordered_on", "amount"),
    "contacts": ("account_id", "met_on", "person"),
    "deliveries": ("delivery_id", "account_id", "agreed_on", "due_on", "done_on"),
}
KEYS = {"accounts": "account_id", "issues": "issue_id", "deliveries": "delivery_id"}

Row = Mapping[str, str]


@dataclass(frozen=True)
class Sources:
    """What the files say: table → rows."""

    rows: Mapping[str, tuple[Row, ...]]

    def write(self, folder: Path) -> None:
        for table, head in HEADS.items():
            text = io.StringIO()
            writer = csv.DictWriter(text, head, restval="")
            writer.writeheader()
            writer.writerows(self.rows[table])
            (folder / "data" / f"{table}.csv").write_text(text.getvalue(), "utf-8")

    def with_events(self, events: Iterable[Event]) -> Sources:
        """As the files would be if somebody had entered the events there."""
        rows = {table: list(found) for table, found in self.rows.items()}
        for event in events:
            table = event.record or "accounts"
            said = {name: _cell(value) for name, value in event.values.items()}
            said["account_id"] = event.account
            key = KEYS.get(table)
            place = None
            if key is not None:
                place = next(
                    (n for n, one in enumerate(rows[table]) if one[key] == said[key]), None
                )
            if place is None:
                rows[table].append(said)
            elif event.record is None:
                rows[table][place] = {**rows[table][place], **said}
            else:
                rows[table][place] = said
        return Sources({table: tuple(found) for table, found in rows.items()})


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def draw_sources(rng: Random) -> Sources:
    rows: dict[str, list[Row]] = {table: [] for table in HEADS}
    for account in ACCOUNTS:
        known = {"account_id": account, "name": account, "phone": rng.choice(["555", ""])}
        rows["accounts"].append({**known, **_account(rng)})
        for _ in range(rng.randint(0, 3)):
            rows["orders"].append({"account_id": account, **_order(rng, FIRST)})
        for _ in range(rng.randint(0, 2)):
            rows["contacts"].append({"account_id": account, **_contact(rng, FIRST)})
        for number in range(rng.randint(0, 2)):
            issue = _issue(rng, f"{account}-{number}", FIRST)
            rows["issues"].append({"account_id": account, **issue})
        delivery = _delivery(rng, f"{account}-d", FIRST)
        rows["deliveries"].append({"account_id": account, **delivery})
    return Sources({table: tuple(found) for table, found in rows.items()})


def _account(rng: Random) -> dict[str, str]:
    return {
        "rating": rng.choice(["A", "B", "C", ""]),
        "credit": rng.choice(["1000.00", "800.00", "20.00", "-1.00", ""]),
        "home": rng.choice(["north", "south"]),
        "region": rng.choice(["north", "north", ""]),
        "active": rng.choice(["true", "true", "true", "false"]),
    }


def _order(rng: Random, day: date) -> dict[str, str]:
    on = day - timedelta(days=rng.choice([0, 1, 20, 175, 178, 181]))
    amount = f"{rng.randint(1, 400)}.{rng.randint(0, 99):02}"
    return {"ordered_on": on.isoformat(), "amount": amount}


def _contact(rng: Random, day: date) -> dict[str, str]:
    on = day - timedelta(days=rng.choice([0, 1, 3, 40]))
    return {"met_on": on.isoformat(), "person": rng.choice(["p", "q", ""])}


def _issue(rng: Random, key: str, day: date) -> dict[str, str]:
    opened = datetime.combine(day - timedelta(days=rng.choice([0, 1, 2, 60])), time(9, 30))
    closed = opened + timedelta(hours=rng.choice([2, 30, 80]))
    is_closed = rng.random() < 0.4 and closed.date() <= day
    return {
        "issue_id": key,
        "opened_at": opened.isoformat(" ", "minutes"),
        "class": rng.choice(["complaint", "complaint", "request"]),
        "closed_at": closed.isoformat(" ", "minutes") if is_closed else "",
        "severity": str(rng.randint(1, 5)),
    }


def _delivery(rng: Random, key: str, day: date) -> dict[str, str]:
    due = day + timedelta(days=rng.choice([-1, 0, 1, 12, 13]))
    done = day if rng.random() < 0.3 else None
    return {
        "delivery_id": key,
        "agreed_on": (day - timedelta(days=5)).isoformat(),
        "due_on": due.isoformat(),
        "done_on": "" if done is None else done.isoformat(),
    }


def draw_event(rng: Random, id: str, day: date, sources: Sources) -> Event:
    """A new record, one that is changed, or a changed fact; about what the sources say by now."""
    account = rng.choice(ACCOUNTS[:-1])  # of the last one nothing is ever told
    kind = rng.choice(["order", "contact", "issue", "issue", "close", "delivery", "fact", "fact"])
    if kind == "fact":
        known = _account(rng)
        names = rng.sample(sorted(known), rng.randint(1, 2))
        return Event(id, "account", account, {name: known[name] or None for name in names})
    record, values = "issues", _issue(rng, id, day)
    if kind == "order":
        record, values = "orders", _order(rng, day)
    elif kind == "contact":
        record, values = "contacts", _contact(rng, day)
    elif kind in ("close", "delivery"):
        record = "issues" if kind == "close" else "deliveries"
        theirs = [one for one in sources.rows[record] if one["account_id"] == account]
        if theirs:
            said = dict(rng.choice(theirs))
            if kind == "close":
                said["closed_at"] = f"{day} 08:00"
            else:
                said["done_on"] = day.isoformat()
            values = {name: one for name, one in said.items() if name != "account_id"}
    return Event(id, "record", account, {name: one or None for name, one in values.items()}, record)


@dataclass(frozen=True)
class Ledger:
    """A workspace on disk."""

    root: Path
    answers: list[Any] = field(default_factory=list)

    def copy(self, root: Path) -> Ledger:
        shutil.copytree(self.root, root)
        return replace(self, root=root)

    def on(self, day: date) -> None:
        """The books end on `day`."""
        path = self.root / "kam.yaml"
        text = re.sub(r"(?m)^as_of: .*$", f"as_of: {day}", path.read_text("utf-8"))
        path.write_text(text, "utf-8")

    def run(self, day: date, sources: Sources | None = None) -> Run:
        if sources is not None:
            sources.write(self.root)
        self.on(day)
        report = run_night(self.root)
        with open_store(self.root / "store", read_only=True) as store:
            run = store.run(report.run_id)
        assert run is not None
        return run

    def lines(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with open_store(self.root / "store", read_only=True) as store:
            return list(store.database.execute(query, values).fetchall())


def write_ledger(root: Path, rng: Random) -> tuple[Ledger, Sources]:
    """A workspace before its first night."""
    (root / "policies" / "drawn").mkdir(parents=True)
    (root / "data").mkdir()
    (root / "kam.yaml").write_text(KAM, "utf-8")
    (root / "facts.yaml").write_text(FACTS, "utf-8")
    (root / "policies" / "drawn" / "pack.yaml").write_text(policy(rng), "utf-8")
    sources = draw_sources(rng)
    sources.write(root)
    return Ledger(root), sources
