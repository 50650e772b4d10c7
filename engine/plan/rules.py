"""Tiers, warnings, milestones and conditional entitlements of a pack as steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.errors import Location
from engine.language.placeholders import BUILT_IN, placeholders
from engine.model import AllOf, Condition, Policy, Quantity, Test, Title, WarningRule
from engine.plan.obligations import OBLIGATION_KINDS, compile_obligations
from engine.plan.pack import PackScope
from engine.plan.predicates import columns_of, compile_condition
from engine.plan.steps import PackPlan, Predicate, RuleStep, TierStep


def compile_pack(scope: PackScope) -> tuple[TierStep, ...]:
    """Register everything that the pack's decisions read; return its tiers, best first."""
    policy = scope.policy
    scope.population()
    scope.count()
    folder = policy.location.file.rpartition("/")[0]
    for measure in policy.measures.values():
        if measure.location.file.rpartition("/")[0] == folder:  # its own, used or not
            scope.column(measure.id)
    for scorecard in policy.scorecards:
        scope.column(scorecard)
    scheme = policy.tiers
    if scheme is None:
        return ()
    levels = [
        TierStep(
            level.id,
            level.title,
            compile_condition(level.when, scope) if level.when else None,
            level.location,
        )
        for level in (*scheme.levels, scheme.default)
    ]
    return tuple(levels)


def _exclusion(scope: PackScope) -> Predicate | None:
    scheme = scope.policy.tiers
    if scheme is None or scheme.exclude is None:
        return None
    return compile_condition(scheme.exclude.when, scope)


def compile_rules(scope: PackScope) -> tuple[RuleStep, ...]:
    """Warnings, milestones, then entitlements with a condition, each in order of id."""
    policy = scope.policy
    steps = [_warning(policy.warnings[key], scope) for key in sorted(policy.warnings)]
    for key in sorted(policy.milestones):
        milestone = policy.milestones[key]
        when = _within(milestone.from_tier, milestone.when)
        actions = {"": milestone.action} if milestone.action else {}
        extra = (milestone.progress,) if milestone.progress else ()
        steps.append(
            _step(
                scope,
                "milestone",
                key,
                milestone.title,
                {"": when},
                actions,
                extra,
                milestone.location,
            )
        )
    for key in sorted(policy.entitlements):
        entitlement = policy.entitlements[key]
        if entitlement.when is not None:
            tiers = _tier_in(entitlement.tiers, entitlement.when)
            steps.append(
                _step(
                    scope,
                    "entitlement",
                    key,
                    entitlement.title,
                    {"": tiers},
                    {},
                    (),
                    entitlement.location,
                )
            )
    return tuple(steps)


def _warning(warning: WarningRule, scope: PackScope) -> RuleStep:
    levels = {level.level: level.when for level in warning.levels}
    return _step(
        scope,
        "warning",
        warning.id,
        warning.title,
        levels,
        dict(warning.actions),
        (),
        warning.location,
    )


def _step(
    scope: PackScope,
    kind: str,
    rule_id: str,
    title: Title,
    levels: dict[str, Condition],
    actions: dict[str, str],
    extra: tuple[str, ...],
    location: Location,
) -> RuleStep:
    policy = scope.policy
    predicates = tuple(
        (level, compile_condition(condition, scope)) for level, condition in levels.items()
    )
    evidence: dict[str, None] = {}
    for _, predicate in predicates:
        evidence.update(dict.fromkeys(columns_of(predicate)))
    evidence.update(dict.fromkeys(scope.column(name) for name in extra))
    evidence.update(dict.fromkeys(_named_in(scope, actions.values())))
    evidence.pop(f"tier__{policy.id}", None)
    return RuleStep(kind, rule_id, title, predicates, tuple(evidence), dict(actions), location)


def _named_in(scope: PackScope, actions: Iterable[str]) -> Iterator[str]:
    """The columns that the texts of actions name."""
    for action in actions:
        text = scope.policy.actions[action].text
        for name in placeholders(text.zh) + placeholders(text.en):
            if name not in BUILT_IN:
                yield scope.column(name)


def _obligation_evidence(scope: PackScope) -> tuple[str, ...]:
    actions = [
        one.action
        for one in scope.policy.entitlements.values()
        if one.action is not None and one.kind in OBLIGATION_KINDS
    ]
    return tuple(dict.fromkeys(_named_in(scope, sorted(set(actions)))))


def _within(tier: str | None, when: Condition) -> Condition:
    return when if tier is None else _tier_in((tier,), when)


def _tier_in(tiers: tuple[str, ...], when: Condition) -> Condition:
    place = when.location
    operands = tuple(Quantity(tier, tier, place) for tier in tiers)
    return AllOf((Test("tier", "in", operands, place), when), place)


def pack_plan(scope: PackScope, tiers: tuple[TierStep, ...]) -> PackPlan:
    """The finished pack; call it when every pack has registered its columns."""
    policy = scope.policy
    rules = compile_rules(scope)
    exclude = _exclusion(scope)
    obligations = compile_obligations(scope)
    named = _obligation_evidence(scope)
    for entitlement in policy.entitlements.values():
        if entitlement.kind == "pricing":
            scope.rate(entitlement)
    return PackPlan(
        id=policy.id,
        title=policy.title,
        version=policy.version,
        policy_hash=policy.hash,
        owner=policy.owner,
        population=scope.population(),
        columns=dict(scope.columns),
        types=dict(scope.registry.types),
        titles=_titles(policy, scope),
        tiers=tiers,
        exclude=exclude,
        scheme=policy.tiers,
        scores=tuple(scope.columns[key] for key in policy.scorecards),
        rules=rules,
        entitlements=dict(policy.entitlements),
        milestones=dict(policy.milestones),
        warnings=dict(policy.warnings),
        actions=dict(policy.actions),
        roles={key: role.title for key, role in policy.roles.items()},
        obligations=obligations,
        obligation_evidence=named,
    )


def _titles(policy: Policy, scope: PackScope) -> dict[str, Title]:
    named: dict[str, Title | None] = {}
    for key, column in policy.vocabulary.accounts.items():
        named[key] = column.title
    for key, measure in policy.measures.items():
        named[key] = measure.title
    for key, scorecard in policy.scorecards.items():
        named[key] = scorecard.title
    titles = {column: title for key, column in scope.columns.items() if (title := named.get(key))}
    for scorecard in policy.scorecards.values():
        pending = [(scope.columns[scorecard.id], part) for part in scorecard.criteria]
        while pending:
            prefix, part = pending.pop()
            name = f"{prefix}__{part.id}"
            if part.title:
                titles[name] = part.title
            pending.extend((name, inner) for inner in part.parts)
    return titles
