"""What stories are made of: the makings of a key account, tickets and signals.

Comments name the packs: D stands for `key_account_rules`, A for `engineering`, B for
`systems_engineering`, C for `manufacturing`, E for `value_segments`.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.demo.stories import Row, Story, Value

# Makes an account, however small, a potential one in D: scores high, earns far more than the
# average margin, and the cooperation is still running in.
KEY: Row = {
    "margin_percent": 36,
    "cooperation_stage": "running_in",
    "cooperation_days": 500,
    "strategic_fit": 5,
    "joint_development": True,
    "supplier_referrals": 3,
    "industry_growth": 0.15,
    "market_share_change": 0.04,
    "capacity_multiple_3y": 3.5,
}

# Makes an account class B in A: in a core domain, with openings, content with the service.
MAJOR: Row = {
    "is_core_domain": True,
    "expansion_opportunities": 2,
    "repurchase_intention": 4,
    "satisfaction": 86,
}

# Makes an account that buys for half a million class B in B: rated well throughout.
RATED: Row = {
    "company_size": "large",
    "industry_influence": 3,
    "technical_synergy": 4,
    "brand_endorsement": True,
    "cooperation_willingness": 4,
    "budget_fit": 4,
}

# Makes an account key in C: worth some millions, followed by others, and no risk.
PLANT: Row = {
    "annual_purchase": 3_200_000,
    "orders_per_year": 6,
    "margin_percent": 27,
    "churn_probability": 0.08,
    "partners_brought": 3,
    "joint_patents": 1,
    "financial_health": 4,
    "market_position": "stable",
    "supply_chain_resilience": 4,
    "credit_rating": "AA",
    "reviewed_percent": 100,
}

# Makes an account a strategic partner in E, unless it is among those that earn most.
INFLUENTIAL: Row = {"industry_influence": 4}

# Managers: of too many key accounts, and of nothing but content customers.
CROWDED, STAR = 0, 3

DELIGHTED: Row = {"days_ago": 3, "satisfaction": 100, "recommendation": 10}
CONTENT: Row = {"days_ago": 5, "satisfaction": 86, "recommendation": 8}
BRIEF: Row = {"days_ago": 4, "kind": "client_brief"}

# Keeps a key account out of class C and of the rules about unwritten briefs.
SERVED: dict[str, tuple[Row, ...]] = {"surveys": (CONTENT,), "documents": (BRIEF,)}

# Makes one of the largest customers a key account in D.
GIANT: Row = {
    "strategic_fit": 4,
    "joint_development": True,
    "supplier_referrals": 3,
    "industry_growth": 0.12,
    "market_share_change": 0.03,
    "capacity_multiple_3y": 2.5,
    "is_core_domain": True,
    "expansion_opportunities": 3,
    "repurchase_intention": 5,
    "credit_rating": "AAA",
    "industry_influence": 5,
    "technical_synergy": 4,
    "brand_endorsement": True,
    "cooperation_willingness": 4,
    "budget_fit": 4,
    "partners_brought": 3,
    "joint_patents": 1,
    "financial_health": 5,
    "market_position": "leading",
}

HANDLED: Row = {
    "severity": 3,
    "owned": True,
    "reply_minutes": 30,
    "solution_minutes": 90,
    "progress_minutes": 600,
    "close_hours": 60,
    "confirmed": True,
    "referenced": True,
}
"""An issue as the service desk should handle it."""


def ticket(days_ago: int, kind: str, **changes: Value) -> Row:
    """An issue that was handled well, but for `changes`; `close_hours` of None is open."""
    return {**HANDLED, "days_ago": days_ago, "class": kind, **changes}


def complaints(*days_ago: int) -> tuple[Row, ...]:
    return tuple(ticket(days, "complaint", severity=4) for days in days_ago)


def signals(kind: str, severity: int, note: str, *days_ago: int) -> tuple[Row, ...]:
    return tuple(
        {"days_ago": days, "kind": kind, "severity": severity, "note": note} for days in days_ago
    )


def request(days_ago: int, **changes: Value) -> Row:
    """A request that is still open."""
    return ticket(days_ago, "request", severity=2, close_hours=None, **changes)


def monitored(kind: str, *days_ago: int) -> tuple[Row, ...]:
    """What connected equipment reported, and nobody has dealt with."""
    return tuple({"days_ago": days, "kind": kind} for days in days_ago)


def key_account(
    name: str,
    account: Row | None = None,
    records: Mapping[str, tuple[Row, ...]] | None = None,
    gaps: tuple[tuple[str, str, int], ...] = (),
) -> Story:
    """A story of a small account that is potential in D and class B in A and in B."""
    return Story(
        name,
        account=KEY | MAJOR | RATED | {"team": CROWDED} | (account or {}),
        records=SERVED | dict(records or {}),
        gaps=gaps,
        per_mille=4,
    )
