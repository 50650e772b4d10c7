"""Definitions that go round in circles, and ids that one fact cannot have twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from engine.errors import Location, Problem
from engine.language.checks.facts import TIER
from engine.language.checks.walk import expressions, leaves, names_of, tests
from engine.model import Aggregate, MeasureRef, Policy, Population, RecordType

RESERVED = frozenset({TIER, "account_id", "account_no", "as_of", "warning", "level"})
"""Names that the engine gives a meaning of its own."""

Graph = Mapping[str, tuple[str, ...]]


def cycles(graph: Graph) -> Iterator[tuple[str, ...]]:
    """Each circle of a graph once, beginning with its node that the graph lists first.

    >>> list(cycles({"a": ("b",), "b": ("c", "a"), "c": ()}))
    [('a', 'b', 'a')]
    """
    order = {name: number for number, name in enumerate(graph)}
    done: set[str] = set()
    found: set[tuple[str, ...]] = set()
    for start in graph:
        for circle in _circles_from(start, graph, done):
            first = min(range(len(circle)), key=lambda place: order[circle[place]])
            turned = (*circle[first:], *circle[:first], circle[first])
            if turned not in found:
                found.add(turned)
                yield turned


def _circles_from(start: str, graph: Graph, done: set[str]) -> Iterator[tuple[str, ...]]:
    """Depth first, without recursion: policies may chain hundreds of measures."""
    if start in done:
        return
    path, pending = [start], [iter(graph[start])]
    while path:
        name = next(pending[-1], None)
        if name is None:
            done.add(path.pop())
            pending.pop()
        elif name in path:
            yield tuple(path[path.index(name) :])
        elif name in graph and name not in done:
            path.append(name)
            pending.append(iter(graph[name]))


def check_cycles(policy: Policy) -> Iterator[Problem]:
    """Measures and scorecards, and the columns of a record table, that need themselves."""
    graph = fact_graph(policy)
    places = {one.id: one.location for one in policy.measures.values()}
    places |= {one.id: one.location for one in policy.scorecards.values()}
    yield from _report(graph, places.get)
    for record in policy.vocabulary.records.values():
        columns = record.columns
        yield from _report(_record_graph(record), lambda name, c=columns: c[name].location)  # type: ignore[misc]


def _report(graph: Graph, place: Callable[[str], Location | None]) -> Iterator[Problem]:
    for circle in cycles(graph):
        yield Problem(
            "cyclic-formula",
            f"{' -> '.join(circle)}: each needs the next, and the last is the first",
            place(circle[0]),
            "compute one of them from records or from account columns",
        )


def fact_graph(policy: Policy) -> dict[str, tuple[str, ...]]:
    """What each measure and scorecard is computed from."""
    graph: dict[str, tuple[str, ...]] = {}
    for measure in policy.measures.values():
        tree = measure.formula.tree if measure.formula else None
        graph[measure.id] = () if tree is None else tuple(names_of(tree))
        if measure.scope != "account" and measure.aggregate is not None:
            graph[measure.id] = columns_named(measure.aggregate)  # facts of accounts
    for scorecard in policy.scorecards.values():
        read = [leaf.measure for leaf in leaves(scorecard.criteria)]
        graph[scorecard.id] = tuple(name for name in read if name is not None)
    return graph


def columns_named(aggregate: Aggregate) -> tuple[str, ...]:
    """The columns of the record table that an aggregate looks at."""
    named = [one for one in (aggregate.column, aggregate.by) if one is not None]
    for test in tests(aggregate.where) if aggregate.where is not None else ():
        named.append(test.subject)
        named += [one.name for one in test.operands if isinstance(one, MeasureRef)]
    return tuple(named)


def _record_graph(record: RecordType) -> dict[str, tuple[str, ...]]:
    return {
        name: () if column.formula is None else tuple(names_of(column.formula.tree))
        for name, column in record.columns.items()
    }


def check_population(policy: Policy) -> Iterator[Problem]:
    """Who belongs to the population must not depend on the population."""
    scheme = policy.tiers
    if scheme is None or scheme.population is None:
        return
    over_population = _reads_population(policy)
    for test in tests(scheme.population):
        named = [test.subject, *(one.name for one in test.operands if isinstance(one, MeasureRef))]
        bad = next((name for name in named if name in over_population), None)
        if test.operator in ("top", "bottom"):
            message = f"'{test.operator}' ranks the population that this condition defines"
        elif bad is not None:
            message = f"'{bad}' is computed over the population that this condition defines"
        else:
            continue
        hint = "describe the population by facts of the account alone"
        yield Problem("cyclic-population", message, test.location, hint)


def _reads_population(policy: Policy) -> frozenset[str]:
    """The facts that need a total, an average, a percentile or a rank, directly or not."""
    graph = fact_graph(policy)
    found = {
        measure.id
        for measure in policy.measures.values()
        if measure.formula is not None
        and any(isinstance(node, Population) for node in expressions(measure.formula.tree))
    }
    while more := {
        name for name, reads in graph.items() if name not in found and found.intersection(reads)
    }:
        found |= more
    return frozenset(found)


def check_ids(policy: Policy) -> Iterator[Problem]:
    """Measures, scorecards and account columns share one namespace."""
    first: dict[str, tuple[str, Location]] = {}
    for kind, name, place in _ids(policy):
        if name in RESERVED:
            message = f"'{name}' has a meaning of its own and cannot name {kind}"
            yield Problem("reserved-id", message, place, "choose another id")
        elif name in first:
            other, where = first[name]
            message = f"'{name}' names {kind} and {other} ({where})"
            yield Problem("duplicate-id", message, place, "rename one of them")
        else:
            first[name] = (kind, place)


def _ids(policy: Policy) -> Iterable[tuple[str, str, Location]]:
    for column in policy.vocabulary.accounts.values():
        yield "an account column", column.name, column.location
    for measure in policy.measures.values():
        yield "a measure", measure.id, measure.location
    for scorecard in policy.scorecards.values():
        yield "a scorecard", scorecard.id, scorecard.location
