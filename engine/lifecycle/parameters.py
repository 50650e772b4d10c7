"""The parameter tables of the machines: what the packs and the calendar say, as rows.

Each function returns rows in the order of the columns that `TABLES` gives its table; the
machines in the ``.sql`` files join them and decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import partial

from engine.lifecycle.due_dates import due_date
from engine.lifecycle.inputs import NightInputs
from engine.lifecycle.workdays import ONE_DAY, Calendar
from engine.model import ActionTemplate, Entitlement, Period
from engine.plan.periods import starts_between
from engine.plan.steps import PackPlan, Plan

Row = tuple[object, ...]
Rows = Iterator[Row]

TABLES: Mapping[str, str] = {
    "night": "as_of DATE, previous_night DATE",
    "packs": "pack VARCHAR",
    "tier_policy": (
        "pack VARCHAR, tier VARCHAR, rank INTEGER, is_default BOOLEAN, entitlements VARCHAR[]"
    ),
    "review_policy": (
        "pack VARCHAR, review_days DATE[], demote_after INTEGER, demote_steps INTEGER"
    ),
    "milestone_policy": (
        "pack VARCHAR, rule_id VARCHAR, effect VARCHAR, to_tier VARCHAR, to_rank INTEGER, "
        "hold_reviews INTEGER, hold_until DATE"
    ),
    "warning_policy": (
        "pack VARCHAR, rule_id VARCHAR, pending_days INTEGER, keep_days INTEGER, "
        "cool_days INTEGER, escalate_before DATE, escalate_to VARCHAR"
    ),
    "obligation_policy": (
        "pack VARCHAR, rule_id VARCHAR, kind VARCHAR, at_least INTEGER, at_most INTEGER, "
        "period_start DATE, period_end DATE, period_before DATE, remind_from DATE, "
        "clock VARCHAR, limit_seconds BIGINT, limit_workdays INTEGER"
    ),
    "team_policy": "pack VARCHAR, rule_id VARCHAR, role VARCHAR, at_least INTEGER",
    "owing_tiers": "pack VARCHAR, tier VARCHAR, rule_id VARCHAR",
    "rule_actions": (
        "pack VARCHAR, kind VARCHAR, rule_id VARCHAR, level VARCHAR, template VARCHAR, "
        "owner_role VARCHAR, pack_owner VARCHAR, due_on DATE, priority VARCHAR"
    ),
    "people": "role VARCHAR, person VARCHAR",
    "tier_overrides": (
        "pack VARCHAR, account_id VARCHAR, tier VARCHAR, approver VARCHAR, reason VARCHAR, "
        "until DATE"
    ),
    "approvals": (
        "pack VARCHAR, account_id VARCHAR, milestone VARCHAR, approved_on DATE, approver VARCHAR"
    ),
    "warning_marks": (
        "mark_no INTEGER, kind VARCHAR, pack VARCHAR, account_id VARCHAR, rule_id VARCHAR, "
        '"day" DATE, until DATE'
    ),
}
"""Every parameter table with its columns, as the machines read it."""


def parameter_rows(plan: Plan, calendar: Calendar, inputs: NightInputs) -> dict[str, list[Row]]:
    """The rows of every table in `TABLES`."""
    as_of = plan.as_of
    per_pack: dict[str, Callable[[PackPlan], Rows]] = {
        "packs": lambda pack: iter([(pack.id,)]),
        "tier_policy": _tiers,
        "review_policy": partial(_reviews, as_of, inputs.files.previous_night),
        "milestone_policy": partial(_milestones, as_of, calendar),
        "warning_policy": partial(_warnings, as_of, calendar, plan),
        "obligation_policy": partial(_obligations, calendar),
        "team_policy": _teams,
        "owing_tiers": _owing,
        "rule_actions": partial(_actions, as_of, calendar, plan),
    }
    found = {
        name: [row for pack in plan.packs for row in rows(pack)] for name, rows in per_pack.items()
    }
    found["night"] = [(as_of, inputs.files.previous_night)]
    found["people"] = [(role, people[0]) for role, people in inputs.people.items() if people]
    found["tier_overrides"] = [
        (one.pack, one.account, one.tier, one.approver, one.reason, one.until)
        for one in inputs.overrides.tiers
        if (one.starts is None or one.starts <= as_of) and as_of <= one.until
    ]
    found["approvals"] = [
        (one.pack, one.account, one.milestone, one.on, one.approver)
        for one in inputs.overrides.approvals
        if one.milestone is not None
    ]
    found["warning_marks"] = [
        (one.mark_no, one.kind, one.pack, one.account, one.rule, one.day, one.until)
        for one in inputs.marks
    ]
    return found


def ranks(pack: PackPlan) -> dict[str, int]:
    """Tier → its place, 0 for the best."""
    return {tier.id: rank for rank, tier in enumerate(pack.tiers)}


# --- tiers -------------------------------------------------------------------------------


def _tiers(pack: PackPlan) -> Rows:
    for rank, tier in enumerate(pack.tiers):
        owed = sorted(one.id for one in _owed_to(pack, tier.id))
        yield (pack.id, tier.id, rank, tier.predicate is None, owed)


def _owed_to(pack: PackPlan, tier: str) -> Iterator[Entitlement]:
    """What a tier is owed without further conditions."""
    for one in pack.entitlements.values():
        if one.when is None and tier in one.tiers:
            yield one


def _reviews(as_of: date, previous: date | None, pack: PackPlan) -> Rows:
    demotion = None if pack.scheme is None else pack.scheme.demotion
    after = None if demotion is None else demotion.after.count
    steps = None if demotion is None else demotion.steps
    yield (pack.id, list(review_days(pack, previous, as_of)), after, steps)


def review_days(pack: PackPlan, previous: date | None, as_of: date) -> tuple[date, ...]:
    """The days of the reviews of tonight: after the previous night, up to tonight."""
    every = None if pack.scheme is None else pack.scheme.review
    if every is None:
        return (as_of,)
    if previous is None:
        return ()
    return starts_between(Period(1, every, every), previous, as_of)  # type: ignore[arg-type]


# --- milestones and warnings -------------------------------------------------------------


def _milestones(as_of: date, calendar: Calendar, pack: PackPlan) -> Rows:
    rank = ranks(pack)
    for one in pack.milestones.values():
        reviews, until = 0, None
        if one.hold is not None and one.hold.unit == "review":
            reviews = one.hold.count
        elif one.hold is not None:
            until = due_date(as_of, one.hold, calendar)
        to_rank = None if one.to_tier is None else rank[one.to_tier]
        yield (pack.id, one.id, one.effect, one.to_tier, to_rank, reviews, until)


def _warnings(as_of: date, calendar: Calendar, plan: Plan, pack: PackPlan) -> Rows:
    for one in plan.warnings_of(pack):
        escalate = one.escalate
        yield (
            pack.id,
            one.id,
            _count(one.pending_for),
            _count(one.keep_firing_for),
            _count(one.cool_down),
            None if escalate is None else _latest_start(as_of, escalate.after, calendar),
            None if escalate is None else escalate.to,
        )


def _count(period: Period | None) -> int:
    """Days; a night is a day."""
    return 0 if period is None else period.count


def _latest_start(as_of: date, after: Period, calendar: Calendar) -> date:
    """The last day from which `after` has passed tonight."""
    day = as_of
    while True:
        end = due_date(day, after, calendar)
        assert end is not None
        if end <= as_of:
            return day
        day -= ONE_DAY


# --- obligations -------------------------------------------------------------------------


def _tracked(pack: PackPlan) -> dict[str, Entitlement]:
    """The entitlements that are met over time and whose records the workspace maps."""
    missing = {step.rule_id for step in pack.obligations if not step.available}
    ids = {step.rule_id for step in pack.obligations} - missing
    return {key: pack.entitlements[key] for key in sorted(ids)}


def _obligations(calendar: Calendar, pack: PackPlan) -> Rows:
    spans = {step.rule_id: step.span for step in pack.obligations}
    for key, one in _tracked(pack).items():
        span, terms = spans[key], one.terms
        if one.kind == "cadence":
            assert span is not None
            remind = remind_day(span.end, terms["remind"], calendar)
            least, most = terms["at_least"], terms["at_most"]
            days = (span.start, span.end, span.before, remind)
            yield (pack.id, key, one.kind, least, most, *days, None, None, None)
        else:
            yield (pack.id, key, one.kind, *[None] * 6, *_limit(one, calendar))


def _limit(one: Entitlement, calendar: Calendar) -> tuple[object, object, object]:
    """Clock, seconds and workdays of a response; a day of the working clock is its hours."""
    if one.kind != "response":
        return (None, None, None)
    within, clock = one.terms["within"], one.terms["clock"]
    assert isinstance(within, Period)
    if within.unit == "workday":
        return (clock, None, within.count)
    if within.unit == "hour":
        return (clock, within.count * 3600, None)
    day = calendar.seconds_of_work if clock == "working" else 86400
    return (clock, within.count * day, None)


def remind_day(last: date, remind: object, calendar: Calendar) -> date:
    """The day from which somebody is reminded; the last day itself if nothing is said."""
    if remind is None:
        return last
    assert isinstance(remind, Period)
    if remind.unit == "workday":
        return calendar.add_workdays(last, -remind.count)
    return last - timedelta(days=remind.count)


def _teams(pack: PackPlan) -> Rows:
    for key, one in _tracked(pack).items():
        roles = one.terms.get("roles")
        if isinstance(roles, dict):
            for role, (at_least, _) in roles.items():
                yield (pack.id, key, role, at_least)


def _owing(pack: PackPlan) -> Rows:
    tracked = _tracked(pack)
    for tier in pack.tiers:
        for one in _owed_to(pack, tier.id):
            if one.id in tracked:
                yield (pack.id, tier.id, one.id)


# --- actions -----------------------------------------------------------------------------


def _actions(as_of: date, calendar: Calendar, plan: Plan, pack: PackPlan) -> Rows:
    def row(kind: str, rule: str, level: str, template: str, owner: str | None = None) -> Row:
        action: ActionTemplate = pack.actions[template]
        due = due_date(as_of, action.due, calendar)
        role = owner or action.owner
        return (pack.id, kind, rule, level, template, role, pack.owner, due, action.priority)

    for warning in plan.warnings_of(pack):
        for level, template in warning.actions.items():
            yield row("warning", warning.id, level, template)
            if warning.escalate is not None:
                yield row("escalation", warning.id, level, template, warning.escalate.to)
    for milestone in pack.milestones.values():
        if milestone.action is not None:
            yield row("milestone", milestone.id, "", milestone.action)
    for one in pack.entitlements.values():
        if one.action is not None:
            owner = one.terms.get("owner")
            yield row("entitlement", one.id, "", one.action, str(owner) if owner else None)
