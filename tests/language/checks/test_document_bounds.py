"""What the source documents leave open: at the bounds of each check, and in the packs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.errors import KamError, Location
from engine.language.checks.pack import check_pack
from engine.language.load import load_pack
from engine.resources import policies_folder
from tests.language.checks.documents import (
    CLOCK,
    CORE,
    END_OF_ENTITLEMENTS,
    HOLD,
    NO_KEY,
    NO_SHARE,
    POPULATION,
    POTENTIAL,
    STRATEGIC,
    TITLE,
    Change,
    entitlements,
    messages,
)
from tests.language.checks.packs import spoilt


@pytest.mark.parametrize(
    ("asked", "accounts", "population", "first"),
    [
        ("{value_score: {top: 5%}, share: {gt: 20%}}", 4, 81, 5),
        ("{value_score: {top: 5%}, share: {gte: 20%}}", 5, 101, 6),
        ("{value_score: {top: 5%}, share: {gt: 19.9%}}", 5, 101, 6),
        ("{value_score: {top: 5%}, share: {between: [30%, 90%]}}", 3, 61, 4),
        ("{all: [value_score: {top: 100%}, all: [share: {gte: 100%}]]}", 1, 2, 2),
    ],
)
def test_quota_names_the_smallest_population_that_cannot_fill_it(
    asked: str, accounts: int, population: int, first: int
) -> None:
    (message,) = messages((STRATEGIC, asked), NO_SHARE)
    assert f"at most {accounts} accounts" in message
    assert f"of {population} accounts are {first}" in message


@pytest.mark.parametrize(
    "asked",
    [
        "{value_score: {top: 5%}, lines: {gt: 3}}",  # no share of a whole
        "{value_score: {top: 5%}, share: {gt: 0%}}",  # everybody may have that
        "{value_score: {top: 5%}, share: {lt: 50%}}",  # so may be this
        "{any: [value_score: {top: 5%}, share: {gt: 50%}]}",  # either is enough
    ],
)
def test_quota_that_can_be_filled_is_none(asked: str) -> None:
    assert messages((STRATEGIC, asked), NO_SHARE) == []


def test_rank_without_a_measure_cannot_be_written() -> None:
    (message,) = messages((STRATEGIC, "{top: 5%}"), NO_SHARE)
    assert message == "'top' is not a measure, a scorecard or an account column"


def test_ranks_are_cumulative_whatever_the_document_means() -> None:
    """The first 15% contain the first 5%, so the level below may not be the narrower one."""
    narrower = (CORE, "{value_score: {top: 5%}}")
    wider = (STRATEGIC, "{value_score: {top: 15%}}")
    (message,) = messages(wider, narrower, NO_KEY, NO_SHARE, POTENTIAL)
    assert message.startswith("tier 'core' can never be reached")


@pytest.mark.parametrize(
    ("to", "expected"), [("to: core", 1), ("to: strategic", 1), ("to: potential", 0)]
)
def test_promotion_is_measured_against_the_tier_that_it_leads_to(to: str, expected: int) -> None:
    changes: tuple[Change, ...] = (
        ("from: potential\n    to: core", to),
        ("{growth: {gte: 30%}}", "{share: {gte: 7.9%}}"),
        HOLD,
    )
    assert len(messages(*changes)) == expected


def test_milestone_that_only_proposes_is_for_a_person_to_weigh() -> None:
    assert messages(("effect: promote", "effect: propose"), HOLD) == []


def test_pack_without_reviews_has_no_way_down_to_describe() -> None:
    assert messages((POPULATION, POPULATION)) == []


@pytest.mark.parametrize(
    ("every", "expected"), [("quarter", 0), ("3 months", 0), ("12 weeks", 1), ("14 weeks", 0)]
)
def test_rhythms_are_compared_by_the_year(every: str, expected: int) -> None:
    talk = (
        f"talk: {{kind: cadence, {TITLE}, tiers: [core], every: {every}, "
        "met_by: {records: contacts}}"
    )
    assert len(messages((END_OF_ENTITLEMENTS, entitlements(talk)))) == expected


@pytest.mark.parametrize(
    "kept",
    [
        "tiers: [core], every: week, met_by: {records: issues}}",  # other records
        "tiers: [core], every: week, when: {lines: {gt: 5}}, met_by: {records: contacts}}",
        "tiers: [strategic], every: week, met_by: {records: contacts}}",
    ],
)
def test_rhythm_of_other_records_or_accounts_is_no_inversion(kept: str) -> None:
    talk = f"talk: {{kind: cadence, {TITLE}, {kept}"
    assert messages((END_OF_ENTITLEMENTS, entitlements(talk))) == []


@pytest.mark.parametrize(
    "kept",
    [
        "kind: priority, tiers: [core], rank: 1, when: {lines: {gt: 5}}}",
        "kind: priority, tiers: [core], rank: 1, owner: office}",
        "kind: service, tiers: [standard]}",  # the standard of everybody
        "kind: service, tiers: [strategic]}",
    ],
)
def test_entitlement_that_turns_nothing_round_is_no_inversion(kept: str) -> None:
    supply = f"supply: {{{TITLE}, {kept}"
    assert messages((END_OF_ENTITLEMENTS, entitlements(supply))) == []


@pytest.mark.parametrize("within", ["1 day", "1 workday"])
def test_days_need_no_clock(within: str) -> None:
    assert messages(CLOCK, ("within: 24 hours", f"within: {within}")) == []


def test_comparison_beside_another_says_nothing_of_what_is_better() -> None:
    lines = ("lines: {type: integer,", "lines: {type: integer, polarity: higher_is_better,")
    guarded = ("{satisfaction: {lt: 80}, complaints", "{lines: {gte: 9}, complaints")
    assert messages(guarded, lines) == []


def test_points_and_warnings_that_disagree_need_a_polarity() -> None:
    warned = ("{satisfaction: {lt: 80}, complaints: {gte: 2}}", "{share: {gt: 30%}}")
    found = messages(warned)
    assert len(found) == 1
    assert "warns of 'share' > 30%, and tier 'strategic' asks for 'share' > 20%" in found[0]
    assert "the first is about 31%, the other about 21%" in found[0]


# --- what the documents say of weights and of judgements, before a check is asked ----------


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (("{weight: 60, measure", "{measure"), "missing-key", "'amount' needs 'weight'"),
        (
            ("{weight: 60, measure", "{weight: 59, measure"),
            "weights-do-not-add-up",
            "add up to 99, not 100",
        ),
        ((", judgement: true, owner: office}", ", judgement: true}"), "missing-key", "'owner'"),
    ],
)
def test_pack_with_a_number_left_out_is_not_loaded(change: Change, code: str, message: str) -> None:
    with pytest.raises(KamError) as raised:
        spoilt(*change)
    (found,) = raised.value.problems
    assert found.code == code
    assert message in found.message
    assert isinstance(found.location, Location)
    assert found.location.line > 1


# --- the packs that decide -----------------------------------------------------------------


def undecided(**changed: Any) -> list[str]:
    """What is found in the pack of document D without its decisions."""
    policy = load_pack(policies_folder() / "key_account_rules")
    return [problem.message for problem in check_pack(replace(policy, **changed))]


def test_key_account_rules_without_an_owner_of_the_ranks_cannot_fill_them() -> None:
    policy = load_pack(policies_folder() / "key_account_rules")
    ranks = ("strategic_rank", "core_rank")
    unowned = {name: replace(policy.parameters[name], owner=None) for name in ranks}
    found = undecided(parameters={**policy.parameters, **unowned})
    assert len(found) == 2
    assert "at most 4 accounts can have 'revenue_share' > 20%" in found[0]
    assert "at most 12 accounts can have 'revenue_share' ≥ 8%" in found[1]


def test_key_account_rules_without_a_hold_take_the_promotion_back() -> None:
    policy = load_pack(policies_folder() / "key_account_rules")
    grow = replace(policy.milestones["grow_to_core"], hold=None)
    (found,) = undecided(milestones={**policy.milestones, "grow_to_core": grow})
    assert "from 3% it grows by 30% to 3.9%" in found


def test_key_account_rules_without_a_way_down_are_found() -> None:
    policy = load_pack(policies_folder() / "key_account_rules")
    assert policy.tiers is not None
    (found,) = undecided(tiers=replace(policy.tiers, demotion=None))
    assert "falls to 'standard' at the first review" in found


def test_key_account_rules_with_talks_for_core_alone_are_found() -> None:
    policy = load_pack(policies_folder() / "key_account_rules")
    talk = replace(policy.entitlements["weekly_talk"], tiers=("core",))
    weekly, fortnightly = undecided(entitlements={**policy.entitlements, "weekly_talk": talk})
    assert "'core' has 52 a year by 'weekly_talk' (week)" in weekly
    assert "'strategic' 4 by 'quarterly_executive_meeting' (quarter)" in weekly
    assert "'potential' has 26 a year by 'demand_follow_up' (2 weeks)" in fortnightly
