"""Who may read a column: its class, from what it is computed from.

A column has the highest class of everything that it reads. What is taken over many accounts (a
statistic, a rank, a measure of the portfolio) tells of nobody alone, and is confidential at the
most. A group is another matter: an account that is in none has its own value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from engine.model import (
    DEFAULT_CLASS,
    Classification,
    Column,
    Policy,
    Vocabulary,
    laxest,
    strictest,
)
from engine.plan.expressions import names_in
from engine.plan.predicates import columns_of
from engine.plan.steps import (
    AggregateStep,
    Computed,
    Condition,
    Derived,
    GroupTotal,
    PackPlan,
    Plan,
    Points,
    Ranking,
    RecordStep,
    ScopePlan,
    Score,
    Statistic,
)

ACCOUNTS = "accounts"
MANY: Classification = "confidential"
"""The highest class of what is taken over many accounts."""

Given = Mapping[tuple[str, str], Classification]
"""(``accounts`` or a record table, column) → the class that people gave it."""
Classes = dict[str, Classification]


# --- what people say ---------------------------------------------------------------------


def given_classes(policies: Sequence[Policy], mapped: Vocabulary) -> Given:
    """The class of every column that a pack or the workspace names.

    The workspace's own word counts, unless a pack that knows the column protects it more.
    """
    found: dict[tuple[str, str], Classification] = {}
    for policy in policies:
        for key, column in _columns(policy.vocabulary):
            found[key] = strictest(found.get(key, "public"), column.classification)
    for key, column in _columns(mapped):
        known = found.get(key, DEFAULT_CLASS)
        # That a pack says nothing, or that everybody may know, is no protection.
        found[key] = strictest(column.classification, *([known] if _protects(known) else []))
    return found


def _columns(vocabulary: Vocabulary) -> Iterator[tuple[tuple[str, str], Column]]:
    for name, column in vocabulary.accounts.items():
        yield (ACCOUNTS, name), column
    for table, record in vocabulary.records.items():
        for name, column in record.columns.items():
            yield (table, name), column


def _protects(classification: Classification) -> bool:
    return strictest(classification, DEFAULT_CLASS) != DEFAULT_CLASS


# --- what follows ------------------------------------------------------------------------


def column_classes(plan: Plan, given: Given) -> Classes:
    """The classes of the columns of ``facts`` and of the statistics that are not ``internal``."""
    classes: Classes = {one.name: _given(given, ACCOUNTS, one.name) for one in plan.accounts}
    records = {one.name: (one, _record_classes(one, given)) for one in plan.records}
    for step in plan.aggregates:
        classes[step.column] = _aggregate(step, *records[step.record])
    for stage in plan.stages:
        for one in stage.computed:
            found = _of(reads_of(one), classes)
            classes.update(dict.fromkeys(columns_made(one), found))
        many = {one.name: over(one) for one in stage.statistics}
        many |= {one.output: over(one) for one in stage.rankings}
        for name, columns in many.items():
            classes[name] = laxest(_of(columns, classes), MANY)
        for total in stage.groups:
            classes[total.output] = _of(over(total), classes)
    return {name: one for name, one in classes.items() if one != DEFAULT_CLASS}


def scope_classes(plan: Plan, scope: ScopePlan, classes: Mapping[str, Classification]) -> Given:
    """The classes of the accounts as records of a scope: it speaks of many of them at once."""
    pack = next(one for one in plan.packs if one.id == scope.pack_id)
    return {
        (ACCOUNTS, name): laxest(classes.get(column, DEFAULT_CLASS), MANY)
        for name, column in pack.columns.items()
        if name != "name"  # of the entity itself
    } | {(ACCOUNTS, "name"): DEFAULT_CLASS}


def columns_made(one: Computed) -> tuple[str, ...]:
    """The columns of ``facts`` that a computed column stands for; a score has its coverage."""
    return (one.column, one.coverage) if isinstance(one, Score) else (one.column,)


def reads_of(one: Computed) -> tuple[str, ...]:
    """The columns that a computed column reads."""
    if isinstance(one, Derived):
        return tuple(names_in(one.expression))
    if isinstance(one, Condition):
        return columns_of(one.predicate)
    if isinstance(one, Points):
        return (one.input,)
    return tuple(column for column, _ in one.parts)


def over(one: Statistic | Ranking | GroupTotal) -> tuple[str, ...]:
    """The columns that something is taken over."""
    group = one.group if isinstance(one, GroupTotal) else None
    return tuple(name for name in (one.column, one.population, group) if name is not None)


def _of(reads: Iterable[str], classes: Mapping[str, Classification]) -> Classification:
    return strictest(*(classes.get(name, DEFAULT_CLASS) for name in reads))


def _given(given: Given, table: str, column: str) -> Classification:
    """Of a column under the vocabulary's name, or under that with the pack before it."""
    known = given.get((table, column)) or given.get((table, column.rpartition("__")[2]))
    return known or DEFAULT_CLASS


def _record_classes(record: RecordStep, given: Given) -> Classes:
    classes: Classes = {one.name: _given(given, record.name, one.name) for one in record.columns}
    for one in record.derived:
        said = _given(given, record.name, one.column)
        classes[one.column] = strictest(_of(names_in(one.expression), classes), said)
    if record.time is not None:
        classes.setdefault(record.time, _given(given, record.name, record.time))
    return classes


def _aggregate(step: AggregateStep, record: RecordStep, classes: Classes) -> Classification:
    """The day of a record always counts: none after the as-of date is there."""
    where = () if step.where is None else columns_of(step.where)
    reads = (step.argument, step.by, record.time, *where)
    return _of((name for name in reads if name is not None), classes)


# --- what must be sealed -----------------------------------------------------------------


def sealed_columns(plan: Plan) -> tuple[str, ...]:
    """The columns of ``facts`` that may hold a personal value tonight, in their order.

    A personal column that the workspace does not map is always missing, and so is what is
    computed from nothing else that is personal.
    """
    personal = {name for name, one in plan.classes.items() if one == "personal"}
    found = [one.name for one in plan.accounts if one.available and one.name in personal]
    found += [one.column for one in plan.aggregates if one.available and one.column in personal]
    holding = dict.fromkeys(found)
    for stage in plan.stages:
        for one in stage.computed:
            if holding.keys() & set(reads_of(one)):
                holding.update(dict.fromkeys(columns_made(one)))
        for total in stage.groups:
            if holding.keys() & set(over(total)):
                holding[total.output] = None
    return tuple(name for name in holding if name in personal)


def with_sealing(plan: Plan) -> Plan:
    """The plan as a night runs it: nothing personal leaves its database but as a token."""
    return replace(plan, sealed=sealed_columns(plan))


def personal_inputs(plan: Plan) -> tuple[str, ...] | None:
    """The columns of ``accounts`` that alone say who has a personal value.

    None if that cannot be told from them, because one is counted or computed.
    """
    columns = tuple(one.name for one in plan.accounts)
    sealed = plan.sealed
    return sealed if all(name in columns for name in sealed) else None


def pack_classes(*packs: PackPlan) -> dict[str, Classification]:
    """What a pack and its scopes name → class, the strictest of one name."""
    found: dict[str, Classification] = {}
    for pack in packs:
        for name, column in pack.columns.items():
            found[name] = strictest(
                found.get(name, "public"), pack.classes.get(column, DEFAULT_CLASS)
            )
    return found
