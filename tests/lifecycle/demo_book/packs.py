"""A policy as people wrote it → a pack as the model knows it."""

from __future__ import annotations

from engine.model import Entitlement, Period, Policy, WarningRule
from tests.lifecycle.model import policy
from tests.lifecycle.model.days import Length
from tests.lifecycle.plans import TRACKED


def pack_of(written: Policy) -> policy.Pack:
    scheme = written.tiers
    assert scheme is not None
    demotion = scheme.demotion
    return policy.Pack(
        written.id,
        (*(tier.id for tier in scheme.levels), scheme.default.id),
        written.owner,
        scheme.review,
        None if demotion is None else (demotion.after.count, demotion.steps),
        {
            key: policy.Milestone(one.effect, one.to_tier, _length(one.hold), one.action)
            for key, one in written.milestones.items()
        },
        {key: _warning(one) for key, one in written.warnings.items()},
        {key: _entitlement(one) for key, one in written.entitlements.items()},
        {
            key: policy.Template(one.owner, _length(one.due), one.priority)
            for key, one in written.actions.items()
        },
    )


def _length(period: object) -> Length | None:
    if period is None:
        return None
    assert isinstance(period, Period)
    return period.count, period.unit


def _days(period: Period | None) -> int:
    if period is None:
        return 0
    assert period.unit in ("day", "night")
    return period.count


def _warning(one: WarningRule) -> policy.Warn:
    escalate = None
    if one.escalate is not None:
        after = one.escalate.after
        escalate = ((after.count, after.unit), one.escalate.to)
    return policy.Warn(
        _days(one.pending_for),
        _days(one.keep_firing_for),
        _days(one.cool_down),
        escalate,
        one.actions,
        one.scope,
    )


def _entitlement(one: Entitlement) -> policy.Entitlement:
    """Its own keys alone: of what is owed at once and for good the model asks nothing."""
    found: dict[str, object] = {}
    terms = one.terms
    if one.kind == "cadence":
        found = {key: terms[key] for key in ("at_least", "at_most")}
        found["every"] = _length(terms["every"])
    if one.kind == "response":
        found = {"within": _length(terms["within"]), "clock": terms["clock"]}
    if one.kind in ("cadence", "deadline"):
        found["remind"] = _length(terms["remind"])
    if one.kind == "team":
        roles = terms["roles"]
        assert isinstance(roles, dict)
        found["roles"] = {role: at_least for role, (at_least, _) in roles.items()}
    return policy.Entitlement(
        one.kind if one.kind in TRACKED else "service",
        one.tiers,
        one.when is not None,
        action=one.action,
        owner=terms.get("owner"),  # type: ignore[arg-type]
        **found,  # type: ignore[arg-type]
    )
