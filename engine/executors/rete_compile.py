"""A plan → rulesets and what they must be told, without the library that will match them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from engine.errors import Location
from engine.executors.protocol import Row, Unsupported
from engine.executors.rete_literals import (
    POSSIBLY,
    SURELY,
    Formula,
    UnsayableError,
    formula,
    literals_of,
    properties_of,
)
from engine.executors.rete_network import KIND, Ruleset, Unit, check_size, rulesets, unit
from engine.executors.rete_values import (
    MISSING,
    Columns,
    Encoding,
    encoded,
    marker_of,
    name_hash,
)
from engine.model import ValueType
from engine.plan.predicates import columns_of, leaves
from engine.plan.steps import PackPlan, Plan, Predicate, Ranked

RESERVED = ("id", "sid", "$s", KIND)

EXCLUSION = "exclusion"


@cache
def tier_head(tier: str) -> str:
    """The verdict that the criteria of a tier hold."""
    return f"tier {tier}"


@cache
def level_head(kind: str, rule_id: str, level: str) -> str:
    """The verdict that a level of a rule holds."""
    return f"{kind} {rule_id} {level}".strip()


@dataclass(frozen=True)
class Verdictable:
    """Something of a pack that is true, false or unknown of an account."""

    head: str
    subject: tuple[str, str]
    """Kind and id, as in `Verdict`."""
    predicate: Predicate
    location: Location


@dataclass(frozen=True)
class PackProgram:
    """One pack, compiled.

    `sure` finds what is true. `doubt` finds what is possible, which is more only where
    something is missing. `unsaid` has the kinds and ids that neither decides.
    """

    pack: PackPlan
    columns: Columns
    sure: tuple[Ruleset, ...]
    doubt: tuple[Ruleset, ...]
    unsaid: frozenset[tuple[str, str]]
    account_properties: Mapping[str, tuple[tuple[str, Encoding], ...]]
    """Column → the properties that its value is posted as."""
    reads: Mapping[tuple[str, str], frozenset[str]]
    """Kind and id → every column that decides it."""
    subjects: Mapping[str, tuple[str, str]]
    """Verdict of a ruleset → kind and id."""

    def decided_by(self, ruleset: Ruleset) -> frozenset[tuple[str, str]]:
        """Kinds and ids that a ruleset decides."""
        heads = ruleset.heads.values()
        return frozenset(self.subjects[head] for head in heads if head in self.subjects)

    def account_fact(self, lookup: Row, columns: Iterable[str]) -> dict[str, int]:
        """What `columns` say about an account. Raises `KamError` (`mistyped-fact`)."""
        return _fact({column: self.account_properties[column] for column in columns}, lookup)

    def tier_fact(self, tier: str | None) -> dict[str, int]:
        """The effective tier, as a fact."""
        column = self.pack.tier_column
        encoding = self.columns.encoding(column)
        return _fact({column: ((encoding.property_of(column), encoding),)}, {column: tier})


def _fact(properties: Mapping[str, Sequence[tuple[str, Encoding]]], row: Row) -> dict[str, int]:
    fact: dict[str, int] = {}
    for column, forms in properties.items():
        value = row.get(column)
        if value is None:
            fact[marker_of(column)] = 1
            continue
        for name, encoding in forms:
            fact[name] = encoded(column, encoding, value)
    return fact


@dataclass(frozen=True)
class Program:
    """A plan, compiled."""

    packs: tuple[PackProgram, ...]
    unsupported: tuple[Unsupported, ...]


def compile_program(plan: Plan) -> Program:
    """Rulesets for every pack, and what durable-rules cannot be asked."""
    unsupported: list[Unsupported] = []
    packs = tuple(_compile_pack(plan, pack, unsupported) for pack in plan.packs)
    return Program(packs, tuple(unsupported))


def _compile_pack(plan: Plan, pack: PackPlan, unsupported: list[Unsupported]) -> PackProgram:
    everything = tuple(_verdictables(pack))
    columns = _columns(plan, pack, [one.predicate for one in everything])
    units: dict[tuple[str, str], list[tuple[Unit, Unit | None]]] = {}
    unsaid: set[tuple[str, str]] = set()
    hashes = {name_hash(name): name for name in RESERVED}
    for one in everything:
        try:
            units.setdefault(one.subject, []).append(_units(one, columns, hashes))
        except UnsayableError as error:
            unsaid.add(one.subject)
            what = f"{pack.id}: {' '.join(one.subject).strip()}"
            unsupported.append(Unsupported(what, error.reason, error.location or one.location))
    said = [pair for subject, pairs in units.items() if subject not in unsaid for pair in pairs]
    sure = rulesets([one for one, _ in said if one.clauses], pack.tier_column)
    doubt = rulesets([one for _, one in said if one and one.clauses], pack.tier_column)
    read = {name for one in (*sure, *doubt) for name in one.properties}
    return PackProgram(
        pack,
        columns,
        sure,
        doubt,
        frozenset(unsaid),
        _forms(read, columns),
        _reads(everything),
        {one.head: one.subject for one in everything},
    )


def _reads(everything: Sequence[Verdictable]) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], frozenset[str]] = {}
    for one in everything:
        ranked = (leaf for leaf in leaves(one.predicate) if isinstance(leaf, Ranked))
        populations = {leaf.population for leaf in ranked if leaf.population is not None}
        read = populations.union(columns_of(one.predicate))
        found[one.subject] = found.get(one.subject, frozenset()) | read
    return found


def _verdictables(pack: PackPlan) -> Iterator[Verdictable]:
    if pack.exclude is not None:
        place = next((leaf.location for leaf in leaves(pack.exclude)), Location(""))
        yield Verdictable(EXCLUSION, (EXCLUSION, ""), pack.exclude, place)
    for tier in pack.tiers:
        if tier.predicate is not None:
            subject = ("tier", tier.id)
            yield Verdictable(tier_head(tier.id), subject, tier.predicate, tier.location)
    for rule in pack.rules:
        for level, predicate in rule.levels:
            head = level_head(rule.kind, rule.id, level)
            yield Verdictable(head, (rule.kind, rule.id), predicate, rule.location)


def _units(one: Verdictable, columns: Columns, hashes: dict[int, str]) -> tuple[Unit, Unit | None]:
    """What concludes the verdict surely and possibly; one of them says both if they are equal."""
    surely = formula(one.predicate, columns, SURELY)
    possibly = formula(one.predicate, columns, POSSIBLY)
    pair = (_unit(one.head, surely, hashes), _unit(one.head, possibly, hashes))
    return pair[0], None if surely == possibly else pair[1]


def _unit(head: str, wanted: Formula, hashes: dict[int, str]) -> Unit:
    for literal in literals_of(wanted):
        for name in properties_of(literal):
            if hashes.setdefault(name_hash(name), name) != name:
                other = hashes[name_hash(name)]
                raise UnsayableError(f"durable-rules cannot tell '{name}' from '{other}'", None)
    found = unit(head, wanted)
    check_size(found)
    return found


# --- columns -----------------------------------------------------------------------------


def _columns(plan: Plan, pack: PackPlan, predicates: Sequence[Predicate]) -> Columns:
    types: dict[str, ValueType] = {**pack.types, "account_no": "integer"}
    types[pack.tier_column] = "enum"
    texts: dict[str, dict[str, None]] = {}
    for predicate in predicates:
        for leaf in leaves(predicate):
            if isinstance(leaf, Ranked):
                types[leaf.cutoff_account] = "integer"
                types[leaf.cutoff_value] = types[leaf.column]
                if leaf.population is not None:
                    types[leaf.population] = "boolean"
            else:
                named = (one for one in leaf.operands if isinstance(one, str))
                texts.setdefault(leaf.column, {}).update(dict.fromkeys(named))
    listed = {column: tuple(found) for column, found in texts.items()}
    return Columns(types, plan.precision.money, listed)


def _forms(properties: set[str], columns: Columns) -> dict[str, tuple[tuple[str, Encoding], ...]]:
    forms: dict[str, list[tuple[str, Encoding]]] = {}
    for name in sorted(properties):
        column, _, ending = name.rpartition(".")
        found = forms.setdefault(column, [])
        if ending != MISSING:
            found.append((name, columns.named_encoding(column, ending)))
    return {column: tuple(found) for column, found in forms.items()}
