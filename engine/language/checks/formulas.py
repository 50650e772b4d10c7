"""The kind of value that a formula yields, as far as it can be inferred.

Inference follows units through arithmetic: money over money is a ratio, money over a count
stays money, a date less a date is days. A plain number may stand for anything numeric, and
`None` means that nothing is known; neither is ever a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from engine.errors import Location, Problem
from engine.language.checks.facts import Fact, account_facts, record_facts
from engine.language.checks.units import DATES, NAMES, described
from engine.language.checks.walk import FormulaSite, expressions, formulas
from engine.language.checks.words import meant_or_known
from engine.model import (
    NUMERIC_TYPES,
    AsOf,
    Call,
    Case,
    Expression,
    Name,
    Number,
    Operation,
    ParameterRef,
    Policy,
    Population,
    Quantity,
    Text,
    Truth,
    ValueType,
)

Kind = str | None
"""A value type; ``number`` where a number fits anything numeric; None for unknown."""

_SCALES = frozenset({"score", "nps"})
_DECLARES: Mapping[str, frozenset[str]] = {
    "number": NUMERIC_TYPES,
    "integer": frozenset({"integer", "number", "days", "score"}),
    "days": frozenset({"days", "integer", "number"}),
    "text": NAMES,
    "enum": NAMES,
    "ordinal": NAMES,
    "date": DATES,
    "datetime": DATES,
}
"""Inferred kind → types that a formula of this kind may declare; otherwise its own, and
``number`` for whatever is numeric."""


@dataclass
class Inference:
    """Infers the kinds of one formula's parts; `problems` are those met on the way."""

    site: FormulaSite
    facts: Mapping[str, Fact]
    policy: Policy
    problems: list[Problem] = field(default_factory=list)

    def kind(self, node: Expression) -> Kind:
        if isinstance(node, Name):
            return self._fact(node.name)
        if isinstance(node, Population):
            return self._population(node)
        if isinstance(node, ParameterRef):
            return self._parameter(node)
        if isinstance(node, Operation):
            return self._operation(node)
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Case):
            return self._case(node)
        return _LITERALS[type(node)]

    def _fact(self, name: str) -> Kind:
        fact = self.facts.get(name)
        return fact.type if fact is not None else None

    def _population(self, node: Population) -> Kind:
        kind = self._fact(node.measure)
        if kind is not None and kind not in NUMERIC_TYPES:
            self._report(node, f"{node.function}() needs numbers, not {described(kind)}")
        if node.group is not None:
            self._group(node.group)
        return "integer" if node.function == "rank" else kind

    def _group(self, group: Name) -> None:
        """Accounts are grouped by what they are, and not by what is computed for them."""
        accounts = self.policy.vocabulary.accounts
        column = accounts.get(group.name)
        groups = [name for name, one in accounts.items() if one.type in _GROUPS]
        hint = meant_or_known(group.name, groups)
        if column is None:
            message = f"'{group.name}' is not an account column, which group_total() groups by"
            self.problems.append(Problem("unknown-column", message, group.location, hint))
        elif column.type not in _GROUPS:
            kind = described(column.type)
            message = f"group_total() groups by text, and '{column.name}' is {kind}"
            self.problems.append(Problem("type-mismatch", message, group.location, hint))

    def _parameter(self, node: ParameterRef) -> Kind:
        parameter = self.policy.parameters.get(node.name)
        if parameter is None:
            return None
        kinds = {_kind_of(value) for _, value in parameter.values}
        return kinds.pop() if len(kinds) == 1 else None

    def _operation(self, node: Operation) -> Kind:
        kinds = [self.kind(argument) for argument in node.arguments]
        operator = node.operator
        if operator == "is_missing":
            return "boolean"
        if operator in _LOGIC:
            self._all(node, kinds, lambda kind: kind == "boolean", f"'{operator}' joins conditions")
            return "boolean"
        if operator in _COMPARISONS:
            self._same(node, kinds)
            return "boolean"
        if operator in ("+", "-") and any(kind in DATES for kind in kinds):
            return self._date_arithmetic(node, kinds)
        self._all(node, kinds, lambda kind: kind in NUMERIC_TYPES, f"'{operator}' needs numbers")
        if operator == "neg":
            return kinds[0]
        if operator in ("+", "-"):
            return self._same(node, kinds)
        return _product(*kinds) if operator == "*" else _quotient(*kinds)

    def _date_arithmetic(self, node: Operation, kinds: list[Kind]) -> Kind:
        left, right = kinds
        if left in DATES and right in DATES:
            if node.operator == "+":
                self._report(node, "two dates cannot be added")
            return "days"
        if left in DATES and right in ("days", "integer", "number", None):
            return "date"
        if left is None:
            return None
        self._report(node, f"{_named(left)} {node.operator} {_named(right)} has no meaning")
        return None

    def _call(self, node: Call) -> Kind:
        kinds = [self.kind(argument) for argument in node.arguments]
        if node.function in _OF_NUMBERS:
            needs = f"{node.function}() needs {'a number' if len(kinds) == 1 else 'numbers'}"
            self._all(node, kinds, lambda kind: kind in NUMERIC_TYPES, needs)
            return "number" if node.function in _UNITLESS else kinds[0]
        return self._same(node, kinds)

    def _case(self, node: Case) -> Kind:
        whens = [self.kind(when) for when, _ in node.branches]
        self._all(node, whens, lambda kind: kind == "boolean", "'when' needs a condition")
        thens = [self.kind(then) for _, then in node.branches]
        if node.otherwise is not None:
            thens.append(self.kind(node.otherwise))
        return self._same(node, thens)

    def _all(
        self, node: Expression, kinds: list[Kind], fits: Callable[[str], bool], needs: str
    ) -> None:
        for kind in kinds:
            if kind is not None and not fits(kind):
                self._report(node, f"{needs}, not {described(kind)}")
                return

    def _same(self, node: Expression, kinds: list[Kind]) -> Kind:
        """The kind that all parts share; a plain number takes the kind of the others."""
        shared: Kind = None
        for kind in kinds:
            merged = _merge(shared, kind)
            if merged is _CONFLICT:
                code = _code(str(shared), str(kind))
                self._report(node, f"{_named(shared)} and {_named(kind)} do not go together", code)
                return None
            shared = merged
        return shared

    def _report(self, node: Expression, message: str, code: str | None = None) -> None:
        place = _place(node) or self.site.formula.location
        self.problems.append(
            Problem(code or "type-mismatch", f"{message} ({self.site.owner})", place)
        )


