"""Where the source documents contradict themselves or say too little, the checks find it.

Each case is the good pack written as a document says, and again with the matter decided.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

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
    owned,
)
from tests.language.checks.packs import spoilt


class Finding(NamedTuple):
    """What a document says, the finding with its witness, and the decision that settles it."""

    row: str
    code: str
    written: tuple[Change, ...]
    """The mark is where the finding stands."""
    witness: tuple[str, ...]
    decided: tuple[Change, ...]
    severity: str = "warning"

    def __str__(self) -> str:
        return f"{self.row} {self.code}"


FOUND = [
    Finding(
        "1: 15% to 20% belongs to no level",
        "gap",
        (
            (CORE, "{§share: {between: [8%, 15%]}, purchase: {gt: 0}}"),
            (STRATEGIC, "{share: {gt: 20%}}"),
            (POTENTIAL[0], "        {share: {gte: 3%, lt: 8%}}\n"),
            NO_KEY,
            NO_SHARE,
        ),
        ("above 15% up to 20%", "an account with 20% falls to 'standard'"),
        (
            (CORE, "{share: {gte: 8%, lte: 20%}, purchase: {gt: 0}}"),
            (STRATEGIC, "{share: {gt: 20%}}"),
            (POTENTIAL[0], "        {share: {gte: 3%, lt: 8%}}\n"),
            NO_KEY,
            NO_SHARE,
        ),
    ),
    Finding(
        "2: 8% is core and potential",
        "overlap",
        (
            (CORE, "{share: {between: [8%, 15%]}}"),
            (STRATEGIC, "{share: {gt: 15%}}"),
            (POTENTIAL[0], "        {§share: {between: [3%, 8%]}}\n"),
            NO_KEY,
            NO_SHARE,
        ),
        ("'share' of exactly 8%", "an account with 8% that meets both is 'core'"),
        (
            (CORE, "{share: {between: [8%, 15%]}}"),
            (STRATEGIC, "{share: {gt: 15%}}"),
            (POTENTIAL[0], "        {share: {gte: 3%, lt: 8%}}\n"),
            NO_KEY,
            NO_SHARE,
        ),
    ),
    Finding(
        "3: Top 5% and more than 20% of revenue",
        "infeasible-quota",
        ((STRATEGIC, "{§value_score: {top: 5%}, share: {gt: $top_share}}"),),
        (
            "tier 'strategic' cannot fill the first 5% of 'value_score'",
            "at most 4 accounts can have 'share' > 20%",
            "5% of 81 accounts are 5",
        ),
        (
            (STRATEGIC, "{value_score: {top: $first}, share: {gt: $top_share}}"),
            owned("first", "5%"),
        ),
    ),
    Finding(
        "4: rank among whom",
        "underspecified-rank",
        (
            (POPULATION, ""),
            (STRATEGIC, "{§value_score: {top: 5%}}"),
            POTENTIAL,
            NO_SHARE,
        ),
        ("tier 'strategic' ranks 'value_score'", "100 are prospects or closed, 5% are 10", "5"),
        ((STRATEGIC, "{value_score: {top: 5%}}"), POTENTIAL, NO_SHARE),
    ),
    Finding(
        "4: rank among all, and somebody answers for it",
        "underspecified-rank",
        ((POPULATION, ""), ("- value_score: {top", "- §value_score: {top")),
        ("of 200 accounts", "30% are 60, and of the others 30"),
        ((POPULATION, ""), ("value_score: {top: 30%}", "value_score: {top: $first}"),
         owned("first", "30%")),
    ),
    Finding(
        "5: a gate of 10% shuts out a level of 3% to 8%",
        "unreachable-tier",
        (
            (POTENTIAL[0], "        all: [share: {gte: 10%}, §share: {gte: 3%, lt: 8%}]\n"),
        ),
        ("tier 'potential' can never be reached",),
        ((POTENTIAL[0], "        {share: {gte: 3%, lt: 8%}}\n"),),
        "error",
    ),
    Finding(
        "5: unless the margin is high",
        "unreachable-tier",
        (
            (
                POTENTIAL[0],
                "        all: [{any: [§share: {gte: 10%}, growth: {gte: 5%}]}, "
                "share: {gte: 3%, lt: 8%}]\n",
            ),
        ),
        (
            "tier 'potential' can never be reached by 'share' ≥ 10%",
            "shuts out an account with 'share' of 10%",
        ),
        ((POTENTIAL[0], "        {any: [share: {gte: 3%}, growth: {gte: 5%}]}\n"),),
    ),
    Finding(
        "6: 30% more than 3% is 3.9%, below core's 8%",
        "promotion-conflicts-with-tier",
        (("  rise:\n", "  §rise:\n"), HOLD),
        (
            "milestone 'rise' promotes to 'core' accounts that do not meet it",
            "one of 'potential' with 'growth' of 30% and 'share' of 3% lacks 'share' ≥ 8%",
            "from 3% it grows by 30% to 3.9%",
        ),
        (),
    ),
    Finding(
        "6: the milestone asks for what the tier asks for",
        "promotion-conflicts-with-tier",
        (
            ("  rise:\n", "  §rise:\n"),
            ("{growth: {gte: 30%}}", "{share: {gte: 7.9%}, purchase: {gte: $key_amount}}"),
            HOLD,
        ),
        ("with 'share' of 7.9% and", "lacks 'share' ≥ 8%"),
        (
            ("{growth: {gte: 30%}}", "{share: {gte: 8%}, purchase: {gte: $key_amount}}"),
            HOLD,
        ),
    ),
    Finding(
        "7: no way down",
        "no-demotion",
        ((POPULATION, f"{POPULATION}  §review: {{every: quarter}}\n"),),
        (
            "one of 'strategic' that meets no level falls to 'standard' at the first review",
            "every quarter",
        ),
        (
            (
                POPULATION,
                f"{POPULATION}  review: {{every: quarter}}\n"
                "  demotion: {after: 1 review, steps: 3}\n",
            ),
        ),
    ),
    Finding(
        "10: priority for the second level only",
        "entitlement-inversion",
        (
            (
                END_OF_ENTITLEMENTS,
                entitlements(f"§supply: {{kind: priority, {TITLE}, tiers: [core], rank: 1}}"),
            ),
        ),
        (
            "an account of 'core' goes first with rank 1, and one of 'strategic' has no place",
        ),
        (
            (
                END_OF_ENTITLEMENTS,
                entitlements(
                    f"supply: {{kind: priority, {TITLE}, tiers: [strategic, core], rank: 1}}"
                ),
            ),
        ),
    ),
    Finding(
        "10: the better level waits longer",
        "entitlement-inversion",
        (
            (
                END_OF_ENTITLEMENTS,
                entitlements(
                    f"one: {{kind: priority, {TITLE}, tiers: [strategic], rank: 2}}",
                    f"§two: {{kind: priority, {TITLE}, tiers: [core], rank: 1}}",
                ),
            ),
        ),
        ("goes first with rank 1, and one of 'strategic' has rank 2",),
        (
            (
                END_OF_ENTITLEMENTS,
                entitlements(
                    f"one: {{kind: priority, {TITLE}, tiers: [strategic], rank: 1}}",
                    f"two: {{kind: priority, {TITLE}, tiers: [core], rank: 1}}",
                ),
            ),
        ),
    ),
    Finding(
        "10: a service for the second level only",
        "entitlement-inversion",
        (("  hotline: {", "  §hotline: {"), ("[strategic, core]}", "[core]}")),
        ("an account of 'core' gets it, and one of 'strategic' gets no channel at all",),
        (("[strategic, core]}", "[core], owner: office}"),),
    ),
    Finding(
        "11: strategic meets quarterly, core talks weekly",
        "cadence-inversion",
        (
            (
                END_OF_ENTITLEMENTS,
                entitlements(
                    f"§talk: {{kind: cadence, {TITLE}, tiers: [core], every: week, "
                    "met_by: {records: contacts, where: {kind: call}}}"
                ),
            ),
        ),
        (
            "an account of 'core' has 52 a year by 'talk' (week)",
            "one of 'strategic' 4 by 'visit' (quarter)",
        ),
        (
            (
                END_OF_ENTITLEMENTS,
                entitlements(
                    f"talk: {{kind: cadence, {TITLE}, tiers: [strategic, core], every: week, "
                    "met_by: {records: contacts, where: {kind: call}}}"
                ),
            ),
        ),
    ),
    Finding(
        "13: an hour of which clock",
        "underspecified-clock",
        (("  reply:\n", "  §reply:\n"), CLOCK, ("within: 24 hours", "within: 1 hour")),
        (
            "on Friday 2026-06-05 17:30 is late after Friday 2026-06-05 18:30 by the calendar",
            "after Monday 2026-06-08 09:30",
        ),
        (("clock: calendar", "clock: working"), ("within: 24 hours", "within: 1 hour")),
    ),
    Finding(
        "13: 24 hours of which clock",
        "underspecified-clock",
        (("  reply:\n", "  §reply:\n"), CLOCK),
        ("after Saturday 2026-06-06 17:30 by the calendar", "after Wednesday 2026-06-10 14:30"),
        (CLOCK, ("within: 24 hours", "within: 1 workday")),
    ),
    Finding(
        "14: fewer accounts and more accounts are both progress",
        "missing-polarity",
        (
            (
                "warnings:\n",
                f"warnings:\n  many: {{{TITLE}, scope: customer_manager, "
                "levels: {blue: {when: {§of_manager: {gt: 8}}}}}\n"
                f"  few: {{{TITLE}, scope: customer_manager, "
                "levels: {blue: {when: {of_manager: {lt: 15}}}}}\n",
            ),
            (
                "  stage: {type",
                "  of_manager: {scope: customer_manager, type: integer, count: accounts}\n"
                "  stage: {type",
            ),
            ("role: {type: enum, values: [manager,",
             "person: text, role: {type: enum, values: [customer_manager, manager,"),
        ),
        (
            "nothing says whether more of 'of_manager' is better",
            "'of_manager' > 8, and level blue of warning 'few' warns of 'of_manager' < 15",
            "the first is about 9",
        ),
        (
            (
                "warnings:\n",
                f"warnings:\n  many: {{{TITLE}, scope: customer_manager, "
                "levels: {blue: {when: {of_manager: {gt: 8}}}}}\n",
            ),
            (
                "  stage: {type",
                "  of_manager: {scope: customer_manager, type: integer, count: accounts, "
                "polarity: lower_is_better}\n  stage: {type",
            ),
            ("role: {type: enum, values: [manager,",
             "person: text, role: {type: enum, values: [customer_manager, manager,"),
        ),
    ),
    Finding(
        "14: a warning against the polarity",
        "polarity-mismatch",
        (
            ("orange: {when: {satisfaction: {lt: 80}, complaints: {gte: 2}}}",
             "orange: {when: {§lines: {gte: 9}, tier: {gte: core}}}"),
            ("lines: {type: integer,", "lines: {type: integer, polarity: higher_is_better,"),
        ),
        ("warns of 'lines' ≥ 9, but of 'lines' higher is better",),
        (
            ("orange: {when: {satisfaction: {lt: 80}, complaints: {gte: 2}}}",
             "orange: {when: {lines: {gte: $many}, tier: {gte: core}}}"),
            ("lines: {type: integer,", "lines: {type: integer, polarity: higher_is_better,"),
            owned("many", "9"),
        ),
    ),
    Finding(
        "15: every account gets a manager",
        "population",
        (("  team:\n", "  §team:\n"), ("tiers: [core],\n", "tiers: [core, standard],\n")),
        ("owed to the default tier 'standard'", "one that meets no level needs manager"),
        (("tiers: [core],\n", "tiers: [core, standard], owner: office,\n"),),
    ),
    Finding(
        "15: one manager and two",
        "contradictory-teams",
        (
            (
                END_OF_ENTITLEMENTS,
                entitlements(
                    f"§pair: {{kind: team, {TITLE}, tiers: [strategic, core], "
                    "roles: {manager: {at_least: 2, where: {years: {gte: 5}}}}}"
                ),
            ),
        ),
        (
            "'core' is owed 2 of 'manager' by 'pair' and 1 by 'team'",
            "an account with 1 meets one of them only",
        ),
        (
            (
                END_OF_ENTITLEMENTS,
                entitlements(
                    f"pair: {{kind: team, {TITLE}, tiers: [strategic, core], "
                    "roles: {manager: {at_least: 1, where: {years: {gte: 5}}}, "
                    "deputy: {at_least: 1}}}"
                ),
            ),
        ),
    ),
    Finding(
        "17: 定期 carries no number",
        "judgement-without-owner",
        (
            ("  silent_days: {value: 45 days, judgement: true, owner: office}",
             "  §silent_days: {value: 45 days, source: D2}"),
            ("not_implemented: {D2: the document names no number}\n", ""),
        ),
        ("'silent_days' is 45 days, of which D2 「定期拜访」 says nothing",),
        (
            ("  silent_days: {value: 45 days, judgement: true, owner: office}",
             "  silent_days: {value: 45 days, source: D2, judgement: true, owner: office}"),
            ("not_implemented: {D2: the document names no number}\n", ""),
        ),
    ),
    Finding(
        "18: NPS and satisfaction alike",
        "scale-mismatch",
        (("satisfaction: {lt: 80}", "satisfaction: {lt: {measure: §promoters}}"),),
        ("a score from 0 to 100, 'promoters' is an NPS from -100 to 100",),
        (("satisfaction: {lt: 80}", "promoters: {lt: 0}"),),
        "error",
    ),
    Finding(
        "20: 180 days imply a veto",
        "judgement-parameter",
        ((POPULATION, f"{POPULATION}  exclude: {{when: {{§silence: {{gte: 180 days}}}}}}\n"),),
        ("an account with 'silence' ≥ 180 days falls to 'standard' at once",),
        (
            (POPULATION, f"{POPULATION}  exclude: {{when: {{silence: {{gte: $veto}}}}}}\n"),
            owned("veto", "180 days"),
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize("finding", FOUND, ids=str)
def test_matter_is_found_with_its_line_and_a_witness(finding: Finding) -> None:
    first, *rest = finding.written
    case = spoilt(*first, also=tuple(rest))
    found = case.only()
    assert (found.code, found.severity) == (finding.code, finding.severity), str(found)
    assert found.location == case.place, str(found)
    for words in finding.witness:
        assert words in found.message
    assert found.hint


@pytest.mark.parametrize("finding", FOUND, ids=str)
def test_decided_matter_is_no_finding(finding: Finding) -> None:
    first, *rest = finding.decided or (("  rise:\n", "  rise:\n"),)
    found = spoilt(*first, also=tuple(rest)).problems()
    assert [str(problem) for problem in found] == []
