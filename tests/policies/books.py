"""Small books of accounts around one subject, for the tests of what the packs decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from engine.executors.protocol import Evaluation, FactTables, Row, Value
from engine.executors.reference import ReferenceExecutor
from engine.language.load import load_pack
from engine.model import Vocabulary
from engine.plan.build import build_plan
from engine.plan.steps import Plan
from engine.resources import policies_folder

AS_OF = date(2026, 6, 30)
BOOK_PURCHASE = Decimal(100_000_000)
"""What all accounts of a book buy in a year, the subject included."""
ACCOUNTS = 40
"""So that the first 5% are two: the filler, which buys the rest, and the subject."""


@dataclass(frozen=True)
class Order:
    amount: Decimal
    days_ago: int = 30
    line: str = "automation"
    margin: Decimal = Decimal("0.20")


@dataclass(frozen=True)
class Subject:
    """The account that a test is about, with what it bought and what else is recorded."""

    orders: Sequence[Order]
    account: Mapping[str, Value] = field(default_factory=dict)
    records: Mapping[str, Sequence[Mapping[str, Value]]] = field(default_factory=dict)
    others: Mapping[str, Value] = field(default_factory=dict)
    """Columns of every other account."""

    def with_account(self, **columns: Value) -> Subject:
        return replace(self, account={**self.account, **columns})

    def with_records(self, name: str, rows: Sequence[Mapping[str, Value]]) -> Subject:
        return replace(self, records={**self.records, name: rows})


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


@cache
def plan_of(pack: str) -> Plan:
    policy = load_pack(policies_folder() / pack)
    records = {
        name: replace(
            record,
            columns={key: one for key, one in record.columns.items() if one.formula is None},
        )
        for name, record in policy.vocabulary.records.items()
    }
    return build_plan([policy], Vocabulary(policy.vocabulary.accounts, records), AS_OF)


def evaluate(pack: str, subject: Subject) -> Evaluation:
    """The subject is account 0, the filler account 1."""
    rows: list[Row] = [
        {"account_no": 0, "account_id": "A00", "status": "active", **subject.account}
    ]
    rows += [
        {"account_no": number, "account_id": f"A{number:02}", "status": "active", **subject.others}
        for number in range(1, ACCOUNTS)
    ]
    bought = sum((order.amount for order in subject.orders if order.days_ago < 365), Decimal(0))
    orders: list[Row] = [_order(0, order) for order in subject.orders]
    orders.append(_order(1, Order(BOOK_PURCHASE - bought)))
    records: dict[str, list[Row]] = {
        name: [{"account_no": 0, **row} for row in listed]
        for name, listed in subject.records.items()
    }
    tables = FactTables(rows, {**records, "orders": orders})
    return ReferenceExecutor().evaluate(plan_of(pack), tables)


def tier_of(pack: str, subject: Subject) -> str | None:
    return evaluate(pack, subject).candidates[pack][0]


def hits_of(pack: str, subject: Subject) -> dict[str, str]:
    """Rule → level of what fires for the subject."""
    found = evaluate(pack, subject).hits
    return {hit.key.rule: hit.level for hit in found if hit.key.account_no == 0}


def _order(account_no: int, order: Order) -> dict[str, Value]:
    cost = order.amount * (1 - order.margin)
    return {
        "account_no": account_no,
        "ordered_on": ago(order.days_ago),
        "amount": order.amount.quantize(Decimal("0.01")),
        "cost": cost.quantize(Decimal("0.01")),
        "returned_amount": Decimal("0.00"),
        "business_line": order.line,
        "project": "P1",
    }
