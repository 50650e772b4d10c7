"""Random policies and facts, for the property that all executors agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from engine.executors.protocol import FactTables
from engine.model import (
    Aggregate,
    AllOf,
    AnyOf,
    AsOf,
    Call,
    Case,
    Condition,
    Criterion,
    Entitlement,
    Expression,
    Measure,
    MeasureRef,
    Milestone,
    NoneOf,
    Number,
    Operand,
    Operation,
    Policy,
    Population,
    Quantity,
    Scorecard,
    Test,
    Text,
    Tier,
    TierScheme,
    ValueType,
    Vocabulary,
    WarningLevel,
    WarningRule,
)
from tests.executors.pools import (
    ACCOUNT_COLUMNS,
    ENDINGS,
    GROUPS,
    HERE,
    MINIMUM,
    NUMERIC,
    POOLS,
    RATINGS,
    RECORD_COLUMNS,
    RECORD_FORMULAS,
    SHARES,
    TEXTS,
    TIMES,
    TITLE,
    VOCABULARY,
    WINDOWS,
    Choices,
    fact_tables,
    formula_of,
    mapped_columns,
    name_of,
)


@dataclass(frozen=True)
class Example:
    """One policy or two, what the workspace maps, facts, and tiers that are not candidates."""

    policies: tuple[Policy, ...]
    mapped: Vocabulary
    tables: FactTables
    changes: dict[str, dict[str, str]]


# --- conditions --------------------------------------------------------------------------

Subjects = dict[str, ValueType]


def _literal(value: Any) -> Quantity:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Quantity(value, str(value), HERE)
    return Quantity(Decimal(str(value)), str(value), HERE)


def a_test(choose: Choices, subjects: Subjects, ranked: bool) -> Test:
    subject = choose.one(sorted(subjects))
    kind = subjects[subject]
    operators = ["eq", "ne", "in", "not_in", "missing"]
    if kind in NUMERIC or kind in ("ordinal", "date", "datetime"):
        operators += ["gt", "gte", "lt", "lte", "between"] * 2
    if kind in NUMERIC and ranked:
        operators += ["top", "bottom"] * 2
    operator = choose.one(operators)
    pool = POOLS["date" if kind == "datetime" else kind]
    return Test(subject, operator, _operands(choose, subjects, operator, kind, pool), HERE)


def _operands(
    choose: Choices, subjects: Subjects, operator: str, kind: ValueType, pool: Sequence[Any]
) -> tuple[Operand, ...]:
    if operator == "missing":
        return (_literal(choose.chance(2)),)
    if operator in ("top", "bottom"):
        share = choose.one(SHARES)
        return (Quantity(share, f"{share:%}", HERE),)
    if operator == "between":
        pair = [choose.one(pool), choose.one(pool)]
        low, high = sorted(pair, key=RATINGS.index if kind == "ordinal" else None)
        return (_literal(low), _literal(high))
    if operator in ("in", "not_in"):
        return tuple(_literal(value) for value in choose.some(pool, 1, 3))
    if kind in NUMERIC and choose.chance(5):
        return (MeasureRef(choose.one(numeric(subjects)), HERE),)
    return (_literal(choose.one(pool)),)


def numeric(subjects: Subjects) -> list[str]:
    return sorted(name for name, kind in subjects.items() if kind in NUMERIC)


def condition(
    choose: Choices, subjects: Subjects, ranked: bool = True, depth: int = 2
) -> Condition:
    if depth == 0 or choose.chance(2):
        return a_test(choose, subjects, ranked)
    parts = tuple(
        condition(choose, subjects, ranked, depth - 1) for _ in range(choose.number(1, 3))
    )
    kinds: tuple[type[AllOf | AnyOf | NoneOf], ...] = (AllOf, AnyOf, NoneOf)
    return choose.one(kinds)(parts, HERE)


# --- measures ----------------------------------------------------------------------------


def aggregate(choose: Choices) -> tuple[ValueType, Aggregate]:
    table = choose.one(["orders", "orders", "events", "notes"])
    columns: Subjects = dict(RECORD_COLUMNS[table])
    if table == "orders":
        columns |= {name: kind for name, (kind, _) in RECORD_FORMULAS.items()}
    dated = TIMES[table] is not None
    functions = ["sum", "count", "count_distinct", "avg", "min", "max", "nps"]
    functions += ["latest", "earliest", "days_since_last"] if dated else []
    functions += ["share_of_largest"] if table != "notes" else []
    function = choose.one(functions)
    column, kind = aggregate_argument(choose, function, columns)
    by = {"orders": "line", "events": "kind"}.get(table)
    return kind, Aggregate(
        function=function,
        record=table,
        column=column,
        where=condition(choose, columns, ranked=False) if choose.chance(2) else None,
        window_days=choose.one(WINDOWS) if dated else None,
        ending_days=choose.one(ENDINGS) if dated else 0,
        by=by if function == "share_of_largest" else None,
        minimum_records=choose.one([MINIMUM, MINIMUM, 1, 2, 3]),
        location=HERE,
    )


def aggregate_argument(
    choose: Choices, function: str, columns: Subjects
) -> tuple[str | None, ValueType]:
    """The column that a function can take, and the type of the measure."""
    if function == "days_since_last" or (function == "count" and choose.chance(2)):
        return None, "integer"
    if function in ("count", "count_distinct"):
        return choose.one(sorted(columns)), "integer"
    if function == "nps":
        return choose.one([name for name, kind in columns.items() if kind == "integer"]), "nps"
    if function in ("latest", "earliest"):
        column = choose.one(sorted(columns))
        return column, columns[column]
    if function in ("min", "max"):
        unordered = ("ordinal", "boolean", "enum")
        column = choose.one([name for name, kind in columns.items() if kind not in unordered])
        return column, columns[column]
    column = choose.one(numeric(columns))
    if function == "share_of_largest":
        return column, "ratio"
    kinds = [columns[column], columns[column], "number", "money", "integer"]
    return column, choose.one(kinds)


# --- formulas ----------------------------------------------------------------------------


class Formulas:
    """Formulas over `subjects`: numbers, and truths about numbers, texts and days."""

    def __init__(self, choose: Choices, subjects: Subjects) -> None:
        self.choose = choose
        self.names = numeric(subjects)

    def number(self, depth: int = 3) -> Expression:
        choose = self.choose
        if depth == 0 or choose.chance(3):
            return self._leaf()
        shape = choose.one(["operation", "operation", "pair", "single", "round", "case"])
        if shape == "operation":
            sign = choose.one(["+", "-", "*", "/", "/"])
            return Operation(sign, (self.number(depth - 1), self.number(depth - 1)))
        if shape == "pair":
            function = choose.one(["least", "greatest", "coalesce", "nullif"])
            return Call(function, (self.number(depth - 1), self.number(depth - 1)))
        if shape == "single":
            function = choose.one(["abs", "round", "floor", "ceil", "neg"])
            argument = (self.number(depth - 1),)
            return Operation("neg", argument) if function == "neg" else Call(function, argument)
        if shape == "round":
            return Call("round", (self.number(depth - 1), Number(Decimal(2))))
        otherwise = None if choose.chance(3) else self.number(depth - 1)
        return Case(((self.truth(depth - 1), self.number(depth - 1)),), otherwise)

    def _leaf(self) -> Expression:
        choose = self.choose
        shape = choose.one(["name", "name", "literal", "days", "population"])
        if shape == "name":
            return name_of(choose.one(self.names))
        if shape == "literal":
            return Number(Decimal(choose.one(["0", "1", "0.1", "3", "-2.5", "1000000"])))
        if shape == "days":
            days: list[Expression] = [AsOf(), name_of("seen_at")]
            day = choose.one(days)
            return Operation("-", (day, name_of("since")))
        function = choose.one(["total", "average", "rank", "percentile", "group_total"])
        share = choose.one(SHARES) if function == "percentile" else None
        group = name_of(choose.one(GROUPS)) if function == "group_total" else None
        return Population(function, choose.one(self.names), HERE, share, group)

    def truth(self, depth: int = 2) -> Expression:
        choose = self.choose
        shape = choose.one(["compare", "compare", "day", "text", "flag", "missing", "join"])
        sign = choose.one(["=", "<>", "<", "<=", ">", ">="])
        if shape == "join" and depth:
            parts = (self.truth(depth - 1), self.truth(depth - 1))
            joint = choose.one(["and", "or", "not"])
            return Operation(joint, parts[:1] if joint == "not" else parts)
        if shape == "day":
            return Operation(sign, (name_of(choose.one(["since", "seen_at"])), AsOf()))
        if shape == "text":
            return Operation(sign, (name_of("name"), Text(choose.one(TEXTS))))
        if shape == "flag":
            return name_of("vip")
        if shape == "missing":
            return Operation("is_missing", (name_of("rating"),))
        below = max(depth - 1, 0)
        return Operation(sign, (self.number(below), self.number(below)))


def measures(choose: Choices) -> tuple[dict[str, Measure], Subjects]:
    subjects: Subjects = dict(ACCOUNT_COLUMNS)
    found: dict[str, Measure] = {}
    for number in range(choose.number(1, 4)):
        kind, aggregated = aggregate(choose)
        key = f"aggregate_{number}"
        subjects[key] = kind
        found[key] = Measure(key, kind, None, (), aggregated, None, None, HERE)
    for number in range(choose.number(0, 3)):
        key = f"formula_{number}"
        kind = choose.one([*NUMERIC, "boolean"])
        formulas = Formulas(choose, subjects)
        tree = formulas.truth() if kind == "boolean" else formulas.number()
        subjects[key] = kind
        found[key] = Measure(key, kind, None, (), None, formula_of(tree), None, HERE)
    return found, subjects


def scorecard(choose: Choices, subjects: Subjects) -> Scorecard:
    weights = choose.one([("100",), ("40", "60"), ("33.3", "33.3", "33.4")])
    criteria = tuple(
        _criterion(choose, subjects, f"part_{number}", Decimal(weight))
        for number, weight in enumerate(weights)
    )
    missing = choose.one(["redistribute", "zero", "neutral", "fail"])
    return Scorecard("value_score", TITLE, (), missing, criteria, HERE)  # type: ignore[arg-type]


def _criterion(choose: Choices, subjects: Subjects, key: str, weight: Decimal) -> Criterion:
    scored = (*NUMERIC, "enum", "ordinal", "boolean")
    measure = choose.one(sorted(name for name, kind in subjects.items() if kind in scored))
    kind = subjects[measure]
    heights = [Decimal(text) for text in ("0", "12.5", "40", "70", "100")]
    curve: tuple[tuple[Quantity, Decimal], ...] = ()
    table: tuple[tuple[str, Decimal], ...] = ()
    if kind in NUMERIC:
        knots = sorted(POOLS[kind])[choose.number(0, 1) :][: choose.number(2, 4)]
        curve = tuple((_literal(knot), choose.one(heights)) for knot in knots)
    else:
        listed = ["true", "false"] if kind == "boolean" else list(POOLS[kind])
        table = tuple((value, choose.one(heights)) for value in listed[: choose.number(1, 4)])
    return Criterion(key, weight, measure, curve, table, (), None, (), HERE)


# --- the policy --------------------------------------------------------------------------


def tier_condition(choose: Choices, subjects: Subjects) -> Condition:
    """A condition of a rule, sometimes about the effective tier as well."""
    found = condition(choose, subjects)
    if choose.chance(2):
        operator = choose.one(["eq", "ne", "gte", "gt", "lt", "lte"])
        tier = choose.one(["best", "good", "standard"])
        return AllOf((found, Test("tier", operator, (_literal(tier),), HERE)), HERE)
    return found


def _warning(choose: Choices, subjects: Subjects) -> WarningRule:
    levels = tuple(
        WarningLevel(level, tier_condition(choose, subjects), HERE) for level in ("red", "yellow")
    )
    return WarningRule("warning", TITLE, (), "data", levels, None, None, None, {}, HERE)


def _milestone(choose: Choices, subjects: Subjects) -> Milestone:
    start = choose.one([None, "standard"])
    when = condition(choose, subjects)
    return Milestone("milestone", TITLE, (), start, None, when, "report", None, None, None, HERE)


def _entitlement(choose: Choices, subjects: Subjects) -> Entitlement:
    when = condition(choose, subjects)
    tiers = ("best", "good")
    return Entitlement("entitlement", "channel", TITLE, (), tiers, when, {}, None, HERE)


def _policy(choose: Choices, key: str) -> Policy:
    found, subjects = measures(choose)
    cards = {}
    if choose.chance(2):
        cards["value_score"] = scorecard(choose, subjects)
        subjects = {**subjects, "value_score": "score"}
    population = None
    if choose.chance(2):
        population = condition(choose, dict(ACCOUNT_COLUMNS), ranked=False)
    levels = tuple(
        Tier(key, TITLE, (), condition(choose, subjects), HERE) for key in ("best", "good")
    )
    default = Tier("standard", TITLE, (), None, HERE)
    return Policy(
        id=key,
        title=TITLE,
        version="1",
        effective_from=date.min,
        effective_to=None,
        owner="owner",
        document=None,
        location=HERE,
        parameters={},
        roles={},
        vocabulary=VOCABULARY,
        measures=found,
        scorecards=cards,
        tiers=TierScheme(population, None, None, levels, default, HERE),
        entitlements={"entitlement": _entitlement(choose, subjects)},
        milestones={"milestone": _milestone(choose, subjects)},
        warnings={"warning": _warning(choose, subjects)},
        actions={},
        clauses={},
        excuses={},
        files=(),
        hash="",
    )


@st.composite
def examples(draw: st.DrawFn) -> Example:
    return draw_example(Choices(draw))


def draw_example(choose: Choices) -> Example:
    keys = ("random", "other") if choose.chance(4) else ("random",)
    policies = tuple(_policy(choose, key) for key in keys)
    tables = fact_tables(choose)
    moved = {key: "best" for key in ("客户000", "客户001") if choose.chance(3)}
    return Example(policies, mapped_columns(choose), tables, {"random": moved})
