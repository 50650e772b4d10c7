"""Which rules the tests have seen both ways, and looked at.

A rule counts as seen true if a night decided by it and an expectation of that night would
have noticed otherwise; as seen false if it did not hold (and was not unknown), likewise.
A condition is one comparison of a rule; it counts whatever was expected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.errors import Location
from engine.executors.predicates import Lookup, truth_of
from engine.plan.steps import Condition, PackPlan, Plan, Predicate, RuleStep
from engine.policy_tests.judging import Judged
from engine.policy_tests.machines import Outcome
from engine.policy_tests.model import Expectation, Listed
from engine.policy_tests.reasons import described, leaves, name_of


@dataclass
class Seen:
    """What has been seen of a rule or of a condition."""

    label: str
    location: Location
    true: bool = False
    false: bool = False

    @property
    def is_covered(self) -> bool:
        return self.true and self.false

    @property
    def lacks(self) -> str:
        """What no test has seen."""
        if not self.true and not self.false:
            return "neither true nor false"
        return "never true" if not self.true else "never false"


@dataclass(frozen=True)
class Observed:
    """One night of one test."""

    judged: Judged
    outcome: Outcome
    expect: Expectation | None

    def looks_at(self, key: str, rule: str) -> bool:
        listed = self.listed(key)
        return listed is not None and listed.speaks_of(rule)

    def listed(self, key: str) -> Listed | None:
        return None if self.expect is None else self.expect.lists.get(key)

    @property
    def looks_at_candidate(self) -> bool:
        """Whether the expected tier is that of the facts, whatever reviews make of it."""
        if self.expect is None:
            return False
        same = self.outcome.tier == self.outcome.candidate
        return self.expect.candidate is not None or (self.expect.tier is not None and same)


RuleId = tuple[str, str, str]
"""Kind, id and level; the level is empty but for warnings."""
Rules = Mapping[RuleId, Seen]


@dataclass(frozen=True)
class Coverage:
    rules: dict[RuleId, Seen] = field(default_factory=dict)
    conditions: dict[tuple[RuleId, int], Seen] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan) -> Coverage:
        """Nothing seen yet, of all that a pack decides."""
        coverage = cls()
        packs = [plan.packs[0], *(one.plan.packs[0] for one in plan.scopes)]
        for pack in packs:
            for rule, predicate, location in _rules_of(plan, pack):
                label = " ".join(part for part in rule if part)
                coverage.rules[rule] = Seen(label, location)
                for number, leaf in enumerate(leaves(predicate) if predicate else ()):
                    text = f"{label}: {name_of(pack, leaf.column)} {described(leaf)}"
                    coverage.conditions[rule, number] = Seen(text, leaf.location)
        return coverage

    def add(self, observed: Observed) -> None:
        """What one night adds."""
        judged, outcome = observed.judged, observed.outcome
        reviewed, effective = judged.lookup(outcome.reviewed), judged.lookup(outcome.tier)
        for rule, predicate, _ in _rules_of(judged.plan, judged.pack):
            # What every tier is owed is withheld from nobody but those outside the population.
            is_owed_to_tiers = rule[0] == "entitlement" and predicate is None
            if not judged.is_in and rule[0] != "population" and not is_owed_to_tiers:
                continue
            lookup = reviewed if rule[0] == "milestone" else effective
            known = self.rules[rule].is_covered  # and has no more to say
            truth = None if known else _truth(rule, observed, predicate, lookup)
            self._see(rule, predicate, lookup, truth)
        for scope in outcome.scopes:
            for rule, predicate, _ in _rules_of(judged.plan, scope.pack):
                truth = _warning(rule, observed, scope.scope, predicate, scope.lookup)
                self._see(rule, predicate, scope.lookup, truth)

    def _see(
        self, rule: RuleId, predicate: Predicate | None, lookup: Lookup, truth: bool | None
    ) -> None:
        _note(self.rules[rule], truth)
        for number, leaf in enumerate(leaves(predicate) if predicate else ()):
            condition = self.conditions[rule, number]
            if not condition.is_covered:
                _note(condition, truth_of(leaf, lookup))

    @property
    def missing_rules(self) -> list[Seen]:
        return [one for one in self.rules.values() if not one.is_covered]

    @property
    def missing_conditions(self) -> list[Seen]:
        return [one for one in self.conditions.values() if not one.is_covered]

    @property
    def share_of_rules(self) -> float:
        """Of the rules seen both ways, from 0 to 1."""
        return 1 - len(self.missing_rules) / len(self.rules) if self.rules else 1.0

    @property
    def share_of_conditions(self) -> float:
        if not self.conditions:
            return 1.0
        return 1 - len(self.missing_conditions) / len(self.conditions)


def _note(seen: Seen, truth: bool | None) -> None:
    seen.true = seen.true or truth is True
    seen.false = seen.false or truth is False


Listing = Iterator[tuple[RuleId, Predicate | None, Location]]


def _rules_of(plan: Plan, pack: PackPlan) -> Listing:
    """Population, exclusion, tiers, entitlements, milestones and warnings by level."""
    scheme = pack.scheme
    if scheme is not None and pack.population is not None:
        yield ("population", "", ""), _population(plan, pack.population), scheme.location
    if scheme is not None and pack.exclude is not None and scheme.exclude is not None:
        yield ("exclusion", "", ""), pack.exclude, scheme.exclude.location
    for tier in pack.tiers:
        yield ("tier", tier.id, ""), tier.predicate, tier.location
    conditional = {rule.id: rule for rule in pack.rules if rule.kind == "entitlement"}
    for key, one in pack.entitlements.items():
        predicate = conditional[key].levels[0][1] if key in conditional else None
        yield ("entitlement", key, ""), predicate, one.location
    for rule in pack.rules:
        if rule.kind != "entitlement":
            yield from _levels(rule)


def _levels(rule: RuleStep) -> Listing:
    for level, predicate in rule.levels:
        yield (rule.kind, rule.id, level), predicate, rule.location


def _population(plan: Plan, column: str) -> Predicate | None:
    found = (
        computed.predicate
        for stage in plan.stages
        for computed in stage.computed
        if isinstance(computed, Condition) and computed.column == column
    )
    return next(found, None)


def _truth(
    rule: RuleId, observed: Observed, predicate: Predicate | None, lookup: Lookup
) -> bool | None:
    """Whether a night decided by the rule; None if it did not look, or it was unknown."""
    kind, key, _ = rule
    judged, outcome = observed.judged, observed.outcome
    if kind == "warning":
        return _warning(rule, observed, "account", predicate, lookup)
    if kind in ("population", "exclusion", "tier"):
        held = {
            "population": judged.is_in,
            "exclusion": judged.is_excluded,
            "tier": outcome.candidate == key,
        }[kind]
        return _judged(observed.looks_at_candidate, held, predicate, lookup)
    listed = "milestones" if kind == "milestone" else "entitlements"
    held = key in (outcome.milestones if kind == "milestone" else outcome.entitlements)
    return _judged(observed.looks_at(listed, key), held, predicate, lookup)


def _warning(
    rule: RuleId, observed: Observed, scope: str, predicate: Predicate | None, lookup: Lookup
) -> bool | None:
    """A level counts as true where the expectation names it, or there is no other."""
    _, key, level = rule
    listed = observed.listed("warnings" if scope == "account" else scope)
    if listed is None or not listed.speaks_of(key):
        return None
    held = observed.outcome.warnings.get(scope, {}).get(key) == level
    named = key in listed.included and (listed.included[key] or _is_single(observed, scope, key))
    return _judged(not held or bool(named), held, predicate, lookup)


def _is_single(observed: Observed, scope: str, key: str) -> bool:
    packs = [observed.judged.pack] if scope == "account" else []
    packs += [one.pack for one in observed.outcome.scopes if one.scope == scope]
    return any(len(pack.warnings[key].levels) == 1 for pack in packs if key in pack.warnings)


def _judged(looks: bool, held: bool, predicate: Predicate | None, lookup: Lookup) -> bool | None:
    if not looks:
        return None
    if held:
        return True
    if predicate is None:
        return False
    return False if truth_of(predicate, lookup) is False else None
