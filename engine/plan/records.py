"""Record tables as a pack reads them: which columns, which computed ones, which are mapped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from engine.model import Name, Policy, Population, RecordType, Scalar, Vocabulary
from engine.plan.expressions import compile_expression, names_in
from engine.plan.scope import Parameters, Registry, Subject, ordered_values, scale_of
from engine.plan.steps import Derived, FactColumn, Precision, RecordStep


@dataclass
class RecordTables:
    """The record tables of the plan, shared by its packs; one registry of columns each."""

    mapped: Vocabulary
    tables: dict[str, Registry] = field(default_factory=dict)

    def registry(self, record: str) -> Registry:
        return self.tables.setdefault(record, Registry())

    def is_mapped(self, record: str) -> bool:
        return record in self.mapped.records

    def time_of(self, record: RecordType) -> str | None:
        """The dating column: the workspace's own, else the one that the vocabulary names.

        None if the vocabulary dates the records and the workspace maps no such column: what
        looks at days is then missing, and never taken over all records instead.
        """
        mapped = self.mapped.records.get(record.name)
        if mapped is None or mapped.time is not None:
            return mapped.time if mapped else record.time
        return record.time if record.time in mapped.columns else None

    def available(self, record: str, column: str) -> bool:
        """Whether the workspace maps the column and everything that it is computed from."""
        registry = self.registry(record)
        definition = registry.definitions[column]
        if isinstance(definition, FactColumn):
            return definition.available
        return all(self.available(record, read) for read in registry.reads[column])

    def steps(self, times: dict[str, str | None]) -> tuple[RecordStep, ...]:
        """One step per table, in order of name; `times` names the dating columns."""
        found = []
        for name, registry in sorted(self.tables.items()):
            definitions = list(registry.definitions.values())
            columns = tuple(one for one in definitions if isinstance(one, FactColumn))
            derived = tuple(one for one in definitions if isinstance(one, Derived))
            mapped = self.is_mapped(name)
            found.append(RecordStep(name, mapped, times.get(name), columns, derived))
        return tuple(found)


@dataclass
class RecordScope:
    """The columns of one record table, as conditions and record formulas name them."""

    policy: Policy
    record: RecordType
    tables: RecordTables
    parameters: Parameters
    precision: Precision
    used: dict[str, None] = field(default_factory=dict)

    def subject(self, name: str) -> Subject:
        column = self.column(name)
        spec = self.record.columns[name]
        return Subject(column, spec.type, ordered_values(self.record.columns, name))

    def column(self, name: str) -> str:
        """Register a column, or the formula that computes it, and what that reads."""
        spec = self.record.columns[name]
        registry = self.tables.registry(self.record.name)
        mapped = self.tables.mapped.records.get(self.record.name)
        is_mapped = mapped is not None and name in mapped.columns
        if is_mapped or spec.formula is None:
            found = registry.add(
                name, self.policy.id, FactColumn(name, spec.type, is_mapped), spec.type
            )
        else:
            tree = compile_expression(spec.formula.tree, self._rename, self.parameters)
            scale = scale_of(spec.type, self.precision)
            reads = frozenset(names_in(tree))
            found = registry.add(
                name, self.policy.id, Derived(name, spec.type, scale, tree), spec.type, reads
            )
        self.used[found] = None
        return found

    def _rename(self, node: Name | Population) -> str:
        assert isinstance(node, Name)  # the loader refuses population functions here
        return self.column(node.name)

    def cutoffs(self, subject: Subject, side: str, share: Scalar) -> NoReturn:
        raise AssertionError("top and bottom are refused inside 'where:'")
