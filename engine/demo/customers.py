"""Stories of customers that matter: the largest, the key accounts, those on their way up.

Comments name the rules that a story sets off: D stands for `key_account_rules`, A for
`engineering`, B for `systems_engineering`, C for `manufacturing`, E for `value_segments`.
"""

from __future__ import annotations

from engine.demo.ingredients import (
    CONTENT,
    DELIGHTED,
    GIANT,
    INFLUENTIAL,
    MAJOR,
    STAR,
    key_account,
    signals,
    ticket,
)
from engine.demo.stories import Story

# The largest customers, by name and in order of size: their shares of the revenue decide the
# levels of D, so each is cast by hand.
HEAD: tuple[Story, ...] = (
    # D strategic, dependence, executive_distance orange; A class_a, onsite_service. One urgent
    # issue waited more than a day for technicians (onsite_team).
    Story(
        "anchor",
        "head",
        GIANT
        | {
            "ownership": "central_state_owned",
            "business_lines": 4,
            "strategic_fit": 5,
            "growth_percent": 9,
        },
        {
            "contacts": (
                {"days_ago": 200, "kind": "executive_meeting", "department": 5},
                {"days_ago": 290, "kind": "executive_meeting", "department": 5},
            ),
            "issues": (ticket(12, "urgent", severity=5, onsite_minutes=1900),),
        },
        (("contacts", "executive_meeting", 400),),
        revenue_share=0.254,
    ),
    # D core, strategic_candidate: broad and met by our executives, between 15% and 20%. An order
    # and a meeting lie ahead and count for nothing yet.
    Story(
        "challenger",
        "head",
        GIANT | {"business_lines": 4, "growth_percent": 14, "ownership": "state_owned"},
        {
            "orders": ({"days_ago": -6, "amount": 48_000_000},),
            "contacts": ({"days_ago": -9, "kind": "executive_meeting", "department": 5},),
        },
        revenue_share=0.162,
    ),
    # D core, third_business_line; executive_distance yellow: nobody has met yet.
    Story(
        "broadening",
        "head",
        GIANT
        | {
            "business_lines": 3,
            "business_lines_before": 2,
            "growth_percent": 11,
            "controller": "远山控股",
        },
        gaps=(("contacts", "executive_meeting", 400),),
        revenue_share=0.093,
    ),
    # D core, business_line_lost yellow; C dependence yellow, for it and the one above have one
    # controller; a manager who is new to the role (dedicated_manager).
    Story(
        "narrowing",
        "head",
        GIANT
        | {
            "business_lines": 2,
            "business_lines_before": 4,
            "growth_percent": 2,
            "controller": "远山控股",
        },
        {
            "assignments": (
                {"days_ago": 90, "role": "customer_manager", "person": None, "years_in_role": 2.5},
            )
        },
        (("assignments", "customer_manager", 0),),
        revenue_share=0.086,
    ),
    # D potential, grow_to_core, running_in_guide; A second_phase_won; B executive_missing.
    Story(
        "riser",
        "head",
        GIANT | {"growth_percent": 62, "cooperation_stage": "running_in", "cooperation_days": 900},
        gaps=(("assignments", "sponsor", 0),),
        revenue_share=0.045,
    ),
    # D potential, running_in_over, reserved_capacity; B executive_out_of_touch yellow.
    Story(
        "settled",
        "head",
        GIANT | {"capacity_multiple_3y": 6, "cooperation_stage": "stable", "growth_percent": 8},
        {"contacts": ({"days_ago": 62, "kind": "executive_meeting", "department": 5},)},
        (("contacts", "executive_meeting", 400),),
        revenue_share=0.04,
    ),
    # D slow_payment red, pseudo_key_account: large, and left out for its payment days.
    Story(
        "slow_giant",
        "head",
        GIANT | {"term_days": 60, "late_days": 240, "growth_percent": 3, "credit_rating": "B"},
        revenue_share=0.038,
    ),
    # D pseudo_key_account: one day's order in three years. C single_contact orange and
    # review_not_signed yellow: worth much, and nobody speaks to it any more.
    Story(
        "one_off",
        "head",
        {
            "orders_per_year": 1,
            "bought_once": True,
            "cooperation_stage": "first_cooperation",
            "cooperation_days": 120,
            "is_core_domain": False,
            "ownership": "private",
            "contacts_quiet_for": 185,
            "partners_brought": 3,
            "financial_health": 5,
        },
        gaps=tuple(
            ("value_reviews", department, 0) for department in ("marketing", "finance", "research")
        ),
        revenue_share=0.036,
    ),
)

