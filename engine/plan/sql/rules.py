"""Facts and tiers → what holds of each rule, hits and unknowns.

Before them stands the lifecycle, twice: it turns candidates into the tiers that stand after
the review, ``reviewed_tiers``, on which milestones are judged; and those, moved by the
milestones, into ``effective_tiers``, on which everything else is.

Every condition is computed once, for every account of the population, into one column of
structs: a struct of sixty fields is written in half the time of sixty columns, whose statistics
nobody asks for. From it come the hits, as pairs of an account and a number; their names and the
evidence are put beside them where they are read.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from engine.dataclass import dataclass
from engine.plan.columns import column_types
from engine.plan.sql import values
from engine.plan.sql.decisions import evidence_json
from engine.plan.sql.expressions import Predicates
from engine.plan.sql.statements import Statement, named, union_all
from engine.plan.steps import PackPlan, Plan, RuleStep, TierStep


def milestone_statements(plan: Plan) -> Iterator[Statement]:
    """Per pack with milestones ``milestones__<pack>`` and ``reached__<pack>``; then
    ``milestone_hits`` over all packs.

    ``milestone_hits(pack, account_no, kind, rule_id, level, evidence)``, evidence as JSON
    text. Reads ``reviewed_tiers(pack, account_no, in_population, candidate, tier)``.
    """
    for pack in plan.packs:
        if MILESTONES.rules(pack):
            yield _levels(plan, pack, MILESTONES)
            yield _held(pack, MILESTONES)
    yield _hits_of(plan, MILESTONES, "milestone_hits")


def rule_statements(plan: Plan) -> Iterator[Statement]:
    """Per pack ``levels__<pack>`` and, if it has rules, ``held__<pack>``; then ``hits`` and
    ``unknowns`` over all packs.

    ``hits(pack, account_no, kind, rule_id, level, evidence)``, evidence as JSON text;
    ``unknowns(pack, account_no, unknowns)``; ``rule_unknowns(pack, kind, rule_id, accounts)``;
    ``unknown_warnings(pack, account_no, rule_id)``. Reads ``effective_tiers``, of the same
    columns as ``reviewed_tiers``.
    """
    for pack in plan.packs:
        yield _levels(plan, pack, RULES)
        if RULES.rules(pack):
            yield _held(pack, RULES)
    yield _hits_of(plan, RULES, "hits")
    per_account = [_account_unknowns(pack) for pack in plan.packs]
    yield Statement(
        "unknowns", "table", "how many rules are unknown for an account", union_all(per_account)
    )
    per_rule = [query for pack in plan.packs for query in _rule_unknowns(pack)]
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
    """Which kinds of rules are judged together, on which tiers, and into which relations:
    what is true of every account, in fields of `struct`, and the pairs that hold."""

    kinds: tuple[str, ...]
    tiers: str
    prefix: str
    struct: str
    pairs: str

    def relation(self, pack: PackPlan) -> str:
        return f"{self.prefix}__{pack.id}"

    def held(self, pack: PackPlan) -> str:
        return f"{self.pairs}__{pack.id}"

    def rules(self, pack: PackPlan) -> list[RuleStep]:
        return _of(pack, self.kinds)

    def field(self, name: str) -> exp.Expr:
        return values.column(name, self.struct)

    def level_fields(self, rule: RuleStep) -> list[exp.Expr]:
        """What is true of each level of a rule, worst first."""
        return [self.field(_field(rule, level)) for level, _ in rule.levels]

    def truth(self, rule: RuleStep) -> exp.Expr:
        """Whether any level holds; missing if none does and one might."""
        fields = self.level_fields(rule)
        return fields[0] if len(fields) == 1 else exp.paren(exp.or_(*fields, copy=False))


MILESTONES = Judgement(("milestone",), "reviewed_tiers", "milestones", "reaches", "reached")
RULES = Judgement(("warning", "entitlement"), "effective_tiers", "levels", "holds", "held")


def _of(pack: PackPlan, kinds: tuple[str, ...]) -> list[RuleStep]:
    return [rule for rule in pack.rules if rule.kind in kinds]


def _field(rule: RuleStep, level: str) -> str:
    name = f"{rule.kind}__{rule.id}"
    return name if len(rule.levels) == 1 else f"{name}__{level}"


def _levels(plan: Plan, pack: PackPlan, judged: Judgement) -> Statement:
    """One boolean per level of a rule, NULL for unknown; and, beside the rules, one per tier
    with criteria: NULL if the account may be in it, else false.

    Only the accounts of the population stand here; nobody else has hits.
    """
    types = column_types(plan)
    types[pack.tier_column] = "ordinal"
    predicates = Predicates(types)
    fields: dict[str, exp.Expr] = {}
    for rule in judged.rules(pack):
        for level, predicate in rule.levels:
            fields[_field(rule, level)] = predicates(predicate)
    if judged is RULES:
        for number, tier in enumerate(pack.tiers):
            if tier.predicate is not None:
                fields[_tier_field(tier)] = _tier_unknown(pack, number, predicates)
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
    selected: list[exp.Expr] = [
        values.column("account_no", "facts"),
        named(values.column(pack.tier_column), "tier"),
    ]
    if fields:
        selected.append(named(values.struct(fields), judged.struct))
    query = (
        exp.select(*selected, copy=False)
        .from_(values.table("facts"), copy=False)
        .join(tiers, using=[values.column("account_no")], copy=False)
        .join(values.table("statistics"), join_type="cross", copy=False)
    )
    comment = f"{pack.id}: what holds of each of: {', '.join(judged.kinds)}"
    return Statement(judged.relation(pack), "table", comment, query)


def _tier_unknown(pack: PackPlan, number: int, predicates: Predicates) -> exp.Expr:
    """NULL if the tier is unknown and no better or equal one holds: the account may be in it."""
    predicate = pack.tiers[number].predicate
    assert predicate is not None
    worse = [values.text(tier.id) for tier in pack.tiers[number + 1 :]]
    unknown = exp.Is(this=exp.paren(predicates(predicate), copy=False), expression=exp.Null())
    below = exp.In(this=values.column("tier__candidate"), expressions=worse)
    excluded = exp.Not(this=values.column("tier__excluded"))
    case = exp.Case().when(exp.and_(unknown, below, excluded, copy=False), exp.Null(), copy=False)
    return case.else_(exp.Boolean(this=False), copy=False)


def _tier_field(tier: TierStep) -> str:
    return f"criteria__{tier.id}"


# --- hits --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """A level of a rule, under the number by which a pair names it."""

    number: int
    rule: RuleStep
    level: str


def _outcomes(pack: PackPlan, judged: Judgement) -> list[Outcome]:
    """In the order of the rules, of each the worst level first."""
    every = [(rule, level) for rule in judged.rules(pack) for level, _ in rule.levels]
    return [Outcome(number, *one) for number, one in enumerate(every, start=1)]


def _held(pack: PackPlan, judged: Judgement) -> Statement:
    """``(account_no, tier, outcome)``, one scan per rule: next to nothing of it holds."""
    queries: list[exp.Query] = []
    outcomes = _outcomes(pack, judged)
    for rule in judged.rules(pack):
        numbers = [values.decimal(one.number) for one in outcomes if one.rule is rule]
        fields = judged.level_fields(rule)
        outcome: exp.Expr = numbers[0]
        if len(numbers) > 1:
            outcome = exp.Case()
            for field, number in zip(fields, numbers, strict=True):
                outcome = outcome.when(field, number, copy=False)
        queries.append(
            exp.select(
                values.column("account_no"),
                values.column("tier"),
                named(values.cast(outcome, "INTEGER"), "outcome"),
                copy=False,
            )
            .from_(values.table(judged.relation(pack)), copy=False)
            .where(judged.truth(rule), copy=False)
        )
    comment = f"{pack.id}: which of them hold, and their worst level, by number"
    return Statement(judged.held(pack), "table", comment, union_all(queries))


def _hits_of(plan: Plan, judged: Judgement, name: str) -> Statement:
    found = [_hits(plan, pack, judged) for pack in plan.packs if judged.rules(pack)]
    comment = "rules that hold, with the values seen"
    return Statement(name, "view", comment, union_all(found or [_no_hits()]))


def _hits(plan: Plan, pack: PackPlan, judged: Judgement) -> exp.Query:
    """The names behind the numbers, and the values seen, which nobody reads of entitlements."""
    outcomes = _outcomes(pack, judged)
    held = exp.alias_(values.table(judged.held(pack)), "held", table=True, quoted=True, copy=False)
    rows = [
        exp.Tuple(
            expressions=[
                values.decimal(one.number),
                *(values.text(text) for text in (one.rule.kind, one.rule.id, one.level)),
            ]
        )
        for one in outcomes
    ]
    names = exp.Values(
        expressions=rows,
        alias=exp.TableAlias(
            this=exp.to_identifier("outcomes", quoted=True),
            columns=[exp.to_identifier(one, quoted=True) for one in _NAMES],
        ),
    )
    tier = values.column("tier", "held")
    evidence = exp.Case()
    for rule in judged.rules(pack):
        numbers = [values.decimal(one.number) for one in outcomes if one.rule is rule]
        holds = exp.In(this=values.column("outcome", "held"), expressions=numbers)
        seen = evidence_json(plan, pack, rule.evidence, tier.copy())
        evidence = evidence.when(holds, seen, copy=False)
    return (
        exp.select(
            named(values.text(pack.id), "pack"),
            values.column("account_no", "held"),
            *(values.column(one, "outcomes") for one in _NAMES[1:]),
            named(evidence, "evidence"),
            copy=False,
        )
        .from_(held, copy=False)
        .join(names, using=[values.column("outcome")], copy=False)
        .join(
            values.table("facts"),
            on=exp.EQ(
                this=values.column("account_no", "facts"),
                expression=values.column("account_no", "held"),
            ),
            copy=False,
        )
    )


_NAMES = ("outcome", "kind", "rule_id", "level")


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


def unknown_rules(pack: PackPlan) -> exp.Query | None:
    """``(kind, rule_id, account_no)`` of all that is unknown; None if a pack has no rules.

    The relations of its levels must still stand.
    """
    queries = []
    for judged in (RULES, MILESTONES):
        for kind, rule_id, truth in _judged(pack, judged):
            selected = (named(values.text(kind), "kind"), named(values.text(rule_id), "rule_id"))
            query = exp.select(*selected, values.column("account_no"), copy=False)
            relation = values.table(judged.relation(pack))
            queries.append(query.from_(relation, copy=False).where(_is_unknown(truth), copy=False))
    return union_all(queries) if queries else None


def _judged(pack: PackPlan, judged: Judgement) -> Iterator[tuple[str, str, exp.Expr]]:
    """Kind and id of every tier with criteria and every rule, and its truth: NULL is unknown."""
    if judged is RULES:
        for tier in pack.tiers:
            if tier.predicate is not None:
                yield "tier", tier.id, judged.field(_tier_field(tier))
    for rule in judged.rules(pack):
        yield rule.kind, rule.id, judged.truth(rule)


def _is_unknown(truth: exp.Expr) -> exp.Expr:
    return exp.Is(this=truth, expression=exp.Null())


def _account_unknowns(pack: PackPlan) -> exp.Query:
    levels = exp.alias_(
        values.table(RULES.relation(pack)), "levels", table=True, quoted=True, copy=False
    )
    query = exp.select(copy=False).from_(levels, copy=False)
    if MILESTONES.rules(pack):
        milestones = values.table(MILESTONES.relation(pack))
        query = query.join(milestones, using=[values.column("account_no")], copy=False)
    total: exp.Expr = values.decimal(0)
    for judged in (RULES, MILESTONES):
        for _, _, truth in _judged(pack, judged):
            unknown = values.cast(_is_unknown(truth), "INTEGER")
            total = exp.Add(this=total, expression=unknown)
    return query.select(
        named(values.text(pack.id), "pack"),
        values.column("account_no", "levels"),
        named(values.cast(total, "INTEGER"), "unknowns"),
        copy=False,
    )


def _rule_unknowns(pack: PackPlan) -> Iterator[exp.Query]:
    """All rules of a relation in one scan; a list of counts, one row each."""
    for judged in (RULES, MILESTONES):
        counts = []
        for kind, rule_id, truth in _judged(pack, judged):
            known = exp.Count(this=truth)
            count = exp.Sub(this=exp.Count(this=exp.Star()), expression=known)
            fields = {"kind": values.text(kind), "rule_id": values.text(rule_id), "accounts": count}
            counts.append(values.struct(fields))
        if not counts:
            continue
        listed = exp.Explode(this=exp.Array(expressions=counts))
        rows = exp.select(named(listed, "rule"), copy=False).from_(
            values.table(judged.relation(pack)), copy=False
        )
        yield exp.select(
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
        exp.Case().when(_is_unknown(RULES.truth(rule)), values.text(rule.id), copy=False)
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
