"""Why a verdict differs: every mixture of the earlier and the later night is tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

from engine.explain.difference import Causes, Factor


class UndeterminedError(Exception):
    """A mixture that cannot be evaluated; `columns` are the values that were not kept."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        super().__init__(", ".join(columns))


Outcome = Callable[[frozenset[Factor]], str | None]
"""The verdict with these factors from the later night and the others from the earlier one.
Raises `UndeterminedError`."""


def find_causes(outcome: Outcome, factors: Sequence[Factor]) -> Causes | None:
    """The smallest sets of factors that explain the later verdict; None if nothing differs.

    >>> both = lambda new: "gold" if {"facts", "policy"} <= new else "plain"
    >>> find_causes(both, ("facts", "policy", "time")).sufficient
    (('facts', 'policy'),)
    """
    everything = frozenset(factors)
    wanted = outcome(everything)
    if outcome(frozenset()) == wanted:
        return None
    alone: dict[Factor, str | None] = {}
    sufficient: list[frozenset[Factor]] = []
    undetermined: dict[str, None] = {}
    for size in range(1, len(factors) + 1):
        for chosen in map(frozenset, combinations(factors, size)):
            try:
                found = outcome(chosen)
            except UndeterminedError as error:
                undetermined.update(dict.fromkeys(error.columns))
                continue
            if size == 1:
                alone[next(iter(chosen))] = found
            if found == wanted and not any(one <= chosen for one in sufficient):
                sufficient.append(chosen)
    ordered = tuple(tuple(one for one in factors if one in chosen) for chosen in sufficient)
    return Causes(ordered, alone, tuple(undetermined))
