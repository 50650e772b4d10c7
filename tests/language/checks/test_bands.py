"""Gaps and overlaps between the bands of tiers, each with a witness."""

from __future__ import annotations

import pytest

from engine.errors import Problem
from tests.language.checks.packs import spoilt

TIERS = """\
  levels:
    strategic:
      title: {zh: 战略, en: Strategic}
      when: {share: {gt: $top_share}, lines: {gte: 3}}
    core:
      title: {zh: 核心, en: Core}
      when: {share: {gte: 8%}, purchase: {gte: $key_amount}}
    potential:
      title: {zh: 潜力, en: Potential}
      when:
        any:
          - share: {gte: 3%}
          - value_score: {top: 30%}
"""
UNUSED = (
    ("  key_amount: {values: {2025-01-01: 400万, 2027-01-01: 500万}}\n", ""),
    ("  top_share: {value: 20%, source: D1}\n", ""),
)


def bands(strategic: str, core: str, potential: str) -> list[Problem]:
    tiers = f"""\
  levels:
    strategic:
      title: {{zh: 战略, en: Strategic}}
      when: {{{strategic}}}
    core:
      title: {{zh: 核心, en: Core}}
      when: {{{core}}}
    potential:
      title: {{zh: 潜力, en: Potential}}
      when: {{{potential}}}
"""
    return list(spoilt(TIERS, tiers, also=UNUSED).problems())


def codes(strategic: str, core: str, potential: str) -> list[str]:
    return [problem.code for problem in bands(strategic, core, potential)]


def test_bands_of_the_source_document_have_a_gap_and_an_overlap() -> None:
    found = bands("share: {gt: 20%}", "share: {between: [8%, 15%]}", "share: {between: [3%, 8%]}")
    assert [(problem.code, problem.severity) for problem in found] == [
        ("gap", "warning"),
        ("overlap", "warning"),
    ]
    gap, overlap = found
    assert "no tier takes 'share' above 15% up to 20%" in gap.message
    assert "an account with 20% falls to 'standard'" in gap.message
    assert str(gap.location) == "rules/pack.yaml:43:14"
    assert "'strategic' is at rules/pack.yaml:38:5" in (gap.hint or "")
    assert "'share' of exactly 8%" in overlap.message
    assert "that meets both is 'core'" in overlap.message


@pytest.mark.parametrize(
    ("strategic", "core", "expected"),
    [
        ("gt: 20%", "between: [8%, 20%]", []),
        ("gte: 20%", "gte: 8%, lt: 20%", []),
        ("gt: 20%", "gte: 8%, lt: 20%", ["gap"]),
        ("gte: 20%", "between: [8%, 20%]", ["overlap"]),
        ("gte: 20%", "gte: 8%", []),
        ("gte: 20%", "between: [8%, 19.99%]", ["gap"]),
        ("between: [20%, 100%]", "between: [8%, 100%]", []),
    ],
)
def test_bands_are_compared_at_their_very_bounds(
    strategic: str, core: str, expected: list[str]
) -> None:
    found = codes(f"share: {{{strategic}}}", f"share: {{{core}}}", "share: {lt: 8%}")
    assert found == expected


def test_whole_numbers_next_to_each_other_leave_no_gap() -> None:
    assert codes("lines: {gte: 3}", "lines: {between: [1, 2]}", "lines: 0") == []
    assert codes("lines: {gte: 4}", "lines: {between: [1, 2]}", "lines: 0") == ["gap"]


def test_gap_that_another_tier_fills_is_none() -> None:
    assert codes("share: {gt: 20%}", "share: {between: [8%, 15%]}", "lines: {gte: 1}") == []


def test_overlap_that_no_account_can_meet_is_none() -> None:
    found = codes(
        "share: {gte: 8%}, lines: {gte: 3}",
        "share: {between: [3%, 8%]}, lines: {lt: 3}",
        "lines: 9",
    )
    assert "overlap" not in found


def test_gap_that_opens_with_a_parameter_is_dated() -> None:
    opening = "{values: {2025-01-01: 20%, 2028-01-01: 25%}, source: D1}"
    tiers = TIERS.replace("gte: 8%}, purchase: {gte: $key_amount", "gt: 8%, lte: 20%")
    case = spoilt(
        TIERS,
        tiers.replace("gte: 3%", "lte: 8%").replace("value_score: {top: 30%}", "share: {lte: 1%}"),
        also=(("{value: 20%, source: D1}", opening), UNUSED[0]),
    )
    dated = [problem.message for problem in case.problems() if problem.code == "gap"]
    assert len(dated) == 1
    assert "above 20% up to 25% from 2028-01-01" in dated[0]
