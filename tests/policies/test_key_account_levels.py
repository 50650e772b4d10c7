"""How the gaps of document D are decided, at each boundary and one step either side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from engine.executors.protocol import FactTables, Row, Value
from engine.executors.reference import ReferenceExecutor
from tests.policies.books import (
    BOOK_PURCHASE,
    Order,
    Subject,
    ago,
    evaluate,
    hits_of,
    plan_of,
    tier_of,
)

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


@pytest.mark.parametrize(
    ("growth", "key", "level"),
    [
        (-0.01, True, "yellow"),
        (0.0, True, None),
        (-0.1, True, "yellow"),
        (-0.11, True, "orange"),
        (-0.11, False, None),  # a review of every small account would review none
    ],
)
def test_downturn_of_an_industry_warns_of_key_accounts(
    growth: float, key: bool, level: str | None
) -> None:
    traits = {"industry_growth": growth, "market_share_change": 0.05}
    account = customer("25" if key else "1").with_account(**traits)
    assert (tier_of(PACK, account) != "standard") is key
    assert hits_of(PACK, account).get("industry_downturn") == level


@pytest.mark.parametrize(
    ("dates", "greeted"),
    [
        ({}, False),
        ({"contact_birthday": date(1980, 5, 1)}, True),
        ({"founded_on": date(2001, 9, 9)}, True),
    ],
)
def test_greetings_are_owed_where_a_date_is_known(
    dates: Mapping[str, Value], greeted: bool
) -> None:
    hits = hits_of(PACK, customer("25").with_account(**dates))
    assert ("personal_dates" in hits) is greeted


@pytest.mark.parametrize(("prior", "level"), [(1, None), (2, "blue")])
def test_account_without_its_only_line_has_lost_no_line(prior: int, level: str | None) -> None:
    lines = ("automation", "pumps")[:prior]
    orders = [Order(Decimal(1_000), 400, line) for line in lines]
    gone = replace(customer("0", lines=1), orders=orders)
    assert hits_of(PACK, gone).get("business_line_lost") == level


@pytest.mark.parametrize(
    ("in_book", "share"),
    [
        (40, 8),  # 20% of 40
        (36, 8),  # 20% of 36 is 7.2, and a part of an account counts as one
        (35, 7),
    ],
)
def test_pareto_counts_as_many_accounts_as_make_the_first_fifth(in_book: int, share: int) -> None:
    assert pareto_share(in_book, status="active") == pytest.approx(share / in_book, abs=1e-4)


def test_pareto_counts_accounts_without_a_status_as_the_population_does() -> None:
    assert pareto_share(36, status=None) == pytest.approx(8 / 36, abs=1e-4)


def pareto_share(in_book: int, status: str | None) -> float:
    """The measure in a book where so many accounts earn alike and the others are closed."""
    accounts: list[Row] = [
        {"account_no": n, "account_id": f"A{n:02}", "status": status if n < in_book else "closed"}
        for n in range(40)
    ]
    orders: list[Row] = [
        # Not quite alike, so that no rank is shared.
        {"account_no": n, "ordered_on": ago(30), "amount": Decimal(10**6 - n), "cost": Decimal(0)}
        for n in range(40)
    ]
    tables = FactTables(accounts, {"orders": orders})
    facts = ReferenceExecutor().evaluate(plan_of(PACK), tables).facts
    share = facts[0]["pareto_profit_share"]
    assert isinstance(share, float)
    return share
