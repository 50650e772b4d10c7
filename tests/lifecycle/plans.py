"""A pack of the model as the engine's plan of a night."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time

from engine.errors import Location
from engine.language.calendar import CalendarRules
from engine.lifecycle.workdays import Calendar
from engine.model import (
    ActionTemplate,
    Demotion,
    Escalation,
    Milestone,
    Period,
    TierScheme,
    Title,
    WarningRule,
)
from engine.model import Entitlement as EngineEntitlement
from engine.model import Tier as EngineTier
from engine.plan.periods import span_of
from engine.plan.steps import (
    All,
    Comparison,
    FactColumn,
    ObligationStep,
    PackPlan,
    Plan,
    Precision,
    RecordStep,
    TierStep,
)
from tests.lifecycle.model import policy
from tests.lifecycle.model.days import Almanac, Length

HERE = Location("pack.yaml", 1, 1)
TITLE = Title("题", "title")
TIMED = ("response", "deadline")
TRACKED = ("cadence", "team", *TIMED)


# --- a policy of the model as a plan -----------------------------------------------------


def period(length: Length | None) -> Period | None:
    if length is None:
        return None
    count, unit = length
    return Period(count, unit, f"{count} {unit}s")  # type: ignore[arg-type]


def terms(one: policy.Entitlement) -> dict[str, object]:
    found: dict[str, object] = {"remind": period(one.remind), "owner": one.owner}
    found |= {"every": period(one.every), "at_least": one.at_least, "at_most": one.at_most}
    found |= {"within": period(one.within), "clock": one.clock}
    if one.kind == "team":
        found["roles"] = {role: (count, None) for role, count in one.roles.items()}
    return found


def entitlements(pack: policy.Pack) -> dict[str, EngineEntitlement]:
    when = All(())  # any condition will do: its hits are given
    return {
        key: EngineEntitlement(
            key, one.kind, TITLE, (), one.tiers, when if one.conditional else None,  # type: ignore[arg-type]
            terms(one), one.action, HERE,
        )
        for key, one in pack.entitlements.items()
    }  # fmt: skip


def scheme(pack: policy.Pack) -> TierScheme:
    tiers = [EngineTier(tier, TITLE, (), None, HERE) for tier in pack.tiers]
    demotion = None
    if pack.demotion is not None:
        after, steps = pack.demotion
        demotion = Demotion(Period(after, "review", f"{after} reviews"), steps)
    return TierScheme(None, pack.review, demotion, tuple(tiers[:-1]), tiers[-1], HERE)


def tier_steps(pack: policy.Pack) -> Iterator[TierStep]:
    some = Comparison("account_id", "present", (), "", HERE)
    for tier in pack.tiers:
        yield TierStep(tier, TITLE, None if tier == pack.tiers[-1] else some, HERE)


def record_name(pack: str, rule: str) -> str:
    return f"{pack}__{rule}"


def obligations(pack: policy.Pack, as_of: date) -> Iterator[ObligationStep]:
    for key in sorted(pack.entitlements):
        one = pack.entitlements[key]
        if one.kind not in TRACKED:
            continue
        every = period(one.every)
        assert every is not None
        span = span_of(every, as_of) if one.kind == "cadence" else None
        is_team, timed = one.kind == "team", one.kind in TIMED
        for part in sorted(one.roles) if is_team else [""]:
            yield ObligationStep(
                key, one.kind, part,
                "assignments" if is_team else record_name(pack.id, key),
                "assigned_on" if is_team else "day", None,
                "starts" if one.kind == "response" else None,
                "stops" if timed else None,
                "due" if one.kind == "deadline" else None,
                span, available=True,
            )  # fmt: skip


def pack_plan(pack: policy.Pack, as_of: date) -> PackPlan:
    return PackPlan(
        id=pack.id, title=TITLE, version="1", policy_hash="", owner=pack.owner, population=None,
        columns={}, types={}, titles={}, tiers=tuple(tier_steps(pack)), exclude=None,
        scheme=scheme(pack), scores=(), rules=(), entitlements=entitlements(pack),
        milestones={
            key: Milestone(
                key, TITLE, (), None, one.to, None, one.effect, period(one.hold),  # type: ignore[arg-type]
                None, one.action, HERE,
            )
            for key, one in pack.milestones.items()
        },
        warnings={
            key: WarningRule(
                key, TITLE, (), "frontline", (), period((one.pending, "night")),
                period((one.keep, "day")), _escalation(one), one.actions, HERE,
                period((one.cool, "day")), one.scope,  # type: ignore[arg-type]
            )
            for key, one in pack.warnings.items()
        },
        actions={
            key: ActionTemplate(
                key, TITLE, (), one.owner, period(one.due), one.priority,  # type: ignore[arg-type]
                TITLE, HERE,
            )
            for key, one in pack.actions.items()
        },
        roles={}, obligations=tuple(obligations(pack, as_of)), obligation_evidence=(),
    )  # fmt: skip


def _escalation(one: policy.Warn) -> Escalation | None:
    if one.escalate is None:
        return None
    length, role = one.escalate
    after = period(length)
    assert after is not None
    return Escalation(after, role)


def record_steps(packs: Iterable[policy.Pack]) -> Iterator[RecordStep]:
    def columns(**types: str) -> tuple[FactColumn, ...]:
        return tuple(FactColumn(name, kind, True) for name, kind in types.items())  # type: ignore[arg-type]

    yield RecordStep(
        "assignments", True, "assigned_on",
        columns(assigned_on="date", ended_on="date", role="text", person="text"), (),
    )  # fmt: skip
    for pack in packs:
        for key, one in pack.entitlements.items():
            if one.kind in ("cadence", *TIMED):
                listed = columns(day="date", starts="datetime", stops="datetime", due="date")
                yield RecordStep(record_name(pack.id, key), True, "day", listed, ())


def plan_of(packs: Sequence[policy.Pack], as_of: date) -> Plan:
    plans = tuple(pack_plan(pack, as_of) for pack in packs)
    return Plan(as_of, "CNY", Precision(), (), tuple(record_steps(packs)), (), (), plans, "")


def calendar_of(almanac: Almanac) -> Calendar:
    return Calendar(
        CalendarRules(
            "CN" if almanac.china else None,
            holidays=almanac.holidays,
            workdays=almanac.workdays,
            opens=time(almanac.opens),
            closes=time(almanac.closes),
        )
    )
