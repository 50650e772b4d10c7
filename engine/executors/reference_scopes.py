"""The scopes beyond the account, by the reference evaluator: the same code, one plan further."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.executors.protocol import FactTables, Measured, Row, Tiers, Value
from engine.executors.reference import decide, in_population, measure
from engine.language.checks.scopes import ACCOUNTS
from engine.model import NUMERIC_TYPES
from engine.plan.scopes import ENTITY_ROLE, PORTFOLIO, columns_read
from engine.plan.steps import PackPlan, Plan, ScopePlan

Owner = tuple[int, str, str]
"""``account_no``, role, person: who holds a role for an account on the as-of date."""


@dataclass(frozen=True)
class ScopeDecisions:
    """What every scope of a plan says, in the order of their columns.

    `hits` are (pack, scope, entity, rule, level, evidence under the pack's names),
    `unknowns` (pack, scope, entity, rule), `facts` (pack, scope, entity, measure, value) of
    the numeric measures, `entities` (pack, scope, entity).
    """

    hits: tuple[tuple[str, str, str, str, str, Row], ...]
    unknowns: tuple[tuple[str, str, str, str], ...]
    facts: tuple[tuple[str, str, str, str, float | None], ...]
    entities: tuple[tuple[str, str, str], ...]


def evaluate_scopes(
    plan: Plan, measured: Measured, tiers: Tiers, owners: Iterable[Owner] = ()
) -> ScopeDecisions:
    """What holds of the portfolio and the customer managers, given the effective `tiers`."""
    managers = {number: person for number, role, person in owners if role == ENTITY_ROLE}
    found = [_evaluate(plan, one, measured, tiers, managers) for one in plan.scopes]
    return ScopeDecisions(
        tuple(row for said in found for row in said.hits),
        tuple(row for said in found for row in said.unknowns),
        tuple(row for said in found for row in said.facts),
        tuple(row for said in found for row in said.entities),
    )


def _evaluate(
    plan: Plan, one: ScopePlan, measured: Measured, tiers: Tiers, managers: dict[int, str]
) -> ScopeDecisions:
    return _decided(one, entity_tables(plan, one, measured, tiers, managers))


def entity_tables(
    plan: Plan, one: ScopePlan, measured: Measured, tiers: Tiers, managers: Mapping[int, str]
) -> FactTables:
    """The entities of a scope as its accounts, each with the accounts that it is made of.

    `managers` says who holds the role of the scope, by account number.
    """
    pack = next(pack for pack in plan.packs if pack.id == one.pack_id)
    names = [PORTFOLIO] if one.scope == PORTFOLIO else sorted(set(managers.values()))
    entities = {name: number for number, name in enumerate(names)}
    rows: list[Row] = []
    for row, tier in zip(measured.facts, tiers[pack.id], strict=True):
        number = row["account_no"]
        assert isinstance(number, int)
        entity = PORTFOLIO if one.scope == PORTFOLIO else managers.get(number)
        if entity is not None and in_population(pack, row):
            rows.append({"account_no": entities[entity], **_account(pack, one, row, tier)})
    return FactTables(
        [{"account_no": number, "account_id": name, "name": name}
         for name, number in entities.items()],
        {ACCOUNTS: rows},
    )  # fmt: skip


def _account(pack: PackPlan, one: ScopePlan, row: Row, tier: str | None) -> dict[str, Value]:
    """An account as a record of its scope."""
    return {
        column.name: tier if column.name == "tier" else row[pack.columns[column.name]]
        for column in columns_read(one.plan)
    }


def _decided(one: ScopePlan, tables: FactTables) -> ScopeDecisions:
    (pack,) = one.plan.packs
    written = {column: name for name, column in pack.columns.items()}
    measured = measure(one.plan, tables)
    decided = decide(one.plan, measured, measured.candidates)
    numbers = [name for name, column in pack.columns.items() if pack.types[column] in NUMERIC_TYPES]
    hits = tuple(
        (
            one.pack_id,
            one.scope,
            hit.key.account_id,
            hit.key.rule,
            hit.level,
            {written[column]: hit.evidence[column] for column in hit.evidence if column in written},
        )
        for hit in decided.hits
    )
    return ScopeDecisions(
        hits,
        tuple((one.pack_id, one.scope, key.account_id, key.rule) for key in decided.unknowns),
        tuple(
            (one.pack_id, one.scope, str(row["account_id"]), name, _double(row[pack.columns[name]]))
            for row in measured.facts
            for name in numbers
        ),
        tuple((one.pack_id, one.scope, str(row["account_id"])) for row in measured.facts),
    )


def _double(value: Value) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]
