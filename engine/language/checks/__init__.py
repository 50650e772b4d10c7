"""Checks of meaning: everything that is wrong with a policy although it can be read.

Each check is a function from a policy to problems and stands in `CHECKS`; it finds all of
its kind and leaves what is another check's matter to that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.errors import Problem
from engine.language.checks.aggregates import check_aggregates
from engine.language.checks.bands import check_bands
from engine.language.checks.comparisons import check_comparisons
from engine.language.checks.cycles import (
    check_cycles,
    check_ids,
    check_population,
)
from engine.language.checks.formulas import check_formulas
from engine.language.checks.names import (
    check_aggregate_names,
    check_condition_names,
    check_formula_names,
    check_parameter_names,
    check_placeholders,
    check_scorecard_names,
)
from engine.language.checks.reach import (
    check_always_true,
    check_levels_reachable,
    check_milestone_order,
    check_never_true,
    check_tiers_reachable,
)
from engine.language.checks.references import (
    check_action_names,
    check_entitlement_names,
    check_milestone_progress,
    check_role_names,
    check_tier_names,
)
from engine.language.checks.scorecards import check_points, check_pricing
from engine.language.checks.upkeep import check_clause_names, check_clauses, check_parameters
from engine.language.checks.workspace import check_workspace
from engine.model import Policy

Check = Callable[[Policy], Iterable[Problem]]

CHECKS: tuple[Check, ...] = (
    check_ids,
    check_condition_names,
    check_parameter_names,
    check_formula_names,
    check_aggregate_names,
    check_scorecard_names,
    check_tier_names,
    check_action_names,
    check_role_names,
    check_milestone_progress,
    check_entitlement_names,
    check_placeholders,
    check_comparisons,
    check_formulas,
    check_aggregates,
    check_points,
    check_pricing,
    check_cycles,
    check_population,
    check_never_true,
    check_always_true,
    check_tiers_reachable,
    check_levels_reachable,
    check_milestone_order,
    check_bands,
    check_parameters,
    check_clauses,
    check_clause_names,
)


def check_pack(policy: Policy) -> tuple[Problem, ...]:
    """What every check finds, each problem once, in the order of the files."""
    found = {problem: None for check in CHECKS for problem in check(policy)}
    return tuple(sorted(found, key=lambda problem: problem.sort_key))


__all__ = ["CHECKS", "Check", "check_pack", "check_workspace"]
