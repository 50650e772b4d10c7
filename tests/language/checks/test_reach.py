"""Conditions that can never hold or always do, and tiers and levels that others hide."""

from __future__ import annotations

import pytest

from tests.language.checks.packs import Broken, spoilt

CORE = "when: {share: {gte: 8%}, purchase: {gte: $key_amount}}"
CORE_TIER = "    core:\n      title: {zh: 核心, en: Core}\n      "
NO_KEY = (("  key_amount: {values: {2025-01-01: 400万, 2027-01-01: 500万}}\n", ""),)
NO_SHARE = (("  top_share: {value: 20%, source: D1}\n", ""),)
YELLOW = "yellow: {when: {silence: {gt: $silent_days}}}"
ORANGE = "orange: {when: {satisfaction: {lt: 80}, complaints: {gte: 2}}}"
FIRST = "share: {gt: $top_share}, lines: {gte: 3}}"

TIERS = [
    # the tier above holds whenever this one does
    Broken(
        "unreachable-tier",
        CORE_TIER + CORE,
        "    §" + CORE_TIER.strip() + "\n      when: {share: {gt: 20%}, lines: {gte: 3}}",
        "put the narrower tier first",
        also=NO_KEY,
    ),
    # an integer above 2 is at least 3
    Broken(
        "unreachable-tier",
        CORE_TIER + CORE,
        "    §" + CORE_TIER.strip() + "\n      when: {share: {gt: 25%}, lines: {gt: 2}}",
        "put the narrower tier first",
        also=NO_KEY,
    ),
    # the two above cover it together, although neither does alone
    Broken(
        "unreachable-tier",
        "    potential:\n      title: {zh: 潜力, en: Potential}\n      when:\n        any:\n"
        "          - share: {gte: 3%}\n          - value_score: {top: 30%}",
        "    §potential:\n      title: {zh: 潜力, en: Potential}\n      when: {growth: {gte: 0}}",
        "put the narrower tier first",
        also=(
            (FIRST, "growth: {gt: 10%}}"),
            (CORE, "when: {growth: {lte: 10%}}"),
            *NO_KEY,
            *NO_SHARE,
        ),
    ),
    # a smaller share of the ranks is in the larger one
    Broken(
        "unreachable-tier",
        CORE_TIER + CORE,
        "    §" + CORE_TIER.strip() + "\n      when: {value_score: {top: 5%}}",
        "put the narrower tier first",
        also=((FIRST, "value_score: {top: 10%}}"), *NO_KEY, *NO_SHARE),
    ),
    # its own tests leave nothing
    Broken(
        "unreachable-tier",
        "{gte: 8%}, purchase: {gte: $key_amount}}",
        "{gt: 8%}, §growth: {gt: 5%, lt: 5%}}",
        "leave no value",
        also=NO_KEY,
    ),
    # nobody in the population can have it
    Broken(
        "unreachable-tier",
        CORE_TIER + CORE,
        "    §" + CORE_TIER.strip() + "\n      when: {status: closed}",
        "leave no value",
        also=NO_KEY,
    ),
]

LEVELS = [
    Broken(
        "unreachable-level",
        YELLOW,
        "§yellow: {when: {silence: {gt: 90}, tier: strategic}}",
        "where the worse one does not",
    ),
    Broken(
        "unreachable-level",
        ORANGE,
        "§orange: {when: {promoters: {lt: -30}}}",
        "where the worse one does not",
    ),
]

NEVER = [
    Broken(
        "never-true",
        "{satisfaction: {lt: 80}, complaints: {gte: 2}}",
        "{§complaints: {gte: 5, lte: 4}}",
        "leave no value",
    ),
    Broken(
        "never-true",
        "{growth: {gte: 30%}}",
        "{all: [none: [growth: {missing: false}], §growth: {gt: 1}]}",
        "leave no value",
    ),
    Broken(
        "never-true", "where: {kind: visit}", "where: {§kind: {in: [visit], ne: visit}}", "leave"
    ),
    Broken(
        "never-true", "{satisfaction: {lt: 80}, complaints: {gte: 2}}", "{§complaints: -1}", "leave"
    ),
    Broken(
        "never-true",
        "  rise:",
        "  §rise:",
        "outside the population",
        also=(("{growth: {gte: 30%}}", "{status: closed}"),),
    ),
    Broken(
        "never-true",
        "{promoters: {lt: -20}}",
        "{any: [promoters: {lt: -20}, {§lines: {between: [3, 2]}}]}",
        "leave no value",
        "warning",
    ),
    Broken("never-true", "{growth: {gte: 30%}}", "{§tier: core}", "leave no value"),
]

