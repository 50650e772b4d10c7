"""One pack → its columns in the shared registry, and its tiers and rules over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from engine.errors import problem
from engine.model import (
    Aggregate,
    Case,
    Criterion,
    Entitlement,
    Measure,
    Name,
    Number,
    Operation,
    Policy,
    Population,
    Scalar,
    Scorecard,
    ValueType,
    Vocabulary,
)
from engine.plan.expressions import compile_expression, names_in
from engine.plan.predicates import columns_of, compile_condition
from engine.plan.records import RecordScope, RecordTables
from engine.plan.scope import (
    Definition,
    Parameters,
    Registry,
    Subject,
    ordered_values,
    scale_of,
)
from engine.plan.steps import (
    AggregateStep,
    Condition,
    Derived,
    FactColumn,
    GroupTotal,
    Points,
    Precision,
    Ranking,
    Score,
    Statistic,
)


@dataclass
class PackScope:
    """Resolves a pack's names, registering what each needs before the thing itself."""

    policy: Policy
    mapped: Vocabulary
    registry: Registry
    tables: RecordTables
    parameters: Parameters
    precision: Precision
    columns: dict[str, str] = field(default_factory=dict)
    times: dict[str, str | None] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _population: str | None = None
    _population_done: bool = False

    @property
    def as_of(self) -> date:
        return self.parameters.as_of

    @property
    def tier_order(self) -> tuple[str, ...]:
        """Tier ids, worst first, as an ordinal lists its values."""
        scheme = self.policy.tiers
        if scheme is None:
            return ()
        return (scheme.default.id, *(level.id for level in reversed(scheme.levels)))

    def subject(self, name: str) -> Subject:
        if name == "tier":
            return Subject(f"tier__{self.policy.id}", "ordinal", self.tier_order)
        column = self.column(name)
        return Subject(column, self.registry.types[column], self._order(name))

    def _order(self, name: str) -> tuple[str, ...]:
        """The values of an ordinal, worst first: an account's, or a record's that is picked."""
        measure = self.policy.measures.get(name)
        if measure is None:
            accounts = self.policy.vocabulary.accounts
            return ordered_values(accounts, name) if name in accounts else ()
        if measure.type != "ordinal" or measure.aggregate is None or not measure.aggregate.column:
            return ()
        record = self.policy.vocabulary.records[measure.aggregate.record]
        return ordered_values(record.columns, measure.aggregate.column)

    def column(self, name: str) -> str:
        """The column of a measure, a scorecard or an account column."""
        if name not in self.columns:
            if name in self._open:
                cycle = " -> ".join([*self._open[self._open.index(name) :], name])
                raise problem("cyclic-formula", f"{cycle} depend on each other")
            self._open.append(name)
            self.columns[name] = self._define(name)
            self._open.pop()
        return self.columns[name]

    def _define(self, name: str) -> str:
        policy = self.policy
        if name in policy.scorecards:
            return self._scorecard(policy.scorecards[name])
        if name in policy.measures:
            return self._measure(policy.measures[name])
        spec = policy.vocabulary.accounts[name]
        available = name in self.mapped.accounts
        return self._add(name, FactColumn(name, spec.type, available), spec.type)

    def _add(
        self,
        name: str,
        definition: Definition,
        value_type: ValueType,
        reads: frozenset[str] = frozenset(),
    ) -> str:
        return self.registry.add(name, self.policy.id, definition, value_type, reads)

    # --- measures ------------------------------------------------------------------------

    def _measure(self, measure: Measure) -> str:
        scale = scale_of(measure.type, self.precision)
        if measure.aggregate is not None:
            step = self._aggregate(measure, measure.aggregate, scale)
            return self._add(measure.id, step, measure.type)
        assert measure.formula is not None
        tree = compile_expression(measure.formula.tree, self._rename, self.parameters)
        derived = Derived(measure.id, measure.type, scale, tree)
        return self._add(measure.id, derived, measure.type, frozenset(names_in(tree)))

    def _aggregate(
        self, measure: Measure, aggregate: Aggregate, scale: int | None
    ) -> AggregateStep:
        record = self.policy.vocabulary.records[aggregate.record]
        scope = RecordScope(self.policy, record, self.tables, self.parameters, self.precision)
        argument = scope.column(aggregate.column) if aggregate.column else None
        by = scope.column(aggregate.by) if aggregate.by else None
        where = compile_condition(aggregate.where, scope) if aggregate.where else None
        self.tables.registry(record.name)  # a bare count reads no column
        time = self.times[record.name] = self.tables.time_of(record)
        until = self.as_of - timedelta(days=aggregate.ending_days)
        window = aggregate.window_days
        available = (
            self.tables.is_mapped(record.name)
            and (time is not None or record.time is None)
            and all(self.tables.available(record.name, column) for column in scope.used)
        )
        return AggregateStep(
            column=measure.id,
            type=measure.type,
            scale=scale,
            record=record.name,
            function=aggregate.function,
            argument=argument,
            by=by,
            where=where,
            after=None if window is None else until - timedelta(days=window),
            until=until,
            minimum_records=aggregate.minimum_records,
            available=available,
        )

    def rate(self, entitlement: Entitlement) -> str:
        """The column with the rate of a pricing entitlement: that of the last step reached.

        Missing where the measure is, and below the first step.
        """
        schedule = entitlement.terms["schedule"]
        assert isinstance(schedule, tuple)
        column = self.column(str(entitlement.terms["measure"]))
        branches = tuple(
            (
                Operation(
                    ">=", (Name(column, entitlement.location), Number(_decimal(bound.value)))
                ),
                Number(_decimal(rate.value)),
            )
            for bound, rate in reversed(schedule)
        )
        derived = Derived("", "ratio", self.precision.derived, Case(branches, None))
        return self._add(f"{entitlement.id}__rate", derived, "ratio", frozenset({column}))

    # --- the population ------------------------------------------------------------------

    def population(self) -> str | None:
        """The boolean column that says who the pack decides about; None for everyone."""
        if not self._population_done:
            scheme = self.policy.tiers
            if scheme is not None and scheme.population is not None:
                predicate = compile_condition(scheme.population, self)
                reads = frozenset(columns_of(predicate))
                self._population = self._add(
                    "in_population", Condition("", predicate), "boolean", reads
                )
            self._population_done = True
        return self._population

    def _rename(self, node: Name | Population) -> str:
        if isinstance(node, Name):
            return self.column(node.name)
        column, population = self.column(node.measure), self.population()
        if node.function == "rank":
            ranking = Ranking("", column, population)
            return self._add(f"{column}__rank", ranking, "integer", _reads(column, population))
        if node.group is not None:
            group = self.column(node.group.name)
            total = GroupTotal("", column, group, population)
            reads = _reads(column, group, population)
            return self._add(f"group_total__{column}__{group}", total, "number", reads)
        label = node.function if node.share is None else f"percentile_{_label(node.share)}"
        return self._statistic(f"{label}__{column}", node.function, column, node.share)

    def _statistic(
        self,
        name: str,
        kind: str,
        column: str | None,
        share: Decimal | None = None,
        side: str | None = None,
    ) -> str:
        population = self.population()
        statistic = Statistic("", kind, column, population, share, side)
        return self._add(name, statistic, "number", _reads(column, population))

    def cutoffs(self, subject: Subject, side: str, share: Scalar) -> tuple[str, str, str | None]:
        assert isinstance(share, Decimal)
        prefix = f"{side}_{_label(share)}__{subject.column}"
        value = self._statistic(f"{prefix}__value", "cutoff_value", subject.column, share, side)
        account = self._statistic(
            f"{prefix}__account", "cutoff_account", subject.column, share, side
        )
        return value, account, self.population()

    def count(self) -> str:
        """The statistic that counts the population."""
        return self._statistic("population_count", "count", None)

    # --- scorecards ----------------------------------------------------------------------

    def _scorecard(self, scorecard: Scorecard) -> str:
        parts: list[tuple[str, Decimal]] = []
        for criterion in scorecard.criteria:
            self._criterion(scorecard.id, criterion, parts)
        score = Score("", "", self.precision.derived, tuple(parts), scorecard.missing)
        reads = frozenset(column for column, _ in parts)
        return self._add(scorecard.id, score, "score", reads)

    def _criterion(
        self, prefix: str, criterion: Criterion, parts: list[tuple[str, Decimal]]
    ) -> None:
        name = f"{prefix}__{criterion.id}"
        for part in criterion.parts:
            self._criterion(name, part, parts)
        if criterion.measure is not None:
            column = self.column(criterion.measure)
            curve = tuple((_decimal(knot.value), points) for knot, points in criterion.curve)
            definition = Points("", column, self.precision.derived, curve, criterion.table)
            found = self._add(name, definition, "score", frozenset({column}))
            parts.append((found, criterion.weight))


def _decimal(value: Scalar) -> Decimal:
    assert isinstance(value, Decimal)
    return value


def _label(share: Decimal) -> str:
    """A share as part of a column's name: 0.05 is ``5``, 0.125 is ``12_5``."""
    return f"{(share * 100).normalize():f}".replace(".", "_")


def _reads(*columns: str | None) -> frozenset[str]:
    return frozenset(column for column in columns if column is not None)
