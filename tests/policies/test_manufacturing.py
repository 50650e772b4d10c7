"""How document C's pyramid is decided, at each boundary and one step either side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal

import pytest

from engine.executors.protocol import FactTables, Row, Value
from engine.executors.reference import ReferenceExecutor
from engine.language.load import load_pack
from engine.resources import policies_folder
from tests.policies.books import Order, Subject, ago, evaluate, hits_of, plan_of, tier_of

PACK = "manufacturing"

SAFE: Mapping[str, Value] = {
    "churn_probability": 0.0,  # at a discount of 10% the margin multiple is 10
    "financial_health": 5,
    "market_position": "leading",
    "market_share_change": 0.0,
    "supply_chain_resilience": 5,
    "credit_rating": "AAA",
    "credit_reviewed_on": ago(30),
    "partners_brought": 3,
    "joint_market_projects": 2,
    "joint_patents": 2,
}
RISKY: Mapping[str, Value] = {
    "financial_health": 1,
    "market_position": "losing",
    "market_share_change": -0.1,
    "supply_chain_resilience": 1,
}
WELL_SERVED: Mapping[str, Sequence[Row]] = {
    "contacts": [
        {"contacted_on": ago(10), "kind": "visit", "department": department}
        for department in ("采购部", "生产部", "质量部")
    ],
    "value_reviews": [
        {"reviewed_on": ago(60), "department": department, "agreed": True}
        for department in ("sales", "marketing", "finance", "research")
    ],
}


def customer(value: str, **columns: Value) -> Subject:
    """An account without risk and with that lifetime value, which is ten years' profit."""
    profit = Decimal(value) / 10
    orders = [Order(profit * 4, margin=Decimal("0.25")), Order(Decimal(0), days_ago=400)]
    return Subject(orders, {**SAFE, **columns}, WELL_SERVED)


def fact(subject: Subject, name: str) -> Value:
    return evaluate(PACK, subject).facts[0][name]


def level_of(subject: Subject, rule: str) -> str | None:
    return hits_of(PACK, subject).get(rule)


# --- the pyramid -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "tier"),
    [
        ("10000000.00", "core"),
        ("9999999.00", "key"),
        ("2000000.00", "key"),
        ("1999999.00", "ordinary"),
    ],
)
def test_level_follows_the_lifetime_value(value: str, tier: str) -> None:
    assert tier_of(PACK, customer(value)) == tier


@pytest.mark.parametrize(("rank", "tier"), [(2, "core"), (3, "key"), (8, "key"), (9, "ordinary")])
def test_level_ends_at_its_rank(rank: int, tier: str) -> None:
    """Of forty accounts, each worth a core account, the first 5% are two and 20% eight."""
    accounts: list[Row] = [
        {"account_no": n, "account_id": f"A{n:02}", "status": "active", **SAFE} for n in range(40)
    ]
    orders: list[Row] = [
        {
            "account_no": n,
            "ordered_on": ago(30),
            "amount": Decimal(4_000_000 - 10_000 * n),
            "cost": Decimal(0),
        }
        for n in range(40)
    ]
    found = ReferenceExecutor().evaluate(plan_of(PACK), FactTables(accounts, {"orders": orders}))
    assert found.candidates[PACK][rank - 1] == tier


def test_core_ends_where_the_risk_index_reaches_sixty() -> None:
    # Of the 75 points of weight that are known (no invoices): 20 finances, 10 position,
    # 10 swing, 15 supply chain, 20 credit. 45 of 75 is exactly 60.
    at_limit = customer("90000000", **{**RISKY, "market_position": "leading"})
    assert fact(at_limit, "risk_index") == 60.0
    assert tier_of(PACK, at_limit) == "key"
    below = at_limit.with_account(market_share_change=-0.099)
    risk = fact(below, "risk_index")
    assert isinstance(risk, float) and risk < 60
    assert tier_of(PACK, below) == "core"


def test_key_ends_where_the_risk_index_reaches_eighty() -> None:
    # All but the credit at the worst is 55 of 75; 80 would be 60 of them.
    at_limit = customer("90000000", **RISKY, credit_rating="A")  # 20% of 20: 59 of 75
    assert fact(at_limit, "risk_index") == pytest.approx(59 / 75 * 100)
    assert tier_of(PACK, at_limit) == "key"
    beyond = at_limit.with_account(credit_rating="B")  # 65 of 75
    assert tier_of(PACK, beyond) == "ordinary"


