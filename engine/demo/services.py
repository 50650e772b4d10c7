"""Stories of how customers are served and valued, for the packs B, C and E.

Comments name the rules that a story sets off: B stands for `systems_engineering`, C for
`manufacturing`, E for `value_segments`. The packs decide each on its own, so that one customer
can be a case for all three.
"""

from __future__ import annotations

from engine.demo.ingredients import (
    CONTENT,
    INFLUENTIAL,
    PLANT,
    RATED,
    monitored,
    request,
    signals,
    ticket,
)
from engine.demo.stories import Row, Story

RARE = 2
"""Of a thousand accounts, how many each of these happens to."""


def _node(days_ago: int, kind: str, due_in: int, owned: bool = True) -> Row:
    return {"days_ago": days_ago, "kind": kind, "due_in": due_in, "owned": owned}


def _used(kind: str, *times: int) -> tuple[Row, ...]:
    """How often, in each of the last months, the latest first."""
    return tuple(
        {"days_ago": 6 + 30 * month, "kind": kind, "times": count}
        for month, count in enumerate(times)
    )


SERVICES: tuple[Story, ...] = (
    # B request_not_dispatched yellow; C equipment_signal red; E node_without_owner.
    Story(
        "line_stands_still",
        account={"equipment_online": True},
        records={
            "issues": (request(3, owned=False, reply_minutes=None),),
            "equipment_signals": monitored("standstill", 1),
            "service_nodes": (_node(30, "return_visit", 48, owned=False),),
        },
        per_mille=RARE,
    ),
    # B request_not_dispatched and request_waiting orange, plan_missing blue.
    Story(
        "requests_pile_up",
        account=RATED | {"annual_purchase": 1_400_000, "orders_per_year": 4},
        records={
            "issues": tuple(request(days, owned=False, reply_minutes=None) for days in (9, 13, 20)),
            "documents": ({"days_ago": 420, "kind": "account_plan"},),
        },
        per_mille=RARE,
    ),
    # B request_waiting yellow, journey_stuck yellow; C equipment_signal orange.
    Story(
        "request_rests",
        account={"equipment_online": True, "journey_stage": "contract", "journey_days": 82},
        records={"issues": (request(11),), "equipment_signals": monitored("alarm", 2)},
        per_mille=RARE,
    ),
    # B milestone_incomplete yellow, journey_stuck orange; C equipment_signal yellow.
    Story(
        "acceptance_drags_on",
        account={"equipment_online": True, "journey_stage": "acceptance", "journey_days": 160},
        records={
            "deliveries": (
                {
                    "days_ago": 25,
                    "milestone": 4,
                    "due_in": 70,
                    "forecast_in": 66,
                    "planned": False,
                },
            ),
            "equipment_signals": monitored("maintenance_due", 9),
        },
        per_mille=RARE,
    ),
    # B milestone_incomplete orange; C equipment_signal blue.
    Story(
        "project_without_plan",
        account={"equipment_online": True},
        records={
            "deliveries": tuple(
                {
                    "days_ago": 20,
                    "milestone": milestone,
                    "due_in": 60 + 30 * milestone,
                    "forecast_in": 58 + 30 * milestone,
                    "planned": False,
                }
                for milestone in (0, 1, 2, 3)
            ),
            "equipment_signals": monitored("deviation", 4, 11, 19, 26),
        },
        per_mille=RARE,
    ),
    # B renewal_at_risk yellow and orange; E product_use_falling, silent_customer blue.
    Story(
        "hesitates",
        account={"renewal_probability": 0.52},
        records={"usage": _used("product_use", 14, 16, 18, 40, 44, 41, 43)},
        per_mille=RARE,
    ),
    Story(
        "looks_elsewhere",
        account={
            "renewal_probability": 0.3,
            "contacts_quiet_for": 75,
            "orders_quiet_for": 110,
            "orders_per_year": 4,
        },
        per_mille=RARE,
    ),
    # B renewal_at_risk red; E renewal_without_proposal, and the proposal that it is owed.
    Story(
        "contract_ends",
        account=RATED
        | INFLUENTIAL
        | {
            "annual_purchase": 1_600_000,
            "orders_per_year": 4,
            "renewal_probability": 0.31,
            "contract_ends_in": 55,
        },
        records={"service_nodes": (_node(120, "renewal", 175),)},
        per_mille=RARE,
    ),
    # B rise_to_class_a: most of the way there, and sure to stay.
    Story(
        "nearly_class_a_in_b",
        account=RATED
        | {
            "annual_purchase": 2_400_000,
            "orders_per_year": 5,
            "renewal_probability": 0.9,
            "potential_increment": 2_600_000,
        },
        records={"surveys": (CONTENT,)},
        per_mille=RARE,
    ),
    # B high_potential.
    Story(
        "promising_newcomer",
        account={
            "annual_purchase": 900_000,
            "orders_per_year": 3,
            "customer_type": "high_potential",
            "company_size": "medium",
            "industry_influence": 2,
            "technical_synergy": 3,
            "brand_endorsement": False,
            "cooperation_willingness": 4,
            "budget_fit": 4,
        },
        per_mille=RARE,
    ),
    # C share_swing, finances_weak, market_position_lost, supply_chain_weak: all yellow.
    Story(
        "shaky_plant",
        account=PLANT
        | {
            "market_share_change": 0.07,
            "financial_health": 2,
            "market_position": "unstable",
            "supply_chain_resilience": 2,
        },
        per_mille=RARE,
    ),
    # C the same orange, high_risk yellow, and satisfaction_low red.
    Story(
        "sinking_plant",
        account=PLANT
        | {
            "market_share_change": -0.13,
            "financial_health": 1,
            "market_position": "losing",
            "supply_chain_resilience": 2,
            "credit_rating": "B",
        },
        records={"surveys": ({"days_ago": 14, "satisfaction": 55, "recommendation": 6},)},
        per_mille=RARE,
    ),
    # C value_drop orange, slow_feedback yellow, credit_not_examined, cross_selling_opening.
    Story(
        "worth_less",
        account=PLANT
        | {
            "reviewed_percent": 155,
            "credit_reviewed_days": 410,
            "cross_selling_potential": 3_000_000,
        },
        records={"issues": (ticket(5, "technical", close_hours=None),)},
        per_mille=RARE,
    ),
    # C slow_feedback orange, deferred_payment, new_market.
    Story(
        "short_of_cash",
        account=PLANT
        | {"cash_flow": "tight", "credit_never_reviewed": True, "joint_market_projects": 1},
        records={"issues": (ticket(10, "technical", close_hours=None),)},
        per_mille=RARE,
    ),
    # C rise_to_core: worth a core customer since the departments last looked.
    Story(
        "outgrew_its_level",
        account=PLANT
        | {
            "annual_purchase": 9_500_000,
            "partners_brought": 0,
            "joint_patents": 0,
            "joint_market_projects": 0,
            "reviewed_percent": 72,
        },
        per_mille=RARE,
    ),
    # C rise_to_key: worth it, and followed by nobody.
    Story(
        "grown_in_silence",
        account=PLANT
        | {
            "annual_purchase": 1_900_000,
            "partners_brought": 0,
            "joint_patents": 0,
            "joint_market_projects": 0,
            "reviewed_percent": 70,
        },
        per_mille=RARE,
    ),
    # C margin_thin orange: every order costs money; yellow: hardly any earns.
    Story("sold_at_a_loss", account={"margin_percent": -6}, per_mille=RARE),
    Story("sold_at_cost", account={"margin_percent": 6}, per_mille=RARE),
    # E silent_customer yellow and orange, profile_incomplete, churn_risk orange.
    Story(
        "authority_gone_quiet",
        account=INFLUENTIAL
        | {
            "contacts_quiet_for": 80,
            "orders_quiet_for": 120,
            "orders_per_year": 4,
            "without_profile": True,
            "churn_probability": 0.46,
        },
        records={"contacts": ({"days_ago": 85, "kind": "call", "department": 0},)},
        per_mille=RARE,
    ),
    Story(
        "authority_forgotten",
        account=INFLUENTIAL
        | {"contacts_quiet_for": 150, "orders_quiet_for": 160, "orders_per_year": 4},
        per_mille=RARE,
    ),
    # E activity_falling orange.
    Story(
        "authority_sees_others",
        account=INFLUENTIAL,
        records={
            "contacts": tuple(
                {"days_ago": days, "kind": "visit", "department": days % 6}
                for days in (96, 104, 113, 121, 134, 142, 155, 163, 171)
            )
        },
        per_mille=RARE,
    ),
    # E node_overdue yellow and orange; activity_falling yellow; B public_sentiment yellow.
    Story(
        "visit_missed",
        records={
            "service_nodes": (_node(50, "return_visit", 41),),
            "signals": signals("public_sentiment", 3, "环保处罚通报", 33),
            "contacts": tuple(
                {"days_ago": days, "kind": "call", "department": days % 6}
                for days in (95, 109, 118, 131, 140, 152, 166, 174)
            ),
        },
        per_mille=RARE,
    ),
    Story(
        "nodes_missed",
        records={
            "service_nodes": (
                _node(90, "go_live", 70),
                _node(70, "return_visit", 55),
                _node(60, "operation", 50),
                _node(20, "signing", 35),
            )
        },
        per_mille=RARE,
    ),
    # E issue_unexplained blue and yellow.
    Story(
        "cause_unknown",
        records={"issues": (ticket(22, "technical", explained=False),)},
        per_mille=RARE,
    ),
    Story(
        "causes_unknown",
        records={
            "issues": tuple(ticket(days, "technical", explained=False) for days in (16, 33, 52))
        },
        per_mille=RARE,
    ),
    # E season_ahead: buys before every summer.
    Story(
        "summer_trade",
        account={"orders_per_year": 3},
        records={
            "orders": tuple(
                {"days_ago": days, "amount": 900_000} for days in (288, 305, 322, 344, 660, 690)
            )
        },
        per_mille=RARE,
    ),
    # E policy_change, interest_shown.
    Story(
        "new_rules",
        records={
            "signals": signals("policy_change", 3, "能耗双控新规", 40),
            "usage": _used("website_visit", 31, 12, 4),
        },
        per_mille=RARE,
    ),
    # E partner_candidate, by growth, joint work and a name in its industry.
    Story(
        "rising_name",
        account={
            "annual_purchase": 1_500_000,
            "orders_per_year": 4,
            "growth_percent": 38,
            "industry_influence": 3,
            "industry_growth": 0.09,
            "joint_development": True,
        },
        per_mille=RARE,
    ),
    # E red_alert, crisis_desk.
    Story("crisis", account={"cooperation_stage": "crisis"}, per_mille=RARE),
    # E strategic_partner, department_below_target: delivery alone disappoints.
    Story(
        "delivery_disappoints",
        account=INFLUENTIAL | {"cooperation_stage": "delivery"},
        records={
            "surveys": (
                {
                    "days_ago": 12,
                    "satisfaction": 84,
                    "recommendation": 8,
                    "delivery_satisfaction": 58,
                },
            )
        },
        per_mille=RARE,
    ),
)
