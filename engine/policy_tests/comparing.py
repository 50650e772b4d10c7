"""What was expected against what was decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from engine.errors import Location
from engine.executors.predicates import Lookup, truth_of
from engine.plan.steps import PackPlan, Predicate
from engine.policy_tests.judging import Judged
from engine.policy_tests.machines import Outcome
from engine.policy_tests.model import NO_TIER, Expectation, Listed, States
from engine.policy_tests.reasons import Reason, shown, why, why_not

Got = Mapping[str, States]
"""Id → its states; empty where it has none."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as expected; `on` is the night, of a test of several."""

    text: str
    location: Location
    reasons: tuple[Reason, ...] = ()
    on: date | None = None


def differences(expect: Expectation, judged: Judged, outcome: Outcome) -> list[Difference]:
    """Everything that is not as expected, in the order of the keys."""
    found = [*_tiers(expect, judged, outcome)]
    for key, listed in expect.lists.items():
        explain = _Rules(key, judged, outcome)
        found.extend(_listed(key, listed, got(key, outcome), explain))
    found.extend(_values(expect, judged))
    return found


def got(key: str, outcome: Outcome) -> Got:
    """What was decided, under the key of an expectation."""
    if key == "obligations":
        return {rule: tuple(sorted(set(states))) for rule, states in outcome.obligations.items()}
    if key in ("entitlements", "milestones", "actions"):
        return dict.fromkeys(sorted(getattr(outcome, key)), ())
    scope = "account" if key == "warnings" else key
    return {rule: (level,) for rule, level in sorted(outcome.warnings.get(scope, {}).items())}


# --- tiers -------------------------------------------------------------------------------


def _tiers(expect: Expectation, judged: Judged, outcome: Outcome) -> Iterator[Difference]:
    for key, wanted, found in (
        ("tier", expect.tier, outcome.tier),
        ("candidate", expect.candidate, outcome.candidate),
    ):
        if wanted is None or wanted == (found or NO_TIER):
            continue
        text = f"{key}: expected {wanted}, got {found or NO_TIER}"
        if wanted == outcome.candidate:
            text = f"{text}; the facts say {wanted}, but tonight's review does not move it there"
        yield Difference(text, expect.places[key], _why_tier(judged, wanted, found))


def _why_tier(judged: Judged, wanted: str, found: str | None) -> tuple[Reason, ...]:
    """Why the better of the two is, or is not, the account's."""
    pack = judged.pack
    if judged.is_excluded and pack.exclude is not None and found == judged.candidate:
        return why(pack, pack.exclude, judged.row, "excluded: ")
    order = [tier.id for tier in pack.tiers]
    if found is None or wanted not in order:
        return ()
    steps = {tier.id: tier.predicate for tier in pack.tiers}
    if order.index(wanted) < order.index(found):
        predicate = steps[wanted]
        return () if predicate is None else why_not(pack, predicate, judged.row)
    predicate = steps[found]
    return () if predicate is None else why(pack, predicate, judged.row)


# --- lists -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rules:
    """The conditions behind what is expected under a key, where a rule has any."""

    key: str
    judged: Judged
    outcome: Outcome

    def levels(self, rule_id: str) -> tuple[PackPlan, Lookup, list[tuple[str, Predicate]]]:
        pack, lookup = self.judged.pack, self.judged.lookup(self.outcome.tier)
        if self.key == "milestones":
            lookup = self.judged.lookup(self.outcome.reviewed)
        for scope in self.outcome.scopes:
            if scope.scope == self.key:
                pack, lookup = scope.pack, scope.lookup
        kind = {"milestones": "milestone", "entitlements": "entitlement"}.get(self.key, "warning")
        named = [rule for rule in pack.rules if rule.kind == kind and rule.id == rule_id]
        return pack, lookup, [level for rule in named for level in rule.levels]

    def absent(self, rule_id: str, states: States) -> tuple[Reason, ...]:
        if self.key in ("actions", "obligations"):
            return ()
        pack, lookup, levels = self.levels(rule_id)
        wanted = [one for level, one in levels if not states or level in states]
        return why_not(pack, wanted[-1], lookup) if wanted else ()

    def present(self, rule_id: str) -> tuple[Reason, ...]:
        if self.key in ("actions", "obligations"):
            return ()
        pack, lookup, levels = self.levels(rule_id)
        holding = [one for _, one in levels if truth_of(one, lookup) is True]
        return why(pack, holding[0], lookup) if holding else ()


def _listed(key: str, listed: Listed, found: Got, rules: _Rules) -> Iterator[Difference]:
    for name, states in listed.included.items():
        if name not in found:
            text = f"{key}: expected {_named(name, states)}, which is not there"
            if key in ("warnings", "milestones") and not rules.absent(name, states):
                text = f"{text}, though its condition holds"
            yield Difference(text, listed.location, rules.absent(name, states))
        elif states and states != found[name]:
            text = f"{key}: expected {_named(name, states)}, got {', '.join(found[name])}"
            yield Difference(text, listed.location, rules.present(name))
    extra = [name for name in listed.excluded if name in found]
    if listed.only:
        extra += [name for name in found if name not in listed.included]
    for name in extra:
        text = f"{key}: did not expect {_named(name, found[name])}"
        yield Difference(text, listed.location, rules.present(name))


def _named(name: str, states: States) -> str:
    return f"{name} {', '.join(states)}" if states else name


# --- values ------------------------------------------------------------------------------


def _values(expect: Expectation, judged: Judged) -> Iterator[Difference]:
    pack, row = judged.pack, judged.row
    for name, wanted in expect.values.items():
        column = pack.columns[name]
        value = row.get(column)
        if value != wanted:
            kind = pack.types[column]
            text = f"values: expected {name} {shown(wanted, kind)}, got {shown(value, kind)}"
            yield Difference(text, expect.places["values"])
