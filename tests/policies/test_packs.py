"""The packs load, check and are complete: nothing uncited, unnamed or forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from engine.language.checks.pack import check_pack
from engine.language.load import load_pack
from engine.model import (
    ActionTemplate,
    Criterion,
    Entitlement,
    Measure,
    Milestone,
    Parameter,
    Policy,
    Scorecard,
    Title,
    WarningRule,
)
from engine.resources import policies_folder

PACKS = {
    "engineering": ("A", 48),
    "systems_engineering": ("B", 39),
    "manufacturing": ("C", 36),
    "key_account_rules": ("D", 55),
    "value_segments": ("E", 43),
}
"""Pack → letter of its document and number of its requirements."""

ENTITLEMENT_KINDS = {
    "channel", "priority", "service", "budget", "pricing",
    "cadence", "response", "deadline", "team",
}  # fmt: skip

Cited = Parameter | Measure | Scorecard | Entitlement | Milestone | WarningRule | ActionTemplate

each_pack = pytest.mark.parametrize("pack", sorted(PACKS))


@cache
def policy_of(pack: str) -> Policy:
    return load_pack(policies_folder() / pack)


def leaves(criteria: tuple[Criterion, ...]) -> Iterator[Criterion]:
    for criterion in criteria:
        yield criterion
        yield from leaves(criterion.parts)


def cited(policy: Policy) -> Iterator[tuple[str, tuple[str, ...], Title | None]]:
    """Every element that says where it comes from: what it is, its clauses, its title."""
    sections: dict[str, Mapping[str, Cited]] = {
        "parameter": policy.parameters,
        "measure": policy.measures,
        "scorecard": policy.scorecards,
        "entitlement": policy.entitlements,
        "milestone": policy.milestones,
        "warning": policy.warnings,
        "action": policy.actions,
    }
    for kind, elements in sections.items():
        for element in elements.values():
            yield f"{kind} {element.id}", element.source, element.title
    for scorecard in policy.scorecards.values():
        for criterion in leaves(scorecard.criteria):
            yield f"criterion {criterion.id}", criterion.source, criterion.title
    assert policy.tiers is not None
    for tier in (*policy.tiers.levels, policy.tiers.default):
        yield f"tier {tier.id}", tier.source, tier.title


@each_pack
def test_pack_loads_and_checks_without_problems(pack: str) -> None:
    problems = check_pack(policy_of(pack))
    assert [str(problem) for problem in problems] == []


@each_pack
def test_clauses_of_the_document_are_all_listed(pack: str) -> None:
    letter, count = PACKS[pack]
    policy = policy_of(pack)
    assert policy.document == letter
    assert list(policy.clauses) == [f"{letter}{number}" for number in range(1, count + 1)]
    assert all(clause.text.strip() for clause in policy.clauses.values())


@each_pack
def test_clause_is_implemented_or_excused_never_both_or_neither(pack: str) -> None:
    policy = policy_of(pack)
    sources = {clause for _, clauses, _ in cited(policy) for clause in clauses}
    for clause in policy.clauses:
        assert (clause in sources) != (clause in policy.excuses), clause
    assert set(policy.excuses) <= set(policy.clauses)
    assert all(len(excuse.reason.split()) >= 8 for excuse in policy.excuses.values())


@each_pack
def test_element_cites_a_clause_and_has_both_titles(pack: str) -> None:
    for what, clauses, title in cited(policy_of(pack)):
        assert clauses, f"{what} has no source"
        assert title is not None, f"{what} has no title"
        assert re.search(r"[\u4e00-\u9fff]", title.zh), f"{what}: no Chinese in {title.zh!r}"
        assert re.search(r"[A-Za-z]{2}", title.en), f"{what}: no English in {title.en!r}"


@each_pack
def test_judgement_has_an_owner_and_says_why(pack: str) -> None:
    judged = [one for one in policy_of(pack).parameters.values() if one.judgement]
    assert len(judged) >= 10
    for parameter in judged:
        assert parameter.owner, parameter.id
        assert parameter.note and len(parameter.note) > 10, parameter.id


@each_pack
def test_warning_has_an_action_for_every_level(pack: str) -> None:
    warnings = policy_of(pack).warnings
    assert len(warnings) >= 10
    for warning in warnings.values():
        levels = {level.level for level in warning.levels}
        assert set(warning.actions) == levels, warning.id


@each_pack
def test_every_layer_of_warnings_is_used(pack: str) -> None:
    layers = {warning.layer for warning in policy_of(pack).warnings.values()}
    assert layers == {"frontline", "data", "management"}


@each_pack
def test_obligation_has_an_action(pack: str) -> None:
    for entitlement in policy_of(pack).entitlements.values():
        if entitlement.kind in ("cadence", "response", "team"):
            assert entitlement.action, entitlement.id


def test_entitlements_of_every_kind_are_granted_somewhere() -> None:
    kinds = {one.kind for pack in PACKS for one in policy_of(pack).entitlements.values()}
    assert kinds == ENTITLEMENT_KINDS


def test_key_account_rules_weigh_as_the_document_says() -> None:
    score = policy_of("key_account_rules").scorecards["value_score"]
    weights = {criterion.id: int(criterion.weight) for criterion in leaves(score.criteria)}
    assert weights["contribution"] == 40
    assert weights["purchase_share"] == weights["profit_share"] == 20
    assert weights["synergy"] == weights["potential"] == 30


def test_tiers_stand_best_first() -> None:
    order = {
        "key_account_rules": ["strategic", "core", "potential", "standard"],
        "engineering": ["class_a", "class_b", "class_c"],
    }
    for pack, expected in order.items():
        scheme = policy_of(pack).tiers
        assert scheme is not None
        assert [tier.id for tier in (*scheme.levels, scheme.default)] == expected


def test_shared_elements_mean_the_same_in_both_packs() -> None:
    one, other = policy_of("key_account_rules"), policy_of("engineering")
    shared = set(one.measures) & set(other.measures)
    assert {"annual_purchase", "revenue_share", "payment_days"} <= shared
    assert all(one.measures[name].location == other.measures[name].location for name in shared)