ALWAYS = [
    Broken(
        "always-true", "complaints: {gte: 2}", "§complaints: {gte: 0}", "leave it out", "warning"
    ),
    Broken(
        "always-true", "complaints: {gte: 2}", "§complaints: {gt: -1}", "leave it out", "warning"
    ),
    Broken(
        "always-true",
        "satisfaction: {lt: 80}",
        "§satisfaction: {lte: 100}",
        "leave it out",
        "warning",
    ),
    Broken(
        "always-true",
        "{growth: {gte: 30%}}",
        "{§any: [growth: {gte: 30%}, growth: {lt: 30%}]}",
        "'missing: false'",
        "warning",
    ),
]


@pytest.mark.parametrize(
    "broken", [*TIERS, *LEVELS, *NEVER, *ALWAYS], ids=lambda broken: broken.new.strip()[-60:]
)
def test_what_cannot_be_reached_is_reported_where_it_stands(broken: Broken) -> None:
    broken.assert_found()


def _core(condition: str, first: str = "share: {gt: 20%}, lines: {gte: 3}}") -> list[str]:
    case = spoilt(CORE, f"when: {{{condition}}}", also=((FIRST, first), *NO_KEY, *NO_SHARE))
    return [problem.code for problem in case.problems()]


REACHABLE = [
    "share: {gte: 20%}, lines: {gte: 3}",  # exactly 20% is left
    "share: {gt: 20%}, lines: {gte: 2}",  # two lines are left
    "share: {gt: 20%}",  # without lines
    "share: {gt: 20%}, lines: {gte: {measure: complaints}}",
    "value_score: {top: 5%}",
    "lines: {gte: 3}",  # the share may be missing
]


@pytest.mark.parametrize("condition", REACHABLE)
def test_tier_that_leaves_something_to_the_next_hides_nothing(condition: str) -> None:
    assert _core(condition) == []


def test_tier_is_hidden_by_one_that_is_wider_at_the_very_bound() -> None:
    assert _core("share: {gt: 20%}, lines: {gte: 4}") == ["unreachable-tier"]
    assert _core("share: {gte: 20%}, lines: {gte: 4}") == []


def test_missing_value_keeps_a_tier_reachable() -> None:
    first = "growth: {gt: 0%}}"
    assert _core("growth: {gt: 1%}, lines: {gte: 1}", first) == ["unreachable-tier"]
    assert _core("growth: {missing: true}, lines: {gte: 1}", first) == []


def test_comparison_with_another_measure_hides_its_own_kind() -> None:
    first = "purchase: {gt: {measure: purchase_prior}}}"
    assert _core("purchase_prior: {lt: {measure: purchase}}", first) == ["unreachable-tier"]
    assert _core("purchase_prior: {lte: {measure: purchase}}", first) == []


def test_ordinal_is_reasoned_about_by_its_order() -> None:
    assert _core("credit_rating: A", "credit_rating: {gte: B}}") == ["unreachable-tier"]
    assert _core("credit_rating: {gte: B}", "credit_rating: A}") == []


def test_tier_that_becomes_unreachable_is_reported_with_the_date() -> None:
    parameter = (
        "  top_share: {value: 20%, source: D1}",
        "  top_share: {values: {2025-01-01: 20%, 2028-01-01: 8%}, source: D1}",
    )
    case = spoilt(
        CORE,
        "when: {share: {gt: 10%}, lines: {gte: 3}}",
        also=(parameter, *NO_KEY),
    )
    found = case.only()
    assert found.code == "unreachable-tier"
    assert "can never be reached from 2028-01-01" in found.message


def test_message_names_the_tier_that_hides() -> None:
    found = spoilt(CORE, "when: {share: {gt: 30%}, lines: {gte: 3}}", also=NO_KEY).only()
    assert "'strategic' (rules/pack.yaml:39:5)" in found.message


def test_test_for_a_missing_value_is_never_called_idle() -> None:
    case = spoilt("complaints: {gte: 2}", "complaints: {missing: false}")
    assert [problem.code for problem in case.problems()] == []


def test_too_hard_a_question_is_left_open() -> None:
    parts = ", ".join(
        f"{{any: [growth: {{gt: {number}%}}, lines: {{gt: {number}}}]}}" for number in range(1, 40)
    )
    hard = f"{{all: [{parts}], none: [{parts}]}}"
    case = spoilt("{growth: {gte: 30%}}", hard)
    assert {problem.code for problem in case.problems()} <= {"never-true"}
