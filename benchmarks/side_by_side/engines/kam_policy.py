"""The rules as a policy pack of kam, in YAML, and its plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import yaml

from benchmarks.side_by_side.conditions import Both, Condition, Either, Pair, Rule
from benchmarks.side_by_side.generate import COLUMNS
from engine.language.load import load_pack
from engine.language.texts import KeptTexts
from engine.model import Policy
from engine.plan.build import build_plan
from engine.plan.steps import Plan

AS_OF = date(2026, 7, 1)


def pack(rules: Sequence[Rule]) -> dict[str, Any]:
    """A pack in which every rule is a warning."""
    accounts: dict[str, Any] = {}
    for column in COLUMNS:
        kind = "enum" if column.values else column.kind
        values = {"values": list(column.values)} if column.values else {}
        accounts[column.name] = {"type": kind, "title": _title(column.name), **values}
    return {
        "pack": {
            "id": "benchmark",
            "title": _title("Benchmark"),
            "version": "1",
            "effective": {"from": AS_OF.replace(month=1)},
            "owner": "office",
        },
        "roles": {"office": {"title": _title("Office")}},
        "vocabulary": {"accounts": accounts},
        "warnings": {
            rule.id: {
                "title": _title(rule.id),
                "levels": {"yellow": {"when": written(rule.condition)}},
            }
            for rule in rules
        },
    }


def load_policy(rules: Sequence[Rule]) -> Policy:
    """The pack, written as YAML and read as any other."""
    text = yaml.safe_dump(pack(rules), allow_unicode=True, sort_keys=False)
    return load_pack("benchmark", KeptTexts({"benchmark/pack.yaml": text.encode()}))


def plan_of(rules: Sequence[Rule]) -> Plan:
    policy = load_policy(rules)
    return build_plan([policy], policy.vocabulary, AS_OF)


def written(condition: Condition) -> dict[str, Any]:
    """A condition as a policy writes it."""
    if isinstance(condition, Both | Either):
        word = "all" if isinstance(condition, Both) else "any"
        return {word: [written(part) for part in condition.parts]}
    if isinstance(condition, Pair):
        return {condition.column: {condition.operator: {"measure": condition.other}}}
    if condition.operator in ("missing", "present"):
        return {condition.column: {"missing": condition.operator == "missing"}}
    several = condition.operator in ("between", "in", "not_in")
    operand = list(condition.operands) if several else condition.operands[0]
    return {condition.column: {condition.operator: operand}}


def _title(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}