def _kind_of(value: Quantity) -> str:
    """Of a parameter's value; an amount is plain, because it need not be money."""
    if value.unit in ("ratio", "days"):
        return value.unit
    if isinstance(value.value, bool):
        return "boolean"
    if isinstance(value.value, date):
        return "date"
    return "text" if isinstance(value.value, str) else "number"


_LITERALS: Mapping[type, str] = {Number: "number", Text: "text", Truth: "boolean", AsOf: "date"}
_GROUPS = frozenset({"text", "enum"})
_LOGIC = frozenset({"and", "or", "not"})
_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_UNITLESS = frozenset({"sqrt", "power"})
"""What they give of yuan is not yuan."""
_OF_NUMBERS = frozenset({"abs", "round", "floor", "ceil"}) | _UNITLESS
_CONFLICT = "conflict"


def _named(kind: Kind) -> str:
    return "something unknown" if kind is None else described(kind)


def _merge(one: Kind, other: Kind) -> Kind:
    if one is None or other is None:
        return one or other
    if one == other or "number" in (one, other):
        pair = {one, other}
        rest = pair - {"number"}
        if pair <= NUMERIC_TYPES or one == other:
            return rest.pop() if rest else "number"
        return _CONFLICT
    for family, kind in ((DATES, "date"), (NAMES, "text"), (_WHOLE, "days")):
        if one in family and other in family:
            return kind
    return _CONFLICT


_WHOLE = frozenset({"integer", "days"})


def _product(one: Kind, other: Kind) -> Kind:
    """Money survives a factor; any other unit is rescaled by it into a plain number."""
    if one is None or other is None:
        return None
    if "money" in (one, other):
        rest = other if one == "money" else one
        return "money" if rest in ("number", "integer", "ratio") else None
    if one == other and one in ("ratio", "integer"):
        return one
    return "number"


def _quotient(one: Kind, other: Kind) -> Kind:
    """
    >>> _quotient("money", "money"), _quotient("money", "integer"), _quotient("days", "number")
    ('ratio', 'money', 'number')
    """
    if one is None or other is None:
        return None
    if one == "money":
        if other == "money":
            return "ratio"
        return "money" if other in ("number", "integer", "ratio") else None
    return None if other == "money" else "number"


def _code(one: str, other: str) -> str:
    if {one, other} == _SCALES:
        return "scale-mismatch"
    return "unit-mismatch" if {one, other} <= NUMERIC_TYPES else "type-mismatch"


def _place(node: Expression) -> Location | None:
    """Of the first name in a part of a formula: the tree keeps no other places."""
    for part in expressions(node):
        if isinstance(part, Name | ParameterRef | Population):
            return part.location
    return None


def check_formulas(policy: Policy) -> Iterator[Problem]:
    """Every formula agrees with itself and with the type that it declares."""
    facts = account_facts(policy)
    for site in formulas(policy):
        known = facts
        if site.record is not None:
            known = record_facts(policy.vocabulary.records[site.record])
        inference = Inference(site, known, policy)
        kind = inference.kind(site.formula.tree)
        yield from inference.problems
        if not inference.problems and kind is not None and not declares(kind, site.type):
            yield _declared_wrongly(site, kind)


def declares(kind: str, declared: ValueType) -> bool:
    """Whether a value of an inferred kind may be declared so.

    >>> declares("ratio", "money"), declares("number", "score"), declares("ratio", "number")
    (False, True, True)
    """
    if kind in _DECLARES:
        return declared in _DECLARES[kind]
    return declared == kind or (declared == "number" and kind in NUMERIC_TYPES)


def _declared_wrongly(site: FormulaSite, kind: str) -> Problem:
    message = f"{site.owner} is declared {site.type}, but its formula yields {described(kind)}"
    hint = f"declare 'type: {kind}'"
    if kind == "ratio" and site.type == "score":
        hint = "multiply it by 100, or " + hint
    return Problem(_code(kind, site.type), message, site.formula.location, hint)
