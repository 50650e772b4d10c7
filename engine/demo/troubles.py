"""Stories of trouble, which any account can have.

Comments name the rules that a story sets off: D stands for `key_account_rules`, A for
`engineering`, B for `systems_engineering`, C for `manufacturing`.
"""

from __future__ import annotations

from engine.demo.ingredients import KEY, MAJOR, RATED, SERVED, complaints, signals, ticket
from engine.demo.stories import Story

TROUBLES: tuple[Story, ...] = (
    # Past the 90 days of management_change: nothing fires.
    Story("old_news", records={"signals": signals("management_change", 3, "总经理到任", 120)}),
    # D management_change yellow; A outside_signals yellow.
    Story("new_director", records={"signals": signals("management_change", 2, "副总经理调整", 35)}),
    # D competitor_contact yellow and orange.
    Story("rival_calls", records={"signals": signals("competitor_contact", 2, "竞品询价", 20)}),
    Story(
        "rival_courts",
        records={"signals": signals("competitor_contact", 3, "竞品方案交流", 5, 22, 41, 66)},
    ),
    Story("demand_shrinks", records={"signals": signals("demand_shrinking", 3, "产线停产", 70)}),
    # A outside_signals orange; B public_sentiment red.
    Story(
        "bad_press",
        account=RATED | {"annual_purchase": 1_200_000, "orders_per_year": 3},
        records={"signals": signals("public_sentiment", 5, "安全事故报道", 12)},
    ),
    # D purchase_decline yellow.
    Story("decline_mild", account={"orders_per_year": 12, "growth_percent": -29}),
    # D slow_payment yellow, orange and red; A payment_behind; B collection_slow.
    Story(
        "slow_payer", account={"orders_per_year": 24, "term_days": 60, "late_days": 55}, per_mille=2
    ),
    Story(
        "slower_payer",
        account={"orders_per_year": 24, "term_days": 60, "late_days": 112},
        per_mille=2,
    ),
    Story(
        "slowest_payer",
        account={"orders_per_year": 24, "term_days": 60, "late_days": 240},
        per_mille=2,
    ),
    # D overdue_receivables yellow; A payment_behind orange.
    Story(
        "invoice_forgotten",
        account={"annual_purchase": 2_000_000, "orders_per_year": 6},
        records={"invoices": ({"days_ago": 75, "term_days": 30, "amount": 400_000},)},
    ),
    # A payment_behind yellow: a part was paid.
    Story(
        "retention_due",
        account={"annual_purchase": 2_000_000, "orders_per_year": 6},
        records={
            "invoices": (
                {
                    "days_ago": 60,
                    "term_days": 30,
                    "amount": 300_000,
                    "paid_after": 28,
                    "paid_amount": 200_000,
                },
            )
        },
    ),
    # D overdue_receivables red; A payment_behind red; C high_risk red.
    Story(
        "payments_stopped",
        account={
            "annual_purchase": 2_000_000,
            "orders_per_year": 6,
            "credit_rating": "C",
            "financial_health": 1,
            "market_position": "losing",
            "market_share_change": -0.12,
            "supply_chain_resilience": 1,
        },
        records={"invoices": ({"days_ago": 210, "term_days": 30, "amount": 900_000},)},
    ),
    Story(
        "payment_default",
        account={"credit_rating": "D"},
        records={"signals": signals("payment_default", 5, "商票逾期", 50)},
    ),
    # D returns_high yellow and orange.
    Story("returns_some", account={"returned_percent": 5}),
    Story("returns_many", account={"returned_percent": 12}),
    # D margin_erosion yellow and orange.
    Story("margin_slips", account={"margin_percent": 15, "margin_percent_before": 23}),
    Story("margin_collapses", account={"margin_percent": 8, "margin_percent_before": 24}),
    # D complaint_surge and A complaint_trend, yellow and red.
    Story("complaints_rise", records={"issues": complaints(8, 30, 62)}),
    Story("complaint_surge", records={"issues": complaints(4, 11, 19, 33, 47, 71)}),
    # D business_line_lost blue.
    Story(
        "line_lost",
        "large",
        {"business_lines": 1, "business_lines_before": 3, "orders_per_year": 6},
    ),
    # D industry_downturn orange: a key account, which the warning asks for.
    Story(
        "industry_collapses",
        account=KEY | MAJOR | {"industry_growth": -0.16},
        records=SERVED,
    ),
    # A issue_without_owner yellow and orange, issue_not_closed yellow.
    Story(
        "nobody_answers",
        records={
            "issues": (ticket(6, "routine", owned=False, reply_minutes=None, close_hours=None),)
        },
    ),
    Story(
        "desk_down",
        records={
            "issues": tuple(
                ticket(days, "technical", owned=False, reply_minutes=None, close_hours=None)
                for days in (3, 5, 8)
            )
        },
    ),
    # A archived_without_confirmation blue and yellow.
    Story("closed_too_soon", records={"issues": (ticket(15, "routine", confirmed=False),)}),
    Story(
        "closed_by_habit",
        records={
            "issues": tuple(ticket(days, "routine", confirmed=False) for days in (12, 28, 45))
        },
    ),
    # A archived_without_reference.
    Story("not_written_up", records={"issues": (ticket(18, "technical", referenced=False),)}),
    # A delivery_delay yellow and orange.
    Story(
        "delivery_slips",
        records={
            "deliveries": ({"days_ago": 40, "milestone": 1, "due_in": 60, "forecast_in": 68},)
        },
    ),
    Story(
        "delivery_late",
        records={
            "deliveries": ({"days_ago": 80, "milestone": 2, "due_in": 58, "forecast_in": 58},)
        },
    ),
    # A satisfaction_low red, detractor; B nps_falling: content as it was a year ago.
    Story(
        "detractor",
        records={
            "surveys": tuple(
                {"days_ago": days, "satisfaction": score, "recommendation": answer}
                for days, score, answer in (
                    (9, 48, 2),
                    (100, 48, 4),
                    (190, 48, 7),
                    (410, 90, 9),
                    (500, 90, 9),
                    (600, 90, 9),
                )
            )
        },
    ),
    # A poor_health orange: complaints all year, late deliveries, no wish to buy again.
    Story(
        "sick_relationship",
        account={"repurchase_intention": 1},
        records={
            "issues": complaints(20, 60, 95, 120, 150, 210, 260, 300),
            "deliveries": (
                {
                    "days_ago": 200,
                    "milestone": 4,
                    "due_in": 60,
                    "forecast_in": 60,
                    "delivered_in": 95,
                },
            ),
        },
    ),
    # A churn_risk yellow and orange.
    Story("churn_watch", account={"churn_probability": 0.36}),
    Story("churn_likely", account={"churn_probability": 0.58, "churn_reason": "price"}),
)
