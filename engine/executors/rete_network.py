"""Formulas → rulesets of durable-rules, as plain dictionaries.

A rule of durable-rules is a conjunction of patterns, each matched by one fact: the account with
its columns, the effective tiers, and what other rules have found. A disjunction inside of a
conjunction is a *conclusion* of its own: the rules of its alternatives assert a fact, and the
rule that needs it joins with that fact. So the network is as large as the policy is, whatever
the policy nests in what, and one rule can build on two others.

The library has limits that it does not always check: a stack of 64 nodes for one fact, 31
entries in the expression of a pattern, 16 facts in a match, buckets of 512. Every ruleset made
here stays below all of them; what cannot is refused (`UnsayableError`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.executors.rete_literals import (
    Both,
    Either,
    Formula,
    Literal,
    Test,
    UnsayableError,
    properties_of,
)

RULES_AT_MOST = 31
"""Rules in one ruleset, beside the one that opens a session: 32 in all."""
RULES_TOGETHER = 12
"""Rules at which a ruleset takes no further verdict. A session costs as much as its ruleset is
large, and an event moves the inputs of few rules: small ones are asked less for nothing."""
NODES_AT_MOST = 56
"""Nodes of one ruleset that a fact can reach at once; the library's stack holds 64."""
ENTRIES_AT_MOST = 28
"""Entries of one pattern; the library holds 31."""
TESTS_AT_MOST = 400
"""Tests of one ruleset; the library's buckets hold 512."""
NEEDS_AT_MOST = 8
"""Conclusions that one rule joins with; a match holds 16 facts."""

KIND = "kind"
"""The property of every fact that tells what it is. Each pattern begins with it, so that no
pattern can match the state that the library keeps among the facts."""
ACCOUNT, TIERS, CONCLUSION = 1, 2, 3
HOLDS = "holds"
"""The property of a conclusion: its number."""


