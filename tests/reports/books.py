"""The small book with everything that a story can tell: scores, obligations, people, scopes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from click.testing import CliRunner, Result

import kam
from engine.audit.store import open_store
from engine.recall import recall_night
from engine.reports.overview.build import build_overview
from engine.reports.overview.model import Overview
from tests.night.book import NIGHT, PACK_YAML, Book

BEFORE = date(2026, 3, 31)
HOSTILE = "<script>alert('x')</script>\"&\u202eevil"
"""A name that would run in a browser, and that turns the writing around."""

_VOCABULARY = """\
    complaints: {time: opened_on, columns: {opened_on: date}}
    assignments:
      time: assigned_on
      columns:
        assigned_on: date
        ended_on: date
        role: {type: enum, values: [customer_manager]}
        person: text
"""

_SCORES = """\
scorecards:
  value_score:
    title: {zh: 价值评分, en: Value score}
    criteria:
      bought:
        title: {zh: 交易, en: Purchase}
        weight: 60
        measure: purchase
        points: [[0, 0], [200万, 100]]
      rated:
        title: {zh: 评级, en: Rating}
        weight: 40
        measure: rating
        points: {C: 0, B: 50, A: 100}
  health_score:
    title: {zh: 健康评分, en: Health score}
    criteria:
      calm:
        title: {zh: 投诉少, en: Few complaints}
        weight: 100
        measure: complaints_90d
        points: [[0, 100], [4, 0]]

tiers:
"""

_ENTITLEMENTS = """\
entitlements:
  fund:
    {kind: budget, tiers: [gold], title: {zh: 专项经费, en: Fund}, needs_approval_by: office}
  rebate:
    kind: pricing
    tiers: [gold, silver]
    title: {zh: 返利, en: Rebate}
    measure: purchase
    schedule: [[0, 0%], [100万, 2%]]
  visit_monthly:
    kind: cadence
    tiers: [gold, silver]
    title: {zh: 月度下单, en: An order every month}
    every: month
    at_least: 1
    met_by: {records: orders}
    action: call
"""

_SCOPES = """\
  share: {type: ratio, formula: purchase / total(purchase), title: {zh: 占比, en: Share}}
  top_share:
    {scope: portfolio, type: ratio, max: accounts.share, title: {zh: 最大占比, en: Top share}}
  accounts_of_manager:
    scope: customer_manager
    type: integer
    count: accounts
    title: {zh: 名下客户数, en: Accounts of the manager}
  bought_of_manager:
    scope: customer_manager
    type: money
    sum: accounts.purchase
    title: {zh: 名下交易额, en: Bought by their accounts}
"""

_FACTS = """\
  assignments:
    source: data/assignments.csv
    account: account_id
    time: assigned_on
    columns:
      assigned_on: date
      ended_on: date
      role: {type: enum, values: [customer_manager]}
      person: text
"""

_ASSIGNMENTS = """\
account_id,assigned_on,ended_on,role,person
a1,2024-01-01,,customer_manager,张三
a2,2024-01-01,,customer_manager,李四
a3,2024-01-01,,customer_manager,李四
"""

_OVERRIDES = """\
overrides:
  - account: a3
    tier: gold
    reason: 战略合作
    approver: 王建国
    from: 2026-05-01
    until: 2026-12-31
approvals:
  - {account: a1, entitlement: fund, approver: 王建国, on: 2026-02-01, until: 2026-12-31}
"""


def told_book(root: Path) -> Book:
    """A workspace with scorecards, obligations, a proposal, an override and managers."""
    book = Book(root)
    pack = PACK_YAML
    for old, new in (
        ("    complaints: {time: opened_on, columns: {opened_on: date}}\n", _VOCABULARY),
        (
            "  office: {title: {zh: 办公室, en: Office}}\n",
            "  office: {title: {zh: 办公室, en: Office}}\n"
            "  customer_manager: {title: {zh: 客户经理, en: Customer manager}}\n",
        ),
        (_SCOPES.splitlines(keepends=True)[0], _SCOPES),
        ("tiers:\n", _SCORES + "  approvers: [office]\n"),
        ("entitlements:\n", _ENTITLEMENTS),
        (
            "    when: {purchase: {gte: 80万}}\n",
            "    to: gold\n    effect: propose\n    when: {purchase: {gte: 80万}}\n",
        ),
    ):
        assert pack.count(old) == 1, old
        pack = pack.replace(old, new)
    book.write("policies/small/pack.yaml", pack)
    book.append("facts.yaml", _FACTS)
    book.write("data/assignments.csv", _ASSIGNMENTS)
    book.append("kam.yaml", "overrides: overrides.yaml\npeople: {office: [王建国]}\n")
    book.write("overrides.yaml", _OVERRIDES)
    return book


def overview_of(book: Book, run_id: str | None = None) -> Overview:
    with open_store(book.root / "store", read_only=True) as store:
        night = recall_night(book.root, store, run_id)
        return build_overview(
            store, night.run, night.plan, night.manifest, night.overrides, night.workspace.name
        )


def kam_report(book: Book, out: Path, *options: str, lang: str = "en") -> str:
    """The page that the command writes."""
    done = call("report", "-w", str(book.root), "--out", str(out), "--lang", lang, *options)
    assert done.exit_code == 0, done.output
    return out.read_text(encoding="utf-8")


def call(*arguments: str) -> Result:
    return CliRunner().invoke(kam.main, list(arguments))


__all__ = ["BEFORE", "HOSTILE", "NIGHT", "Book", "call", "kam_report", "overview_of", "told_book"]
