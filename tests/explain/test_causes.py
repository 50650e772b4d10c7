"""Causes are the smallest sets of factors that are enough, whatever the verdict depends on."""

from __future__ import annotations

from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from engine.explain.causes import UndeterminedError, find_causes
from engine.explain.difference import FACTORS, Factor

SUBSETS = [
    frozenset(chosen)
    for chosen in chain.from_iterable(
        combinations(FACTORS, size) for size in range(len(FACTORS) + 1)
    )
]


@given(st.lists(st.sampled_from("abc"), min_size=len(SUBSETS), max_size=len(SUBSETS)))
def test_causes_are_exactly_the_smallest_sufficient_sets(verdicts: list[str]) -> None:
    table = dict(zip(SUBSETS, verdicts, strict=True))
    found = find_causes(table.__getitem__, FACTORS)
    old, new = table[frozenset()], table[frozenset(FACTORS)]
    if old == new:
        assert found is None
        return
    enough = {chosen for chosen in SUBSETS if table[chosen] == new}
    smallest = {one for one in enough if not any(other < one for other in enough)}
    assert found is not None
    assert {frozenset(one) for one in found.sufficient} == smallest
    assert dict(found.alone) == {one: table[frozenset([one])] for one in FACTORS}


def test_mixture_that_cannot_be_evaluated_is_named_and_left_out() -> None:
    def verdict(new: frozenset[Factor]) -> str | None:
        if new == {"policy"}:
            raise UndeterminedError(["purchase"])
        return "gold" if "facts" in new else "plain"

    found = find_causes(verdict, ("facts", "policy"))
    assert found is not None
    assert found.sufficient == (("facts",),)
    assert found.undetermined == ("purchase",)
    assert found.alone == {"facts": "gold"}
