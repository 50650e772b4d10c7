"""How document E's segments are decided, at each boundary and one step either side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from engine.executors.protocol import Evaluation, FactTables, Row, Value
from engine.executors.reference import ReferenceExecutor, measure
from engine.executors.reference_scopes import ScopeDecisions, evaluate_scopes
from engine.language.load import load_pack
from engine.resources import policies_folder
from tests.policies.books import Order, Subject, ago, evaluate, hits_of, plan_of, tier_of

PACK = "value_segments"
NO_PROFIT = Decimal(0)

PROFILE: Mapping[str, Value] = {
    "company_size": "large",
    "industry": "化工",
    "contact_position": "采购总监",
}
GROWING: Mapping[str, Value] = {**PROFILE, "industry_growth": 0.05}


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


# --- segments -----------------------------------------------------------------------------


@pytest.mark.parametrize(("in_book", "contributors"), [(40, 4), (41, 5), (10, 1)])
def test_profit_contributors_are_the_first_tenth(in_book: int, contributors: int) -> None:
    orders = [order(n, 10**6 - n, days) for n in range(in_book) for days in (30, 60)]
    segments = list(book_of([{}] * in_book, orders=orders).candidates[PACK])
    assert segments == ["profit_contributor"] * contributors + ["regular"] * (
        in_book - contributors
    )


@pytest.mark.parametrize(
    ("profit", "segment"), [("0.01", "profit_contributor"), ("0", "regular"), ("-1", "regular")]
)
def test_profit_contributor_earns_something(profit: str, segment: str) -> None:
    cost = Decimal(1000) - Decimal(profit)
    bought = [order(0, 1000, cost=cost), order(0, 1000, 60, cost=Decimal(1000))]
    assert book_of([{}], orders=bought).candidates[PACK][0] == segment


@pytest.mark.parametrize(
    ("days", "segment"),
    [
        ((30,), "regular"),
        ((30, 30), "regular"),  # one purchase in two orders
        ((30, 31), "profit_contributor"),
        ((30, 364), "profit_contributor"),
        ((30, 365), "regular"),
    ],
)
def test_profit_contributor_buys_on_two_days_a_year(days: tuple[int, ...], segment: str) -> None:
    orders = [order(0, 1000, day) for day in days]
    assert book_of([{}], orders=orders).candidates[PACK][0] == segment


@pytest.mark.parametrize(
    ("influence", "segment"),
    [(5, "strategic_partner"), (4, "strategic_partner"), (3, "regular"), (None, "regular")],
)
def test_strategic_partner_has_great_influence(influence: int | None, segment: str) -> None:
    assert tier_of(PACK, customer(industry_influence=influence)) == segment


@pytest.mark.parametrize(
    ("now", "before", "segment"),
    [
        ("1200001", "1000000", "growth_potential"),
        ("1200000", "1000000", "growth_potential"),  # exactly 20%
        ("1199998", "1000000", "regular"),
        ("240000", "200000", "growth_potential"),
        ("300000", "199999.99", "regular"),  # from next to nothing
        ("300000", "0", "regular"),  # has no rate of growth at all
    ],
)
def test_growth_potential_grows_fast_from_a_base(now: str, before: str, segment: str) -> None:
    assert tier_of(PACK, customer(now, before, industry_growth=0.05)) == segment


@pytest.mark.parametrize(
    ("industry", "capacity", "segment"),
    [
        (0.05, None, "growth_potential"),
        (0.049, None, "regular"),
        (None, 1.5, "growth_potential"),
        (None, 1.49, "regular"),
        (0.049, 1.5, "growth_potential"),
        (None, None, "regular"),
    ],
)
def test_growth_potential_has_a_future(
    industry: float | None, capacity: float | None, segment: str
) -> None:
    account = customer(industry_growth=industry, capacity_multiple_3y=capacity)
    assert tier_of(PACK, account) == segment


def test_first_segment_that_holds_is_taken() -> None:
    growing = customer(industry_growth=0.1)
    assert tier_of(PACK, growing) == "growth_potential"
    influential = growing.with_account(industry_influence=4)
    assert tier_of(PACK, influential) == "strategic_partner"
    earning = replace(
        influential, orders=[replace(one, margin=Decimal("0.1")) for one in influential.orders]
    )
    assert tier_of(PACK, earning) == "profit_contributor"


def test_closed_account_gets_no_segment_and_no_hits() -> None:
    closed = partner().with_account(status="closed")
    assert tier_of(PACK, closed) is None
    assert hits_of(PACK, closed) == {}


def test_segments_and_levels_are_decided_side_by_side() -> None:
    ids = {
        pack: {tier.id for tier in (*scheme.levels, scheme.default)}
        for pack in (PACK, "key_account_rules")
        if (scheme := load_pack(policies_folder() / pack).tiers) is not None
    }
    assert len(ids) == 2
    assert not ids[PACK] & ids["key_account_rules"]


# --- milestones ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "before", "reached"),
    [("1500000", "1000000", True), ("1499998", "1000000", False), ("300000", "199999", False)],
)
def test_leap_moves_a_regular_account(now: str, before: str, reached: bool) -> None:
    account = customer(now, before)
    assert tier_of(PACK, account) == "regular"
    assert ("leap" in hits_of(PACK, account)) is reached


@pytest.mark.parametrize(
    ("influence", "joint", "proposed"), [(3, True, True), (2, True, False), (3, False, False)]
)
def test_partner_is_proposed_one_step_short(influence: int, joint: bool, proposed: bool) -> None:
    columns: Mapping[str, Value] = {"industry_influence": influence, "joint_development": joint}
    growing = customer(industry_growth=0.05).with_account(**columns)
    assert ("partner_candidate" in hits_of(PACK, growing)) is proposed
    assert "partner_candidate" not in hits_of(PACK, customer().with_account(**columns))


def surveyed(satisfaction: float | None) -> list[Row]:
    return [{"surveyed_on": ago(30), "satisfaction": satisfaction}]


@pytest.mark.parametrize(
    ("lines", "satisfaction", "opening"),
    [(1, 85.0, True), (1, 84.9, False), (2, 85.0, False)],
)
def test_cross_selling_opens_where_one_line_satisfies(
    lines: int, satisfaction: float, opening: bool
) -> None:
    account = partner().with_records("surveys", surveyed(satisfaction))
    names = ("automation", "pumps")[:lines]
    orders = [Order(Decimal(1000), 20 + n, name, NO_PROFIT) for n, name in enumerate(names)]
    assert ("cross_selling" in hits_of(PACK, replace(account, orders=orders))) is opening
    assert "cross_selling" not in hits_of(PACK, replace(account, orders=[]))


@pytest.mark.parametrize(
    ("kind", "satisfaction", "stage", "opening"),
    [
        ("product", 85.0, "stable", True),
        ("product", 84.9, "stable", False),
        ("product", 85.0, "crisis", False),
        ("value_added", 85.0, "stable", False),
    ],
)
def test_value_added_services_are_offered_to_the_satisfied(
    kind: str, satisfaction: float, stage: str, opening: bool
) -> None:
    surveys: list[Row] = [{"account_no": 0, **row} for row in surveyed(satisfaction)]
    orders = [order(0, 1000, kind=kind)]
    found = book_of([{"cooperation_stage": stage}], orders=orders, surveys=surveys)
    assert any(hit.key.rule == "value_added_opening" for hit in found.hits) is opening


@pytest.mark.parametrize(
    ("times", "days", "shown"), [(20, 29, True), (19, 29, False), (20, 30, False)]
)
def test_interest_is_shown_by_visits_of_the_website(times: int, days: int, shown: bool) -> None:
    visits: list[Row] = [
        {"used_on": ago(days), "kind": "website_visit", "times": times},
        {"used_on": ago(days), "kind": "product_use", "times": 500},
    ]
    assert ("interest_shown" in hits_of(PACK, customer().with_records("usage", visits))) is shown


# --- warnings -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("talked", "bought", "regular", "served"),
    [
        (60, 91, None, None),
        (61, 90, None, None),  # orders by itself
        (61, 91, "blue", "yellow"),
        (120, 91, "blue", "yellow"),
        (121, 91, "blue", "orange"),
        (None, 91, "blue", "orange"),  # nobody ever called
        (61, None, "blue", "yellow"),  # and it never bought
    ],
)
def test_silent_customer_neither_talks_nor_buys(
    talked: int | None, bought: int | None, regular: str | None, served: str | None
) -> None:
    contacts: list[Row] = [] if talked is None else [{"contacted_on": ago(talked), "kind": "call"}]
    orders = [] if bought is None else [Order(Decimal(1000), bought, margin=NO_PROFIT)]
    account = replace(customer(), orders=orders).with_records("contacts", contacts)
    assert level(account, "silent_customer") == regular
    assert level(account.with_account(industry_influence=5), "silent_customer") == served


def node(due_in: int, kind: str = "delivery", **columns: Value) -> Row:
    return {
        "recorded_on": ago(90),
        "kind": kind,
        "due_on": ago(-due_in),
        "owner": "李娜",
        **columns,
    }


@pytest.mark.parametrize(
    ("due_in", "done", "overdue"),
    [(0, None, False), (-1, None, True), (-1, 0, False), (-1, -1, True)],
)
def test_service_node_is_overdue_from_the_day_after(
    due_in: int, done: int | None, overdue: bool
) -> None:
    done_on = None if done is None else ago(done)
    rows = [node(due_in, done_on=done_on)]
    one = customer().with_records("service_nodes", rows)
    three = customer().with_records("service_nodes", rows * 3)
    assert level(one, "node_overdue") == ("yellow" if overdue else None)
    assert level(three, "node_overdue") == ("orange" if overdue else None)


@pytest.mark.parametrize(
    ("owner", "done", "expected"), [("李娜", None, None), (None, None, "yellow"), (None, 5, None)]
)
def test_pending_node_needs_an_owner(
    owner: str | None, done: int | None, expected: str | None
) -> None:
    row = node(10, owner=owner, done_on=None if done is None else ago(done))
    assert level(customer().with_records("service_nodes", [row]), "node_without_owner") == expected


@pytest.mark.parametrize(
    ("kind", "due_in", "done", "adviser"),
    [
        ("signing", 30, None, True),
        ("signing", 31, None, False),
        ("signing", 30, 1, False),
        ("renewal", -5, None, True),
        ("return_visit", 5, None, False),
    ],
)
def test_adviser_joins_before_a_key_node(
    kind: str, due_in: int, done: int | None, adviser: bool
) -> None:
    row = node(due_in, kind, done_on=None if done is None else ago(done))
    hits = hits_of(PACK, partner().with_records("service_nodes", [row]))
    assert ("node_adviser" in hits) is adviser


@pytest.mark.parametrize(
    ("solution", "cause", "closed", "unexplained"),
    [
        (20, "密封件老化", 10, 0),
        (None, "密封件老化", 10, 1),
        (20, None, 10, 1),
        (None, None, 89, 1),
        (None, None, 90, 0),
        (None, None, None, 0),  # still open
    ],
)
def test_issue_is_closed_with_its_solution_and_cause(
    solution: int | None, cause: str | None, closed: int | None, unexplained: int
) -> None:
    issue: Row = {
        "opened_at": ago(120),
        "solution_at": None if solution is None else ago(solution),
        "closed_at": None if closed is None else ago(closed),
        "root_cause": cause,
    }
    one = customer().with_records("issues", [issue])
    three = customer().with_records("issues", [issue] * 3)
    assert fact(one, "issues_unexplained_90d") == unexplained
    assert level(one, "issue_unexplained") == ("blue" if unexplained else None)
    assert level(three, "issue_unexplained") == ("yellow" if unexplained else None)


@pytest.mark.parametrize("column", sorted(PROFILE))
def test_basic_facts_are_asked_for_of_those_that_are_served(column: str) -> None:
    assert level(partner(), "profile_incomplete") is None
    assert level(partner(**{column: None}), "profile_incomplete") == "blue"
    assert level(customer().with_account(**{column: None}), "profile_incomplete") is None


@pytest.mark.parametrize(
    ("now", "before", "regular", "served"),
    [
        (3, 4, None, None),
        (2, 4, "yellow", "yellow"),
        (1, 4, "yellow", "orange"),
        (0, 3, None, None),  # too few to see a fall
        (5, 9, None, None),
    ],
)
def test_activity_falls_by_half(
    now: int, before: int, regular: str | None, served: str | None
) -> None:
    days = [80 + n for n in range(now)] + [100 + n for n in range(before)]
    contacts: list[Row] = [{"contacted_on": ago(day), "kind": "call"} for day in days]
    account = customer().with_records("contacts", contacts)
    assert level(account, "activity_falling") == regular
    assert level(account.with_account(industry_influence=5), "activity_falling") == served


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(60, 100, "yellow"), (61, 100, None), (0, 30, "yellow"), (0, 29, None)],
)
def test_product_is_used_less(now: int, before: int, expected: str | None) -> None:
    used: list[Row] = [
        {"used_on": ago(89), "kind": "product_use", "times": now},
        {"used_on": ago(90), "kind": "product_use", "times": before},
        {"used_on": ago(10), "kind": "website_visit", "times": 10},
    ]
    assert level(customer().with_records("usage", used), "product_use_falling") == expected


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(1, 0, None), (2, 1, "yellow"), (2, 2, None), (5, 9, None)],
)
def test_complaints_rise(now: int, before: int, expected: str | None) -> None:
    days = [10 + n for n in range(now)] + [100 + n for n in range(before)]
    rows: list[Row] = [{"opened_at": ago(day), "class": "complaint"} for day in days]
    account = customer().with_records("issues", rows)
    assert level(account, "complaints_rising") == expected
    assert level(account, "red_alert") == ("red" if now >= 5 else None)


@pytest.mark.parametrize(
    ("satisfaction", "expected"),
    [(None, None), (80.0, None), (79.9, "yellow"), (60.0, "yellow"), (59.9, "orange")],
)
def test_satisfaction_below_80_calls_for_a_visit(
    satisfaction: float | None, expected: str | None
) -> None:
    hits = hits_of(PACK, customer().with_records("surveys", surveyed(satisfaction)))
    assert hits.get("satisfaction_below_promise") == expected
    assert ("visit_the_dissatisfied" in hits) is (expected is not None)


@pytest.mark.parametrize("department", ["sales", "technical", "delivery", "after_sales"])
def test_department_below_its_target(department: str) -> None:
    def rated(score: float) -> Subject:
        row: Row = {"surveyed_on": ago(30), f"{department}_satisfaction": score}
        return customer().with_records("surveys", [row])

    assert level(rated(70.0), "department_below_target") is None
    assert level(rated(69.9), "department_below_target") == "yellow"


def seasonal(first: int, amount: str, others: int = 2) -> Subject:
    """Buys `amount` of 100 so many days ago, and the rest on other days outside the season."""
    rest = (Decimal(100) - Decimal(amount)) / others
    orders = [Order(Decimal(amount), first, margin=NO_PROFIT)]
    orders += [Order(rest, 10 + n, margin=NO_PROFIT) for n in range(others)]
    return replace(customer(), orders=orders)


@pytest.mark.parametrize(
    ("first", "amount", "others", "expected"),
    [
        (275, "40", 2, "blue"),
        (364, "40", 2, "blue"),  # a year ago tomorrow
        (274, "40", 2, None),
        (275, "39", 2, None),
        (275, "40", 1, None),  # of two orders one always makes a season
    ],
)
def test_season_is_seen_ahead(first: int, amount: str, others: int, expected: str | None) -> None:
    assert level(seasonal(first, amount, others), "season_ahead") == expected


@pytest.mark.parametrize(
    ("now", "regular", "served"),
    [
        ("81", None, None),
        ("80", "yellow", "yellow"),
        ("51", "yellow", "yellow"),
        ("50", "yellow", "orange"),
    ],
)
def test_purchase_falls_against_the_same_season(
    now: str, regular: str | None, served: str | None
) -> None:
    orders = [Order(Decimal(now), 89, margin=NO_PROFIT), Order(Decimal(100), 365, margin=NO_PROFIT)]
    account = replace(customer(), orders=orders)
    assert level(account, "purchase_falling") == regular
    assert level(account.with_account(industry_influence=5), "purchase_falling") == served


@pytest.mark.parametrize(
    ("probability", "regular", "served", "alert"),
    [
        (0.39, None, None, None),
        (0.40, "yellow", "orange", None),
        (0.69, "yellow", "orange", None),
        (0.70, "yellow", "orange", "red"),
    ],
)
def test_churn_of_those_that_are_served_raises_the_alert(
    probability: float, regular: str | None, served: str | None, alert: str | None
) -> None:
    assert level(customer(churn_probability=probability), "churn_risk") == regular
    assert level(customer(churn_probability=probability), "red_alert") is None
    assert level(partner(churn_probability=probability), "churn_risk") == served
    assert level(partner(churn_probability=probability), "red_alert") == alert


@pytest.mark.parametrize(
    ("stage", "expected", "owed"),
    [
        ("crisis", "red", {"crisis_desk"}),
        ("first_cooperation", None, {"onboarding"}),
        ("delivery", None, {"delivery_window"}),
        ("renewal", None, {"renewal_adviser"}),
        ("stable", None, set()),
    ],
)
def test_stage_of_the_cooperation_decides_who_stands_by(
    stage: str, expected: str | None, owed: set[str]
) -> None:
    hits = hits_of(PACK, partner(cooperation_stage=stage))
    by_stage = {"crisis_desk", "onboarding", "delivery_window", "renewal_adviser"}
    assert hits.get("red_alert") == expected
    assert by_stage & hits.keys() == owed


@pytest.mark.parametrize(
    ("ends_in", "proposed", "expected", "owed"),
    [
        (91, None, None, False),
        (90, None, "orange", True),
        (0, None, "orange", True),
        (-1, None, None, False),
        (90, 89, None, True),
        (90, 90, "orange", True),
    ],
)
def test_renewal_is_proposed_before_the_contract_ends(
    ends_in: int, proposed: int | None, expected: str | None, owed: bool
) -> None:
    documents: list[Row] = (
        [] if proposed is None else [{"submitted_on": ago(proposed), "kind": "renewal_proposal"}]
    )
    account = partner(contract_ends_on=ago(-ends_in)).with_records("documents", documents)
    hits = hits_of(PACK, account)
    assert hits.get("renewal_without_proposal") == expected
    assert ("renewal_proposal" in hits) is owed
    regular = customer(contract_ends_on=ago(-ends_in))
    assert level(regular, "renewal_without_proposal") is None


@pytest.mark.parametrize(("days", "expected"), [(179, "yellow"), (180, None)])
def test_policy_change_is_news_for_half_a_year(days: int, expected: str | None) -> None:
    signal: Row = {"observed_on": ago(days), "kind": "policy_change"}
    assert level(customer().with_records("signals", [signal]), "policy_change") == expected


@pytest.mark.parametrize(("delivered", "meets"), [(None, True), (5, False)])
def test_project_meets_weekly_while_there_is_a_delivery(delivered: int | None, meets: bool) -> None:
    pending: Row = {
        "recorded_on": ago(30),
        "due_on": ago(-30),
        "delivered_on": None if delivered is None else ago(delivered),
    }
    assert (
        "project_meeting" in hits_of(PACK, partner().with_records("deliveries", [pending]))
    ) is meets


# --- the book and the managers ------------------------------------------------------------


def scoped(tables: FactTables, managers: Sequence[str] = ()) -> ScopeDecisions:
    """What is said of the book, and of the managers of the accounts in their order."""
    plan = plan_of(PACK)
    measured = measure(plan, tables)
    owners = [(number, "customer_manager", name) for number, name in enumerate(managers)]
    return evaluate_scopes(plan, measured, measured.candidates, owners)


def test_churn_is_compared_with_the_year_before() -> None:
    """Of five that bought two years ago two were lost within a year, of the next five only one."""
    orders = [order(n, 100, 800) for n in range(5)]
    orders += [order(n, 100, 400) for n in (0, 1, 2, 5, 6)]  # two lost, two won
    orders += [order(n, 100, 30) for n in (0, 1, 2, 5)]  # one lost
    found = scoped(tables_of([{}] * 7, orders=orders)).facts
    book = {name: value for _, scope, _, name, value in found if scope == "portfolio"}
    assert book["book_churn"] == pytest.approx(0.2)
    assert book["book_churn_change"] == pytest.approx(-0.5)


def test_relationship_score_is_by_what_is_known() -> None:
    account = customer(churn_probability=0.40)
    # Known are the churn (40 of 100, weight 25) and two purchases (60 of 100, weight 25).
    assert fact(account, "relationship_score") == 50
    asked = account.with_records("surveys", surveyed(80.0))
    assert fact(asked, "relationship_score") == 53.75  # with 60 of 100 at weight 30


@pytest.mark.parametrize(
    ("satisfaction", "accounts", "expected"),
    [
        (80.0, 3, None),  # worth 60 of 100
        (79.9, 3, "yellow"),
        (79.9, 2, None),  # too few to judge a manager by
    ],
)
def test_manager_is_talked_to_about_a_low_score(
    satisfaction: float, accounts: int, expected: str | None
) -> None:
    surveys = [{"account_no": n, **surveyed(satisfaction)[0]} for n in range(accounts)]
    orders = [order(n, 1000, days) for n in range(accounts) for days in (30, 60)]
    tables = tables_of([{}] * accounts, surveys=surveys, orders=orders)
    found = scoped(tables, ["李娜"] * accounts)
    levels = {hit[3]: hit[4] for hit in found.hits if hit[1:3] == ("customer_manager", "李娜")}
    assert levels.get("manager_score_low") == expected
    figures = {name: value for *_, entity, name, value in found.facts if entity == "李娜"}
    assert figures["accounts_of_manager"] == accounts
    assert figures["profit_of_manager"] == 2000 * accounts
