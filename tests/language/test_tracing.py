"""Requirement to rule and back, over the small good pack and what is left out of it."""

from __future__ import annotations

from dataclasses import replace

from engine.language.tracing import Element, Trace, elements, links, trace
from engine.model import Exclusion, Policy
from tests.language.checks.packs import COMMON, GOOD, PACK, SHARED, load


def names(found: tuple[Element, ...]) -> list[str]:
    return [element.name for element in found]


def requirements(traced: Trace) -> dict[str, list[str]]:
    return {one.clause.id: names(one.implemented_by) for one in traced.requirements}


def with_exclusion(policy: Policy, *source: str) -> Policy:
    assert policy.tiers is not None and policy.tiers.population is not None
    exclude = Exclusion(policy.tiers.population, source, policy.tiers.location)
    return replace(policy, tiers=replace(policy.tiers, exclude=exclude))


def test_requirement_names_what_cites_it_or_why_nothing_does() -> None:
    traced = trace(load())
    assert requirements(traced) == {
        "D1": ["parameter 'top_share'", "measure 'share'"],
        "D2": [],
        "D3": [],
    }
    excuses = [one.excuse for one in traced.requirements]
    assert excuses[0] is None
    assert excuses[1] is not None and not excuses[1].engine
    assert excuses[2] is not None and excuses[2].engine
    assert traced.forgotten == ()


def test_requirement_with_neither_is_forgotten() -> None:
    traced = trace(load(GOOD.replace("not_implemented: {D2: the document names no number}\n", "")))
    assert [one.clause.id for one in traced.forgotten] == ["D2"]
    assert [link.state for link in links(traced) if link.clause] == [
        "implemented", "implemented", "forgotten", "engine_feature",
    ]  # fmt: skip


def test_element_that_cites_twice_implements_once() -> None:
    text = GOOD.replace("{value: 20%, source: D1}", "{value: 20%, source: [D1, D2]}")
    traced = trace(load(text))
    assert requirements(traced)["D2"] == ["parameter 'top_share'"]
    # Implemented and excused: the check warns, and the trace shows both.
    states = [link.state for link in links(traced) if link.clause and link.clause.id == "D2"]
    assert states == ["implemented", "not_implemented"]


def test_own_elements_without_a_source_are_listed_and_included_ones_are_not() -> None:
    traced = trace(load())
    without = names(traced.without_source)
    assert "tier 'core'" in without and "criterion 'rating'" in without
    assert "parameter 'unused_elsewhere'" not in names(traced.elements)
    assert "measure 'share'" not in without
    assert len(traced.elements) == len(without) + 2
    assert [link.element for link in links(traced) if link.state == "without_source"] == list(
        traced.without_source
    )


def test_included_element_that_cites_the_document_belongs_to_the_pack() -> None:
    common = COMMON.replace("{value: 1}", "{value: 1, source: [A3, D2]}")
    traced = trace(load(common=common))
    (found,) = (one for one in traced.elements if one.location.file == SHARED)
    assert found.name == "parameter 'unused_elsewhere'"
    assert [clause.id for clause in traced.clauses_of(found)] == ["D2"]


def test_element_that_cites_another_document_alone_has_no_requirement_here() -> None:
    traced = trace(load(GOOD.replace("{value: 20%, source: D1}", "{value: 20%, source: A1}")))
    assert "parameter 'top_share'" in names(traced.without_source)


def test_exclusion_is_an_element() -> None:
    traced = trace(with_exclusion(load(), "D2"))
    assert requirements(traced)["D2"] == ["exclusion 'exclude'"]


def test_elements_come_in_the_order_of_the_sections() -> None:
    kinds = list(dict.fromkeys(one.kind for one in elements(with_exclusion(load()))))
    assert kinds == [
        "parameter", "measure", "scorecard", "criterion", "tier", "exclusion", "entitlement",
        "milestone", "warning", "action",
    ]  # fmt: skip
    assert all(one.location.file in (PACK, SHARED) for one in elements(load()))