# Key accounts of D and class B of A that something happens to.
KEY_ACCOUNTS: tuple[Story, ...] = (
    # A manager_leads: no manager has more content customers than theirs.
    key_account("key_account_well_served", {"team": STAR}, {"surveys": (DELIGHTED,)}),
    # D silent_account yellow; A no_activity yellow.
    key_account(
        "silent_customer",
        {"contacts_quiet_for": 90},
        {"contacts": ({"days_ago": 60, "kind": "call", "department": 0},)},
    ),
    # D silent_account orange, brief_missing; A no_activity orange.
    key_account(
        "forgotten_customer",
        {"contacts_quiet_for": 130},
        {"documents": ({"days_ago": 45, "kind": "client_brief"},)},
    ),
    # D personal_date_ahead, by the birthday and by the anniversary.
    key_account("birthday_ahead", {"birthday_in": 4}),
    key_account("anniversary_ahead", {"anniversary_in": 5}),
    # D personal_dates stays silent: neither date is known.
    key_account("no_dates_known", {"without_dates": True}),
    # D management_change red; A outside_signals yellow.
    key_account(
        "new_management", None, {"signals": signals("management_change", 5, "董事长变更", 25)}
    ),
    # Both at once: the purchasing head leaves and a rival is received.
    key_account(
        "rival_and_new_buyer",
        None,
        {
            "signals": signals("management_change", 4, "采购负责人离职", 30)
            + signals("competitor_contact", 4, "竞争对手到访", 8, 15, 40)
        },
    ),
    # D purchase_decline orange and red; E purchase_falling orange.
    key_account("decline_serious", {"orders_per_year": 12, "growth_percent": -50}),
    key_account("decline_grave", {"orders_per_year": 12, "growth_percent": -72} | INFLUENTIAL),
    # D industry_downturn yellow: in a shrinking industry, but winning its market.
    key_account("shrinking_industry", {"industry_growth": -0.04}),
    # D reserved_capacity.
    key_account(
        "expanding_plant",
        {"capacity_multiple_3y": 6.5, "team": STAR},
        {"surveys": (DELIGHTED,)},
    ),
    # D routine_reply, preliminary_solution, progress_report; A response_24h, closure_72h: late.
    key_account(
        "slow_desk",
        None,
        {
            "issues": (
                ticket(9, "routine", reply_minutes=1700, close_hours=90),
                ticket(14, "technical", solution_minutes=900),
                ticket(20, "urgent", severity=5, onsite_minutes=2000, progress_minutes=1800),
            )
        },
    ),
    # A issue_not_closed orange, response_24h: three tickets open for more than three days.
    key_account(
        "backlog",
        None,
        {
            "issues": tuple(
                ticket(days, "technical", solution_minutes=None, close_hours=None)
                for days in (6, 11, 17)
            )
        },
    ),
    # A delivery_delay red: forecast 70 days late.
    key_account(
        "project_in_trouble",
        {"expansion_opportunities": 3, "ownership": "state_owned"},
        {"deliveries": ({"days_ago": 50, "milestone": 3, "due_in": 40, "forecast_in": 110},)},
    ),
    # A satisfaction_low yellow.
    key_account(
        "lukewarm",
        {"without_surveys": True},
        {"surveys": ({"days_ago": 6, "satisfaction": 74, "recommendation": 7},)},
    ),
    # What a history shows. Invoices of last summer stay unpaid: excluded by D since the spring.
    key_account(
        "payment_dries_up",
        None,
        {
            "invoices": tuple(
                {"days_ago": days, "term_days": 30, "amount": 40_000}
                for days in (312, 314, 316, 318, 320, 322, 324, 326, 328)
            )
        },
    ),
    # Promoted by a review of D: an order with a margin like none before.
    key_account(
        "breakthrough_order",
        {"orders_per_year": 0, "annual_purchase": 1_000_000},
        {
            "orders": tuple(
                {"days_ago": days, "amount": 1_000_000, "margin_percent": margin}
                for days, margin in ((100, 58), (300, 18), (480, 18), (560, 18), (700, 18))
            )
        },
    ),
    # Demoted by the second review of D: the orders with a good margin are long ago.
    key_account(
        "good_years_over",
        {"orders_per_year": 0, "annual_purchase": 1_000_000},
        {
            "orders": tuple(
                {"days_ago": days, "amount": amount, "margin_percent": margin}
                for days, amount, margin in (
                    (120, 600_000, 15),
                    (300, 800_000, 15),
                    (500, 2_000_000, 58),
                    (640, 3_000_000, 40),
                )
            )
        },
    ),
    # D management_change opened in December, escalated, and over by June.
    key_account(
        "turbulent_winter",
        None,
        {"signals": signals("management_change", 3, "总经理更换", 192, 148)},
    ),
    # A churn_risk red, leaving_over_service.
    key_account("about_to_leave", {"churn_probability": 0.82, "churn_reason": "service"}),
    # A deputy_missing yellow and orange.
    key_account("deputy_missing", gaps=(("assignments", "deputy_customer_manager", 0),)),
    key_account("nobody_in_charge", {"without_assignments": True}),
    # A recovery_team, poor_health yellow.
    key_account("second_thoughts", {"repurchase_intention": 1, "expansion_opportunities": 3}),
    # A onsite_service.
    key_account(
        "central_state",
        {"ownership": "central_state_owned", "team": STAR},
        {"surveys": (DELIGHTED,)},
    ),
)