def test_unknown_risk_rules_nobody_out_and_takes_nothing_off() -> None:
    unrated = dict.fromkeys((*RISKY, "credit_rating"))
    subject = customer("10000000", **unrated)
    assert fact(subject, "risk_index") is None
    assert fact(subject, "risk_adjusted_value") == Decimal("10000000.00")
    assert tier_of(PACK, subject) == "core"


def test_lowest_credit_rating_excludes_whatever_the_value() -> None:
    assert tier_of(PACK, customer("40000000", credit_rating="C")) == "core"
    assert tier_of(PACK, customer("40000000", credit_rating="D")) == "ordinary"
    unrated = customer("40000000", credit_rating=None)
    assert tier_of(PACK, unrated) == "core"


@pytest.mark.parametrize(("rating", "factor"), [("AAA", 1.0), ("D", 1 - 0.5 * 20 / 75)])
def test_risk_takes_half_of_the_value_at_most(rating: str, factor: float) -> None:
    subject = customer("10000000", credit_rating=rating)
    assert fact(subject, "risk_factor") == pytest.approx(factor, abs=1e-6)
    found = fact(subject, "risk_adjusted_value")
    assert isinstance(found, Decimal)
    assert float(found) == pytest.approx(10_000_000 * factor, rel=1e-6)


def test_loss_is_not_made_smaller_by_the_risk() -> None:
    order = Order(Decimal(1_000_000), margin=Decimal("-0.10"))
    subject = replace(customer("1", **RISKY), orders=[order])
    assert fact(subject, "risk_adjusted_value") == fact(subject, "clv") == Decimal("-1000000.00")


def test_closed_account_gets_no_tier_and_no_hits() -> None:
    closed = customer("40000000", status="closed")
    assert tier_of(PACK, closed) is None
    assert hits_of(PACK, closed) == {}


# --- the terms of the lifetime value -----------------------------------------------------


def test_terms_add_to_the_lifetime_value() -> None:
    terms: Mapping[str, Value] = {
        "potential_increment": Decimal(400_000),
        "cross_selling_potential": Decimal(800_000),
        "technical_spillover": Decimal(10_000),
    }
    subject = customer("9000000", **terms)
    assert fact(subject, "increment_value") == Decimal("300000.00")  # 25% margin, 10 years, 30%
    assert fact(subject, "cross_selling_value") == Decimal("600000.00")
    assert fact(subject, "spillover_value") == Decimal("100000.00")
    assert fact(subject, "full_value") == Decimal("10000000.00")


def test_estimates_that_nobody_gave_count_as_none() -> None:
    assert fact(customer("9000000"), "full_value") == Decimal("9000000.00")


def reviewed(subject: Subject, value: str) -> Subject:
    rows = [{**row, "lifetime_value": Decimal(value)} for row in WELL_SERVED["value_reviews"]]
    return subject.with_records("value_reviews", rows)


@pytest.mark.parametrize(
    ("before", "level"),
    [
        ("10000000", None),
        ("10588000", None),  # -14.998%
        ("10588300", "yellow"),  # -15.0004%
        ("12857000", "yellow"),  # -29.998%
        ("12858000", "orange"),  # -30.003%
    ],
)
def test_falling_value_warns_against_the_last_review(before: str, level: str | None) -> None:
    assert level_of(reviewed(customer("9000000"), before), "value_drop") == level


def test_value_without_a_review_does_not_fall() -> None:
    assert fact(customer("9000000"), "value_change") is None
    assert level_of(customer("9000000"), "value_drop") is None


@pytest.mark.parametrize(
    ("value", "before", "rises"),
    [
        ("2400000", "2000000", True),  # by exactly 20%
        ("2399000", "2000000", False),
        ("1999000", "1000000", False),  # below the value of the level
    ],
)
def test_ordinary_account_that_rises_in_value_becomes_key(
    value: str, before: str, rises: bool
) -> None:
    accounts = reviewed(customer(value, partners_brought=0, joint_market_projects=0), before)
    # The others score better, and so the rank alone would leave it at the base.
    better = {**SAFE, "partners_brought": 3}
    subject = replace(accounts.with_account(joint_patents=0), others=better)
    assert tier_of(PACK, subject) == "ordinary"
    assert ("rise_to_key" in hits_of(PACK, subject)) is rises


