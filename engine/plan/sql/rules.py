"""Facts and tiers → the level of each rule, hits and unknowns.

Before them stands the lifecycle, twice: it turns candidates into the tiers that stand after
the review, ``reviewed_tiers``, on which milestones are judged; and those, moved by the
milestones, into ``effective_tiers``, on which everything else is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from engine.plan.columns import column_types
from engine.plan.sql import values
from engine.plan.sql.decisions import evidence_json
from engine.plan.sql.expressions import Predicates
from engine.plan.sql.statements import Statement, named, union_all
from engine.plan.steps import PackPlan, Plan, Predicate, Ranked, RuleStep, TierStep

UNKNOWN = -1
"""In a column of rule levels: nothing holds, but something might."""


def milestone_statements(plan: Plan) -> Iterator[Statement]:
    """Per pack ``milestones__<pack>``; then ``milestone_hits`` over all packs.

    ``milestone_hits(pack, account_no, kind, rule_id, level, evidence)``, evidence as JSON
    text. Reads ``reviewed_tiers(pack, account_no, in_population, candidate, tier)``.
    """
    for pack in plan.packs:
        yield _levels(plan, pack, MILESTONES)
    yield _hits_of(plan, MILESTONES, "milestone_hits")


def rule_statements(plan: Plan) -> Iterator[Statement]:
    """Per pack ``levels__<pack>``; then ``hits`` and ``unknowns`` over all packs.

    ``hits(pack, account_no, kind, rule_id, level, evidence)``, evidence as JSON text;
    ``unknowns(pack, account_no, unknowns)``; ``rule_unknowns(pack, kind, rule_id, accounts)``;
    ``unknown_warnings(pack, account_no, rule_id)``. Reads ``effective_tiers``, of the same
    columns as ``reviewed_tiers``.
    """
    for pack in plan.packs:
        yield _levels(plan, pack, RULES)
    yield _hits_of(plan, RULES, "hits")
    per_account = [_account_unknowns(pack) for pack in plan.packs]
    yield Statement(
        "unknowns", "table", "how many rules are unknown for an account", union_all(per_account)
    )
    per_rule = [_rule_unknowns(pack) for pack in plan.packs if any(judged_columns(pack))]
    yield Statement(
        "rule_unknowns",
        "table",
        "for how many accounts a rule is unknown",
        union_all(per_rule or [_no_rule_unknowns()]),
    )
    warnings = [_unknown_warnings(pack) for pack in plan.packs if _of(pack, ("warning",))]
    yield Statement(
        "unknown_warnings",
        "view",
        "warnings of which it is unknown whether they hold",
        union_all(warnings or [_no_unknown_warnings()]),
    )


# --- levels ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judgement:
    """Which kinds of rules are judged together, on which tiers, into which relation."""

    kinds: tuple[str, ...]
    tiers: str
    prefix: str

    def relation(self, pack: PackPlan) -> str:
        return f"{self.prefix}__{pack.id}"


MILESTONES = Judgement(("milestone",), "reviewed_tiers", "milestones")
RULES = Judgement(("warning", "entitlement"), "effective_tiers", "levels")


def _of(pack: PackPlan, kinds: tuple[str, ...]) -> list[RuleStep]:
    return [rule for rule in pack.rules if rule.kind in kinds]


def _rule_column(rule: RuleStep) -> str:
    return f"{rule.kind}__{rule.id}"


def _levels(plan: Plan, pack: PackPlan, judged: Judgement) -> Statement:
    """One small integer per rule: 0 nothing holds, n the n-th level, -1 unknown; and, beside
    the rules, one per tier with criteria: -1 if the account may be in it, else 0.

    Only the accounts of the population stand here; nobody else has hits.
    """
    types = column_types(plan)
    types[pack.tier_column] = "ordinal"
    predicates = Predicates(types)
    selected: list[exp.Expr] = [
        values.column("account_no", "facts"),
        values.column(pack.tier_column),
    ]
    for rule in _of(pack, judged.kinds):
        selected.append(named(_level(rule, predicates), _rule_column(rule)))
    if judged is RULES:
        for number, tier in enumerate(pack.tiers):
            if tier.predicate is not None:
                selected.append(named(_tier_unknown(pack, number, predicates), _tier_column(tier)))
    tiers = (
        exp.select(
            values.column("account_no"),
            named(values.column("candidate"), "tier__candidate"),
            named(values.column("excluded"), "tier__excluded"),
            named(values.column("tier"), pack.tier_column),
            copy=False,
        )
        .from_(values.table(judged.tiers), copy=False)
        .where(
            exp.EQ(this=values.column("pack"), expression=values.text(pack.id)),
            values.column("in_population"),
            copy=False,
        )
        .subquery("tiers", copy=False)
    )
    query = (
        exp.select(copy=False)
        .from_(values.table("facts"), copy=False)
        .join(tiers, using=[values.column("account_no")], copy=False)
        .join(values.table("statistics"), join_type="cross", copy=False)
    )
    milestones = _of(pack, MILESTONES.kinds) if judged is RULES else []
    if milestones:  # beside the rules, so that one scan counts all that is unknown
        reached = [values.column(_rule_column(one)) for one in milestones]
        beside = (
            exp.select(values.column("account_no"), *reached, copy=False)
            .from_(values.table(MILESTONES.relation(pack)), copy=False)
            .subquery("milestones", copy=False)
        )
        query = query.join(beside, using=[values.column("account_no")], copy=False)
        selected += [one.copy() for one in reached]
    query = query.select(*selected, copy=False)
    comment = f"{pack.id}: the level of each of: {', '.join(judged.kinds)}"
    return Statement(judged.relation(pack), "table", comment, query)


def _level(rule: RuleStep, predicates: Predicates) -> exp.Expr:
    case, unknown = exp.Case(), []
    for number, (_, predicate) in enumerate(rule.levels, start=1):
        case = case.when(predicates(predicate), values.decimal(number), copy=False)
        if not _never_unknown(predicate):
            unknown.append(
                exp.Is(this=exp.paren(predicates(predicate), copy=False), expression=exp.Null())
            )
    if unknown:
        case = case.when(exp.or_(*unknown, copy=False), values.decimal(UNKNOWN), copy=False)
    return values.cast(case.else_(values.decimal(0), copy=False), "TINYINT")


def _tier_unknown(pack: PackPlan, number: int, predicates: Predicates) -> exp.Expr:
    """-1 if the tier is unknown and no better or equal one holds: the account may be in it."""
    predicate = pack.tiers[number].predicate
    assert predicate is not None
    worse = [values.text(tier.id) for tier in pack.tiers[number + 1 :]]
    unknown = exp.Is(this=exp.paren(predicates(predicate), copy=False), expression=exp.Null())
    below = exp.In(this=values.column("tier__candidate"), expressions=worse)
    excluded = exp.Not(this=values.column("tier__excluded"))
    case = exp.Case().when(
        exp.and_(unknown, below, excluded, copy=False), values.decimal(UNKNOWN), copy=False
    )
    return values.cast(case.else_(values.decimal(0), copy=False), "TINYINT")


def _tier_column(tier: TierStep) -> str:
    return f"criteria__{tier.id}"


def _never_unknown(predicate: Predicate) -> bool:
    return isinstance(predicate, Ranked)


# --- hits --------------------------------------------------------------------------------


def _hits_of(plan: Plan, judged: Judgement, name: str) -> Statement:
    found = [
        _hits(plan, pack, rule, judged) for pack in plan.packs for rule in _of(pack, judged.kinds)
    ]
    comment = "rules that hold, with the values seen"
    return Statement(name, "table", comment, union_all(found or [_no_hits()]))


def _hits(plan: Plan, pack: PackPlan, rule: RuleStep, judged: Judgement) -> exp.Query:
    column = values.column(_rule_column(rule), "levels")
    tier = values.column(pack.tier_column, "levels")
    level = exp.Case(this=column)
    for number, (name, _) in enumerate(rule.levels, start=1):
        level = level.when(values.decimal(number), values.text(name), copy=False)
    levels = exp.alias_(
        values.table(judged.relation(pack)), "levels", table=True, quoted=True, copy=False
    )
    return (
        exp.select(
            named(values.text(pack.id), "pack"),
            values.column("account_no", "levels"),
            named(values.text(rule.kind), "kind"),
            named(values.text(rule.id), "rule_id"),
            named(level, "level"),
            named(evidence_json(plan, pack, rule.evidence, tier), "evidence"),
            copy=False,
        )
        .from_(levels, copy=False)
        .join(values.table("facts"), using=[values.column("account_no")], copy=False)
        .where(exp.GT(this=column.copy(), expression=values.decimal(0)), copy=False)
    )


def _no_hits() -> exp.Query:
    text = values.cast(exp.Null(), "VARCHAR")
    names = ("kind", "rule_id", "level", "evidence")
    return exp.select(
        named(text.copy(), "pack"),
        named(values.cast(exp.Null(), "INTEGER"), "account_no"),
        *(named(text.copy(), name) for name in names),
        copy=False,
    ).limit(0, copy=False)


# --- unknowns ----------------------------------------------------------------------------


def judged_columns(pack: PackPlan) -> Iterator[tuple[str, str, str]]:
    """(kind, id, column of ``levels__<pack>``) of every tier with criteria and every rule."""
    for tier in pack.tiers:
        if tier.predicate is not None:
            yield "tier", tier.id, _tier_column(tier)
    for rule in pack.rules:
        yield rule.kind, rule.id, _rule_column(rule)


def _judged(pack: PackPlan) -> Iterator[tuple[str, str, exp.Expr]]:
    for kind, rule_id, column in judged_columns(pack):
        unknown = exp.EQ(this=values.column(column), expression=values.decimal(UNKNOWN))
        yield kind, rule_id, unknown


def _account_unknowns(pack: PackPlan) -> exp.Query:
    total: exp.Expr = values.decimal(0)
    for _, _, unknown in _judged(pack):
        total = exp.Add(this=total, expression=values.cast(unknown, "INTEGER"))
    return exp.select(
        named(values.text(pack.id), "pack"),
        values.column("account_no"),
        named(values.cast(total, "INTEGER"), "unknowns"),
        copy=False,
    ).from_(values.table(f"levels__{pack.id}"), copy=False)


def _rule_unknowns(pack: PackPlan) -> exp.Query:
    """All rules of a pack in one scan; a list of counts, one row each."""
    counts = []
    for kind, rule_id, unknown in _judged(pack):
        where = exp.Where(this=unknown)
        count = exp.Filter(this=exp.Count(this=exp.Star()), expression=where)
        fields = {"kind": values.text(kind), "rule_id": values.text(rule_id), "accounts": count}
        counts.append(values.struct(fields))
    listed = exp.Explode(this=exp.Array(expressions=counts))
    rows = exp.select(named(listed, "rule"), copy=False).from_(
        values.table(f"levels__{pack.id}"), copy=False
    )
    return exp.select(
        named(values.text(pack.id), "pack"),
        *(
            named(values.field(values.column("rule"), name), name)
            for name in ("kind", "rule_id", "accounts")
        ),
        copy=False,
    ).from_(rows.subquery("rules", copy=False), copy=False)


def _unknown_warnings(pack: PackPlan) -> exp.Query:
    """One list per account, in one scan: most accounts have no such warning."""
    listed = [
        exp.Case().when(
            exp.EQ(this=values.column(_rule_column(rule)), expression=values.decimal(UNKNOWN)),
            values.text(rule.id),
            copy=False,
        )
        for rule in _of(pack, ("warning",))
    ]
    rules = exp.Explode(this=exp.Array(expressions=listed))
    inner = exp.select(values.column("account_no"), named(rules, "rule_id"), copy=False).from_(
        values.table(RULES.relation(pack)), copy=False
    )
    return (
        exp.select(
            named(values.text(pack.id), "pack"),
            values.column("account_no"),
            values.column("rule_id"),
            copy=False,
        )
        .from_(inner.subquery("listed", copy=False), copy=False)
        .where(values.present(values.column("rule_id")), copy=False)
    )


def _no_unknown_warnings() -> exp.Query:
    text = values.cast(exp.Null(), "VARCHAR")
    return exp.select(
        named(text.copy(), "pack"),
        named(values.cast(exp.Null(), "INTEGER"), "account_no"),
        named(text.copy(), "rule_id"),
        copy=False,
    ).limit(0, copy=False)


def _no_rule_unknowns() -> exp.Query:
    text = values.cast(exp.Null(), "VARCHAR")
    return exp.select(
        *(named(text.copy(), name) for name in ("pack", "kind", "rule_id")),
        named(values.cast(exp.Null(), "BIGINT"), "accounts"),
        copy=False,
    ).limit(0, copy=False)