# Ways up.
RISING: tuple[Story, ...] = (
    # D rising_account: standard still, half as much again, and going our way. E leap.
    Story(
        "new_star",
        account={
            "annual_purchase": 2_600_000,
            "growth_percent": 85,
            "orders_per_year": 6,
            "strategic_fit": 3,
            "joint_development": False,
            "margin_percent": 18,
            "cooperation_stage": "stable",
            "industry_growth": 0.02,
            "capacity_multiple_3y": 1.1,
        },
    ),
    # A rise_to_class_a.
    Story(
        "nearly_class_a",
        "large",
        MAJOR | {"annual_purchase": 4_600_000, "growth_percent": 34, "orders_per_year": 8},
        {"surveys": (CONTENT,)},
    ),
    # A rise_to_class_b: past the contract value, healthy, and ranked low all the same.
    Story(
        "large_but_distant",
        "large",
        {
            "annual_purchase": 5_700_000,
            "orders_per_year": 6,
            "is_core_domain": False,
            "ownership": "private",
            "expansion_opportunities": 0,
            "repurchase_intention": 4,
            "satisfaction": 63,
        },
        {"surveys": ({"days_ago": 8, "satisfaction": 62, "recommendation": 7},)},
    ),
    # At five million to the yuan, which does not exceed five million (A class_a): class B.
    Story(
        "five_million",
        "large",
        MAJOR | {"orders_per_year": 0},
        {
            "surveys": (CONTENT,),
            "orders": tuple(
                {"days_ago": days, "amount": amount}
                for days, amount in ((40, 2_000_000), (150, 1_800_000), (300, 1_200_000))
            ),
        },
    ),
    # A second_phase_won.
    Story(
        "second_phase",
        "large",
        MAJOR | {"growth_percent": 75, "annual_purchase": 3_000_000},
        {"surveys": (CONTENT,)},
    ),
)
