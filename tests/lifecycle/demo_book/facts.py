"""One night of a workspace → what the model is given, through the reference evaluator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

import duckdb

from engine.executors.expressions import evaluate
from engine.executors.predicates import truth_of
from engine.executors.protocol import FactTables, Measured, Row, Value
from engine.executors.reference import decide, in_population, is_excluded, measure
from engine.executors.reference_scopes import evaluate_scopes
from engine.executors.values import as_type
from engine.facts.catalog import RECORD_ID
from engine.facts.loading import load_facts
from engine.plan.steps import ObligationStep, PackPlan, Plan, RecordStep
from engine.plan.wanted import wanted_columns
from engine.prepared import Prepared
from tests.lifecycle.model.actions import MANAGER, holder
from tests.lifecycle.model.inputs import UNKNOWN, Assignment, Facts, Inputs, Record

Tiers = Mapping[tuple[str, str], str | None]
"""(pack, account) → effective tier."""


@dataclass(frozen=True)
class Sources:
    """What the files hold tonight; `set_aside` are the accounts whose row is in quarantine."""

    tables: FactTables
    set_aside: frozenset[str]


def read_sources(prepared: Prepared, plan: Plan) -> Sources:
    workspace = prepared.workspace
    with duckdb.connect(config={"threads": 1}) as connection:
        wanted = wanted_columns(plan, prepared.catalog)
        load_facts(
            connection, prepared.catalog, workspace.root, wanted, plan.precision,
            workspace.timezone,
        )  # fmt: skip
        tables = FactTables(
            _rows(connection, "accounts"),
            {one.name: _rows(connection, f"record_{one.name}") for one in plan.records},
        )
        bad = connection.execute(
            "SELECT account_id FROM bad_accounts WHERE account_id NOT IN "
            "(SELECT account_id FROM accounts)"
        )
        return Sources(tables, frozenset(account for (account,) in bad.fetchall()))


def _rows(connection: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, Any]]:
    cursor = connection.execute(f"FROM {name} ORDER BY ALL")
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Tonight:
    """What facts and records say on the night of a plan, whatever the nights before were."""

    plan: Plan
    sources: Sources

    @cached_property
    def measured(self) -> Measured:
        return measure(self.plan, self.sources.tables)

    @cached_property
    def names(self) -> dict[int, str]:
        return {_number(row): str(row["account_id"]) for row in self.measured.facts}

    # --- accounts ------------------------------------------------------------------------

    def accounts(self) -> dict[str, dict[str, Facts]]:
        said = _Said(self.plan, self.measured)
        return {
            name: {
                pack.id: Facts(
                    in_population(pack, row),
                    is_excluded(pack, {**row, **self.measured.statistics}),
                    self.measured.candidates[pack.id][number] or "",
                    said.tiers("milestone", pack.id, number),
                    said.levels(pack.id, number),
                    said.tiers("entitlement", pack.id, number),
                )
                for pack in self.plan.packs
            }
            for (number, name), row in zip(self.names.items(), self.measured.facts, strict=True)
        }

    # --- what is made up of accounts -----------------------------------------------------

    def entities(self, tiers: Tiers, inputs: Inputs) -> dict[tuple[str, str], dict[str, Facts]]:
        managers = [
            (number, MANAGER, person)
            for number, name in self.names.items()
            if (person := holder(name, MANAGER, inputs)) is not None
        ]
        by_number = {
            pack.id: [tiers.get((pack.id, name)) for name in self.names.values()]
            for pack in self.plan.packs
        }
        decided = evaluate_scopes(self.plan, self.measured, by_number, managers)
        levels: dict[tuple[str, str, str], dict[str, dict[str | None, str]]] = {
            entity: {} for entity in decided.entities
        }
        for pack, scope, entity, rule, level, _ in decided.hits:
            levels[pack, scope, entity][rule] = {None: level}
        for pack, scope, entity, rule in decided.unknowns:
            levels[pack, scope, entity][rule] = {None: UNKNOWN}
        found: dict[tuple[str, str], dict[str, Facts]] = {}
        for (pack, scope, entity), warnings in levels.items():
            found.setdefault((pack, scope), {})[entity] = Facts(warnings=warnings)
        return found

    # --- records -------------------------------------------------------------------------

    @cached_property
    def _records(self) -> dict[str, list[Row]]:
        """Every record with the columns that the packs compute."""
        return {
            step.name: [self._complete(step, row) for row in self.sources.tables.records[step.name]]
            for step in self.plan.records
        }

    def _complete(self, step: RecordStep, row: Row) -> Row:
        found: dict[str, Value] = dict(row)
        for derived in step.derived:
            value = evaluate(derived.expression, found, self.plan.as_of)
            if isinstance(value, float):
                value = as_type(value, derived.type, derived.scale)
            found[derived.column] = value
        return found

    def records(self) -> Iterator[Record]:
        """What matches the condition of a duty, each for every duty that it matches."""
        for pack in self.plan.packs:
            for step in pack.obligations:
                assert step.available, f"the demo does not map what {step.rule_id} reads"
                if step.kind != "team":
                    yield from self._records_of(pack, step)

    def _records_of(self, pack: PackPlan, step: ObligationStep) -> Iterator[Record]:
        assert step.time is not None
        for number, row in enumerate(self._records[step.record]):
            day = _day(row[step.time])
            if day is None or not _holds(step, row):
                continue
            key = row.get(RECORD_ID, number)
            assert key is not None, f"a record of {step.record} has no key"
            yield Record(
                pack.id, step.rule_id, self.names[_number(row)], str(key), day,
                _moment(row, step.starts), _moment(row, step.stops),
                _day(None if step.due is None else row[step.due]),
            )  # fmt: skip

    def assignments(self) -> Iterator[Assignment]:
        """Of two that begin on one day the later name counts, as the model takes the first."""
        teams = [
            (pack.id, step)
            for pack in self.plan.packs
            for step in pack.obligations
            if step.kind == "team"
        ]
        rows = [one for one in self._records["assignments"] if None not in (
            one["person"], one["assigned_on"])]  # fmt: skip
        for row in sorted(rows, key=lambda one: str(one["person"]), reverse=True):
            unfit = frozenset(
                (pack, step.rule_id)
                for pack, step in teams
                if step.part == row["role"] and not _holds(step, row)
            )
            assigned = _day(row["assigned_on"])
            assert assigned is not None
            yield Assignment(
                self.names[_number(row)], str(row["role"]), str(row["person"]), assigned,
                _day(row["ended_on"]), unfit,
            )  # fmt: skip


class _Said:
    """What the rules say about every account in every tier that it may come to be in."""

    def __init__(self, plan: Plan, measured: Measured) -> None:
        self.hits: dict[tuple[str, str, int], dict[str, set[str]]] = {}
        self.warnings: dict[tuple[str, int], dict[str, dict[str | None, str]]] = {}
        for place in range(max(len(pack.tiers) for pack in plan.packs)):
            assumed = {
                pack.id: pack.tiers[place].id for pack in plan.packs if place < len(pack.tiers)
            }
            self._listen(plan, measured, assumed)

    def _listen(self, plan: Plan, measured: Measured, assumed: Mapping[str, str]) -> None:
        tiers: dict[str, Sequence[str | None]] = {
            pack.id: [assumed.get(pack.id)] * len(measured.facts) for pack in plan.packs
        }
        decided = decide(plan, measured, tiers)
        for hit in decided.hits:
            key = hit.key
            if key.pack not in assumed:
                continue
            if key.kind == "warning":
                self._warns(key.pack, key.account_no, key.rule)[assumed[key.pack]] = hit.level
            else:
                rules = self.hits.setdefault((key.kind, key.pack, key.account_no), {})
                rules.setdefault(key.rule, set()).add(assumed[key.pack])
        for key in decided.unknowns:
            if key.kind == "warning" and key.pack in assumed:
                self._warns(key.pack, key.account_no, key.rule)[assumed[key.pack]] = UNKNOWN

    def _warns(self, pack: str, number: int, rule: str) -> dict[str | None, str]:
        return self.warnings.setdefault((pack, number), {}).setdefault(rule, {})

    def tiers(self, kind: str, pack: str, number: int) -> dict[str, frozenset[str]]:
        found = self.hits.get((kind, pack, number), {})
        return {rule: frozenset(tiers) for rule, tiers in found.items()}

    def levels(self, pack: str, number: int) -> dict[str, dict[str | None, str]]:
        return self.warnings.get((pack, number), {})


def _holds(step: ObligationStep, row: Row) -> bool:
    return step.where is None or truth_of(step.where, row) is True


def _number(row: Row) -> int:
    number = row["account_no"]
    assert isinstance(number, int)
    return number


def _day(value: Value) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    assert value is None or isinstance(value, date)
    return value


def _moment(row: Row, column: str | None) -> datetime | None:
    value = None if column is None else row[column]
    day = _day(value)
    if day is None or isinstance(value, datetime):
        return value  # type: ignore[return-value]
    return datetime.combine(day, time())
