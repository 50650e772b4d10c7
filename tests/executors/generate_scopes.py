"""Random measures and warnings of the portfolio and the customer managers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from engine.executors.reference_scopes import Owner
from engine.language.checks.scopes import scope_policy
from engine.model import (
    SCOPES,
    Aggregate,
    AllOf,
    Condition,
    Expression,
    Measure,
    Operation,
    Policy,
    Population,
    Quantity,
    Scope,
    Test,
    WarningLevel,
    WarningRule,
)
from tests.executors.generate import (
    Example,
    Subjects,
    aggregate_argument,
    condition,
    draw_example,
    numeric,
)
from tests.executors.pools import HERE, SHARES, TITLE, Choices, formula_of, name_of

FUNCTIONS = ("sum", "count", "count_distinct", "avg", "min", "max", "nps", "share_of_largest")
TIERS = ("best", "good", "standard")


@dataclass(frozen=True)
class ScopedExample:
    example: Example
    owners: list[Owner]


def _aggregate(choose: Choices, accounts: Subjects) -> tuple[str, Aggregate]:
    function = choose.one(FUNCTIONS)
    column, kind = aggregate_argument(choose, function, accounts)
    found = Aggregate(
        function=function,
        record="accounts",
        column=column,
        where=_where(choose, accounts) if choose.chance(2) else None,
        window_days=None,
        ending_days=0,
        by=choose.one(["name", "status"]) if function == "share_of_largest" else None,
        minimum_records=choose.one([0, 0, 2]),
        location=HERE,
    )
    return kind, found


def _where(choose: Choices, accounts: Subjects) -> Condition:
    found = condition(choose, accounts, ranked=False)
    if choose.chance(2):
        tier = choose.one(TIERS)
        test = Test("tier", choose.one(["eq", "gte", "lt"]), (Quantity(tier, tier, HERE),), HERE)
        return AllOf((found, test), HERE)
    return found


def _formula(choose: Choices, names: list[str]) -> Expression:
    one, other = choose.one(names), choose.one(names)
    function = choose.one(["total", "average", "rank", "percentile"])
    share = choose.one(SHARES) if function == "percentile" else None
    many = Population(function, other, HERE, share)
    return Operation(choose.one(["/", "-", "+"]), (name_of(one), many))


def _scoped(choose: Choices, scope: Scope, accounts: Subjects) -> tuple[list[Measure], WarningRule]:
    measures: list[Measure] = []
    subjects: Subjects = {}
    for number in range(choose.number(1, 3)):
        kind, found = _aggregate(choose, accounts)
        key = f"{scope}_{number}"
        subjects[key] = kind  # type: ignore[assignment]
        measures.append(Measure(key, subjects[key], None, (), found, None, None, HERE, scope))
    names = numeric(subjects)
    if names:
        key = f"{scope}_formula"
        tree = formula_of(_formula(choose, names))
        subjects[key] = "number"
        measures.append(Measure(key, "number", None, (), None, tree, None, HERE, scope))
    levels = tuple(
        WarningLevel(level, condition(choose, subjects), HERE) for level in ("red", "blue")
    )
    warning = WarningRule(
        f"{scope}_warning", TITLE, (), "data", levels, None, None, None, {}, HERE, None, scope
    )
    return measures, warning


def _with_scopes(choose: Choices, policy: Policy) -> Policy:
    columns = scope_policy(policy, "portfolio").vocabulary.records["accounts"].columns
    accounts = {name: one.type for name, one in columns.items() if name != "tier"}
    measures, warnings = dict(policy.measures), dict(policy.warnings)
    for scope in SCOPES:
        found, warning = _scoped(choose, scope, accounts)
        measures |= {one.id: one for one in found}
        warnings[warning.id] = warning
    return replace(policy, measures=measures, warnings=warnings)


@st.composite
def scoped_examples(draw: st.DrawFn) -> ScopedExample:
    choose = Choices(draw)
    example = draw_example(choose)
    policies = tuple(_with_scopes(choose, policy) for policy in example.policies)
    owners: list[Owner] = [
        (number, role, choose.one(["王", "陈", "O'Neil"]))
        for number in range(len(example.tables.accounts))
        for role in ("customer_manager", "sponsor")
        if not choose.chance(4)
    ]
    return ScopedExample(replace(example, policies=policies), owners)
