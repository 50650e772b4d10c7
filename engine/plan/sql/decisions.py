"""Facts → tier candidates; facts and effective tiers → rule levels, hits and unknowns.

Between the two stands the lifecycle, which turns candidates into effective tiers:
``effective_tiers(pack, account_no, tier)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

from engine.plan.predicates import columns_of
from engine.plan.sql import values
from engine.plan.sql.expressions import Predicates
from engine.plan.sql.stages import column_types
from engine.plan.sql.statements import Statement, named, union_all
from engine.plan.steps import PackPlan, Plan, Predicate, Ranked, RuleStep, TierStep

UNKNOWN = -1
"""In a column of rule levels: nothing holds, but something might."""


def candidate_statements(plan: Plan) -> Iterator[Statement]:
    """``candidates(pack, account_no, account_id, in_population, may_be_in, tier)``.

    `may_be_in` says that it is unknown whether the pack decides about the account.
    """
    queries = [_candidates(plan, pack) for pack in plan.packs]
    comment = "the first tier that holds, for every account of each pack's population"
    yield Statement("candidates", "table", comment, union_all(queries))


def rule_statements(plan: Plan) -> Iterator[Statement]:
    """Per pack ``levels__<pack>``; then ``hits`` and ``unknowns`` over all packs.

    ``hits(pack, account_no, kind, rule_id, level, evidence)``, evidence as JSON text;
    ``unknowns(pack, account_no, unknowns)``; ``rule_unknowns(pack, kind, rule_id, accounts)``.
    """
    for pack in plan.packs:
        yield _levels(plan, pack)
    hits = [_hits(plan, pack, rule) for pack in plan.packs for rule in pack.rules]
    if not hits:
        hits = [_no_hits()]
    yield Statement("hits", "table", "rules that hold, with the values seen", union_all(hits))
    per_account = [_account_unknowns(pack) for pack in plan.packs]
    yield Statement(
        "unknowns", "table", "how many rules are unknown for an account", union_all(per_account)
    )
    per_rule = [_rule_unknowns(pack) for pack in plan.packs if any(_judged(pack))]
    yield Statement(
        "rule_unknowns",
        "table",
        "for how many accounts a rule is unknown",
        union_all(per_rule or [_no_rule_unknowns()]),
    )


def tier_evidence(plan: Plan) -> Iterator[Statement]:
    """``tier_evidence(pack, account_no, evidence)``: what the tier criteria saw."""
    queries = []
    for pack in plan.packs:
        names: dict[str, None] = {}
        for tier in pack.tiers:
            if tier.predicate is not None:
                names.update(dict.fromkeys(columns_of(tier.predicate)))
        queries.append(
            exp.select(
                named(values.text(pack.id), "pack"),
                values.column("account_no"),
                named(_json(plan, pack, names), "evidence"),
                copy=False,
            ).from_(values.table("facts"), copy=False)
        )
    comment = "the values that the tier criteria saw"
    yield Statement("tier_evidence", "view", comment, union_all(queries))


def score_statements(plan: Plan) -> Iterator[Statement]:
    """``account_scores(pack, account_no, name, scores)``: scorecard id → score."""
    known = column_types(plan)
    text = values.cast(exp.Null(), "VARCHAR")
    name = values.column("name") if "name" in known else text
    queries = []
    for pack in plan.packs:
        written = {column: key for key, column in pack.columns.items()}
        keys = exp.Array(expressions=[values.text(written[one]) for one in pack.scores])
        scores = exp.Array(expressions=[values.column(one) for one in pack.scores])
        listed = exp.Anonymous(this="map", expressions=[keys, scores])
        typed = values.cast(listed, "MAP(VARCHAR, DOUBLE)")
        queries.append(
            exp.select(
                named(values.text(pack.id), "pack"),
                values.column("account_no"),
                named(name.copy(), "name"),
                named(typed, "scores"),
                copy=False,
            ).from_(values.table("facts"), copy=False)
        )
    comment = "scores by scorecard, and the name that lists show"
    yield Statement("account_scores", "view", comment, union_all(queries))


# --- tiers -------------------------------------------------------------------------------


def _facts_with_statistics() -> exp.Select:
    return (
        exp.select(copy=False)
        .from_(values.table("facts"), copy=False)
        .join(values.table("statistics"), join_type="cross", copy=False)
    )


def _candidates(plan: Plan, pack: PackPlan) -> exp.Query:
    predicates = Predicates(column_types(plan))
    inside: exp.Expr = exp.Boolean(this=True)
    unknown: exp.Expr = exp.Boolean(this=False)
    if pack.population is not None:
        inside = exp.Coalesce(
            this=values.column(pack.population), expressions=[exp.Boolean(this=False)]
        )
        unknown = exp.Is(this=values.column(pack.population), expression=exp.Null())
    tier = _first_tier(pack.tiers, predicates)
    decided = exp.Case().when(inside.copy(), tier, copy=False) if pack.tiers else tier
    return _facts_with_statistics().select(
        named(values.text(pack.id), "pack"),
        values.column("account_no"),
        values.column("account_id"),
        named(inside, "in_population"),
        named(unknown, "may_be_in"),
        named(decided, "tier"),
        copy=False,
    )


def _first_tier(tiers: Iterable[TierStep], predicates: Predicates) -> exp.Expr:
    case, default = exp.Case(), None
    for tier in tiers:
        if tier.predicate is None:
            default = tier.id
        else:
            case = case.when(predicates(tier.predicate), values.text(tier.id), copy=False)
    if default is None:
        return values.cast(exp.Null(), "VARCHAR")
    return (
        case.else_(values.text(default), copy=False)
        if case.args.get("ifs")
        else values.text(default)
    )


# --- rules -------------------------------------------------------------------------------


def _rule_column(rule: RuleStep) -> str:
    return f"{rule.kind}__{rule.id}"


def _levels(plan: Plan, pack: PackPlan) -> Statement:
    """One small integer per rule: 0 nothing holds, n the n-th level, -1 unknown; and one per
    tier with criteria: -1 if the account may be in it, else 0.

    Only the accounts of the population stand here; nobody else has hits.
    """
    types = column_types(plan)
    types[pack.tier_column] = "ordinal"
    predicates = Predicates(types)
    selected: list[exp.Expr] = [
        values.column("account_no", "facts"),
        values.column(pack.tier_column),
    ]
    for rule in pack.rules:
        selected.append(named(_level(rule, predicates), _rule_column(rule)))
    for number, tier in enumerate(pack.tiers):
        if tier.predicate is not None:
            selected.append(named(_tier_unknown(pack, number, predicates), _tier_column(tier)))
    tiers = (
        exp.select(
            values.column("account_no"),
            named(values.column("candidate"), "tier__candidate"),
            named(values.column("tier"), pack.tier_column),
            copy=False,
        )
        .from_(values.table("effective_tiers"), copy=False)
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
        .select(*selected, copy=False)
    )
    return Statement(f"levels__{pack.id}", "table", f"{pack.id}: the level of each rule", query)


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
    case = exp.Case().when(
        exp.and_(unknown, below, copy=False), values.decimal(UNKNOWN), copy=False
    )
    return values.cast(case.else_(values.decimal(0), copy=False), "TINYINT")


def _tier_column(tier: TierStep) -> str:
    return f"criteria__{tier.id}"


def _never_unknown(predicate: Predicate) -> bool:
    return isinstance(predicate, Ranked)


def _hits(plan: Plan, pack: PackPlan, rule: RuleStep) -> exp.Query:
    column = values.column(_rule_column(rule), "levels")
    tier = values.column(pack.tier_column, "levels")
    level = exp.Case(this=column)
    for number, (name, _) in enumerate(rule.levels, start=1):
        level = level.when(values.decimal(number), values.text(name), copy=False)
    levels = exp.alias_(
        values.table(f"levels__{pack.id}"), "levels", table=True, quoted=True, copy=False
    )
    return (
        exp.select(
            named(values.text(pack.id), "pack"),
            values.column("account_no", "levels"),
            named(values.text(rule.kind), "kind"),
            named(values.text(rule.id), "rule_id"),
            named(level, "level"),
            named(_json(plan, pack, rule.evidence, tier), "evidence"),
            copy=False,
        )
        .from_(levels, copy=False)
        .join(values.table("facts"), using=[values.column("account_no")], copy=False)
        .where(exp.GT(this=column.copy(), expression=values.decimal(0)), copy=False)
    )


def _json(
    plan: Plan, pack: PackPlan, names: Iterable[str], tier: exp.Expr | None = None
) -> exp.Expr:
    """Values as a JSON object, under the names that the pack uses.

    Statistics are the same for everyone and stand in the manifest instead.
    """
    known = column_types(plan)
    written = {column: name for name, column in pack.columns.items()}
    parts: list[exp.Expr] = []
    for name in names:
        if name in known:
            parts += [values.text(written.get(name, name)), values.column(name, "facts")]
    if tier is not None:
        parts += [values.text("tier"), tier]
    return values.cast(exp.Anonymous(this="json_object", expressions=parts), "VARCHAR")


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


def _no_rule_unknowns() -> exp.Query:
    text = values.cast(exp.Null(), "VARCHAR")
    return exp.select(
        *(named(text.copy(), name) for name in ("pack", "kind", "rule_id")),
        named(values.cast(exp.Null(), "BIGINT"), "accounts"),
        copy=False,
    ).limit(0, copy=False)
