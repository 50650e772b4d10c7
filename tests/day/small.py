"""A workspace of a few accounts, with records that have a key and records that have none."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.books.tables import Table, facts_yaml, vocabulary_yaml
from tests.books.workspace import kam_yaml, pack_head
from tests.night.book import Book

NIGHT = date(2026, 6, 30)
PERSONAL = "{type: text, class: personal}"

READ = {
    "accounts": Table(
        {
            "name": "text",
            "rating": "{type: enum, values: [A, B, C]}",
            "limit": "money",
            "contact": PERSONAL,
        },
        key="account_id",
        mapped={"phone": PERSONAL, "unread": "text"},
    ),
    "issues": Table(
        {
            "opened_at": "datetime",
            "class": "{type: enum, values: [complaint, request]}",
            "closed_at": "datetime",
            "person": PERSONAL,
        },
        key="issue_id",
        time="opened_at",
        mapped={"class": "{type: enum, values: [complaint, request], from: KIND}"},
    ),
    "orders": Table({"ordered_on": "date", "amount": "money"}, time="ordered_on"),
}
UNREAD = {"notes": Table({"noted_on": "date", "body": "text"}, time="noted_on")}
"""Mapped in facts.yaml, and of no policy."""

RULES = """\
measures:
  purchase: {type: money, sum: orders.amount, window: 365 days}
  open_issues:
    type: integer
    count: issues
    where: {closed_at: {missing: true}}
  complaints: {type: integer, count: issues, where: {class: complaint}, window: 365 days}
  callers: {type: integer, count_distinct: issues.person, window: 365 days}
  room: {type: money, formula: "limit - purchase"}
tiers:
  levels:
    gold:
      title: {zh: 金, en: Gold}
      when: {rating: A, room: {gt: 0}}
  default: {id: plain, title: {zh: 普通, en: Plain}}
warnings:
  trouble:
    title: {zh: 麻烦, en: Trouble}
    layer: frontline
    levels:
      red: {when: {open_issues: {gte: 2}}}
      yellow: {when: {complaints: {gte: 1}, callers: {gte: 0}, contact: {missing: false}}}
"""

ACCOUNTS = """\
account_id,name,rating,limit,phone,contact,unread
A1,甲,A,1000.00,1,x,u
A2,乙,B,500.00,2,y,u
"""
ISSUES = """\
issue_id,account_id,opened_at,KIND,closed_at,person
I1,A1,2026-06-01 09:00,complaint,,p
I2,A2,2026-06-02 09:00,request,2026-06-03 10:00,q
"""
ORDERS = """\
account_id,ordered_on,amount
A1,2026-05-01,100.00
A1,2026-05-02,200.00
A2,2026-05-03,300.00
"""
NOTES = "account_id,noted_on,body\nA1,2026-05-01,n\n"


def write(book: Book) -> Path:
    """Writes the whole workspace; returns its folder."""
    head = pack_head("small", "小制度", "Small policy")
    book.write_all(
        {
            "kam.yaml": kam_yaml(),
            "facts.yaml": facts_yaml(READ | UNREAD),
            "policies/small/pack.yaml": "\n".join([head, vocabulary_yaml(READ), RULES]),
            "data/accounts.csv": ACCOUNTS,
            "data/issues.csv": ISSUES,
            "data/orders.csv": ORDERS,
            "data/notes.csv": NOTES,
        }
    )
    return book.root
