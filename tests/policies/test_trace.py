"""Every requirement of every document that comes with kam has a rule or a reason."""

from __future__ import annotations

from functools import cache

import pytest

from engine.language.load import load_pack, packaged_packs
from engine.language.tracing import Trace, trace
from engine.resources import policies_folder

REQUIREMENTS = {"A": 48, "B": 39, "C": 36, "D": 55, "E": 43}
"""Letter of a document and how many requirements it has."""

each_pack = pytest.mark.parametrize("pack", packaged_packs())


@cache
def trace_of(pack: str) -> Trace:
    return trace(load_pack(policies_folder() / pack))


def test_all_five_documents_are_packs() -> None:
    documents = [trace_of(pack).policy.document for pack in packaged_packs()]
    assert sorted(one for one in documents if one is not None) == list(REQUIREMENTS)


@each_pack
def test_pack_lists_every_requirement_of_its_document(pack: str) -> None:
    traced = trace_of(pack)
    letter = traced.policy.document
    assert letter in REQUIREMENTS
    assert [one.clause.id for one in traced.requirements] == [
        f"{letter}{number}" for number in range(1, REQUIREMENTS[letter] + 1)
    ]


@each_pack
def test_requirement_has_a_rule_or_a_reason(pack: str) -> None:
    assert [str(one.clause.location) for one in trace_of(pack).forgotten] == []


@each_pack
def test_rule_of_a_pack_comes_from_a_requirement(pack: str) -> None:
    assert [str(one.location) for one in trace_of(pack).without_source] == []
