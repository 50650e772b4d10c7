"""How the gaps of document D are decided, at each boundary and one step either side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from engine.executors.protocol import Row, Value
from tests.policies.books import BOOK_PURCHASE, Order, Subject, ago, evaluate, hits_of, tier_of

PACK = "key_account_rules"

TRAITS: Mapping[str, Value] = {
    "strategic_fit": 4,
    "industry_growth": 0.05,
    "market_share_change": 0.0,
    "joint_development": True,
    "cooperation_stage": "stable",
}


def customer(share: str, lines: int = 3, meetings: int = 2, margin: str = "0.20") -> Subject:
    """An account with a share of revenue in percent, over so many lines and two dates."""
    purchase = BOOK_PURCHASE * Decimal(share) / 100
    names = ("automation", "pumps", "software", "service")[:lines]
    orders = [Order(purchase / lines, 20 + 30 * n, names[n], Decimal(margin)) for n in range(lines)]
    orders.append(Order(Decimal(0), 10, names[0]))  # a second date, whatever the lines
    contacts: list[Row] = [
        {"contacted_on": ago(40 + 90 * n), "kind": "executive_meeting"} for n in range(meetings)
    ]
    return Subject(orders, TRAITS, {"contacts": contacts})


def invoices_paid_after(days: int) -> list[Row]:
    issued = date.fromordinal(ago(200).toordinal())
    paid = date.fromordinal(issued.toordinal() + days)
    amount = Decimal("1000.00")
    return [
        {"issued_on": issued, "due_on": paid, "paid_on": paid, "amount": amount,
         "paid_amount": amount}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("share", "tier"),
    [
        ("20.01", "strategic"),
        ("20", "core"),  # 「超20%」 is strict
        ("19.99", "core"),  # 15% to 20% belongs to no level in the document
        ("15.01", "core"),
        ("8.01", "core"),
        ("8", "core"),  # 8% belongs to two levels in the document
        ("7.99", "potential"),
        ("3", "potential"),
        ("2.99", "standard"),  # below 3% the document says nothing
    ],
)
def test_level_follows_share_of_revenue(share: str, tier: str) -> None:
    assert tier_of(PACK, customer(share)) == tier


def test_strategic_needs_three_business_lines() -> None:
    assert tier_of(PACK, customer("25", lines=3)) == "strategic"
    assert tier_of(PACK, customer("25", lines=2)) == "core"


def test_strategic_needs_two_executive_meetings_a_year() -> None:
    assert tier_of(PACK, customer("25", meetings=2)) == "strategic"
    assert tier_of(PACK, customer("25", meetings=1)) == "core"


def test_small_account_with_significant_margin_is_potential_while_running_in() -> None:
    small = customer("1", margin="0.40")
    assert tier_of(PACK, small.with_account(cooperation_stage="running_in")) == "potential"
    assert tier_of(PACK, small.with_account(cooperation_stage="stable")) == "standard"
    ordinary = customer("1", margin="0.22").with_account(cooperation_stage="running_in")
    assert tier_of(PACK, ordinary) == "standard"


def test_tenth_of_revenue_is_potential_whatever_the_rank() -> None:
    better: Mapping[str, Value] = {
        **TRAITS,
        "strategic_fit": 5,
        "industry_growth": 0.2,
        "market_share_change": 0.05,
        "capacity_multiple_3y": 5.0,
    }
    modest = {"strategic_fit": 3, "joint_development": False, "capacity_multiple_3y": 1.0}
    for share, tier in (("10", "potential"), ("9.99", "standard")):
        subject = replace(customer(share), others=better).with_account(**modest)
        scores = [row["value_score"] for row in evaluate(PACK, subject).facts]
        known = [score for score in scores if isinstance(score, float)]
        assert sum(score > known[0] for score in known) > 0.3 * len(scores)
        assert tier_of(PACK, subject) == tier


def test_payment_after_180_days_rules_a_key_account_out() -> None:
    account = customer("25")
    for days, tier in ((179, "strategic"), (180, "standard"), (181, "standard")):
        assert tier_of(PACK, account.with_records("invoices", invoices_paid_after(days))) == tier


def test_one_day_of_orders_is_no_key_account() -> None:
    purchase = BOOK_PURCHASE / 4
    lines = ("automation", "pumps", "software")
    once = replace(customer("25"), orders=[Order(purchase / 3, 20, line) for line in lines])
    assert tier_of(PACK, once) == "standard"
    assert hits_of(PACK, once)["pseudo_key_account"] == "yellow"
    twice = replace(once, orders=[*once.orders, Order(Decimal(1), 1000)])
    assert tier_of(PACK, twice) == "strategic"
    long_ago = replace(once, orders=[*once.orders, Order(Decimal(1), 1095)])
    assert tier_of(PACK, long_ago) == "standard"


def test_key_account_needs_synergy_and_growth() -> None:
    account = customer("25")
    assert tier_of(PACK, account.with_account(strategic_fit=3)) == "strategic"
    assert tier_of(PACK, account.with_account(strategic_fit=2)) == "standard"
    assert tier_of(PACK, account.with_account(industry_growth=0.0)) == "standard"
    grows = account.with_account(industry_growth=-0.1, market_share_change=0.01)
    assert tier_of(PACK, grows) == "strategic"


def test_closed_account_gets_no_tier_and_no_hits() -> None:
    closed = customer("25").with_account(status="closed")
    assert tier_of(PACK, closed) is None
    assert hits_of(PACK, closed) == {}


@pytest.mark.parametrize(
    ("purchase", "prior", "reached"),
    [
        (5_200_000, 4_000_000, True),  # exactly 30%
        (5_199_900, 4_000_000, False),
        (3_000_000, 500_000, True),
        (3_000_000, 499_999, False),  # from next to nothing
    ],
)
def test_growth_of_thirty_percent_reaches_core(purchase: int, prior: int, reached: bool) -> None:
    account = customer("0")
    orders = [Order(Decimal(purchase), 20), Order(Decimal(0), 30), Order(Decimal(prior), 400)]
    account = replace(account, orders=orders)
    assert tier_of(PACK, account) == "potential"
    assert ("grow_to_core" in hits_of(PACK, account)) is reached


def test_core_account_in_the_gap_is_proposed_for_strategic() -> None:
    assert "strategic_candidate" in hits_of(PACK, customer("15"))
    assert "strategic_candidate" not in hits_of(PACK, customer("14.99"))
    assert "strategic_candidate" not in hits_of(PACK, customer("15", lines=2))


def test_missing_rating_is_unknown_and_not_granted() -> None:
    unrated = customer("25").with_account(strategic_fit=None)
    assert tier_of(PACK, unrated) == "standard"
