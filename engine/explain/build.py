"""A plan, one account's facts and its effective tier → `Explanation`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from engine.executors.predicates import any_of
from engine.executors.protocol import Row
from engine.executors.reference import candidate, in_population, level_of
from engine.explain.conditions import explain_condition
from engine.explain.context import Context, Places, build_context
from engine.explain.distance import gaps_to
from engine.explain.tree import (
    ConditionNode,
    Distance,
    EntitlementNode,
    Explanation,
    LevelNode,
    PartNode,
    RuleNode,
    ScoreNode,
    TierNode,
)
from engine.model import Title
from engine.plan.steps import (
    Condition,
    PackPlan,
    Plan,
    Points,
    RuleStep,
    Score,
    TierStep,
)


def explain_account(
    plan: Plan,
    pack: PackPlan,
    facts: Row,
    statistics: Row,
    tier: str | None,
    places: Places | None = None,
) -> Explanation:
    """The whole decision of `pack` about one account.

    `facts` is the account's row of facts.parquet, `statistics` the one row of the
    population's statistics, `tier` the effective tier; `places` gives the account's place
    for rankings that the facts do not hold.
    """
    row = {**facts, **statistics, pack.tier_column: tier}
    context = build_context(plan, pack, row, places or {})
    inside = in_population(pack, row)
    tiers = _tiers(context, tier)
    exclusion = None if pack.exclude is None else explain_condition(pack.exclude, context)
    name = row.get("name")
    return Explanation(
        account_id=str(facts["account_id"]),
        name=name if isinstance(name, str) else None,
        pack=pack.id,
        title=pack.title,
        version=pack.version,
        policy_hash=pack.policy_hash,
        as_of=plan.as_of,
        currency=plan.currency,
        in_population=inside,
        population=_population(context),
        exclusion=exclusion,
        tier=tier,
        candidate=candidate(pack, row),
        tiers=tiers,
        distance=_distance(tiers, exclusion) if inside else None,
        scores=tuple(_score(context, column) for column in pack.scores),
        rules=tuple(_rule(context, rule) for rule in pack.rules) if inside else (),
        entitlements=_entitlements(pack, tier),
    )


def _population(context: Context) -> ConditionNode | None:
    definition = context.definitions.get(context.pack.population or "")
    if not isinstance(definition, Condition):
        return None
    return explain_condition(definition.predicate, context)


def _tiers(context: Context, effective: str | None) -> tuple[TierNode, ...]:
    chosen = candidate(context.pack, context.row)
    return tuple(
        _tier(context, step, step.id == chosen, step.id == effective) for step in context.pack.tiers
    )


def _tier(context: Context, step: TierStep, is_candidate: bool, is_effective: bool) -> TierNode:
    condition = explain_condition(step.predicate, context) if step.predicate else None
    return TierNode(
        id=step.id,
        title=step.title,
        truth=True if condition is None else condition.truth,
        is_candidate=is_candidate,
        is_effective=is_effective,
        condition=condition,
        location=step.location,
    )


def _distance(tiers: tuple[TierNode, ...], exclusion: ConditionNode | None) -> Distance | None:
    """To the tier above the effective one; None at the top."""
    places = [place for place, tier in enumerate(tiers) if tier.is_effective]
    if not places or places[0] == 0:
        return None
    return _to_tier(tiers[places[0] - 1], exclusion)


def _to_tier(tier: TierNode, exclusion: ConditionNode | None) -> Distance:
    return Distance(tier.id, tier.title, gaps_to(tier, exclusion))


def explain_distance(
    plan: Plan, pack: PackPlan, facts: Row, statistics: Row, tier: str
) -> Distance:
    """How far an account of the population is from one tier of `pack`."""
    context = build_context(plan, pack, {**facts, **statistics}, {})
    step = next(one for one in pack.tiers if one.id == tier)
    exclusion = None if pack.exclude is None else explain_condition(pack.exclude, context)
    return _to_tier(_tier(context, step, False, False), exclusion)


def _rule(context: Context, rule: RuleStep) -> RuleNode:
    levels = tuple(
        LevelNode(level, node.truth, node)
        for level, node in (
            (level, explain_condition(predicate, context)) for level, predicate in rule.levels
        )
    )
    holding, _ = level_of(rule, context.row)
    truth = any_of([level.truth for level in levels])
    return RuleNode(rule.kind, rule.id, rule.title, truth, holding, levels, rule.location)


def _entitlements(pack: PackPlan, tier: str | None) -> tuple[EntitlementNode, ...]:
    return tuple(
        EntitlementNode(one.id, one.kind, one.title, one.location)
        for one in pack.entitlements.values()
        if one.when is None and tier in one.tiers
    )


# --- scores ------------------------------------------------------------------------------


def _score(context: Context, column: str) -> ScoreNode:
    definition = context.definitions[column]
    assert isinstance(definition, Score)
    divisor = _divisor(context, definition)
    parts = tuple(
        _part(context, column, name, weight, divisor, definition.missing)
        for name, weight in definition.parts
    )
    coverage = context.row.get(definition.coverage)
    return ScoreNode(
        score=context.fact(column),
        coverage=coverage if isinstance(coverage, float) else None,
        missing=definition.missing,
        parts=parts,
    )


def _divisor(context: Context, score: Score) -> Decimal:
    counted = [
        weight
        for name, weight in score.parts
        if score.missing != "redistribute" or context.row.get(name) is not None
    ]
    return sum(counted, Decimal(0))


_SUBSTITUTES: Mapping[str, float] = {"zero": 0.0, "neutral": 50.0}


def _part(
    context: Context, score: str, name: str, weight: Decimal, divisor: Decimal, missing: str
) -> PartNode:
    definition = context.definitions[name]
    assert isinstance(definition, Points)
    points = context.row.get(name)
    assert points is None or isinstance(points, float)
    counted = _SUBSTITUTES.get(missing) if points is None else points
    contribution = None if counted is None or not divisor else counted * float(weight / divisor)
    return PartNode(
        path=_path(context, score, name),
        input=context.fact(definition.input),
        points=points,
        weight=weight,
        contribution=contribution,
    )


def _path(context: Context, score: str, name: str) -> tuple[Title, ...]:
    """The titles of the branches down to a leaf, whose column is ``score__branch__leaf``."""
    steps = name.removeprefix(f"{context.pack.id}__").split("__")
    depth = len(score.removeprefix(f"{context.pack.id}__").split("__"))
    prefix = name[: len(name) - len("__".join(steps))]
    titles = []
    for end in range(depth + 1, len(steps) + 1):
        column = prefix + "__".join(steps[:end])
        titles.append(context.pack.titles.get(column, Title(steps[end - 1], steps[end - 1])))
    return tuple(titles)
