"""One day of one account, from its facts to what is decided, logged and asked for.

The order is that of `engine.lifecycle.deciding`: review, milestones, effective tier, then
everything that follows from the tier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from zoneinfo import ZoneInfo

from engine.executors.single import Verdict
from engine.lifecycle.account.actions import emitted, ended
from engine.lifecycle.account.changes import changes
from engine.lifecycle.account.judging import Judge
from engine.lifecycle.account.limits import Limits
from engine.lifecycle.account.milestones import reach
from engine.lifecycle.account.obligations import Owing, Seen
from engine.lifecycle.account.pack_day import PackDay
from engine.lifecycle.account.policy import PackPolicy, read_policies, read_said
from engine.lifecycle.account.state import AccountDay, AccountDecided
from engine.lifecycle.account.tiers import review, settle
from engine.lifecycle.account.warnings import advance, quieten
from engine.lifecycle.inputs import NightInputs
from engine.lifecycle.workdays import Calendar
from engine.plan.steps import Plan


class Machines:
    """The lifecycle on the day of a plan, for one account after the other.

    Made once for a plan, a calendar and what people have said; `heeding` takes what they say since.
    """

    def __init__(self, plan: Plan, calendar: Calendar, inputs: NightInputs) -> None:
        self._as_of = plan.as_of
        self._calendar = calendar
        self._policies = read_policies(plan, calendar)
        self._by_id = {one.id: one for one in self._policies}
        self._limits = Limits(calendar, ZoneInfo(inputs.timezone))
        self._said = read_said(inputs, plan.as_of)

    def heeding(self, inputs: NightInputs) -> Machines:
        """The same machines over the overrides, marks and people of `inputs`."""
        other = copy(self)
        other._said = read_said(inputs, self._as_of)
        return other

    def advance(self, day: AccountDay, judge: Judge) -> AccountDecided:
        """What the day comes to. `day.as_of` is that of the plan."""
        assert day.as_of == self._as_of
        found = self._decide(day, judge)
        return AccountDecided(
            tuple(found[pack].row(day) for pack in sorted(found)),
            tuple(row for pack in sorted(found) for row in found[pack].obligations.rows),
            changes(found, self._said, day),
            emitted([found[pack] for pack in sorted(found)], self._said, day),
            ended(found, day),
        )

    def _decide(self, day: AccountDay, judge: Judge) -> dict[str, PackDay]:
        said, account = self._said, day.account_id
        overrides = {one.id: said.overrides.get((account, one.id)) for one in self._policies}
        verdicts = judge(self._tiers_before(day))
        reviewed = {
            one.id: review(one, verdicts[one.id], overrides[one.id], day) for one in self._policies
        }
        on_review = self._judged(
            judge, verdicts, {pack: one.tier for pack, one in reviewed.items()}, _milestones_ask
        )
        milestones = {
            one.id: reach(one, on_review[one.id], reviewed[one.id], said, day)
            for one in self._policies
        }
        tiers = {
            one.id: settle(one, reviewed[one.id], milestones[one.id].move, overrides[one.id], day)
            for one in self._policies
        }
        effective = {pack: one.tier for pack, one in tiers.items()}
        verdicts = self._judged(judge, on_review, effective, _rules_ask)
        warnings = quieten(
            {
                one.id: advance(one, verdicts[one.id], effective[one.id], said, day)
                for one in self._policies
            },
            self._by_id,
            day.as_of,
        )
        seen = Seen(day.obligations)
        return {
            one.id: PackDay(
                one,
                tiers[one.id],
                on_review[one.id],
                verdicts[one.id],
                milestones[one.id],
                warnings[one.id],
                Owing(one, self._calendar, self._limits, seen, day).owe(
                    verdicts[one.id], effective[one.id]
                ),
            )
            for one in self._policies
        }

    def _tiers_before(self, day: AccountDay) -> dict[str, str]:
        """The tiers that most accounts still have: they are judged once and not three times."""
        found = {}
        for one in self._policies:
            before = day.decided_before(one.id)
            if before is not None and before["tier"] is not None:
                found[one.id] = before["tier"]
        return found

    def _judged(
        self,
        judge: Judge,
        verdicts: Mapping[str, Verdict],
        tiers: Mapping[str, str | None],
        asks: Callable[[PackPolicy], bool],
    ) -> Mapping[str, Verdict]:
        """The verdicts on `tiers`; asked for only where one that matters was on another tier."""
        if all(
            verdicts[one.id].tier == tiers[one.id] or not asks(one)
            for one in self._policies
            if verdicts[one.id].in_population
        ):
            return verdicts
        return judge({pack: tier for pack, tier in tiers.items() if tier is not None})


def _milestones_ask(policy: PackPolicy) -> bool:
    return policy.milestones_read_tier


def _rules_ask(policy: PackPolicy) -> bool:
    return policy.rules_read_tier


def advance_account(
    plan: Plan, calendar: Calendar, inputs: NightInputs, day: AccountDay, judge: Judge
) -> AccountDecided:
    """`Machines.advance` for a single account; who asks again keeps the `Machines`."""
    return Machines(plan, calendar, inputs).advance(day, judge)
