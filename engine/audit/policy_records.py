"""A policy and its plan as the store keeps them: rules with the thresholds of the day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.audit.records import ColumnRecord, PolicyRecord, RuleRecord
from engine.model import ActionTemplate, Policy
from engine.plan import steps
from engine.plan.classes import pack_classes
from engine.plan.predicates import leaves


def policy_record(policy: Policy, plan: steps.Plan, pack: steps.PackPlan) -> PolicyRecord:
    """`policy` is the pack as written, `pack` its part of the `plan` of the run."""
    scopes = plan.scopes_of(pack)
    return PolicyRecord(
        pack=policy.id,
        title=policy.title,
        version=policy.version,
        policy_hash=policy.hash,
        document=policy.document,
        effective_from=policy.effective_from,
        effective_to=policy.effective_to,
        files=policy.files,
        rules=tuple(_rules(policy, pack, scopes)),
        columns=tuple(_columns(pack, *scopes)),
        roles=pack.roles,
    )


def _rules(
    policy: Policy, pack: steps.PackPlan, scopes: Sequence[steps.PackPlan]
) -> Iterator[RuleRecord]:
    yield RuleRecord("pack", policy.id, policy.title, policy.location)
    for tier in pack.tiers:
        levels = [("", tier.predicate)] if tier.predicate is not None else []
        yield RuleRecord("tier", tier.id, tier.title, tier.location, _thresholds(levels))
    planned = {(rule.kind, rule.id) for rule in pack.rules}
    for rule in (*pack.rules, *(rule for one in scopes for rule in one.rules)):
        thresholds = _thresholds(rule.levels)
        layer = policy.warnings[rule.id].layer if rule.kind == "warning" else None
        yield RuleRecord(rule.kind, rule.id, rule.title, rule.location, thresholds, layer=layer)
    for entitlement in pack.entitlements.values():
        if ("entitlement", entitlement.id) not in planned:  # it follows the tier alone
            yield RuleRecord("entitlement", entitlement.id, entitlement.title, entitlement.location)
    for action in pack.actions.values():
        yield RuleRecord(
            "action", action.id, action.title, action.location, template=_template(action)
        )


def _columns(*parts: steps.PackPlan) -> Iterator[ColumnRecord]:
    """How to read what the pack and its scopes name; the first to name it says so."""
    found: dict[str, ColumnRecord] = {}
    classes = pack_classes(*parts)
    for part in parts:
        for name, column in sorted(part.columns.items()):
            if column in part.types:
                kind, title = part.types[column], part.titles.get(column)
                found.setdefault(name, ColumnRecord(name, column, kind, title, classes[name]))
    yield from found.values()


def _template(action: ActionTemplate) -> dict[str, str | None]:
    return {
        "owner": action.owner,
        "due": action.due.text if action.due else None,
        "priority": action.priority,
        "text_zh": action.text.zh,
        "text_en": action.text.en,
    }


def _thresholds(levels: Iterable[tuple[str, steps.Predicate]]) -> tuple[Mapping[str, Any], ...]:
    return tuple(
        {"level": level, **_threshold(test)} for level, when in levels for test in leaves(when)
    )


def _threshold(test: steps.Comparison | steps.Ranked) -> dict[str, Any]:
    if isinstance(test, steps.Ranked):
        operator, operands = test.side, [_operand(test.share)]
    else:
        operator, operands = test.operator, [_operand(value) for value in test.operands]
    return {
        "column": test.column,
        "operator": operator,
        "operands": operands,
        "written": test.written,
        "file": test.location.file,
        "line": test.location.line,
    }


def _operand(value: object) -> object:
    if isinstance(value, steps.ColumnRef):
        return {"column": value.column}
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")  # a text: the digits are those of the policy
    return value
