"""What holds of every policy and every book, whatever the facts do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

import pytest

from tests.lifecycle.agreement import comparable
from tests.lifecycle.harness import Machines, Night
from tests.lifecycle.model.days import Almanac
from tests.lifecycle.model.inputs import Facts, Inputs
from tests.lifecycle.model.policy import Entitlement, Milestone, Pack, Warn
from tests.lifecycle.model.state import Key, State
from tests.lifecycle.worlds import World, random_pack

SEEDS = (101,)
NIGHTS = 6


@dataclass(frozen=True)
class Story:
    """Nights of a restless book, each run twice over the same facts: input, first, second."""

    packs: tuple[Pack, ...]
    nights: list[tuple[Inputs, Night, Night]]


@pytest.fixture(scope="module", params=SEEDS)
def story(request: pytest.FixtureRequest) -> Story:
    rng = Random(request.param)
    packs = (random_pack(rng, "p0"), random_pack(rng, "p1"))
    world = World(rng, packs, date(2026, 2, 2), Almanac(china=True), restless=0.3)
    nights = []
    with Machines(packs) as machines:
        for _ in range(NIGHTS):
            tonight = world.tonight()
            first = machines.run(tonight)
            nights.append((tonight, first, machines.run(tonight)))
            world.advance()
    return Story(packs, nights)


def test_running_a_night_twice_changes_nothing(
    story: Story,
) -> None:
    for _, first, second in story.nights:
        assert second.decisions == first.decisions
        assert second.obligations == first.obligations
        assert second.log == set()
        assert second.actions == []
        assert sorted(map(repr, second.open_actions)) == sorted(map(repr, first.open_actions))


def test_an_action_id_is_never_emitted_twice(story: Story) -> None:
    seen: set[str] = set()
    for _, first, _ in story.nights:
        assert seen.isdisjoint(first.ids)
        seen |= set(first.ids)
    assert len(seen) > 50


def test_a_warning_never_fires_twice_without_resolving_in_between(
    story: Story,
) -> None:
    firing: set[tuple[str, str, str | None]] = set()
    fired = 0
    for _, night, _ in story.nights:
        opened = {line[1:4] for line in night.log if line[0] == "warning_opened"}
        resolved = {line[1:4] for line in night.log if line[0] == "warning_resolved"}
        assert firing.isdisjoint(opened)
        assert resolved <= firing
        firing = (firing | opened) - resolved
        fired += len(opened)
        found = {
            (key[0], key[2], rule) for key, state in night.states.items() for rule in state.warnings
        }
        assert firing == found
    assert fired > 30


def test_an_account_of_the_population_is_in_one_tier_of_a_pack(
    story: Story,
) -> None:
    for tonight, night, _ in story.nights:
        columns = [(row[3], row[4], row[1]) for row in night.decisions]  # pack, scope, account
        assert len(columns) == len(set(columns))
        for account, by_pack in tonight.accounts.items():
            for pack, facts in by_pack.items():
                state = night.states.get((pack, "account", account))
                assert (state is not None) == facts.in_population
                assert state is None or state.tier is not None


def test_entitlements_are_those_of_the_effective_tier_and_the_conditions_that_hold(
    story: Story,
) -> None:
    packs = {pack.id: pack for pack in story.packs}
    for tonight, night, _ in story.nights:
        for (pack, scope, account), state in night.states.items():
            if scope != "account" or account in tonight.set_aside:
                continue
            facts = tonight.accounts[account][pack]
            expected = {
                rule
                for rule, one in packs[pack].entitlements.items()
                if state.tier in one.tiers
                and (not one.conditional or state.tier in facts.entitlements.get(rule, ()))
            }
            assert state.entitlements == expected


# --- over time ---------------------------------------------------------------------------


def test_the_first_night_of_all_moves_nobody_by_review() -> None:
    pack = Pack("p", ("key", "plain"), review="week")
    facts = {"A": {"p": Facts(candidate="key")}, "B": {"p": Facts(candidate="plain")}}
    with Machines([pack]) as machines:
        night = machines.run(Inputs(date(2026, 6, 1), facts))  # a Monday
    assert {key[2]: state.tier for key, state in night.states.items()} == {"A": "key", "B": "plain"}
    assert {line[0] for line in night.log} == {"tier_assigned"}


TIERS = ("strategic", "key", "potential", "plain")
CONSTANT = Pack(
    "p",
    TIERS,
    review="month",
    demotion=(2, 1),
    milestones={"rise": Milestone("promote", "key", (2, "review"))},
    warnings={
        "late": Warn(keep=4, escalate=((3, "workday"), "sponsor")),
        "slow": Warn(pending=3),
        "cool": Warn(cool=10),
    },
    entitlements={
        "visits": Entitlement("cadence", TIERS, every=(1, "week")),
        "manager": Entitlement("team", TIERS, roles={"customer_manager": 1}),
    },
)


@pytest.mark.slow
@pytest.mark.parametrize("last", [date(2026, 1, 31), date(2026, 4, 1)])
def test_catching_up_ends_in_the_same_state_as_running_each_night(last: date) -> None:
    """Facts change once, after the first night, and then stay."""
    first = date(2026, 1, 20)
    before = {name: {"p": Facts(candidate=name, warnings=_red("cool"))} for name in CONSTANT.tiers}
    after = {
        name: {"p": Facts(candidate=tier, warnings={**_red("late"), **_red("slow")})}
        for name, tier in zip(CONSTANT.tiers, reversed(CONSTANT.tiers), strict=True)
    }
    after["potential"]["p"] = replace(
        after["potential"]["p"], candidate="key", milestones={"rise": frozenset({"potential"})}
    )
    with Machines([CONSTANT]) as each, Machines([CONSTANT]) as rare:
        for machines in (each, rare):
            machines.run(Inputs(first, before))
            machines.run(Inputs(first + timedelta(days=1), after))
        day = first + timedelta(days=2)
        while day <= last:
            if last - day <= timedelta(days=1) or day.day == 1 or day < first + 8 * DAY:
                daily = each.run(Inputs(day, after))
            day += timedelta(days=1)
        late = rare.run(Inputs(last, after))
        assert _without_dates(daily) == _without_dates(late)


DAY = timedelta(days=1)


def _red(rule: str) -> dict[str, dict[str | None, str]]:
    return {rule: {None: "red"}}


def _without_dates(night: Night) -> dict[Key, State]:
    found = {}
    for key, state in night.states.items():
        plain = comparable(state, night.as_of, "Asia/Shanghai")
        for firing in plain.warnings.values():
            firing.since = firing.raised = date.min
            firing.escalated = firing.escalated and date.min
        for duty in plain.duties.values():
            duty.asked_on = duty.asked_on and date.min
        found[key] = replace(plain, tier_since=None)
    return found
