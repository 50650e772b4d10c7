"""Policies + mapped columns + as-of date → `Plan`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from engine.errors import Location
from engine.language.checks.scopes import account_policy
from engine.model import Policy, Vocabulary
from engine.model.fields import field_names
from engine.plan.classes import Given, column_classes, given_classes, scope_classes
from engine.plan.pack import PackScope
from engine.plan.records import RecordTables
from engine.plan.rules import compile_pack, pack_plan
from engine.plan.scope import Parameters, Registry
from engine.plan.scopes import names_read, scope_plans
from engine.plan.steps import (
    AggregateStep,
    Condition,
    Derived,
    FactColumn,
    GroupTotal,
    Plan,
    Points,
    Precision,
    Ranking,
    Score,
    Stage,
    Statistic,
)


def build_plan(
    policies: Sequence[Policy],
    mapped: Vocabulary,
    as_of: date,
    currency: str = "CNY",
    precision: Precision | None = None,
) -> Plan:
    """Everything that the packs decide on `as_of`, over what the workspace maps.

    `mapped` lists the columns and record tables that the workspace supplies; whatever a
    pack reads beyond them is marked unavailable and stays missing.
    """
    precision = precision or Precision()

    def build_scope(policy: Policy, accounts: Vocabulary) -> Plan:
        return build_plan([policy], accounts, as_of, currency, precision)

    beyond = scope_plans(policies, mapped, build_scope)
    policies = [account_policy(policy) for policy in policies]
    registry, tables = Registry(), RecordTables(mapped)
    scopes = [
        PackScope(policy, mapped, registry, tables, Parameters(policy, as_of), precision)
        for policy in policies
    ]
    for scope in scopes:
        _carry(scope, mapped)
    compiled = [(scope, compile_pack(scope)) for scope in scopes]
    for scope in scopes:
        for name in names_read(beyond, scope.policy.id):
            scope.subject(name)
    packs = [pack_plan(scope, tiers) for scope, tiers in compiled]
    times = {name: time for scope in scopes for name, time in scope.times.items()}
    definitions = registry.definitions.values()
    unclassed = Plan(
        as_of=as_of,
        currency=currency,
        precision=precision,
        accounts=tuple(one for one in definitions if isinstance(one, FactColumn)),
        records=tables.steps(times),
        aggregates=tuple(one for one in definitions if isinstance(one, AggregateStep)),
        stages=_stages(registry),
        packs=tuple(replace(pack, types=dict(registry.types)) for pack in packs),
        hash="",
        scopes=beyond,
    )
    return _classed(unclassed, given_classes(policies, mapped))


def _classed(plan: Plan, given: Given) -> Plan:
    """The plan with the class of every column, down into its scopes, and with its hash."""
    classes = column_classes(plan, given)
    unhashed = replace(
        plan,
        packs=tuple(replace(pack, classes=classes) for pack in plan.packs),
        scopes=tuple(
            replace(one, plan=_classed(one.plan, scope_classes(plan, one, classes)))
            for one in plan.scopes
        ),
    )
    return replace(unhashed, hash=fingerprint(unhashed))


def _carry(scope: PackScope, mapped: Vocabulary) -> None:
    """Columns that every night keeps: the name, which lists and actions show."""
    if "name" in scope.policy.vocabulary.accounts and "name" in mapped.accounts:
        scope.column("name")


_OVER_MANY = Statistic | Ranking | GroupTotal


def _stages(registry: Registry) -> tuple[Stage, ...]:
    """Order columns so that each statistic is complete before anything reads it.

    A column stands in the stage after the last statistic that it needs; a statistic in
    the stage of the columns that it is taken over.
    """
    level: dict[str, int] = {}
    for name, definition in registry.definitions.items():  # dependencies come first
        level[name] = max(
            (
                level[read] + isinstance(registry.definitions[read], _OVER_MANY)
                for read in registry.reads[name]
            ),
            default=0,
        )
        if isinstance(definition, Score):
            level[definition.coverage] = level[name]
    stages = []
    for number in range(max(level.values(), default=-1) + 1):
        here = [one for name, one in registry.definitions.items() if level[name] == number]
        stages.append(
            Stage(
                tuple(one for one in here if isinstance(one, Derived | Condition | Points | Score)),
                tuple(one for one in here if isinstance(one, Statistic)),
                tuple(one for one in here if isinstance(one, Ranking)),
                tuple(one for one in here if isinstance(one, GroupTotal)),
            )
        )
    return tuple(stages)


def fingerprint(plan: Plan) -> str:
    """SHA-256 over the canonical JSON of the plan, without places in files."""
    text = json.dumps(
        plan, default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    """What JSON does not know, one level of it."""
    if isinstance(value, Location):
        return None
    kind: type = type(value)
    names = field_names(kind)
    if names is not None:
        return {"": kind.__name__, **{name: getattr(value, name) for name in names}}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal | date):
        return str(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"no canonical form for {kind.__name__}")
