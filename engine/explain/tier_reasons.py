"""Why a tier stands where it stands: reviews, grace, holds, overrides and approvals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from engine.explain.difference import Moment, Reason
from engine.language.overrides import Overrides, TierOverride
from engine.model import Period, TierScheme
from engine.plan.periods import next_start, period_start, starts_between

Kept = Mapping[str, Any]
"""A row of decisions.parquet."""

MOVING = ("placed", "review", "excluded", "milestone", "approval", "corrected")
"""Reasons with which the log says that the computed tier moved."""


def tier_reasons(
    before: Kept | None,
    after: Kept | None,
    scheme: TierScheme | None,
    overrides: Overrides,
    log: Sequence[Moment],
    nights: tuple[date, date],
) -> Iterator[Reason]:
    """What time and people did to the tier between two nights, and what it waits for.

    `before` and `after` are the decisions of one pack about one account; None where it was not
    decided about. `overrides` are those of the later night.
    """
    was, stands = _is_in(before), _is_in(after)
    yield from _overrides(before or {}, after or {}, overrides, nights[1])
    if was and not stands:
        yield from _left(log)
    if not stands or after is None:
        return
    if not was:
        yield Reason("placed")
    yield from _moves(before or {}, after, log, scheme, nights)
    yield from _waiting(after, scheme, nights[1])


def _is_in(decision: Kept | None) -> bool:
    return decision is not None and bool(decision["in_population"])


def _overrides(before: Kept, after: Kept, overrides: Overrides, on: date) -> Iterator[Reason]:
    old, new = before.get("override_until"), after.get("override_until")
    if new is not None and new != old:
        said = _override(overrides, after, on)
        if said is None:
            yield Reason("override_applied", {"until": new})
        else:
            about = {"until": new}
            yield Reason("override_applied", about, said.location, said.approver, said.reason)
    if old is not None and new is None:
        yield Reason("override_expired", {"until": old})


def _override(overrides: Overrides, decision: Kept, on: date) -> TierOverride | None:
    wanted = (decision["account_id"], decision["pack"])
    for one in overrides.tiers:
        begun = one.starts is None or one.starts <= on
        if (one.account, one.pack) == wanted and begun and on <= one.until:
            return one
    return None


def _left(log: Sequence[Moment]) -> Iterator[Reason]:
    left = [one for one in log if one.kind == "account_left"]
    yield Reason("left", {"why": left[-1].reason if left else None})


def _moves(
    before: Kept,
    after: Kept,
    log: Sequence[Moment],
    scheme: TierScheme | None,
    nights: tuple[date, date],
) -> Iterator[Reason]:
    if not before.get("in_population") or before["computed"] == after["computed"]:
        return
    said = [one for one in log if one.kind == "tier_moved" and one.reason in MOVING]
    for one in said:
        assert one.reason is not None
        yield Reason(one.reason, {"on": one.on, "before": one.before, "after": one.after})
    if not said:  # under an override the log has no line about the computed tier
        yield Reason("moved_beneath")
    if before["candidate"] == after["candidate"] and scheme is not None and scheme.review:
        reviews = starts_between(_period(scheme.review), *nights)
        if reviews:
            yield Reason("reviewed", {"on": reviews[-1], "count": len(reviews)})


def _waiting(after: Kept, scheme: TierScheme | None, on: date) -> Iterator[Reason]:
    """What keeps the computed tier from the candidate."""
    if after["candidate"] == after["computed"] or scheme is None:
        return
    if after["held_reviews"]:
        yield Reason("held_reviews", {"count": after["held_reviews"]})
    if after["held_until"] is not None:
        yield Reason("held_until", {"until": after["held_until"]})
    if scheme.demotion is not None and _is_worse(scheme, after["candidate"], after["computed"]):
        about = {"count": after["worse_reviews"], "of": scheme.demotion.after.count}
        yield Reason("grace", about)
    if scheme.review:
        every = _period(scheme.review)
        yield Reason("next_review", {"on": next_start(every, period_start(every, on))})


def _is_worse(scheme: TierScheme, tier: str, other: str) -> bool:
    order = [one.id for one in (*scheme.levels, scheme.default)]
    return tier in order and other in order and order.index(tier) > order.index(other)


def _period(every: str) -> Period:
    return Period(1, every, every)  # type: ignore[arg-type]


def approvals_between(
    overrides: Overrides, account: str, pack: str, milestone: str, nights: tuple[date, date]
) -> Iterator[Reason]:
    """The approvals of a milestone that were given after the earlier night."""
    for one in overrides.approvals:
        about = (one.account, one.pack, one.milestone)
        if about == (account, pack, milestone) and nights[0] < one.on <= nights[1]:
            yield Reason("approved", {"on": one.on}, one.location, one.approver, one.note)
