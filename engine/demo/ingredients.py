"""What stories are made of: the makings of a key account, tickets and signals.

Comments name the packs: D stands for `key_account_rules`, A for `engineering`.
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


def key_account(
    name: str,
    account: Row | None = None,
    records: Mapping[str, tuple[Row, ...]] | None = None,
    gaps: tuple[tuple[str, str, int], ...] = (),
) -> Story:
    """A story of a small account that is potential in D and class B in A."""
    return Story(
        name,
        account=KEY | MAJOR | (account or {}),
        records=SERVED | dict(records or {}),
        gaps=gaps,
        per_mille=4,
    )
