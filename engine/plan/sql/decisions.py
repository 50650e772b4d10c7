"""Facts → tier candidates, what their criteria saw, and the scores beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

from engine.plan.columns import column_types
from engine.plan.predicates import columns_of
from engine.plan.sql import values
from engine.plan.sql.expressions import Predicates
from engine.plan.sql.sealing import shown
from engine.plan.sql.statements import Statement, named, union_all
from engine.plan.steps import PackPlan, Plan


def candidate_statements(plan: Plan) -> Iterator[Statement]:
    """``candidates(pack, account_no, account_id, in_population, may_be_in, excluded, tier)``.

    `may_be_in` says that it is unknown whether the pack decides about the account. Without any
    tiers nothing is computed, and it is a view.
    """
    queries = [_candidates(plan, pack) for pack in plan.packs]
    comment = "the first tier that holds, for every account of each pack's population"
    has_tiers = any(pack.tiers for pack in plan.packs)
    yield Statement("candidates", "table" if has_tiers else "view", comment, union_all(queries))


def tier_evidence(plan: Plan) -> Iterator[Statement]:
    """``tier_evidence(pack, account_no, evidence)``: what the tier criteria saw."""
    queries = []
    for pack in plan.packs:
        names: dict[str, None] = {}
        for tier in pack.tiers:
            if tier.predicate is not None:
                names.update(dict.fromkeys(columns_of(tier.predicate)))
        if pack.exclude is not None:
            names.update(dict.fromkeys(columns_of(pack.exclude)))
        queries.append(
            exp.select(
                named(values.text(pack.id), "pack"),
                values.column("account_no"),
                named(evidence_json(plan, pack, names), "evidence"),
                copy=False,
            ).from_(values.table("facts"), copy=False)
        )
    comment = "the values that the tier criteria saw"
    yield Statement("tier_evidence", "view", comment, union_all(queries))


def score_statements(plan: Plan) -> Iterator[Statement]:
    """``account_scores(pack, account_no, name, scores)``: scorecard id → score."""
    known = column_types(plan)
    text = values.cast(exp.Null(), "VARCHAR")
    name = shown(plan, "name") if "name" in known else text
    queries = []
    for pack in plan.packs:
        written = {column: key for key, column in pack.columns.items()}
        keys = exp.Array(expressions=[values.text(written[one]) for one in pack.scores])
        scores = exp.Array(expressions=[_score(plan, one) for one in pack.scores])
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


def _score(plan: Plan, column: str) -> exp.Expr:
    """A number has no room for a token: a sealed score stands in the facts alone."""
    return exp.Null() if column in plan.sealed else values.column(column)


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
    excluded: exp.Expr = exp.Boolean(this=False)
    if pack.exclude is not None:
        holds = exp.Coalesce(this=predicates(pack.exclude), expressions=[exp.Boolean(this=False)])
        excluded = exp.and_(inside.copy(), holds, copy=False)
    tier = _first_tier(pack, predicates)
    decided = exp.Case().when(inside.copy(), tier, copy=False) if pack.tiers else tier
    return _facts_with_statistics().select(
        named(values.text(pack.id), "pack"),
        values.column("account_no"),
        values.column("account_id"),
        named(inside, "in_population"),
        named(unknown, "may_be_in"),
        named(excluded, "excluded"),
        named(decided, "tier"),
        copy=False,
    )


def _first_tier(pack: PackPlan, predicates: Predicates) -> exp.Expr:
    """The default while the account is excluded; else the first tier that holds."""
    case, default = exp.Case(), None
    for tier in pack.tiers:
        if tier.predicate is None:
            default = tier.id
        else:
            case = case.when(predicates(tier.predicate), values.text(tier.id), copy=False)
    if default is None:
        return values.cast(exp.Null(), "VARCHAR")
    if pack.exclude is not None:
        first = exp.If(this=predicates(pack.exclude), true=values.text(default))
        case.set("ifs", [first, *case.args["ifs"]])
    return (
        case.else_(values.text(default), copy=False)
        if case.args.get("ifs")
        else values.text(default)
    )


# --- evidence ----------------------------------------------------------------------------


def evidence_json(
    plan: Plan, pack: PackPlan, names: Iterable[str], tier: exp.Expr | None = None
) -> exp.Expr:
    """Values as a JSON object, under the names that the pack uses; sealed ones as tokens.

    Statistics are the same for everyone and stand in the manifest instead.
    """
    known = column_types(plan)
    written = {column: name for name, column in pack.columns.items()}
    parts: list[exp.Expr] = []
    for name in names:
        if name in known:
            parts += [values.text(written.get(name, name)), shown(plan, name, "facts")]
    if tier is not None:
        parts += [values.text("tier"), tier]
    return values.cast(exp.Anonymous(this="json_object", expressions=parts), "VARCHAR")
