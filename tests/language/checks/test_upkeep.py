"""Parameters that nobody uses or owns, and clauses that nobody implements."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.language.checks.pack import check_pack
from tests.language.checks.packs import Broken, load, spoilt

BROKEN = [
    Broken(
        "unused-parameter",
        "parameters:\n  top_share",
        "parameters:\n  §spare: {value: 5}\n  top_share",
        "write $spare where it belongs, or remove it",
        "warning",
    ),
    Broken(
        "parameter-without-value",
        "  key_amount: {values: {2025-01-01: 400万,",
        "  §key_amount: {values: {2026-01-02: 400万,",
        "add a value from 2026-01-01 or earlier",
    ),
    Broken(
        "clause-not-implemented",
        "  D2: 定期拜访",
        "  D2: 定期拜访\n  §D4: 毛利率",
        "under 'not_implemented:' with a reason",
    ),
    Broken(
        "clause-excused",
        "not_implemented: {D2: the document names no number}",
        "not_implemented: {D2: the document names no number, §D1: too hard}",
        "remove the excuse, or the clause from 'source:'",
        "warning",
    ),
    Broken(
        "milestone-order",
        "  rise:",
        "  §rise:",
        "from best to worst the tiers are: strategic, core, potential, standard",
        also=(("from: potential", "from: strategic"),),
    ),
    Broken(
        "milestone-order",
        "  rise:",
        "  §rise:",
        "from best to worst",
        also=(("to: core", "to: potential"),),
    ),
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.new.strip())
def test_neglect_is_reported_where_it_stands(broken: Broken) -> None:
    broken.assert_found()


def test_parameter_that_begins_with_the_policy_has_a_value() -> None:
    case = spoilt("{values: {2025-01-01: 400万,", "{values: {2026-01-01: 400万,")
    assert case.problems() == ()


def test_unused_parameter_of_an_include_is_no_problem() -> None:
    case = spoilt("unused_elsewhere: {value: 1}", "unused_too: {value: 2}")
    assert case.problems() == ()


def test_clause_of_another_document_may_be_cited() -> None:
    case = spoilt("source: D1}\n  key", "source: [D1, A7]}\n  key")
    assert case.problems() == ()


def test_milestone_that_only_reports_may_lead_anywhere() -> None:
    also = (("from: potential", "from: core"), ("    hold: 2 reviews\n", ""))
    case = spoilt("effect: promote", "effect: report", also=also)
    assert case.problems() == ()


def test_clause_excused_twice_names_the_rules_that_implement_it() -> None:
    found = spoilt("{D2: the document", "{D1: no, D2: the document").only()
    assert "parameter 'top_share', measure 'share'" in found.message


def test_judgement_without_an_owner_is_reported() -> None:
    policy = load()
    unowned = replace(policy.parameters["silent_days"], owner=None)
    broken = replace(policy, parameters={**policy.parameters, "silent_days": unowned})
    (found,) = check_pack(broken)
    assert (found.code, found.location) == ("judgement-without-owner", unowned.location)
    assert found.hint == "name the role that answers for the number under 'owner:'"
