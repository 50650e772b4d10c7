"""The measures of the field, against answers computed here in plain Python.

The answers come from the published definitions and share no code with the formulas: sums
are added up year by year, slopes and deviations come from `statistics`, quintiles from
sorting. Published figures stand where there are any.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from math import ceil
from statistics import fmean

import pytest

from engine.executors.columnar import ColumnarExecutor
from engine.executors.protocol import FactTables, Row, Value
from engine.executors.reference import ReferenceExecutor, measure
from engine.executors.reference_scopes import Owner, evaluate_scopes
from engine.language.load import load_pack
from engine.model import Policy, Vocabulary
from engine.plan.build import build_plan
from engine.plan.steps import Plan
from engine.resources import policies_folder
from tests.policies.books import AS_OF, ago

PACK = "manufacturing"
"""Includes the field measures."""
SHARED = ("common/field_measures.yaml", "common/portfolio.yaml")
OF_THE_FIELD = ("nps", "recommendation_answers_12m", "revenue_share")
"""Those that every pack shares."""
EXACT = 1e-6


@cache
def field_measures() -> Policy:
    """A policy of these measures alone; a night computes no included one that no rule uses."""
    policy = load_pack(policies_folder() / PACK)
    measures = {
        name: replace(one, location=policy.location)
        if one.location.file.endswith(SHARED) or name in OF_THE_FIELD
        else one
        for name, one in policy.measures.items()
        if "manufacturing" not in one.location.file
    }
    return replace(
        policy, measures=measures, scorecards={}, tiers=None, entitlements={}, milestones={},
        warnings={},
    )  # fmt: skip


@cache
def plan_with(parameters: tuple[tuple[str, Decimal], ...] = ()) -> Plan:
    """The plan of the measures, with other values for some parameters."""
    policy = field_measures()
    known = dict(policy.parameters)
    for name, value in parameters:
        since, quantity = known[name].values[0]
        known[name] = replace(known[name], values=((since, replace(quantity, value=value)),))
    records = {
        name: replace(
            record,
            columns={key: one for key, one in record.columns.items() if one.formula is None},
        )
        for name, record in policy.vocabulary.records.items()
    }
    mapped = Vocabulary(policy.vocabulary.accounts, records)
    return build_plan([replace(policy, parameters=known)], mapped, AS_OF)


Records = Mapping[str, Sequence[Row]]


def book_of(accounts: Sequence[Mapping[str, Value] | Records]) -> FactTables:
    """Of each account its columns and, as lists, its records."""
    rows: list[Row] = []
    records: dict[str, list[Row]] = {}
    for number, account in enumerate(accounts):
        row: Row = {"account_no": number, "account_id": f"A{number:02}", "status": "active"}
        for name, value in account.items():
            if isinstance(value, list):
                listed = records.setdefault(name, [])
                listed.extend({"account_no": number, **record} for record in value)
            else:
                row = {**row, name: value}
        rows.append(row)
    return FactTables(rows, {"orders": [], **records})


def facts_of(
    *accounts: Mapping[str, Value] | Records, **parameters: str
) -> list[Mapping[str, Value]]:
    """The facts of a book, which both executors compute alike."""
    plan = plan_with(tuple(sorted((name, Decimal(text)) for name, text in parameters.items())))
    tables = book_of(accounts)
    found = ReferenceExecutor().evaluate(plan, tables).facts
    assert list(ColumnarExecutor().evaluate(plan, tables).facts) == list(found)
    return [dict(row) for row in found]


def number(value: object) -> float:
    assert isinstance(value, int | float | Decimal), value
    return float(value)


def order(amount: str | int, days_ago: int = 30, cost: str | int = 0) -> Row:
    return {"ordered_on": ago(days_ago), "amount": Decimal(amount), "cost": Decimal(cost)}


def customer(profit: str = "1000.00", **columns: Value) -> dict[str, Value]:
    """One order, with that gross profit of the year."""
    listed: list[Row] = [order("5000.00", cost=Decimal("5000.00") - Decimal(profit))]
    return {**columns, "orders": listed}  # type: ignore[dict-item]


# --- customer lifetime value -------------------------------------------------------------


@pytest.mark.parametrize(
    ("retention", "discount", "multiple"),
    [  # Gupta and Lehmann, table of margin multiples, to two decimals
        (0.60, "0.10", 1.20),
        (0.70, "0.10", 1.75),
        (0.80, "0.10", 2.67),
        (0.90, "0.10", 4.50),
        (0.60, "0.16", 1.07),
        (0.90, "0.12", 4.09),
        (0.90, "0.16", 3.46),
    ],
)
def test_margin_multiple_is_the_published_one(
    retention: float, discount: str, multiple: float
) -> None:
    account = customer(churn_probability=round(1 - retention, 2))
    (facts,) = facts_of(account, discount_per_year=discount)
    assert round(number(facts["margin_multiple"]), 2) == multiple
    assert number(facts["clv"]) == pytest.approx(1000 * multiple, rel=0.01)


@pytest.mark.parametrize("years", [1, 5, 40])
def test_lifetime_value_adds_up_year_by_year(years: int) -> None:
    churns = [0.0, 0.05, 0.2, 0.5, 0.999, 1.0]
    book = [customer(churn_probability=churn) for churn in churns]
    for facts, churn in zip(
        facts_of(*book, lifetime_horizon_years=str(years)), churns, strict=True
    ):
        terms = [1000 * ((1 - churn) / 1.10) ** year for year in range(1, 2000)]
        assert number(facts["clv_horizon"]) == pytest.approx(sum(terms[:years]), abs=0.01)
        assert number(facts["clv"]) == pytest.approx(sum(terms), abs=0.01)


@pytest.mark.slow
def test_lifetime_value_of_a_customer_that_never_leaves() -> None:
    (facts,) = facts_of(customer(churn_probability=0.0), discount_per_year="0.10")
    assert number(facts["clv"]) == pytest.approx(1000 / 0.10)
    (endless,) = facts_of(customer(churn_probability=0.0), discount_per_year="0")
    assert endless["clv"] is None
    assert number(endless["clv_horizon"]) == 5000


def test_lifetime_value_where_retention_equals_discount() -> None:
    (facts,) = facts_of(customer(churn_probability=0.5), discount_per_year="0.5")
    assert number(facts["clv"]) == pytest.approx(500)


def test_lifetime_value_assumes_retention_where_no_churn_is_known() -> None:
    (facts,) = facts_of(customer(), retention_per_year="0.75", discount_per_year="0.25")
    assert facts["expected_retention"] == 0.75
    assert number(facts["clv"]) == pytest.approx(1500)


def test_lifetime_value_of_nobody_and_of_a_loss() -> None:
    nobody, loser = facts_of({}, customer("-1000.00", churn_probability=0.2))
    assert number(nobody["clv"]) == number(nobody["clv_horizon"]) == 0
    assert number(loser["clv"]) == pytest.approx(-2666.67)


# --- receivables and payment -------------------------------------------------------------


def invoice(
    amount: int, issued: int, term: int = 60, paid: int | None = None, part: int | None = None
) -> Row:
    """Issued so many days ago, due a term later, paid so many days ago; negative is ahead."""
    return {
        "issued_on": ago(issued),
        "due_on": ago(issued - term),
        "amount": Decimal(amount),
        "paid_on": None if paid is None else ago(paid),
        "paid_amount": None if part is None else Decimal(part),
    }


INVOICES = [
    invoice(800, issued=500, paid=365),  # paid a year ago to the day
    invoice(400, issued=400, paid=364),  # open a year ago
    invoice(200, issued=364, paid=300),  # 64 days, late
    invoice(100, issued=200, paid=140),  # 60 days, on the last day
    invoice(300, issued=100),  # overdue
    invoice(500, issued=60, paid=0),  # paid tonight, on the last day
    invoice(700, issued=60, paid=-1),  # will be paid tomorrow, late: not known yet
    invoice(900, issued=61, paid=-1),  # the same, and overdue tonight
    invoice(150, issued=10),  # not due
    invoice(600, issued=30, paid=5, part=450),  # a part
    invoice(999, issued=-1),  # of tomorrow
]


def test_receivables_are_those_of_the_night() -> None:
    (facts,) = facts_of({"invoices": INVOICES})
    assert facts["receivables"] == Decimal(300 + 700 + 900 + 150 + 150)
    assert facts["receivables_year_ago"] == Decimal(400)
    assert facts["billed_12m"] == Decimal(200 + 100 + 300 + 500 + 700 + 900 + 150 + 600)


def test_days_sales_outstanding_and_turnover() -> None:
    (facts,) = facts_of({"invoices": INVOICES})
    assert facts["dso"] == round(2200 / 3450 * 365)
    assert number(facts["receivables_turnover"]) == pytest.approx(3450 / 1300, abs=EXACT)


def test_days_to_pay_and_lateness_know_nothing_of_tomorrow() -> None:
    (facts,) = facts_of({"invoices": INVOICES})
    assert facts["days_to_pay_12m"] == round(statistics.mean([64, 60, 60, 25]))
    # Judged: 200 late, 100 in time, 300 overdue, 500 in time, 900 overdue, 600 in time.
    assert facts["invoices_settled_or_due_12m"] == 6
    assert number(facts["late_payment_ratio"]) == pytest.approx(3 / 6)


def test_late_payment_turns_on_the_day_after_the_due_date() -> None:
    in_time, late, due_today, overdue = facts_of(
        {"invoices": [invoice(1, issued=90, paid=30)]},
        {"invoices": [invoice(1, issued=90, paid=29)]},
        {"invoices": [invoice(1, issued=60)]},
        {"invoices": [invoice(1, issued=61)]},
    )
    assert in_time["late_payment_ratio"] == 0
    assert late["late_payment_ratio"] == 1
    assert due_today["late_payment_ratio"] is None
    assert overdue["late_payment_ratio"] == 1


def test_receivables_of_an_account_without_invoices() -> None:
    # One account has an invoice, so that the table is there.
    nobody, _ = facts_of({}, {"invoices": [invoice(1, issued=1)]})
    assert nobody["receivables"] == 0
    names = ("dso", "receivables_turnover", "days_to_pay_12m", "late_payment_ratio")
    assert all(nobody[name] is None for name in names)


# --- coming back -------------------------------------------------------------------------


def test_repurchase_and_retention_of_an_account() -> None:
    cases: list[tuple[list[Row], int | None, int | None]] = [
        ([], None, None),
        ([order(1, 0)], 0, None),
        ([order(1, 10), order(1, 10)], 0, None),  # one day is one purchase
        ([order(1, 10), order(1, 11)], 1, None),
        ([order(1, 10), order(1, 364)], 1, None),
        ([order(1, 10), order(1, 365)], 0, 1),
        ([order(1, 365)], None, 0),
        ([order(1, 729)], None, 0),
        ([order(1, 730)], None, None),
    ]
    found = facts_of(*({"orders": orders} for orders, _, _ in cases))
    answers = [(facts["repurchased"], facts["retained"]) for facts in found]
    assert answers == [(repurchased, retained) for _, repurchased, retained in cases]


# --- trend and regularity ----------------------------------------------------------------


def quarters(amounts: Sequence[int]) -> dict[str, Value]:
    """Orders of eight quarters of 91 days, the oldest first, on their first and last days."""
    listed: list[Row] = []
    for back, amount in enumerate(reversed(amounts)):
        listed.append(order(Decimal(amount) / 4, back * 91))
        listed.append(order(Decimal(amount) * 3 / 4, back * 91 + 90))
    return {"orders": listed}  # type: ignore[dict-item]


SERIES = [
    [100, 100, 100, 100, 100, 100, 100, 100],
    [100, 120, 140, 160, 180, 200, 220, 240],
    [240, 220, 200, 180, 160, 140, 120, 100],
    [400, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 400],
    [100, 400, 100, 300, 120, 480, 140, 360],
]


def relative_slope(amounts: Sequence[int]) -> float | None:
    """Of the least-squares line, over the mean; None where nothing was bought."""
    if not any(amounts):
        return None
    return statistics.linear_regression(range(len(amounts)), amounts).slope / fmean(amounts)


def test_trend_is_the_least_squares_slope_over_the_mean() -> None:
    for facts, amounts in zip(facts_of(*map(quarters, SERIES)), SERIES, strict=True):
        for name, used in (("purchase_trend_8q", amounts), ("purchase_trend_4q", amounts[4:])):
            expected = relative_slope(used)
            if expected is None:
                assert facts[name] is None
            else:
                assert number(facts[name]) == pytest.approx(expected, abs=EXACT)


def test_variation_is_the_population_deviation_over_the_mean() -> None:
    for facts, amounts in zip(facts_of(*map(quarters, SERIES)), SERIES, strict=True):
        expected = statistics.pstdev(amounts) / fmean(amounts)
        assert number(facts["purchase_variation"]) == pytest.approx(expected, abs=EXACT)


def test_variation_runs_from_none_to_the_root_of_seven() -> None:
    even, single = facts_of(quarters(SERIES[0]), quarters(SERIES[3]))
    assert even["purchase_variation"] == 0
    assert number(single["purchase_variation"]) == pytest.approx(7**0.5, abs=EXACT)


def test_nobody_without_orders_has_a_trend_or_a_variation() -> None:
    nobody, _ = facts_of({}, {"orders": [order(1)]})
    names = ("purchase_trend_4q", "purchase_trend_8q", "purchase_variation")
    assert all(nobody[name] is None for name in names)


# --- recency, frequency, money -----------------------------------------------------------


def buyer(days: int, times: int, amount: int) -> dict[str, Value]:
    listed = [order(Decimal(amount) / times, days + gap) for gap in range(times)]
    return {"orders": listed}  # type: ignore[dict-item]


def quintile(value: float, book: Sequence[float]) -> int:
    """How many of the four cuts between the fifths the value exceeds."""
    ranked = sorted(book)
    cuts = [ranked[ceil(len(ranked) * share / 5) - 1] for share in range(1, 5)]
    return sum(value > cut for cut in cuts)


def test_rfm_scores_by_quintiles_of_the_buyers() -> None:
    book = [(3 * n + 1, 1 + n % 4, 1200 * (n * 7 % 11 + 1)) for n in range(23)]
    found = facts_of({}, *(buyer(*one) for one in book))
    assert found[0]["rfm_code"] is None
    days, times, amounts = zip(*book, strict=True)
    for facts, (day, time, amount) in zip(found[1:], book, strict=True):
        recency = 5 - quintile(day, days)
        frequency = 1 + quintile(time, times)
        money = 1 + quintile(amount, amounts)
        assert facts["rfm_code"] == recency * 100 + frequency * 10 + money


def test_rfm_of_five_different_buyers_uses_every_score() -> None:
    found = facts_of(*(buyer(100 - 10 * n, n, 100 * n) for n in range(1, 6)))
    assert [facts["rfm_code"] for facts in found] == [111, 222, 333, 444, 555]


def test_rfm_of_equals_is_equal() -> None:
    found = facts_of(*(buyer(10, 2, 100) for _ in range(7)))
    assert {facts["rfm_code"] for facts in found} == {511}


def test_rfm_ends_after_three_years() -> None:
    within, beyond = facts_of({"orders": [order(1, 1094)]}, {"orders": [order(1, 1095)]})
    assert within["rfm_code"] == 511
    assert beyond["rfm_code"] is None


# --- concentration and answers -----------------------------------------------------------


def test_squared_shares_add_up_to_the_herfindahl_index() -> None:
    shares = [50, 30, 20]
    found = facts_of(*({"orders": [order(share)]} for share in shares))
    index = sum(number(facts["revenue_share_squared"]) for facts in found)
    assert index == pytest.approx(0.5**2 + 0.3**2 + 0.2**2, abs=EXACT)
    ahead = [number(facts["share_of_accounts_ahead"]) for facts in found]
    assert ahead == pytest.approx([0, 1 / 3, 2 / 3], abs=EXACT)


def test_net_promoter_score_needs_three_answers() -> None:
    cases: list[tuple[list[int | None], float | None]] = [
        ([10, 9], None),  # two answers are too few
        ([10, 9, 8], 200 / 3),
        ([10, 9, None], None),  # an answer without a number is none
        ([10, 9, 6], 100 / 3),
        ([7, 8, 7], 0),
        ([6, 0, 9], -100 / 3),
    ]
    book = [
        {"surveys": [{"surveyed_on": ago(10), "recommendation": one} for one in answers]}
        for answers, _ in cases
    ]
    for facts, (answers, score) in zip(facts_of(*book), cases, strict=True):
        known = [answer for answer in answers if answer is not None]
        assert facts["recommendation_answers_12m"] == len(known)
        assert facts["promoter_answers_12m"] == sum(answer >= 9 for answer in known)
        assert facts["detractor_answers_12m"] == sum(answer <= 6 for answer in known)
        if score is None:
            assert facts["nps"] is None
        else:
            assert number(facts["nps"]) == pytest.approx(score, abs=EXACT)


# --- the book and its managers -----------------------------------------------------------


def scoped(
    *accounts: Mapping[str, Value] | Records, owners: Sequence[Owner] = ()
) -> dict[str, dict[str, float | None]]:
    """The measures of the portfolio and of each customer manager, by name."""
    plan = plan_with()
    measured = measure(plan, book_of(accounts))
    found: dict[str, dict[str, float | None]] = {}
    for _, _, entity, name, value in evaluate_scopes(
        plan, measured, measured.candidates, owners
    ).facts:
        found.setdefault(entity, {})[name] = value
    return found


def test_concentration_of_a_book() -> None:
    amounts = [300, 200, 150, 120, 100, 60, 40, 20, 6, 4]
    book = scoped(*({"orders": [order(amount)]} for amount in amounts))["portfolio"]
    shares = [amount / sum(amounts) for amount in amounts]
    assert book["largest_share"] == pytest.approx(max(shares), abs=EXACT)
    assert book["top_five_share"] == pytest.approx(sum(shares[:5]), abs=EXACT)
    assert book["concentration_index"] == pytest.approx(sum(s * s for s in shares), abs=1e-5)
    assert book["top_fifth_share"] == pytest.approx(sum(shares[:2]), abs=EXACT)


@pytest.mark.parametrize(("accounts", "index"), [(1, 1.0), (2, 0.5), (10, 0.1)])
def test_concentration_runs_from_one_over_n_to_one(accounts: int, index: float) -> None:
    book = scoped(*({"orders": [order(100)]} for _ in range(accounts)))["portfolio"]
    assert book["concentration_index"] == pytest.approx(index, abs=EXACT)


def test_concentration_of_a_book_that_bought_nothing() -> None:
    book = scoped({}, {})["portfolio"]
    assert book["largest_share"] is None
    assert book["portfolio_repurchase_rate"] is None
    assert book["portfolio_retention"] is None
    assert book["portfolio_revenue_retention"] is None


def test_repurchase_and_retention_of_a_book() -> None:
    book = scoped(
        {"orders": [order(100, 10), order(100, 20), order(100, 400)]},  # kept, and back again
        {"orders": [order(50, 10), order(100, 400)]},  # kept
        {"orders": [order(200, 400)]},  # lost
        {"orders": [order(70, 10)]},  # new
        {},
    )["portfolio"]
    assert book["portfolio_repurchase_rate"] == pytest.approx(1 / 3, abs=EXACT)
    assert book["portfolio_retention"] == pytest.approx(2 / 3, abs=EXACT)
    assert book["portfolio_revenue_retention"] == pytest.approx(250 / 400, abs=EXACT)


def answers(*given: int) -> dict[str, Value]:
    rows = [{"surveyed_on": ago(9), "recommendation": one, "satisfaction": 80.0} for one in given]
    return {"surveys": rows}  # type: ignore[dict-item]


def test_net_promoter_score_of_a_book_needs_ten_answers() -> None:
    nine = scoped(answers(10, 10, 10, 10), answers(0, 0, 7, 7, 7))["portfolio"]
    ten = scoped(answers(10, 10, 10, 10), answers(0, 0, 7, 7, 7, 7))["portfolio"]
    assert (nine["portfolio_nps"], ten["portfolio_nps"]) == (None, 20.0)


def test_days_sales_outstanding_of_a_book_is_weighed_by_money() -> None:
    slow = {"invoices": [invoice(100, issued=200)]}
    fast = {"invoices": [invoice(900, issued=200, paid=190)]}
    assert scoped(slow, fast)["portfolio"]["portfolio_dso"] == round(100 / 1000 * 365)


def test_managers_are_measured_over_their_own_accounts() -> None:
    def asked(satisfaction: float) -> dict[str, Value]:
        return {"surveys": [{"surveyed_on": ago(9), "satisfaction": satisfaction}]}  # type: ignore[dict-item]

    owners: list[Owner] = [
        (0, "customer_manager", "王伟"),
        (1, "customer_manager", "王伟"),
        (2, "customer_manager", "李娜"),
        (3, "customer_manager", "赵敏"),
        (4, "sponsor", "陈静"),
    ]
    found = scoped(asked(90.0), asked(70.0), asked(85.0), {}, asked(10.0), owners=owners)
    assert found.keys() == {"portfolio", "王伟", "李娜", "赵敏"}
    assert [found[name]["accounts_of_manager"] for name in ("王伟", "李娜", "赵敏")] == [2, 1, 1]
    assert found["王伟"]["manager_satisfaction"] == 80.0
    assert (found["李娜"]["manager_rank"], found["王伟"]["manager_rank"]) == (1, 2)
    assert found["赵敏"]["manager_rank"] is None
