"""Accounts and books for the tests of the pack value_segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from engine.executors.protocol import Evaluation, FactTables, Row, Value
from engine.executors.reference import ReferenceExecutor, measure
from engine.executors.reference_scopes import ScopeDecisions, evaluate_scopes
from tests.policies.books import Order, Subject, ago, evaluate, hits_of, plan_of

PACK = "value_segments"
NO_PROFIT = Decimal(0)

PROFILE: Mapping[str, Value] = {
    "company_size": "large",
    "industry": "化工",
    "contact_position": "采购总监",
}


def customer(now: str = "1200000", before: str = "1000000", **columns: Value) -> Subject:
    """An account that earns us nothing, over two dates of this year and one of the last."""
    orders = [
        Order(Decimal(now) / 2, 20, margin=NO_PROFIT),
        Order(Decimal(now) / 2, 200, margin=NO_PROFIT),
        Order(Decimal(before), 400, margin=NO_PROFIT),
    ]
    return Subject(orders, {**PROFILE, **columns})


def partner(**columns: Value) -> Subject:
    """An account of the segment 战略合作型, for rules about segments that are served."""
    return customer(industry_influence=5).with_account(**columns)


def fact(subject: Subject, name: str) -> object:
    return evaluate(PACK, subject).facts[0][name]


def level(subject: Subject, rule: str) -> str | None:
    return hits_of(PACK, subject).get(rule)


def tables_of(accounts: Sequence[Row], **records: Sequence[Row]) -> FactTables:
    rows: list[Row] = [
        {"account_no": n, "account_id": f"A{n:02}", "status": "active", **account}
        for n, account in enumerate(accounts)
    ]
    return FactTables(rows, {"orders": [], **{name: list(one) for name, one in records.items()}})


def book_of(accounts: Sequence[Row], **records: Sequence[Row]) -> Evaluation:
    return ReferenceExecutor().evaluate(plan_of(PACK), tables_of(accounts, **records))


def order(account_no: int, amount: int, days_ago: int = 30, **columns: Value) -> Row:
    bought: Row = {"ordered_on": ago(days_ago), "amount": Decimal(amount), "cost": Decimal(0)}
    return {"account_no": account_no, **bought, **columns}


def node(due_in: int, kind: str = "delivery", **columns: Value) -> Row:
    return {
        "recorded_on": ago(90),
        "kind": kind,
        "due_on": ago(-due_in),
        "owner": "李娜",
        **columns,
    }


def surveyed(satisfaction: float | None) -> list[Row]:
    return [{"surveyed_on": ago(30), "satisfaction": satisfaction}]


def scoped(tables: FactTables, managers: Sequence[str] = ()) -> ScopeDecisions:
    """What is said of the book, and of the managers of the accounts in their order."""
    plan = plan_of(PACK)
    measured = measure(plan, tables)
    owners = [(number, "customer_manager", name) for number, name in enumerate(managers)]
    return evaluate_scopes(plan, measured, measured.candidates, owners)