# --- what is owed ------------------------------------------------------------------------


def test_core_is_owed_what_key_is_owed_or_better() -> None:
    better = {
        "key_manager": "dedicated_team",
        "key_supply": "core_supply",
        "half_yearly_value_review": "quarterly_value_review",
    }
    owed = load_pack(policies_folder() / PACK).entitlements
    for entitlement in owed.values():
        if "key" in entitlement.tiers and "core" not in entitlement.tiers:
            assert owed[better.pop(entitlement.id)].tiers == ("core",)
    assert not better
    assert owed["core_supply"].terms["rank"] < owed["key_supply"].terms["rank"]
    assert owed["standard_service"].tiers == ("ordinary",)


@pytest.mark.parametrize(
    ("cash", "rating", "owed"),
    [
        ("strained", "B", True),
        ("tight", "B", True),
        ("adequate", "B", False),
        ("tight", "C", False),  # short of credit and not only of cash
        (None, "AAA", False),
    ],
)
def test_instalments_are_for_who_is_short_of_cash_only(
    cash: str | None, rating: str, owed: bool
) -> None:
    subject = customer("3000000", cash_flow=cash, credit_rating=rating)
    assert ("deferred_payment" in hits_of(PACK, subject)) is owed


@pytest.mark.parametrize(
    ("column", "entitlement"),
    [
        ("is_multinational", "international_logistics"),
        ("sustainability_focus", "carbon_advice"),
        ("equipment_online", "online_monitoring"),
    ],
)
def test_service_follows_the_trait(column: str, entitlement: str) -> None:
    assert entitlement in hits_of(PACK, customer("3000000", **{column: True}))
    assert entitlement not in hits_of(PACK, customer("3000000", **{column: False}))
    assert entitlement not in hits_of(PACK, customer("1000", **{column: True}))


# --- warnings ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("departments", "core", "key"),
    [(3, None, None), (2, "yellow", "yellow"), (1, "orange", "yellow"), (0, "orange", "yellow")],
)
def test_contact_with_few_departments_warns(
    departments: int, core: str | None, key: str | None
) -> None:
    rows = WELL_SERVED["contacts"][:departments]
    for value, level in (("40000000", core), ("3000000", key)):
        subject = customer(value).with_records("contacts", rows)
        assert level_of(subject, "single_contact") == level


@pytest.mark.parametrize(
    ("days", "level"), [(2, None), (3, "yellow"), (6, "yellow"), (7, "orange")]
)
def test_open_issue_warns_by_its_age(days: int, level: str | None) -> None:
    issue: Row = {"opened_at": datetime.combine(ago(days), time(9)), "class": "technical"}
    subject = customer("3000000").with_records("issues", [issue])
    assert level_of(subject, "slow_feedback") == level
    closed = {**issue, "closed_at": datetime.combine(ago(0), time(9))}
    answered = customer("3000000").with_records("issues", [closed])
    assert level_of(answered, "slow_feedback") is None


@pytest.mark.parametrize(
    ("kinds", "level"),
    [
        (["deviation"] * 2, None),
        (["deviation"] * 3, "blue"),
        (["maintenance_due"], "yellow"),
        (["maintenance_due", "alarm"], "orange"),
        (["alarm", "standstill"], "red"),
    ],
)
def test_equipment_warns_by_the_worst_signal(kinds: list[str], level: str | None) -> None:
    rows: list[Row] = [{"observed_on": ago(5), "equipment": "M1", "kind": kind} for kind in kinds]
    subject = customer("1000")
    assert level_of(subject.with_records("equipment_signals", rows), "equipment_signal") == level
    done = [{**row, "handled_on": ago(0)} for row in rows if row["kind"] != "deviation"]
    handled = subject.with_records("equipment_signals", done)
    assert level_of(handled, "equipment_signal") is None


