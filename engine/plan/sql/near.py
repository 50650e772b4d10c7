"""How far each account is from a tier, for all accounts at once.

The same recursion over a condition as `engine.explain.distance`, which says it exactly and
condition by condition for one account: this one only finds the accounts worth asking about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sqlglot import exp

from engine.model import NUMERIC_TYPES, Scalar, ValueType
from engine.plan.columns import column_types, sql_type
from engine.plan.sql import values
from engine.plan.sql.expressions import Predicates
from engine.plan.sql.statements import named
from engine.plan.steps import (
    All,
    Any,
    ColumnRef,
    Comparison,
    Not,
    PackPlan,
    Plan,
    Predicate,
    Ranked,
    TierStep,
)

FIELDS = ("unknown", "unmeasured", "relative", "place", "conditions")
"""Of an effort, in the order in which alternatives are compared; `place` breaks ties."""

_WHOLE = frozenset({"integer", "days"})
_OPPOSITE = {"gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt"}


def near_query(plan: Plan, pack: PackPlan, tier: TierStep) -> exp.Query:
    """``account_no, account_id, tier, conditions, unmeasured, relative`` of every account of
    the population in a worse tier than `tier`.

    `conditions` are the tests in the way, `unmeasured` those of them without a distance, and
    `relative` the distances of the rest as shares of their thresholds, added up. Reads
    ``facts``, ``statistics`` and ``decisions(account_no, tier)`` of the pack.
    """
    efforts = _Efforts(Predicates(column_types(plan)), column_types(plan))
    wanted = [] if tier.predicate is None else [efforts.of(tier.predicate, avoid=False)]
    if pack.exclude is not None:
        wanted.append(efforts.of_exclusion(pack.exclude))
    total = _sum([values.column(name) for name in wanted]) if wanted else _zero()
    inner = efforts.nested(_accounts(pack, tier))
    shown = {name: name for name in ("conditions", "unmeasured", "relative")}
    whole = exp.select(
        values.column("account_no"),
        values.column("account_id"),
        values.column("tier"),
        named(total, "effort"),
        copy=False,
    ).from_(inner.subquery("judged", copy=False), copy=False)
    return exp.select(
        values.column("account_no"),
        values.column("account_id"),
        values.column("tier"),
        *(named(values.field(values.column("effort"), one), name) for name, one in shown.items()),
        copy=False,
    ).from_(whole.subquery("added", copy=False), copy=False)


def statistics_query(plan: Plan, statistics: Mapping[str, object]) -> exp.Query:
    """One row with the statistics as they were kept, each of the type that it had."""
    types = column_types(plan)
    selected: list[exp.Expr] = [named(values.decimal(1), "one")]
    for stage in plan.stages:
        for one in stage.statistics:
            kind = "DOUBLE"
            if one.kind in ("cutoff_account", "count"):
                kind = "BIGINT"
            elif one.kind == "cutoff_value" and one.column is not None:
                kind = sql_type(types[one.column], plan.precision)
            value = statistics.get(one.name)
            shown = exp.Null() if value is None else values.text(str(value))
            selected.append(named(values.cast(shown, kind), one.name))
    return exp.select(*selected, copy=False)


def _accounts(pack: PackPlan, tier: TierStep) -> exp.Query:
    place = [one.id for one in pack.tiers].index(tier.id)
    worse = [values.text(one.id) for one in pack.tiers[place + 1 :]]
    below = exp.In(this=values.column("tier"), expressions=worse or [exp.Null()])
    decided = exp.alias_(values.table("decisions"), "decided", table=True, copy=False)
    return (
        exp.select(exp.Star(), copy=False)
        .from_(values.table("facts"), copy=False)
        .join(decided, using=[values.column("account_no")], copy=False)
        .join(values.table("statistics"), join_type="cross", copy=False)
        .where(below, copy=False)
    )


# --- efforts -----------------------------------------------------------------------------


def _effort(
    unknown: int, unmeasured: int, relative: exp.Expr | None, conditions: int
) -> exp.Struct:
    return values.struct(
        {
            "unknown": values.double(unknown),
            "unmeasured": values.double(unmeasured),
            "relative": relative if relative is not None else values.double(0),
            "place": values.double(0),
            "conditions": values.double(conditions),
        }
    )


def _zero() -> exp.Expr:
    return _effort(0, 0, None, 0)


def _unknown() -> exp.Expr:
    return _effort(1, 1, None, 1)


def _change() -> exp.Expr:
    return _effort(0, 1, None, 1)


def _sum(parts: list[exp.Column]) -> exp.Expr:
    def added(name: str) -> exp.Expr:
        total: exp.Expr = values.field(parts[0].copy(), name)
        for part in parts[1:]:
            total = exp.Add(this=total, expression=values.field(part.copy(), name))
        return total

    return values.struct({name: added(name) for name in FIELDS})


def _least(parts: list[exp.Column]) -> exp.Expr:
    """The least effort; structs compare field by field, and the earlier wins a tie."""

    def placed(number: int, part: exp.Column) -> exp.Expr:
        fields = {name: values.field(part.copy(), name) for name in FIELDS}
        return values.struct({**fields, "place": values.double(number)})

    listed = exp.Array(expressions=[placed(number, part) for number, part in enumerate(parts)])
    return exp.Anonymous(this="list_min", expressions=[listed])


@dataclass
class _Efforts:
    """Columns of efforts, one per part of a condition, each in the layer above its parts."""

    predicates: Predicates
    types: Mapping[str, ValueType]
    layers: list[list[exp.Expr]] = field(default_factory=list)
    _count: int = 0

    def nested(self, query: exp.Query) -> exp.Query:
        """`query` with every column beside it, layer upon layer."""
        for number, layer in enumerate(self.layers):
            inner = query.subquery(f"efforts_{number}", copy=False)
            query = exp.select(exp.Star(), *layer, copy=False).from_(inner, copy=False)
        return query

    def of(self, node: Predicate, avoid: bool) -> str:
        """The column of what is in the way of `node`, or with `avoid` of its opposite."""
        return self._of(node, avoid)[0]

    def of_exclusion(self, node: Predicate) -> str:
        """What has to end; an exclusion that is unknown excludes nobody."""
        name, height = self._of(node, avoid=True)
        holds = exp.Is(this=exp.paren(self.predicates(node), copy=False), expression=exp.true())
        case = exp.Case().when(holds, values.column(name), copy=False)
        return self._add(case.else_(_zero(), copy=False), height)[0]

    def _of(self, node: Predicate, avoid: bool) -> tuple[str, int]:
        if isinstance(node, Not):
            listed = node.part.parts if isinstance(node.part, Any) else (node.part,)
            joined = _sum if not avoid else _least
            return self._group(node, avoid, [self._of(one, not avoid) for one in listed], joined)
        if isinstance(node, All | Any):
            joined = _sum if isinstance(node, All) is not avoid else _least
            return self._group(node, avoid, [self._of(one, avoid) for one in node.parts], joined)
        return self._add(self._unless(node, avoid, self._leaf(node, avoid)), 0)

    def _group(
        self,
        node: Predicate,
        avoid: bool,
        parts: list[tuple[str, int]],
        joined: Callable[[list[exp.Column]], exp.Expr],
    ) -> tuple[str, int]:
        if not parts:
            return self._add(_zero(), 0)
        height = max(height for _, height in parts)
        found = joined([values.column(name) for name, _ in parts])
        return self._add(self._unless(node, avoid, found), height)

    def _unless(self, node: Predicate, avoid: bool, effort: exp.Expr) -> exp.Expr:
        """No effort where the condition is already as it has to be."""
        wanted = exp.Boolean(this=not avoid)
        truth = exp.paren(self.predicates(node), copy=False)
        done = exp.NullSafeEQ(this=truth, expression=wanted)
        return exp.Case().when(done, _zero(), copy=False).else_(effort, copy=False)

    def _add(self, effort: exp.Expr, below: int) -> tuple[str, int]:
        """A column in the layer above `below`; layers count from 1."""
        self._count += 1
        name = f"effort__{self._count}"
        while len(self.layers) <= below:
            self.layers.append([])
        self.layers[below].append(named(effort, name))
        return name, below + 1

    # --- one test ------------------------------------------------------------------------

    def _leaf(self, leaf: Comparison | Ranked, avoid: bool) -> exp.Expr:
        case = exp.Case()
        for unknown in self._unknowns(leaf):
            case = case.when(unknown, _unknown(), copy=False)
        relative = self._relative(leaf, avoid)
        if relative is None:
            return case.else_(_change(), copy=False) if case.args.get("ifs") else _change()
        case = case.when(values.present(relative), _effort(0, 0, relative.copy(), 1), copy=False)
        return case.else_(_change(), copy=False)

    def _unknowns(self, leaf: Comparison | Ranked) -> Iterator[exp.Expr]:
        if isinstance(leaf, Comparison):
            truth = exp.paren(self.predicates(leaf), copy=False)
            yield exp.Is(this=truth, expression=exp.Null())
            if leaf.operator == "missing":
                return
        yield exp.Is(this=values.column(leaf.column), expression=exp.Null())

    def _relative(self, leaf: Comparison | Ranked, avoid: bool) -> exp.Expr | None:
        if self.types.get(leaf.column, "number") not in NUMERIC_TYPES:
            return None
        if isinstance(leaf, Ranked):
            cutoff = values.as_double(values.column(leaf.cutoff_value))
            return None if avoid else self._distance(leaf, _TOWARDS[leaf.side], cutoff)
        operator = _OPPOSITE.get(leaf.operator, "") if avoid else leaf.operator
        bounds = [self._bound(one) for one in leaf.operands]
        if any(bound is None for bound in bounds):
            return None
        known = [bound for bound in bounds if bound is not None]
        if operator in _OPPOSITE:
            return self._distance(leaf, operator, known[0])
        if operator in ("between", "eq"):
            low, high = known[0], known[-1]
            below = exp.LT(this=self._value(leaf), expression=low.copy())
            case = exp.Case().when(below, self._distance(leaf, "gte", low), copy=False)
            return case.else_(self._distance(leaf, "lte", high), copy=False)
        return None

    def _bound(self, operand: Scalar | ColumnRef) -> exp.Expr | None:
        """A threshold as a double; None for what has no distance."""
        if isinstance(operand, ColumnRef):
            numeric = self.types.get(operand.column, "number") in NUMERIC_TYPES
            return values.as_double(values.column(operand.column)) if numeric else None
        if isinstance(operand, bool) or not isinstance(operand, Decimal):
            return None
        return values.double(operand)

    def _value(self, leaf: Comparison | Ranked) -> exp.Expr:
        return values.as_double(values.column(leaf.column))

    def _distance(self, leaf: Comparison | Ranked, operator: str, bound: exp.Expr) -> exp.Expr:
        if self.types.get(leaf.column) in _WHOLE:
            bound = _next_whole(bound, operator)
        rising = operator in ("gt", "gte")
        high, low = (bound, self._value(leaf)) if rising else (self._value(leaf), bound)
        difference = exp.Sub(this=high.copy(), expression=low.copy())
        share = exp.Nullif(this=exp.Abs(this=bound.copy()), expression=values.double(0))
        return exp.Div(this=exp.paren(difference, copy=False), expression=share)


_TOWARDS = {"top": "gte", "bottom": "lte"}


def _next_whole(bound: exp.Expr, operator: str) -> exp.Expr:
    """The nearest whole number that satisfies the comparison."""
    down, up = exp.Floor(this=bound.copy()), exp.Ceil(this=bound.copy())
    if operator == "gt":
        return exp.paren(exp.Add(this=down, expression=values.double(1)), copy=False)
    if operator == "lt":
        return exp.paren(exp.Sub(this=up, expression=values.double(1)), copy=False)
    return up if operator == "gte" else down
