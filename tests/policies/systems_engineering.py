"""Accounts and books for the tests of the pack systems_engineering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from engine.executors.protocol import FactTables, Row, Value
from engine.executors.reference import measure
from engine.executors.reference_scopes import ScopeDecisions, evaluate_scopes
from tests.policies.books import Order, Subject, ago, evaluate, hits_of, plan_of

PACK = "systems_engineering"

BEST: Mapping[str, Value] = {
    "company_size": "large",
    "industry_influence": 5,
    "technical_synergy": 5,
    "brand_endorsement": True,
    "cooperation_willingness": 5,
    "budget_fit": 5,
}
GOOD: Mapping[str, Value] = {
    "company_size": "medium",
    "industry_influence": 4,
    "technical_synergy": 4,
    "brand_endorsement": True,
    "cooperation_willingness": 4,
    "budget_fit": 4,
}
MIDDLING: Mapping[str, Value] = {
    "company_size": "medium",
    "industry_influence": 3,
    "technical_synergy": 3,
    "brand_endorsement": False,
    "cooperation_willingness": 3,
    "budget_fit": 3,
}
CLASS_A, CLASS_B, CLASS_C = "5000000", "1000000", "100000"
"""Annual contract values that make a class with the best of ratings."""


def customer(purchase: str, ratings: Mapping[str, Value] = BEST, **columns: Value) -> Subject:
    return Subject([Order(Decimal(purchase))], {**ratings, **columns})


def invoices_paid_after(days: int) -> list[Row]:
    issued, amount = ago(200), Decimal("1000.00")
    paid = issued + timedelta(days=days)
    return [
        {"issued_on": issued, "due_on": paid, "paid_on": paid, "amount": amount,
         "paid_amount": amount}
    ]  # fmt: skip


def forecast(renewal: float, increment: str) -> Mapping[str, Value]:
    return {"renewal_probability": renewal, "potential_increment": Decimal(increment)}


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


def order(account_no: int, amount: str, days_ago: int = 30, **columns: Value) -> Row:
    bought: Row = {"ordered_on": ago(days_ago), "amount": Decimal(amount), "cost": Decimal(0)}
    return {"account_no": account_no, **bought, **columns}


def scoped(tables: FactTables, managers: Sequence[str] = ()) -> ScopeDecisions:
    """What is said of the book, and of the managers of the accounts in their order."""
    plan = plan_of(PACK)
    measured = measure(plan, tables)
    owners = [(number, "customer_manager", name) for number, name in enumerate(managers)]
    return evaluate_scopes(plan, measured, measured.candidates, owners)


def of_the_book(tables: FactTables) -> dict[str, float | None]:
    found = scoped(tables).facts
    return {name: value for _, scope, _, name, value in found if scope == "portfolio"}
