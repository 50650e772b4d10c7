"""A workspace of a few accounts, with records that have a key and records that have none."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.night.book import Book

NIGHT = date(2026, 6, 30)

FACTS = """\
accounts:
  source: data/accounts.csv
  key: account_id
  columns:
    name: text
    rating: {type: enum, values: [A, B, C]}
    limit: money
    phone: {type: text, class: personal}
    contact: {type: text, class: personal}
    unread: text
records:
  issues:
    source: data/issues.csv
    key: issue_id
    account: account_id
    time: opened_at
    columns:
      opened_at: datetime
      class: {type: enum, values: [complaint, request], from: KIND}
      closed_at: datetime
      person: {type: text, class: personal}
  orders:
    source: data/orders.csv
    account: account_id
    time: ordered_on
    columns: {ordered_on: date, amount: money}
  notes:
    source: data/notes.csv
    account: account_id
    time: noted_on
    columns: {noted_on: date, body: text}
"""

PACK = """\
pack:
  id: small
  title: {zh: 小制度, en: Small policy}
  version: "1"
  effective: {from: 2020-01-01}
  owner: office
roles:
  office: {title: {zh: 办公室, en: Office}}
vocabulary:
  accounts:
    name: text
    rating: {type: enum, values: [A, B, C]}
    limit: money
    contact: {type: text, class: personal}
  records:
    issues:
      time: opened_at
      columns:
        opened_at: datetime
        class: {type: enum, values: [complaint, request]}
        closed_at: datetime
        person: {type: text, class: personal}
    orders: {time: ordered_on, columns: {ordered_on: date, amount: money}}
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

KAM = """\
workspace: small
timezone: Asia/Shanghai
currency: CNY
facts: facts.yaml
policies: [policies/small]
store: store
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
    book.write("kam.yaml", KAM)
    book.write("facts.yaml", FACTS)
    book.write("policies/small/pack.yaml", PACK)
    book.write("data/accounts.csv", ACCOUNTS)
    book.write("data/issues.csv", ISSUES)
    book.write("data/orders.csv", ORDERS)
    book.write("data/notes.csv", NOTES)
    return book.root