@dataclass(frozen=True)
class Clause:
    """`head` follows from the literals together with the conclusions in `needs`."""

    head: str
    literals: tuple[Literal, ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unit:
    """Everything that concludes one verdict. Its clauses stay in one ruleset."""

    head: str
    clauses: tuple[Clause, ...]

    @property
    def literals(self) -> Iterator[Literal]:
        for clause in self.clauses:
            yield from clause.literals


# --- formulas → clauses ------------------------------------------------------------------


@dataclass
class _Clauses:
    """Clauses of one unit as they are found; conclusions are named after the unit."""

    head: str
    found: list[Clause] = field(default_factory=list)
    conclusions: int = 0

    def define(self, head: str, wanted: Formula) -> None:
        for part in wanted.parts if isinstance(wanted, Either) else (wanted,):
            if isinstance(part, Either):
                self.define(head, part)
            elif part is not False:
                self._conjunction(head, part)

    def _conjunction(self, head: str, wanted: Formula) -> None:
        literals: list[Literal] = []
        needs: list[str] = []
        for part in _conjuncts(wanted):
            if isinstance(part, Literal):
                literals.append(part)
            else:
                needs.append(self._conclude(part))
        chunks = list(_chunks(literals))
        needs += [self._conclude(Both(tuple(chunk))) for chunk in chunks[1:]]
        while len(needs) > NEEDS_AT_MOST:
            first, needs = needs[:NEEDS_AT_MOST], needs[NEEDS_AT_MOST:]
            needs.append(self._name())
            self.found.append(Clause(needs[-1], (), tuple(first)))
        self.found.append(Clause(head, chunks[0] if chunks else (), tuple(needs)))

    def _conclude(self, wanted: Formula) -> str:
        head = self._name()
        self.define(head, wanted)
        return head

    def _name(self) -> str:
        self.conclusions += 1
        return f"{self.head}#{self.conclusions}"


def unit(head: str, wanted: Formula) -> Unit:
    """The clauses from which `head` follows; none if it never does."""
    clauses = _Clauses(head)
    clauses.define(head, wanted)
    return Unit(head, tuple(clauses.found))


def _conjuncts(wanted: Formula) -> Iterator[Formula]:
    if isinstance(wanted, Both):
        for part in wanted.parts:
            yield from _conjuncts(part)
    elif wanted is not True:
        yield wanted


def _chunks(literals: Sequence[Literal]) -> Iterator[tuple[Literal, ...]]:
    """As many literals at a time as fit into one pattern."""
    chunk: list[Literal] = []
    entries = 2
    for literal in literals:
        added = _entries(literal)
        if chunk and entries + added > ENTRIES_AT_MOST:
            yield tuple(chunk)
            chunk, entries = [], 2
        chunk.append(literal)
        entries += added
    if chunk:
        yield tuple(chunk)


# --- how large something is --------------------------------------------------------------

_GROUPING = frozenset({"in", "not_in", "between"})


def _entries(literal: Literal) -> int:
    """What a literal adds to the expression of its pattern: two for each group."""
    groups = sum(test.operator in _GROUPING for chain in literal.alternatives for test in chain)
    if len(literal.alternatives) > 1:
        groups += 1 + sum(len(chain) > 1 for chain in literal.alternatives)
    return 2 * groups


def _tests(literal: Literal) -> int:
    """The comparisons of a literal."""
    chains = literal.alternatives
    return sum(max(1, len(test.operands)) for chain in chains for test in chain)


def _nodes(literal: Literal) -> int:
    """How many nodes a fact can reach in a literal."""
    chains = literal.alternatives
    reached = max if all(len(chain) == 1 for chain in chains) else sum
    return reached(sum(map(_reached, chain)) for chain in chains) + (len(chains) > 1)


def _reached(test: Test) -> int:
    if test.operator == "not_in":
        return len(test.operands)
    return 2 if test.operator in _GROUPING else 1


# --- clauses → rulesets ------------------------------------------------------------------


@dataclass(frozen=True)
class Ruleset:
    """Units that are matched together, within all limits.

    `numbers` are the conclusions by name; `properties` what it reads of the account, and
    `tiers` of the effective tiers.
    """

    clauses: tuple[Clause, ...]
    tier_column: str
    numbers: Mapping[str, int]
    properties: frozenset[str]
    tiers: frozenset[str]

    def to_json(self) -> dict[str, Any]:
        """Rule → definition, without actions."""
        rules = zip(self.heads, self.clauses, strict=True)
        return {rule: {"all": self._patterns(clause)} for rule, clause in rules}

    @property
    def heads(self) -> dict[str, str]:
        """Rule → what it concludes."""
        return {f"{number} {one.head}": one.head for number, one in enumerate(self.clauses)}

    def _patterns(self, clause: Clause) -> list[dict[str, Any]]:
        account = [one for one in clause.literals if one.column != self.tier_column]
        tiers = [one for one in clause.literals if one.column == self.tier_column]
        patterns: list[dict[str, Any]] = []
        if account or not (tiers or clause.needs):
            patterns.append({"account": _pattern(ACCOUNT, map(literal_json, account))})
        if tiers:
            patterns.append({"tiers": _pattern(TIERS, map(literal_json, tiers))})
        for number, head in enumerate(clause.needs):
            joined = _pattern(CONCLUSION, [{HOLDS: self.numbers[head]}])
            patterns.append({f"other{number}": joined})
        return patterns


def _pattern(kind: int, tests: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"$and": [{KIND: kind}, *tests]}


def literal_json(literal: Literal) -> dict[str, Any]:
    """A literal as durable-rules writes it."""
    chains = [[test.to_json() for test in chain] for chain in literal.alternatives]
    joined: list[dict[str, Any]] = [
        chain[0] if len(chain) == 1 else {"$and": chain} for chain in chains
    ]
    return joined[0] if len(joined) == 1 else {"$or": joined}


def check_size(found: Unit) -> None:
    """Raises `UnsayableError` for a unit that no ruleset can hold."""
    if len(found.clauses) > RULES_AT_MOST:
        raise UnsayableError(f"it needs {len(found.clauses)} rules, and {RULES_AT_MOST} fit", None)
    if _unit_nodes(found) > NODES_AT_MOST - 1 or _unit_tests(found) > TESTS_AT_MOST:
        raise UnsayableError("it compares more than one ruleset can hold", None)
    if any(_entries(literal) + 2 > ENTRIES_AT_MOST for literal in found.literals):
        raise UnsayableError("one of its comparisons is too long for a pattern", None)


def _unit_nodes(found: Unit) -> int:
    return sum(map(_nodes, found.literals))


def _unit_tests(found: Unit) -> int:
    return sum(map(_tests, found.literals))


def rulesets(units: Iterable[Unit], tier_column: str) -> tuple[Ruleset, ...]:
    """Units in as few rulesets as hold them, in their order."""
    found: list[list[Unit]] = []
    rules = nodes = tests = 0
    for one in units:
        sizes = len(one.clauses), _unit_nodes(one), _unit_tests(one)
        rules, nodes, tests = rules + sizes[0], nodes + sizes[1], tests + sizes[2]
        full = rules > RULES_TOGETHER or nodes >= NODES_AT_MOST or tests > TESTS_AT_MOST
        if full or not found:
            found.append([])
            rules, nodes, tests = sizes
        found[-1].append(one)
    return tuple(_ruleset(group, tier_column) for group in found)


def _ruleset(group: Sequence[Unit], tier_column: str) -> Ruleset:
    clauses = tuple(clause for one in group for clause in one.clauses)
    needed = dict.fromkeys(head for clause in clauses for head in clause.needs)
    read: dict[bool, set[str]] = {False: set(), True: set()}
    for clause in clauses:
        for literal in clause.literals:
            read[literal.column == tier_column].update(properties_of(literal))
    numbers = {head: number for number, head in enumerate(needed)}
    return Ruleset(clauses, tier_column, numbers, frozenset(read[False]), frozenset(read[True]))
