"""All checks of a policy.

Each check is a function from a policy to problems and stands in `CHECKS`; it finds all of
its kind and leaves what is another check's matter to that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from engine.errors import Problem
from engine.language.checks.aggregates import check_aggregates
from engine.language.checks.alternatives import check_tier_alternatives
from engine.language.checks.bands import check_bands
from engine.language.checks.clocks import check_clocks
from engine.language.checks.comparisons import check_comparisons
from engine.language.checks.cycles import (
    check_cycles,
    check_ids,
    check_population,
)
from engine.language.checks.formulas import check_formulas
from engine.language.checks.inversions import (
    check_cadence_inversions,
    check_entitlement_inversions,
)
from engine.language.checks.judgements import check_unmarked_judgements, check_vetoes
from engine.language.checks.names import (
    check_aggregate_names,
    check_condition_names,
    check_formula_names,
    check_parameter_names,
    check_placeholders,
    check_scorecard_names,
)
from engine.language.checks.polarity import check_polarity
from engine.language.checks.promotions import check_demotion, check_promotions
from engine.language.checks.ranks import check_quotas, check_rank_population
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
from engine.language.checks.scope_names import check_scopes
from engine.language.checks.scopes import policy_views
from engine.language.checks.scorecards import check_points, check_pricing
from engine.language.checks.teams import check_team_population, check_team_sizes
from engine.language.checks.upkeep import check_clause_names, check_clauses, check_parameters
from engine.language.checks.walk import used_actions
from engine.model import Policy

Check = Callable[[Policy], Iterable[Problem]]

OF_THE_PACK: tuple[Check, ...] = (
    check_ids,
    check_parameter_names,
    check_scopes,
    check_parameters,
    check_clauses,
    check_clause_names,
    check_unmarked_judgements,
    check_polarity,
)
"""These look at everything together."""

OF_A_SCOPE: tuple[Check, ...] = (
    check_condition_names,
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
    check_tier_alternatives,
    check_quotas,
    check_rank_population,
    check_promotions,
    check_demotion,
    check_vetoes,
    check_entitlement_inversions,
    check_cadence_inversions,
    check_clocks,
    check_team_population,
    check_team_sizes,
)
"""These look at what is said about accounts, and apart from it at each other scope."""

CHECKS = OF_THE_PACK + OF_A_SCOPE


def check_pack(policy: Policy) -> tuple[Problem, ...]:
    """What every check finds, each problem once, in the order of the files."""
    whole = {check: tuple(check(policy)) for check in OF_THE_PACK}
    found = {problem: None for said in whole.values() for problem in said}
    mixed = {problem.location for problem in whole[check_scopes]}
    for view in _views(policy):
        for check in OF_A_SCOPE:
            for problem in check(view):
                if problem.code not in _SAID_BETTER or problem.location not in mixed:
                    found[problem] = None
    return tuple(sorted(found, key=lambda problem: problem.sort_key))


_SAID_BETTER = frozenset({"unknown-measure", "unknown-record", "record-without-time"})
"""Seen from one scope alone; `check_scopes` knows what a name means in another."""


def _views(policy: Policy) -> Iterator[Policy]:
    """Each scope with the actions that its own rules ask for, which alone it can fill in."""
    views = policy_views(policy)
    asked = {
        scope: {name for one in view.warnings.values() for name in one.actions.values()}
        for scope, view in views
    }
    for scope, view in views:
        kept = set(policy.actions) & asked[scope]
        if scope == "account":
            elsewhere = set().union(*(names for other, names in asked.items() if other != scope))
            used = {name for _, name, _ in used_actions(view)}
            kept = (set(policy.actions) - elsewhere) | used
        actions = {name: one for name, one in policy.actions.items() if name in kept}
        yield replace(view, actions=actions) if len(views) > 1 else view
