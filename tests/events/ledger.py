"""A small workspace under a random policy without numbers of the population, whose sources and
events are drawn together: what is told during the day, and what the files say in the end."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from engine.audit.store import Run
from engine.day.events import Event
from tests.books.tables import Table, facts_yaml, vocabulary_yaml
from tests.books.workspace import Workspace, kam_yaml, pack_head

FIRST = date(2026, 5, 29)
NIGHT = date(2026, 6, 9)
"""A Tuesday: no review starts between it and `LAST`, one has since `FIRST`."""
LAST = date(2026, 6, 12)

ACCOUNTS = tuple(f"A{number}" for number in range(1, 7))

MORE = """\
as_of: 2026-06-09
people: {office: 陈静}
"""

TABLES = {
    "accounts": Table(
        {
            "name": "text",
            "rating": "{type: ordinal, values: [C, B, A]}",
            "credit": "money",
            "home": "text",
            "region": "text",
            "active": "boolean",
            "phone": "{type: text, class: personal}",
        },
        key="account_id",
    ),
    "issues": Table(
        {
            "opened_at": "datetime",
            "class": "{type: enum, values: [complaint, request]}",
            "closed_at": "datetime",
            "severity": "integer",
        },
        key="issue_id",
        time="opened_at",
    ),
    "orders": Table({"ordered_on": "date", "amount": "money"}, time="ordered_on"),
    "contacts": Table({"met_on": "date", "person": "text"}, time="met_on"),
    "deliveries": Table(
        {"agreed_on": "date", "due_on": "date", "done_on": "date"},
        key="delivery_id",
        time="agreed_on",
    ),
}

MEASURES = """\
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
    head = "\n".join([pack_head("drawn", "制度", "Policy"), vocabulary_yaml(TABLES), MEASURES])
    return f"""\
{head}
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


Row = Mapping[str, str]


@dataclass(frozen=True)
class Sources:
    """What the files say: table → rows."""

    rows: Mapping[str, tuple[Row, ...]]

    def write(self, workspace: Workspace) -> None:
        for table, said in TABLES.items():
            text = io.StringIO()
            writer = csv.DictWriter(text, said.head, restval="")
            writer.writeheader()
            writer.writerows(self.rows[table])
            workspace.write(f"data/{table}.csv", text.getvalue())

    def with_events(self, events: Iterable[Event]) -> Sources:
        """As the files would be if somebody had entered the events there."""
        rows = {table: list(found) for table, found in self.rows.items()}
        for event in events:
            table = event.record or "accounts"
            said = {name: _cell(value) for name, value in event.values.items()}
            said["account_id"] = event.account
            key = TABLES[table].key
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
    rows: dict[str, list[Row]] = {table: [] for table in TABLES}
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


class Ledger(Workspace):
    """A workspace on disk."""

    def copy(self, root: Path) -> Ledger:
        shutil.copytree(self.root, root)
        return Ledger(root)

    def night(self, day: date, sources: Sources | None = None) -> Run:
        """The night of the day on which the books end from now on."""
        if sources is not None:
            sources.write(self)
        self.on(day)
        return self.kept(self.run())


def write_ledger(root: Path, rng: Random) -> tuple[Ledger, Sources]:
    """A workspace before its first night."""
    ledger = Ledger(root)
    ledger.write("kam.yaml", kam_yaml(policy="drawn", more=MORE))
    ledger.write("facts.yaml", facts_yaml(TABLES))
    ledger.write("policies/drawn/pack.yaml", policy(rng))
    sources = draw_sources(rng)
    sources.write(ledger)
    return ledger, sources
