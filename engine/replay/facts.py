"""Kept facts → the relations that a plan's own SQL goes on from.

What was counted over records, and the columns of the accounts, are taken as they were kept; all
that is computed from them is computed again. `kept_facts` is the only place that reads the facts
of a run for that.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from duckdb import ColumnExpression, ConstantExpression, Expression

from engine.audit.manifest import NIGHT_INPUTS
from engine.audit.personal.files import PERSONAL_FILE
from engine.errors import KamError, Location, Problem
from engine.executors.columnar import Pipeline
from engine.model import Policy, ValueType
from engine.plan.classes import with_sealing
from engine.plan.columns import column_types, is_accounts_alone, sql_type
from engine.plan.steps import FactColumn, ObligationStep, Plan
from engine.recall import KeptNight
from engine.replay.definitions import (
    account_columns,
    aggregate_definition,
    obligation_definition,
)

COUNTED = ("cadence_counts", "timed_records", "team_coverage")
"""The relations of the records behind obligations, kept by pack and entitlement."""


@dataclass(frozen=True)
class NotKept:
    """Something that a plan measures and that a run did not keep."""

    what: str
    pack: str
    location: Location | None


class FactsNotKeptError(KamError):
    """A plan needs what the run did not keep; `missing` says what."""

    def __init__(self, run_id: str, missing: Sequence[NotKept], hint: str) -> None:
        self.missing = tuple(missing)
        super().__init__(
            Problem(
                "facts-not-kept",
                f"run {run_id} did not keep what {one.what} of {one.pack} is measured by",
                one.location,
                hint,
            )
            for one in missing
        )


def measured_above(pipeline: Pipeline) -> Pipeline:
    """The pipeline without what counts records: all that stands above kept facts."""
    names = [step.name for step in pipeline.measure]
    first = names.index("base") + 1 if "base" in names else names.index("facts")
    return replace(
        pipeline,
        measure=pipeline.measure[first:],
        decide=tuple(step for step in pipeline.decide if step.name not in COUNTED),
    )


def not_kept(night: KeptNight, plan: Plan, policies: Sequence[Policy]) -> list[NotKept]:
    """What the plan would count or read that the plan of the run did not."""
    columns = account_columns(night.plan)
    aggregates = _kept_aggregates(night.plan)
    obligations = _kept_obligations(night.plan)
    missing = [
        _account_column(one, plan, policies)
        for one in plan.accounts
        if one.available and (one.name, one.type) not in columns
    ]
    missing += [
        _measure(step.column, plan, policies)
        for step in plan.aggregates
        if step.available and aggregate_definition(plan, step) not in aggregates
    ]
    missing += [
        _entitlement(step, pack.id, policies)
        for pack in plan.packs
        for step in pack.obligations
        if step.available and obligation_definition(plan, step) not in obligations
    ]
    return list(dict.fromkeys(missing))


def kept_facts(connection: duckdb.DuckDBPyConnection, night: KeptNight, plan: Plan) -> None:
    """Lays out what a run kept for a plan of which `not_kept` finds nothing missing.

    Makes ``base``, on which the statements of `measured_above` build, ``accounts``,
    ``bad_accounts``, ``quarantine``, ``record_assignments`` (each owner as one assignment) and
    the relations `COUNTED`. Of the accounts they read the keys, or whole rows where the plan has
    no ``base``.
    """
    folder = night.run.path
    for name in NIGHT_INPUTS:
        relation = connection.read_parquet(os.fspath(folder / "inputs" / f"{name}.parquet"))
        if name == "timed_records":  # its accounts are named for the nights that follow alone
            relation = relation.project("* EXCLUDE (account_id)")
        relation.create_view(f"kept_{name}")
    facts = fact_rows(connection, folder, night.plan)
    facts.project(*_base(night.plan, plan)).order("account_no").create("base")
    columns = "*" if is_accounts_alone(plan) else "account_no, account_id"
    connection.execute(f"CREATE TABLE accounts AS SELECT {columns} FROM base")  # noqa: S608
    connection.execute(_LAYOUT)
    connection.execute(_ASSIGNMENTS, {"as_of": plan.as_of})
    for name in COUNTED:
        _counted(connection, name, night.plan, plan)


def fact_rows(
    connection: duckdb.DuckDBPyConnection, folder: Path, plan: Plan
) -> duckdb.DuckDBPyRelation:
    """The rows of facts.parquet of the run of a plan, with the values themselves where the file
    holds tokens of them.

    The values of class personal stand in personal.parquet, a row for each account that has some
    and has not been forgotten; the others' are missing.
    """
    facts = connection.read_parquet(os.fspath(folder / "facts.parquet"))
    sealed, file = with_sealing(plan).sealed, folder / PERSONAL_FILE
    if not sealed:
        return facts
    if not file.exists():  # nobody has a personal value, or nobody any more
        types = column_types(plan)
        nothing = {one: _missing(types[one], plan).alias(one) for one in sealed}
        return facts.project(*(nothing.get(one, ColumnExpression(one)) for one in facts.columns))
    joined = facts.set_alias("facts").join(
        connection.read_parquet(os.fspath(file)).set_alias("personal"),
        ColumnExpression("facts", "account_no") == ColumnExpression("personal", "account_no"),
        how="left",
    )
    return joined.project(
        *(
            ColumnExpression("personal" if one in sealed else "facts", one).alias(one)
            for one in facts.columns
        )
    )


_LAYOUT = """
CREATE TABLE bad_accounts AS FROM kept_set_aside;
CREATE TABLE quarantine AS FROM kept_quarantine;
"""
_ASSIGNMENTS = """
CREATE TABLE record_assignments AS
SELECT account_no, $as_of::DATE AS assigned_on, NULL::DATE AS ended_on, role, person
FROM kept_owners
"""


def _base(kept: Plan, plan: Plan) -> Iterator[Expression]:
    """The columns of ``base`` for a plan, from the columns of the facts of another."""
    yield ColumnExpression("account_no")
    yield ColumnExpression("account_id")
    for one in plan.accounts:
        value = ColumnExpression(one.name) if one.available else _missing(one.type, plan)
        yield value.alias(one.name)
    aggregates = _kept_aggregates(kept)
    for step in plan.aggregates:
        if step.available:
            value = ColumnExpression(aggregates[aggregate_definition(plan, step)])
        else:
            value = _missing(step.type, plan)
        yield value.alias(step.column)


def _missing(value_type: ValueType, plan: Plan) -> Expression:
    kind = duckdb.sqltype(sql_type(value_type, plan.precision))
    return ConstantExpression(None).cast(kind)


def _counted(connection: duckdb.DuckDBPyConnection, name: str, kept: Plan, plan: Plan) -> None:
    """A kept relation of records under the packs and entitlements of the plan."""
    connection.execute(f"CREATE TABLE {name} AS FROM kept_{name} LIMIT 0")
    known = _kept_obligations(kept)
    for pack in plan.packs:
        for step in pack.obligations:
            if not step.available or _RELATIONS[step.kind] != name:
                continue
            old_pack, old_rule = known[obligation_definition(plan, step)]
            role = " AND role = $part" if step.kind == "team" else ""
            values = {"pack": pack.id, "rule": step.rule_id, "was": old_pack, "named": old_rule}
            if role:
                values["part"] = step.part
            connection.execute(
                f"INSERT INTO {name} SELECT * REPLACE ($pack AS pack, $rule AS rule_id) "  # noqa: S608
                f"FROM kept_{name} WHERE pack = $was AND rule_id = $named{role}",
                values,
            )


_RELATIONS = {
    "cadence": "cadence_counts",
    "response": "timed_records",
    "deadline": "timed_records",
    "team": "team_coverage",
}


def _kept_aggregates(plan: Plan) -> dict[object, str]:
    return {aggregate_definition(plan, one): one.column for one in plan.aggregates}


def _kept_obligations(plan: Plan) -> dict[object, tuple[str, str]]:
    """Definition → pack and entitlement under which the rows are kept."""
    return {
        obligation_definition(plan, step): (pack.id, step.rule_id)
        for pack in plan.packs
        for step in pack.obligations
    }


# --- what to say of what is missing --------------------------------------------------------


def _account_column(one: FactColumn, plan: Plan, policies: Sequence[Policy]) -> NotKept:
    for policy in policies:
        if one.name in policy.vocabulary.accounts:
            place = policy.vocabulary.accounts[one.name].location
            return NotKept(f"the column '{one.name}'", policy.id, place)
    return NotKept(f"the column '{one.name}'", plan.packs[0].id, None)


def _measure(column: str, plan: Plan, policies: Sequence[Policy]) -> NotKept:
    for pack, policy in zip(plan.packs, policies, strict=True):
        for name, stands_in in pack.columns.items():
            if stands_in == column and name in policy.measures:
                return NotKept(f"the measure '{name}'", pack.id, policy.measures[name].location)
    return NotKept(f"the measure '{column}'", plan.packs[0].id, None)


def _entitlement(step: ObligationStep, pack: str, policies: Sequence[Policy]) -> NotKept:
    policy = next(one for one in policies if one.id == pack)
    place = policy.entitlements[step.rule_id].location
    return NotKept(f"the entitlement '{step.rule_id}'", pack, place)
