"""A year of nights over one policy: machines and model agree on every one of them.

Every day in CI (`make test-slow`), every eight weeks in the ordinary suite, because a night on the
machines takes a third of a second however small the book is.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from tests.lifecycle.agreement import Both
from tests.lifecycle.model.days import Almanac
from tests.lifecycle.model.policy import Entitlement, Milestone, Pack, Template, Warn
from tests.lifecycle.worlds import World

TIERS = ("strategic", "core", "potential", "ordinary")
CARED_FOR = TIERS[:3]
KEY_ACCOUNTS = Pack(
    "key_accounts",
    TIERS,
    owner="office",
    review="quarter",
    demotion=(2, 1),
    milestones={
        "first_order": Milestone("report", action="call"),
        "joint_project": Milestone("promote", "core", (2, "review"), "visit"),
        "strategic_candidate": Milestone("propose", "strategic", (1, "year"), "review"),
    },
    warnings={
        "orders_fall": Warn(
            pending=3, keep=5, cool=14, escalate=((3, "workday"), "sponsor"),
            actions={"blue": "call", "yellow": "call", "orange": "visit", "red": "visit"},
        ),
        "late_payment": Warn(escalate=((5, "day"), "office"), actions={"red": "visit"}),
        "complaint": Warn(keep=2, actions={"orange": "call", "red": "visit"}),
        "concentration": Warn(pending=7, actions={"red": "review"}, scope="portfolio"),
    },
    entitlements={
        "fast_lane": Entitlement("service", ("strategic", "core")),
        "budget": Entitlement("service", ("strategic",), conditional=True),
        "top_meeting": Entitlement(
            "cadence", ("strategic",), every=(1, "year"), at_least=2, at_most=3,
            remind=(1, "day"), action="review",
        ),
        "visit_each_month": Entitlement(
            "cadence", CARED_FOR, every=(1, "month"), remind=(5, "workday"), action="visit",
        ),
        "answer": Entitlement(
            "response", CARED_FOR, within=(24, "hour"), clock="calendar", action="call",
        ),
        "closure": Entitlement(
            "response", ("strategic", "core"), within=(3, "workday"), clock="working",
            action="visit", owner="office",
        ),
        "delivery": Entitlement("deadline", CARED_FOR, remind=(5, "workday"), action="call"),
        "pair": Entitlement(
            "team", ("strategic", "core"), roles={"customer_manager": 1, "deputy": 1},
            action="review",
        ),
    },
    actions={
        "visit": Template("customer_manager", (3, "workday"), "high"),
        "call": Template("customer_manager", (24, "hour"), "urgent"),
        "review": Template("deputy", (1, "month")),
    },
)  # fmt: skip


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    "nights", ["every eight weeks", pytest.param("daily", marks=pytest.mark.slow)]
)
def test_machines_and_model_agree_on_every_night_of_a_year(nights: str) -> None:
    start = date(2026, 1, 1)
    world = World(Random(2026), (KEY_ACCOUNTS,), start, Almanac(china=True), restless=0.02)
    moved = set()
    with Both([KEY_ACCOUNTS]) as both:
        both.run(world.tonight())
        while world.as_of < start + timedelta(days=364):
            world.advance(1 if nights == "daily" else 56)
            moved |= {line[0] for line in both.run(world.tonight()).log}
    if nights == "daily":  # a year without one of these would prove little about it
        assert moved >= {
            "tier_moved", "account_left", "override_applied", "override_expired", "warning_opened",
            "warning_level_changed", "warning_acknowledged", "warning_silenced",
            "warning_escalated", "warning_resolved", "milestone_reached", "milestone_proposed",
            "milestone_ended", "obligation_due", "obligation_overdue", "obligation_met",
        }  # fmt: skip