@pytest.mark.parametrize(
    ("column", "rule", "levels"),
    [
        ("financial_health", "finances_weak", {3: None, 2: "yellow", 1: "orange"}),
        (
            "market_position",
            "market_position_lost",
            {"stable": None, "unstable": "yellow", "losing": "orange"},
        ),
        ("supply_chain_resilience", "supply_chain_weak", {3: None, 2: "yellow"}),
        (
            "market_share_change",
            "share_swing",
            {0.049: None, 0.05: "yellow", -0.05: "yellow", -0.1: "orange", None: None},
        ),
        ("credit_rating", "low_credit", {"B": None, "C": "yellow", "D": "red"}),
    ],
)
def test_risk_warns_from_its_threshold(
    column: str, rule: str, levels: Mapping[Value, str | None]
) -> None:
    for value, level in levels.items():
        assert level_of(customer("3000000", **{column: value}), rule) == level, value
        ordinary = level_of(customer("1000", **{column: value}), rule)
        assert ordinary == (level if rule == "low_credit" else None)


@pytest.mark.parametrize(
    ("share", "level"),
    [("14.99", None), ("15", "yellow"), ("24.99", "yellow"), ("25", "orange")],
)
def test_dependence_on_one_account_warns(share: str, level: str | None) -> None:
    orders = [Order(Decimal(1_000_000) * Decimal(share))]  # the book buys a hundred million
    assert level_of(replace(customer("1"), orders=orders), "dependence") == level


@pytest.mark.parametrize(
    ("signed", "core", "key"),
    [(4, None, None), (3, "blue", "blue"), (2, "blue", "blue"), (1, "yellow", "blue")],
)
def test_value_review_needs_every_department(
    signed: int, core: str | None, key: str | None
) -> None:
    rows = [
        {**row, "agreed": number < signed}
        for number, row in enumerate(WELL_SERVED["value_reviews"])
    ]
    for value, level in (("40000000", core), ("3000000", key)):
        subject = customer(value).with_records("value_reviews", rows)
        assert level_of(subject, "review_not_signed") == level


@pytest.mark.parametrize(("days", "level"), [(365, None), (366, "yellow"), (None, "yellow")])
def test_credit_is_examined_every_year(days: int | None, level: str | None) -> None:
    examined = None if days is None else ago(days)
    subject = customer("3000000", credit_reviewed_on=examined)
    assert level_of(subject, "credit_not_examined") == level


@pytest.mark.parametrize(
    ("billed", "level"), [(4000, None), (3999, "yellow"), (2000, "yellow"), (1999, "orange")]
)
def test_slow_receivables_warn_by_their_turnover(billed: int, level: str | None) -> None:
    # 2,000 are open and nothing was a year ago: 1,000 on average.
    paid: Row = {
        "issued_on": ago(100), "due_on": ago(40), "paid_on": ago(50),
        "amount": Decimal(billed - 2000), "paid_amount": Decimal(billed - 2000),
    }  # fmt: skip
    if billed < 2000:
        open_amount = Decimal(billed)
        year_old: Row = {"issued_on": ago(500), "due_on": ago(440), "amount": Decimal(1)}
        rows = [{**paid, "amount": open_amount, "paid_on": None, "paid_amount": None}, year_old]
        # 1,999 billed and open, and 1 open at both ends: an average of 1,000.5.
    else:
        rows = [paid, {"issued_on": ago(10), "due_on": ago(-50), "amount": Decimal(2000)}]
    subject = customer("3000000").with_records("invoices", rows)
    assert level_of(subject, "slow_receivables") == level


@pytest.mark.parametrize(
    ("satisfaction", "key", "ordinary"),
    [
        (80.0, None, None),
        (79.9, "yellow", "yellow"),
        (60.0, "yellow", "yellow"),
        (59.9, "red", "yellow"),
        (None, None, None),
    ],
)
def test_low_satisfaction_warns_of_who_was_asked(
    satisfaction: float | None, key: str | None, ordinary: str | None
) -> None:
    rows: list[Row] = [{"surveyed_on": ago(5), "satisfaction": satisfaction}]
    for value, level in (("3000000", key), ("1000", ordinary)):
        subject = customer(value).with_records("surveys", rows)
        assert level_of(subject, "satisfaction_low") == level
