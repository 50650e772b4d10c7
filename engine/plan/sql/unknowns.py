"""Facts and tiers → what is unknown of each account: tiers and rules, counted and by name.

SQL's own truth says it: a condition that needs a missing value is NULL. To find it, every test
of every condition is made, which takes longer than finding what holds. So all of a pack stands
in one scan, and per account no more is kept than a bit for each question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from engine.plan.sql import values
from engine.plan.sql.judging import (
    CANDIDATE,
    EXCLUDED,
    MILESTONES,
    RULES,
    Judged,
    any_of,
    population,
)
from engine.plan.sql.statements import Statement, named, no_rows, union_all
from engine.plan.steps import PackPlan, Plan

BITS = 62
"""Of a BIGINT that are used."""

_RULE_UNKNOWNS = {
    "pack": "VARCHAR",
    "kind": "VARCHAR",
    "rule_id": "VARCHAR",
    "accounts": "BIGINT",
}
_WARNINGS = {"pack": "VARCHAR", "account_no": "INTEGER", "rule_id": "VARCHAR"}


@dataclass(frozen=True)
class Question:
    """A tier or rule, and the bit that says whether the answer is unknown."""

    kind: str
    id: str
    number: int

    @property
    def truth(self) -> str:
        """A column, while the bits are made."""
        return f"{self.kind}__{self.id}"

    @property
    def column(self) -> str:
        return f"unknown_{self.number // BITS}"

    @property
    def bit(self) -> exp.Expr:
        return _bigint(1 << self.number % BITS)

    @property
    def is_unknown(self) -> exp.Expr:
        """Read from ``unknown__<pack>``."""
        return _has_bits(self.column, 1 << self.number % BITS)


def _bigint(number: int) -> exp.Expr:
    return values.cast(values.decimal(number), "BIGINT")


def _has_bits(column: str, bits: int) -> exp.Expr:
    masked = exp.BitwiseAnd(this=values.column(column), expression=_bigint(bits))
    return exp.NEQ(this=exp.paren(masked, copy=False), expression=_bigint(0))


def questions(pack: PackPlan) -> list[Question]:
    """Every tier with criteria and every rule, in the order in which the pack has them."""
    asked = [("tier", tier.id) for tier in pack.tiers if tier.predicate is not None]
    for judgement in (RULES, MILESTONES):
        asked += [(rule.kind, rule.id) for rule in pack.rules if rule.kind in judgement.kinds]
    return [Question(kind, name, number) for number, (kind, name) in enumerate(asked)]


def relation(pack: PackPlan) -> str:
    return f"unknown__{pack.id}"


def unknown_statements(plan: Plan) -> Iterator[Statement]:
    """Per pack ``unknown__<pack>``, and over all packs what is read from it:

    ``unknowns(pack, account_no, unknowns)``; ``rule_unknowns(pack, kind, rule_id, accounts)``;
    ``unknown_warnings(pack, account_no, rule_id)``. Reads the relations of
    `engine.plan.sql.rules`.
    """
    for pack in plan.packs:
        yield _bits(plan, pack)
    yield Statement(
        "unknowns",
        "view",
        "how many rules are unknown for an account",
        union_all([_account_unknowns(pack) for pack in plan.packs]),
    )
    rules = [_rule_unknowns(pack) for pack in plan.packs if questions(pack)]
    yield Statement(
        "rule_unknowns",
        "table",
        "for how many accounts a rule is unknown",
        union_all(rules or [no_rows(_RULE_UNKNOWNS)]),
    )
    warnings = [query for pack in plan.packs for query in _unknown_warnings(pack)]
    yield Statement(
        "unknown_warnings",
        "view",
        "warnings of which it is unknown whether they hold",
        union_all(warnings or [no_rows(_WARNINGS)]),
    )


def unknown_rules(pack: PackPlan) -> exp.Query | None:
    """``(kind, rule_id, account_no)`` of all that is unknown; None if a pack has no rules."""
    queries = [
        _where_unknown(
            pack,
            one,
            named(values.text(one.kind), "kind"),
            named(values.text(one.id), "rule_id"),
            values.column("account_no"),
        )
        for one in questions(pack)
    ]
    return union_all(queries) if queries else None


# --- the bits ----------------------------------------------------------------------------


def _bits(plan: Plan, pack: PackPlan) -> Statement:
    """``(account_no, unknown_0, …)`` of the population, a bit for each question.

    The truths stand in a query within: each is computed whole and then looked at, which
    takes less time than to ask of each expression whether it is NULL.
    """
    asked = questions(pack)
    masks: dict[str, exp.Expr] = {}
    for question in asked:
        unknown = exp.Is(this=values.column(question.truth), expression=exp.Null())
        case = exp.Case().when(unknown, question.bit, copy=False)
        mask: exp.Expr = case.else_(_bigint(0), copy=False)
        if question.column in masks:
            mask = exp.BitwiseOr(this=masks[question.column], expression=mask)
        masks[question.column] = mask
    query = exp.select(
        values.column("account_no"),
        *(named(mask, column) for column, mask in masks.items()),
        copy=False,
    ).from_(_truths(plan, pack, asked).subquery("judged", copy=False), copy=False)
    comment = f"{pack.id}: a bit for each tier and rule that is unknown"
    return Statement(relation(pack), "table", comment, query)


def _truths(plan: Plan, pack: PackPlan, asked: Sequence[Question]) -> exp.Query:
    rules, milestones = Judged(plan, pack, RULES), Judged(plan, pack, MILESTONES)
    predicates = [tier.predicate for tier in pack.tiers if tier.predicate is not None]
    tiers = [rules.tiers] if predicates else []
    truths = list(_tier_truths(rules))
    for judged in (rules, milestones):
        for rule in judged.rules:
            truths.append(any_of(judged.truths(rule)))
            predicates += [predicate for _, predicate in rule.levels]
            if judged.reads_tier(rule) and judged.tiers not in tiers:
                tiers.append(judged.tiers)
    named_truths = [
        named(truth, question.truth) for question, truth in zip(asked, truths, strict=True)
    ]
    query = population(plan, pack, predicates, tiers)
    return query.select(values.column("account_no"), *named_truths, copy=False)


def _tier_truths(judged: Judged) -> Iterator[exp.Expr]:
    """NULL if the tier is unknown and no better or equal one holds: the account may be in it."""
    for number, tier in enumerate(judged.pack.tiers):
        if tier.predicate is not None:
            worse = [values.text(one.id) for one in judged.pack.tiers[number + 1 :]]
            below = exp.In(this=values.column(CANDIDATE, judged.tiers), expressions=worse)
            excluded = exp.Not(this=values.column(EXCLUDED, judged.tiers))
            case = exp.Case().when(
                exp.and_(below, excluded, copy=False),
                judged.predicates(tier.predicate),
                copy=False,
            )
            yield case.else_(exp.Boolean(this=False), copy=False)


# --- what is read from them --------------------------------------------------------------


def _account_unknowns(pack: PackPlan) -> exp.Query:
    total: exp.Expr = values.decimal(0)
    for column in dict.fromkeys(one.column for one in questions(pack)):
        count = exp.BitwiseCount(this=values.column(column))
        total = exp.Add(this=total, expression=count)
    return exp.select(
        named(values.text(pack.id), "pack"),
        values.column("account_no"),
        named(values.cast(total, "INTEGER"), "unknowns"),
        copy=False,
    ).from_(values.table(relation(pack)), copy=False)


def _rule_unknowns(pack: PackPlan) -> exp.Query:
    """All rules in one scan; a list of counts, one row each."""
    counts = [
        values.struct(
            {
                "kind": values.text(one.kind),
                "rule_id": values.text(one.id),
                "accounts": exp.CountIf(this=one.is_unknown),
            }
        )
        for one in questions(pack)
    ]
    listed = exp.Explode(this=exp.Array(expressions=counts))
    rows = exp.select(named(listed, "rule"), copy=False).from_(
        values.table(relation(pack)), copy=False
    )
    return exp.select(
        named(values.text(pack.id), "pack"),
        *(
            named(values.field(values.column("rule"), name), name)
            for name in ("kind", "rule_id", "accounts")
        ),
        copy=False,
    ).from_(rows.subquery("rules", copy=False), copy=False)


def _unknown_warnings(pack: PackPlan) -> Iterator[exp.Query]:
    """One list per account, in one scan, and only of accounts that have such a warning: few."""
    asked = [one for one in questions(pack) if one.kind == "warning"]
    if not asked:
        return
    listed = [exp.Case().when(one.is_unknown, values.text(one.id), copy=False) for one in asked]
    rules = exp.Explode(this=exp.Array(expressions=listed))
    inner = (
        exp.select(values.column("account_no"), named(rules, "rule_id"), copy=False)
        .from_(values.table(relation(pack)), copy=False)
        .where(exp.or_(*_any_unknown(asked), copy=False), copy=False)
    )
    yield (
        exp.select(
            named(values.text(pack.id), "pack"),
            values.column("account_no"),
            values.column("rule_id"),
            copy=False,
        )
        .from_(inner.subquery("listed", copy=False), copy=False)
        .where(values.present(values.column("rule_id")), copy=False)
    )


def _any_unknown(asked: Sequence[Question]) -> Iterator[exp.Expr]:
    """Per column of bits, whether any of the questions is unknown."""
    bits: dict[str, int] = {}
    for one in asked:
        bits[one.column] = bits.get(one.column, 0) | 1 << one.number % BITS
    for column, mask in bits.items():
        yield _has_bits(column, mask)


def _where_unknown(pack: PackPlan, one: Question, *selected: exp.Expr) -> exp.Query:
    query = exp.select(*selected, copy=False).from_(values.table(relation(pack)), copy=False)
    return query.where(one.is_unknown, copy=False)
